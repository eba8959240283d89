"""One turn of the work queue: what came of it, and what happens next, in one transaction."""

from datetime import date

from django.db import transaction

from activities.models import ActivityKind, Direction, Reason
from activities.services import log_activity
from leads.models import Lead, LeadStatus, StatusKind
from leads.services.claims import release_lead, require_unclaimed
from leads.services.leads import update_lead
from leads.services.locking import lock_open_lead
from leads.services.status import set_status
from people.models import User


@transaction.atomic
def work_lead(
    *,
    lead: Lead,
    actor: User,
    outcome: str = "",
    note: str = "",
    next_step: str = "",
    next_step_on: date | None = None,
    status_kind: str = "",
    reason: Reason | None = None,
    wake_up_on: date | None = None,
) -> Lead:
    """
    The lead with the call (or without an `outcome` the note) logged, and its next step set.

    With a `status_kind`, nurturing or disqualified, it moves there instead of getting a next
    step; else a new lead that was worked is a working one. Locks the lead. Raises
    PermissionDenied, LeadIsFinal, RequestIsOpen or ValidationError.
    """
    lead = lock_open_lead(lead, actor=actor)
    require_unclaimed(lead, actor)
    release_lead(lead=lead, actor=actor)
    if outcome:
        fields = {"outcome": outcome, "direction": Direction.OUTBOUND, "body": note}
        log_activity(kind=ActivityKind.CALL, actor=actor, fields=fields, lead=lead)
    elif note:
        log_activity(kind=ActivityKind.NOTE, actor=actor, fields={"body": note}, lead=lead)
    if status_kind:
        status = LeadStatus.objects.default_for(status_kind)
        return set_status(
            lead=lead, status=status, reason=reason, wake_up_on=wake_up_on, actor=actor
        )
    if lead.status_kind == StatusKind.NEW and (outcome or note):
        status = LeadStatus.objects.default_for(StatusKind.WORKING)
        lead = set_status(lead=lead, status=status, actor=actor)
    changes = {"next_step": next_step, "next_step_on": next_step_on}
    return update_lead(lead=lead, changes=changes, actor=actor)
