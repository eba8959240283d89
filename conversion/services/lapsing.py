"""Requests lapse when what they ask for is no longer what was submitted."""

from typing import Any

from django.db import transaction

from conversion.errors import RequestLapsed
from conversion.models import ConversionRequest
from conversion.plans import read_plan
from conversion.services.transitions import STEPS, lock_lead, move_request
from conversion.snapshots import (
    SNAPSHOT_FIELDS,
    differences,
    lead_snapshot,
    material,
    targets_snapshot,
)
from leads.models import Lead
from people.models import User

Changes = list[dict[str, Any]]


def changes_since_submitted(request: ConversionRequest) -> Changes:
    """How the lead's fields differ from what was submitted, material or not."""
    changes = differences(request.lead_snapshot["lead"], lead_snapshot(request.lead))
    return [change for change in changes if change["field"] in SNAPSHOT_FIELDS]


def material_changes(request: ConversionRequest) -> Changes:
    """
    What differs so much that the request no longer stands: the lead's company or email,
    or a chosen record that is gone, elsewhere, closed, or of another amount.
    """
    before = request.lead_snapshot["targets"]
    now = targets_snapshot(read_plan(request.plan))
    return material(changes_since_submitted(request)) + differences(before, now)


def lapse(request: ConversionRequest, changes: Changes, *, actor: User | None) -> RequestLapsed:
    """Let a locked request lapse, tell both sides, and return what to raise after the commit."""
    move_request(
        request,
        "lapse",
        actor=actor,
        facts={"differences": changes},
        notify=[request.requester, request.approver],
    )
    return RequestLapsed(changes)


def lapse_changed_requests() -> int:
    """
    Let the requests lapse whose chosen records have changed since, and say how many did.

    An edit of the lead is noticed at once; this is for an account that was deleted or a deal
    that was closed meanwhile. Each in its own transaction; one that is being decided just
    now is compared by whoever decides it.
    """
    waiting = ConversionRequest.objects.filter(state__in=STEPS["lapse"][0]).order_by("pk")
    return sum(lapse_if_changed(pk) for pk in waiting.values_list("pk", flat=True))


@transaction.atomic
def lapse_if_changed(pk: int) -> bool:
    request = locked_if_free(pk=pk)
    if request is None:
        return False
    lock_lead(request)
    changes = material_changes(request)
    if changes:
        lapse(request, changes, actor=None)
    return bool(changes)


def locked_if_free(**which: Any) -> ConversionRequest | None:
    """A request that may lapse, locked, unless somebody is deciding it at this moment."""
    return (
        ConversionRequest.objects.filter(state__in=STEPS["lapse"][0], **which)
        .select_related("requester", "approver")
        .select_for_update(of=("self",), no_key=True, skip_locked=True)
        .first()
    )


def lapse_after_edit(lead: Lead, actor: User) -> None:
    """
    Called inside the transaction that edited a lead: lets its request lapse if it must.

    A request that somebody is deciding at this moment is left alone (SKIP LOCKED, since
    waiting for it would reverse the order of locks): the decision compares again under
    the lead's lock, after this edit.
    """
    request = locked_if_free(lead=lead)
    if request is None:
        return
    request.lead = lead
    if changes := material_changes(request):
        lapse(request, changes, actor=actor)
