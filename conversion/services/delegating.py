"""Requests that wait for somebody who is away go to whom they named for these days."""

import datetime as dt

from django.db import transaction

from conversion.models import ConversionRequest, RequestState
from conversion.services.transitions import lock_lead, pass_to
from people.models import Delegation
from people.queries import delegate_for


def delegate_requests(*, today: dt.date) -> int:
    """
    Pass on what waits for those who are away today, and say how much it was.

    New requests go to the delegate at once; this is for those that were there before. Each in
    its own transaction; one that is being decided just now stays where it is.
    """
    away = Delegation.objects.filter(starts_on__lte=today, ends_on__gte=today)
    waiting = ConversionRequest.objects.filter(
        state=RequestState.PENDING, approver__in=away.values("user")
    )
    return sum(delegate(pk, today) for pk in waiting.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def delegate(pk: int, today: dt.date) -> bool:
    request = (
        ConversionRequest.objects.filter(pk=pk, state=RequestState.PENDING)
        .select_related("approver", "requester")
        .select_for_update(of=("self",), no_key=True, skip_locked=True)
        .first()
    )
    if request is None:
        return False
    absent, to = request.approver, delegate_for(request.approver, today)
    is_own = to.pk == request.requester_id and not request.may_approve_own
    # Two who stand in for each other would pass it to and fro.
    if to.pk == absent.pk or is_own or delegate_for(to, today).pk != to.pk:
        return False
    lock_lead(request)
    pass_to(request, to, because=f"Stands in for {absent.full_name}", actor=None)
    return True
