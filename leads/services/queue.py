"""What the calendar does to leads: those that were nurtured return."""

from datetime import date

from django.db import transaction

from leads.models import Lead, LeadStatus, StatusKind
from leads.services.status import move_to_status

NEXT_STEP = "Get in touch again"


def wake_up_leads(*, today: date) -> int:
    """
    Return the nurtured leads whose day has come to the work queue of their owner or queue.

    Each in its own transaction; one that somebody holds just now returns with the next run.
    Says how many.
    """
    status = LeadStatus.objects.default_for(StatusKind.WORKING)
    due = Lead.objects.filter(status_kind=StatusKind.NURTURING, wake_up_on__lte=today).live()
    return sum(wake_up(pk, status, today) for pk in due.values_list("pk", flat=True))


@transaction.atomic
def wake_up(pk: int, status: LeadStatus, today: date) -> bool:
    lead = (
        Lead.objects.filter(pk=pk, status_kind=StatusKind.NURTURING, wake_up_on__lte=today)
        .live()
        .select_related("owner")
        .select_for_update(of=("self",), no_key=True, skip_locked=True)
        .first()
    )
    if lead is None:
        return False
    lead.next_step = lead.next_step or NEXT_STEP
    lead.next_step_on = today
    lead.save(update_fields=["next_step", "next_step_on"])
    move_to_status(lead=lead, status=status, actor=None, note="Its wake-up day has come.")
    return True
