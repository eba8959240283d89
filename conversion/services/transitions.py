"""How a request gets from one state to the next: locked, written down, and told."""

from collections.abc import Iterable
from typing import Any

from activities.events import record
from activities.models import Reason
from conversion.errors import RequestNotReady
from conversion.models import ConversionRequest, RequestState, RequestTransition
from crm.errors import require
from crm.records import hold
from leads.models import HandoffState, Lead, LeadMember, LeadQuerySet
from people.models import User
from people.ownership import MemberKind
from people.reach import Action

# Action -> (states it may start from, the state it leads to, what people call it).
STEPS: dict[str, tuple[tuple[str, ...], str, str]] = {
    "send_back": ((RequestState.PENDING,), RequestState.SENT_BACK, "sent back"),
    "resubmit": (
        (RequestState.SENT_BACK, RequestState.LAPSED),
        RequestState.PENDING,
        "resubmitted",
    ),
    "approve": ((RequestState.PENDING,), RequestState.APPROVED, "approved"),
    "reject": ((RequestState.PENDING, RequestState.APPROVED), RequestState.REJECTED, "rejected"),
    "recall": (
        (RequestState.PENDING, RequestState.SENT_BACK, RequestState.APPROVED),
        RequestState.RECALLED,
        "recalled",
    ),
    "convert": (
        (RequestState.PENDING, RequestState.APPROVED),
        RequestState.CONVERTED,
        "converted",
    ),
    "dispute": ((RequestState.REJECTED,), RequestState.DISPUTED, "disputed"),
    "overturn": ((RequestState.DISPUTED,), RequestState.PENDING, "overturned"),
    "uphold": ((RequestState.DISPUTED,), RequestState.UPHELD, "upheld"),
    "lapse": ((RequestState.PENDING, RequestState.APPROVED), RequestState.LAPSED, "lapsed"),
}

# What an approver may make of a request.
DECISIONS = ("send_back", "approve", "reject", "convert")

HANDOFF = {state: state for state in RequestState.values} | {
    RequestState.UPHELD: HandoffState.REJECTED
}


def lock_request(*, pk: int, actor: User, action: str) -> ConversionRequest:
    """
    Re-read a request for writing and hold it until the transaction ends.

    Raises PermissionDenied if `actor` may not perform `action` on it (any longer). Locks
    the request before its lead, like everybody else.
    """
    requests = ConversionRequest.objects.select_related("path", "requester", "approver__team")
    locked = hold(requests.visible_to(actor, action), pk=pk)
    if locked is None and action == Action.EDIT:
        locked = hold(requests.left_to(actor), pk=pk)
    require(locked is not None)
    return locked


def with_related(leads: LeadQuerySet) -> LeadQuerySet:
    """With what a snapshot of a lead names, but for what few leads have."""
    return leads.select_related("status", "owner", "source")


def lock_lead(request: ConversionRequest) -> Lead:
    """The request's lead, held until the transaction ends; it must stand before any change."""
    leads = Lead.objects.unscoped(reason="whoever holds the request may go on with its lead")
    lead = hold(with_related(leads), pk=request.lead_id)
    request.lead = lead
    return lead


def move_request(
    request: ConversionRequest,
    step: str,
    *,
    actor: User | None,
    note: str = "",
    reason: Reason | None = None,
    changed: Iterable[str] = (),
    facts: dict[str, Any] | None = None,
    told: dict[str, Any] | None = None,
    notify: Iterable[User] = (),
) -> None:
    """
    Take one step of a locked request: state, transition row, the lead's handoff state, event.

    `changed` names the fields the caller has set besides; `facts` go into the history, `told` is
    what the event says besides, each fact with what it was before. Raises RequestNotReady if the
    request's state does not allow the step. A conversion writes its own event.
    """
    allowed, target, called = STEPS[step]
    if request.state not in allowed:
        raise RequestNotReady(request.get_state_display(), called)
    previous, request.state = request.state, target
    request.version += 1
    request.save(update_fields=["state", "version", "updated_at", *changed])
    write_transition(request, step, previous, actor=actor, note=note, reason=reason, facts=facts)
    if target == RequestState.CONVERTED:
        return
    set_handoff_state(request)
    record(
        f"request.{called.replace(' ', '_')}",
        actor=actor,
        lead=request.lead,
        request=request,
        note=note,
        changes={"state": [previous, target], "reason": reason and reason.code, **(told or {})},
        notify=notify,
    )


def pass_to(
    request: ConversionRequest, to: User, *, because: str, actor: User | None, note: str = ""
) -> None:
    """Let somebody else decide a locked request; the clock goes on, and all three are told."""
    previous, request.approver = request.approver, to
    request.approver_because = because
    request.version += 1
    request.save(update_fields=["approver", "approver_because", "version", "updated_at"])
    facts = {"from": previous.pk, "to": to.pk}
    write_transition(request, "reassign", request.state, actor=actor, note=note, facts=facts)
    let_see(request.lead, to)
    see_no_longer(request.lead, previous)
    record(
        "request.reassigned",
        actor=actor,
        lead=request.lead,
        request=request,
        note=note,
        changes={"approver": [previous.pk, to.pk]},
        notify=[to, previous, request.requester],
    )


def write_transition(
    request: ConversionRequest,
    step: str,
    previous: str,
    *,
    actor: User | None,
    note: str = "",
    reason: Reason | None = None,
    facts: dict[str, Any] | None = None,
) -> None:
    """One more row of the request's history."""
    RequestTransition.objects.create(
        request=request,
        action=step,
        from_state=previous,
        to_state=request.state,
        actor=actor,
        reason=reason,
        note=note,
        facts=facts or {},
    )


def set_handoff_state(request: ConversionRequest) -> None:
    """Let the lead say where its request stands."""
    state = HANDOFF[request.state]
    Lead.objects.unscoped(reason="bookkeeping of the handoff").filter(pk=request.lead_id).update(
        handoff_state=state
    )
    request.lead.handoff_state = state


def let_see(lead: Lead, approver: User) -> None:
    """An approver sees the lead and its timeline, now and after they decided."""
    LeadMember.objects.bulk_create(
        [LeadMember(record=lead, user=approver, kind=MemberKind.APPROVER)], ignore_conflicts=True
    )


def see_no_longer(lead: Lead, approver: User) -> None:
    """
    Whose request became somebody else's to decide does not see the lead for its sake any more,
    unless they have decided one of the lead's requests, or have another.
    """
    decided = RequestTransition.objects.filter(
        request__lead=lead, actor=approver, action__in=DECISIONS
    )
    others = ConversionRequest.objects.filter(lead=lead, approver=approver)
    if not decided.exists() and not others.exists():
        LeadMember.objects.filter(record=lead, user=approver, kind=MemberKind.APPROVER).delete()
