"""What people in the demo company have to do today, should have done, and are told of."""

import datetime as dt
from typing import Any

from activities.services import log_activity
from leads.models import Lead
from opportunities.models import Opportunity
from people.models import User
from reporting.demo.clock import at, days_ago, tonight


def make_tasks(
    people: dict[str, User], leads: dict[str, Lead], deals: dict[str, Opportunity]
) -> None:
    """At least one thing for everybody, some of it late."""
    rita, leo, nadia = people["sdr"], people["ae"], people["manager"]
    renewal, rollout = deals["Kestrel renewal"], deals["Fernhill rollout"]
    tasks: list[tuple[User, User, str, dt.datetime, dict[str, Any]]] = [
        (rita, rita, "Send the comparison to Tomás", tonight(-1), {"lead": leads["Arrieta"]}),
        (rita, rita, "Call Ingrid about the board date", tonight(), {"lead": leads["Sørensen"]}),
        (rita, rita, "Prepare the demo for Redstone", tonight(2), {"lead": leads["Castellanos"]}),
        (leo, leo, "Redline the Kestrel contract", tonight(), {"opportunity": renewal}),
        (leo, leo, "Quote for two more depots", tonight(-2), {"opportunity": rollout}),
        (nadia, leo, "Bring the forecast for Kestrel", tonight(1), {"opportunity": renewal}),
        (nadia, nadia, "Read the dispute about Oasis Retail", tonight(), {}),
        (people["ae2"], people["ae2"], "Answer the security form", tonight(), {"opportunity": deals["Ferrovia depots"]}),
        (people["sdr2"], people["sdr2"], "Call Elena back", tonight(), {"lead": leads["Petrova"]}),
        (people["sdr3"], people["sdr3"], "Send Matteo the references", tonight(), {"lead": leads["Greco"]}),
        (people["admin"], people["admin"], "Review the lead statuses with Nadia", tonight(), {}),
    ]  # fmt: skip
    for actor, owner, subject, due, about in tasks:
        with at(days_ago(3, 12)):
            log_activity(
                kind="task",
                actor=actor,
                owner=owner,
                fields={"subject": subject, "due_at": due},
                **about,
            )
    with at(days_ago(1, 16)):
        log_activity(
            kind="note",
            actor=nadia,
            fields={
                "body": "@Leo Haddad shall we offer two years here? @Ada Lindgren which discount"
                " may we give without asking?"
            },
            opportunity=renewal,
        )
