"""What happens to the lead of a rejected request."""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from activities.models import Reason, ReasonKind
from conversion.models import LeadOutcome
from leads.models import Lead, LeadStatus, StatusKind
from leads.services import hand_over, move_to_status
from people.models import User


def apply_lead_outcome(
    lead: Lead,
    outcome: str,
    *,
    actor: User,
    reason: Reason | None = None,
    recycle_on: dt.date | None = None,
    reassign_to: User | None = None,
) -> None:
    """
    Do with a locked lead what its approver decided. The decision is the right to do so.

    Raises ValidationError where the outcome needs a day or a person that is not given.
    """
    match outcome:
        case LeadOutcome.KEEP_WORKING:
            move_to_status(lead=lead, status=usual(StatusKind.WORKING), actor=actor)
        case LeadOutcome.RECYCLE:
            move_to_status(
                lead=lead,
                status=usual(StatusKind.NURTURING),
                actor=actor,
                wake_up_on=day_to_return(recycle_on),
            )
        case LeadOutcome.DISQUALIFY:
            move_to_status(
                lead=lead,
                status=usual(StatusKind.DISQUALIFIED),
                actor=actor,
                reason=disqualifying(reason),
            )
        case LeadOutcome.REASSIGN:
            if reassign_to is None or not reassign_to.is_active:
                raise ValidationError({"reassign_to": "Say who gets the lead."})
            hand_over(lead=lead, to=reassign_to, actor=actor, why="Reassigned when rejected.")


def outcome_facts(
    outcome: str, recycle_on: dt.date | None, reassign_to: User | None
) -> dict[str, Any]:
    """What the history of a request keeps of an outcome, as REST gives it."""
    match outcome:
        case LeadOutcome.RECYCLE if recycle_on:
            return {"outcome": outcome, "recycle_on": recycle_on.isoformat()}
        case LeadOutcome.REASSIGN if reassign_to:
            to = {"id": reassign_to.pk, "name": reassign_to.full_name}
            return {"outcome": outcome, "reassign_to": to}
    return {"outcome": outcome}


def outcome_told(
    lead: Lead, outcome: str, recycle_on: dt.date | None, reassign_to: User | None
) -> dict[str, list[Any]]:
    """The same for the timeline and for notifications: each fact with what it was before."""
    label = {"lead_outcome": [None, LeadOutcome(outcome).label]}
    match outcome:
        case LeadOutcome.RECYCLE if recycle_on:
            return label | {"wake_up_on": [None, recycle_on.isoformat()]}
        case LeadOutcome.REASSIGN if reassign_to:
            return label | {"owner": [lead.owner_id, reassign_to.pk]}
    return label


def day_to_return(recycle_on: dt.date | None) -> dt.date:
    if recycle_on is None:
        raise ValidationError({"recycle_on": "Say on which day the lead returns."})
    if recycle_on <= timezone.localdate():
        raise ValidationError({"recycle_on": "Choose a day after today."})
    return recycle_on


def usual(kind: str) -> LeadStatus:
    return LeadStatus.objects.default_for(kind)


def disqualifying(reason: Reason | None) -> Reason:
    """The reason for disqualifying with the same code as that for rejecting, else "other"."""
    reasons = {
        candidate.code: candidate for candidate in Reason.objects.filter(kind=ReasonKind.DISQUALIFY)
    }
    found = reasons.get(reason.code if reason else "") or reasons.get("other")
    if found is None:
        raise ValidationError({"outcome": "There is no reason for disqualifying to use."})
    return found
