"""Requests that nobody decides: their approvers are told, then those above them."""

import datetime as dt

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from activities.events import record
from activities.models import Event
from conversion.models import ConversionRequest
from conversion.services.deadlines import due_at
from people.queries import delegate_for, manager_of

OVERDUE = "request.overdue"
ESCALATED = "request.escalated"


def tell_overdue(*, now: dt.datetime) -> int:
    """
    Tell the approver of each request that has become overdue; their manager once the time
    that the team had to answer has passed a second time.

    Each is told once for each due time, and each in its own transaction. Says how many
    events were written.
    """
    waiting = ConversionRequest.objects.overdue(now).filter(~Exists(told(ESCALATED)))
    return sum(tell(pk, now) for pk in waiting.order_by("pk").values_list("pk", flat=True))


def told(verb: str) -> QuerySet:
    """The events of this kind about a request since it was due."""
    return Event.objects.filter(
        subject_type="request", subject_id=OuterRef("pk"), verb=verb, at__gte=OuterRef("due_at")
    )


@transaction.atomic
def tell(pk: int, now: dt.datetime) -> int:
    """What is due to be told about one request; one that is being decided just now can wait."""
    request = (
        ConversionRequest.objects.overdue(now)
        .filter(pk=pk)
        .annotate(was_told=Exists(told(OVERDUE)), was_escalated=Exists(told(ESCALATED)))
        .select_related("lead", "approver__team")
        .select_for_update(of=("self",), no_key=True, skip_locked=True)
        .first()
    )
    if request is None:
        return 0
    approver, lead = request.approver, request.lead
    count = 0
    if not request.was_told:
        stand_in = delegate_for(approver, timezone.localdate(now))
        record(OVERDUE, actor=None, lead=lead, request=request, notify={approver, stand_in})
        count += 1
    manager = manager_of(approver)
    if manager and not request.was_escalated and now >= due_at(request.due_at, approver):
        record(ESCALATED, actor=None, lead=lead, request=request, notify=[manager])
        count += 1
    return count
