"""How a lead's way to its conversion is drawn, and how long its first reply took."""

from leads.models import HandoffState, Lead, StatusKind
from people.business_hours import business_seconds_between

STEPS = ("New", "Working", "Qualified", "Requested", "Converted")
PLACE = {
    StatusKind.NEW: 0,
    StatusKind.WORKING: 1,
    StatusKind.NURTURING: 1,
    StatusKind.QUALIFIED: 2,
    StatusKind.CONVERTED: 4,
}
REQUESTED = (HandoffState.PENDING, HandoffState.APPROVED, HandoffState.DISPUTED)
# States beside the way: they name the step on which the lead has stopped.
ASIDE = {
    StatusKind.NURTURING: "Nurturing",
    StatusKind.DISQUALIFIED: "Disqualified",
}


def path_steps(lead: Lead) -> list[dict[str, str]]:
    """The steps of the path bar: which are done, and where the lead stands."""
    place = PLACE.get(StatusKind(lead.status_kind), 0)
    if lead.handoff_state in REQUESTED and not lead.is_converted:
        place = 3
    steps = []
    for number, name in enumerate(STEPS):
        state = "done" if number < place or lead.is_converted else ""
        detail = ""
        if number == place and not lead.is_converted:
            state = "now"
            name = ASIDE.get(StatusKind(lead.status_kind), name)
            detail = "sent back" if lead.handoff_state == HandoffState.SENT_BACK else ""
        steps.append({"name": name, "state": state, "detail": detail})
    return steps


def reply_time(lead: Lead) -> str:
    """
    How long the lead waited for its first reply, in its team's working hours; else nothing.

    Fetch the team with it.
    """
    if lead.first_response_at is None:
        return ""
    waited = business_seconds_between(lead.created_at, lead.first_response_at, lead.team)
    hours, minutes = divmod(int(waited) // 60, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
