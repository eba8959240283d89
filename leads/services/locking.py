"""How every service of leads gets hold of its lead."""

from crm.records import lock_record, require_version
from leads.models import HandoffState, Lead
from leads.services.refusals import LeadIsFinal, RequestIsOpen
from people.models import User
from people.reach import Action

# What a change compares or its event names, so that each costs no query of its own.
LOCKED_WITH = Lead.objects.select_related(
    "owner",
    "team",
    "queue",
    "status",
    "disqualified_reason",
    "source",
    "campaign",
    "partner_account",
    "playbook",
)
OPEN_HANDOFF = (HandoffState.PENDING, HandoffState.APPROVED, HandoffState.DISPUTED)


def lock_open_lead(
    lead: Lead, *, actor: User, action: str = Action.EDIT, version: int | None = None
) -> Lead:
    """
    The lead as it is now, held until the transaction ends.

    Raises PermissionDenied, LeadIsFinal, or StaleVersion.
    """
    # The version comes last: that a lead is final explains more than that it has changed.
    locked: Lead = lock_record(LOCKED_WITH, pk=lead.pk, actor=actor, action=action)
    if locked.is_converted:
        raise LeadIsFinal(locked)
    require_version(locked, version, actor=actor)
    return locked


def require_no_open_request(lead: Lead) -> None:
    """Raises RequestIsOpen while an approver has the lead."""
    if lead.handoff_state in OPEN_HANDOFF:
        raise RequestIsOpen(lead)
