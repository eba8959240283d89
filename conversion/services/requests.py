"""The handoff from its submission to the decision: every step of a conversion request."""

import datetime as dt
from collections.abc import Callable, Iterable

from django.core.exceptions import ValidationError
from django.utils import timezone

from activities.events import record
from activities.models import Reason, ReasonKind
from conversion.errors import (
    AlreadyConverted,
    LeadCannotConvert,
    PathNotMet,
    RequestIsOpen,
    RequestLapsed,
    RequestNotReady,
)
from conversion.models import ConversionRequest, LeadOutcome, RequestState
from conversion.plans import ConversionPlan
from conversion.receipts import handoff
from conversion.resolution import resolve
from conversion.services.approvers import choose_approver, require_approver
from conversion.services.deadlines import due_at
from conversion.services.lapsing import lapse, material_changes
from conversion.services.outcomes import apply_lead_outcome
from conversion.services.transitions import (
    let_see,
    lock_lead,
    lock_request,
    move_request,
    set_handoff_state,
    with_related,
    write_transition,
)
from conversion.snapshots import answers_snapshot, lead_snapshot, targets_snapshot
from crm.errors import require
from crm.idempotency import Idempotency
from crm.records import lock_record
from crm.transactions import in_transaction
from leads.models import Lead, Path
from leads.services import path_statuses
from people.models import User
from people.queries import manager_of
from people.reach import Action

Step = Callable[[ConversionRequest], None]

# For an approver without a team.


def submit_request(
    *,
    lead: Lead,
    path: Path,
    plan: ConversionPlan,
    actor: User,
    approver: User | None = None,
    message: str = "",
    next_meeting_at: dt.datetime | None = None,
    idempotency: Idempotency | None = None,
) -> ConversionRequest:
    """
    Ask that an AE accept a lead: freezes plan, answers and lead, and starts the clock.

    Without an `approver` the path's rule finds one. Locks the lead. Raises PermissionDenied,
    AlreadyConverted, LeadCannotConvert, RequestIsOpen, PathNotMet, PlanInvalid, NoApprover,
    or AlreadyAnswered where `idempotency` has the answer of an earlier call.
    """

    def work() -> ConversionRequest:
        if idempotency is not None:
            idempotency.claim()
        locked = lock_record(
            with_related(Lead.objects.all()),
            pk=lead.pk,
            actor=actor,
            action=Action.REQUEST,
        )
        require_requestable(locked)
        require_met(locked, path)
        resolve(lead=locked, plan=plan, actor=actor, for_execution=False)
        chosen, because = choose_approver(
            lead=locked, plan=plan, path=path, requester=actor, approver=approver
        )
        now = timezone.now()
        request = ConversionRequest(
            lead=locked,
            path=path,
            requester=actor,
            approver=chosen,
            approver_because=because,
            may_approve_own=path.allows_self_approval,
            submitted_at=now,
            due_at=due_at(now, chosen),
            message=message,
            next_meeting_at=next_meeting_at,
        )
        freeze(request, plan)
        request.save(force_insert=True)
        write_transition(request, "submit", "", actor=actor, note=message)
        set_handoff_state(request)
        let_see(locked, chosen)
        record(
            "request.submitted",
            actor=actor,
            lead=locked,
            request=request,
            note=message,
            changes={"approver": [None, chosen.pk], "path": path.name},
            notify=[chosen],
        )
        if idempotency is not None:
            body = handoff(request)
            idempotency.store(201, body, {"Location": body["url"]})
        return request

    return in_transaction(work)


def send_back(
    *,
    request: ConversionRequest,
    actor: User,
    message: str = "",
    doubted: Iterable[int] = (),
) -> ConversionRequest:
    """
    Return a pending request to its requester: with the criteria that are doubted, or a message.

    Raises PermissionDenied, RequestNotReady, ValidationError.
    """
    doubted = sorted(set(doubted))

    def step(locked: ConversionRequest) -> None:
        if not message and not doubted:
            raise ValidationError({"message": "Say what is missing, or doubt a criterion."})
        known = {answer["criterion"] for answer in locked.answers}
        if not set(doubted) <= known:
            raise ValidationError({"doubted": "Only what the request answers can be doubted."})
        locked.doubted, locked.decision_note = doubted, message
        move_request(
            locked,
            "send_back",
            actor=actor,
            note=message,
            changed=["doubted", "decision_note"],
            facts={"doubted": doubted},
            notify=[locked.requester],
        )

    return decide(request, actor, step)


def resubmit(
    *,
    request: ConversionRequest,
    actor: User,
    plan: ConversionPlan,
    message: str = "",
    next_meeting_at: dt.datetime | None = None,
) -> ConversionRequest:
    """
    Send a request that was sent back, or has lapsed, to its approver again, as things are now.

    Raises PermissionDenied unless the actor is the requester, and what submit_request raises.
    """

    def step(locked: ConversionRequest) -> None:
        require(locked.requester_id == actor.pk)
        if locked.state == RequestState.LAPSED:
            other = ConversionRequest.objects.open().filter(lead=locked.lead).first()
            if other is not None:
                raise RequestIsOpen(locked.lead, other.pk)
        require_convertible_later(locked.lead)
        require_met(locked.lead, locked.path)
        resolve(lead=locked.lead, plan=plan, actor=actor, for_execution=False)
        before = locked.plan
        freeze(locked, plan)
        now = timezone.now()
        locked.submitted_at, locked.due_at = now, due_at(now, locked.approver)
        locked.message, locked.next_meeting_at = message, next_meeting_at
        locked.doubted, locked.decision_note = [], ""
        locked.decided_at = locked.decided_by = None
        locked.resubmissions += 1
        move_request(
            locked,
            "resubmit",
            actor=actor,
            note=message,
            changed=[
                "plan",
                "answers",
                "lead_snapshot",
                "submitted_at",
                "due_at",
                "message",
                "next_meeting_at",
                "doubted",
                "decision_note",
                "decided_at",
                "decided_by",
                "resubmissions",
            ],
            facts={"plan_changed": before != locked.plan},
            notify=[locked.approver],
        )

    return step_under_lock(request, actor, Action.EDIT, step)


def approve(*, request: ConversionRequest, actor: User, note: str = "") -> ConversionRequest:
    """
    Give the go-ahead without converting yet. `convert_lead` with a pending request does both.

    Raises PermissionDenied, RequestNotReady, RequestLapsed (which is then recorded).
    """

    def step(locked: ConversionRequest) -> None:
        locked.decided_by, locked.decided_at = actor, timezone.now()
        locked.decision_note = note
        move_request(
            locked,
            "approve",
            actor=actor,
            note=note,
            changed=["decided_by", "decided_at", "decision_note"],
            notify=[locked.requester],
        )

    return decide(request, actor, step, lapses=True)


def reject(
    *,
    request: ConversionRequest,
    actor: User,
    reason: Reason,
    outcome: str,
    note: str = "",
    recycle_on: dt.date | None = None,
    reassign_to: User | None = None,
) -> ConversionRequest:
    """
    Refuse a request for a coded reason, and say what happens to the lead.

    `outcome` is a LeadOutcome; recycling needs a day, reassigning a person. Raises
    PermissionDenied, RequestNotReady, ValidationError.
    """
    if reason.kind != ReasonKind.REJECT:
        raise ValidationError({"reason": "Choose a reason for rejecting."})
    if outcome not in LeadOutcome.values:
        raise ValidationError({"outcome": "Say what happens to the lead."})

    def step(locked: ConversionRequest) -> None:
        locked.decided_by, locked.decided_at = actor, timezone.now()
        locked.reason, locked.decision_note = reason, note
        locked.lead_outcome = outcome
        move_request(
            locked,
            "reject",
            actor=actor,
            note=note,
            reason=reason,
            changed=["decided_by", "decided_at", "reason", "decision_note", "lead_outcome"],
            facts={"outcome": outcome},
            notify=[locked.requester],
        )
        apply_lead_outcome(
            locked.lead,
            outcome,
            actor=actor,
            reason=reason,
            recycle_on=recycle_on,
            reassign_to=reassign_to,
        )

    return decide(request, actor, step)


def recall(*, request: ConversionRequest, actor: User, note: str = "") -> ConversionRequest:
    """
    Take an open request back.

    Raises PermissionDenied unless the actor is the requester, and RequestNotReady.
    """

    def step(locked: ConversionRequest) -> None:
        require(locked.requester_id == actor.pk)
        move_request(locked, "recall", actor=actor, note=note, notify=[locked.approver])

    return step_under_lock(request, actor, Action.EDIT, step)


def reassign(
    *, request: ConversionRequest, to: User, actor: User, note: str = ""
) -> ConversionRequest:
    """
    Let somebody else decide; the clock goes on. A manager takes over by reassigning to
    themselves.

    Raises PermissionDenied, RequestNotReady, NoApprover.
    """

    def step(locked: ConversionRequest) -> None:
        require_state(locked, (RequestState.PENDING, RequestState.APPROVED), "reassigned")
        require_approver(to, locked.requester, locked.path)
        previous, locked.approver = locked.approver, to
        locked.approver_because = f"Reassigned by {actor.full_name}"
        locked.version += 1
        locked.save(update_fields=["approver", "approver_because", "version", "updated_at"])
        facts = {"from": previous.pk, "to": to.pk}
        write_transition(locked, "reassign", locked.state, actor=actor, note=note, facts=facts)
        let_see(locked.lead, to)
        record(
            "request.reassigned",
            actor=actor,
            lead=locked.lead,
            request=locked,
            note=note,
            changes={"approver": [previous.pk, to.pk]},
            notify=[to, previous, locked.requester],
        )

    return step_under_lock(request, actor, Action.ASSIGN, step)


def dispute(*, request: ConversionRequest, actor: User, statement: str) -> ConversionRequest:
    """
    Contest a rejection, once; the approver's manager decides.

    Raises PermissionDenied unless the actor is the requester, RequestNotReady,
    RequestIsOpen, ValidationError.
    """

    def step(locked: ConversionRequest) -> None:
        require(locked.requester_id == actor.pk)
        require_state(locked, (RequestState.REJECTED,), "disputed")
        if not statement:
            raise ValidationError({"statement": "Say why the rejection is wrong."})
        if locked.dispute_statement:
            raise ValidationError({"statement": "A rejection can be disputed once."})
        other = ConversionRequest.objects.open().filter(lead=locked.lead).first()
        if other is not None:
            raise RequestIsOpen(locked.lead, other.pk)
        locked.dispute_statement = statement
        judge = manager_of(locked.approver)
        move_request(
            locked,
            "dispute",
            actor=actor,
            note=statement,
            changed=["dispute_statement"],
            notify=[person for person in (judge, locked.approver) if person],
        )

    return step_under_lock(request, actor, Action.EDIT, step)


def decide_dispute(
    *,
    request: ConversionRequest,
    actor: User,
    overturn: bool,
    statement: str,
    approver: User | None = None,
) -> ConversionRequest:
    """
    Overturn a disputed rejection (another approver decides anew; by default the actor), or
    uphold it.

    For somebody who may decide for the approver, and is neither of the two. Raises
    PermissionDenied, RequestNotReady, NoApprover, ValidationError.
    """

    def step(locked: ConversionRequest) -> None:
        require(actor.pk not in (locked.requester_id, locked.approver_id, locked.decided_by_id))
        if not statement:
            raise ValidationError({"statement": "Say why."})
        locked.dispute_decision, locked.dispute_decided_by = statement, actor
        changed = ["dispute_decision", "dispute_decided_by"]
        people = [locked.requester, locked.approver]
        if not overturn:
            move_request(
                locked, "uphold", actor=actor, note=statement, changed=changed, notify=people
            )
            return
        chosen = approver or actor
        if chosen.pk == locked.approver_id:
            raise ValidationError({"approver": "Somebody else has to decide this time."})
        require_approver(chosen, locked.requester, locked.path)
        if locked.lead.is_closed:
            apply_lead_outcome(locked.lead, LeadOutcome.KEEP_WORKING, actor=actor)
        now = timezone.now()
        facts = {"from": locked.approver_id, "to": chosen.pk}
        locked.approver, locked.approver_because = chosen, "The rejection was overturned"
        locked.submitted_at, locked.due_at = now, due_at(now, chosen)
        locked.decided_at = locked.decided_by = None
        locked.lead_outcome = ""
        freeze_lead(locked)
        move_request(
            locked,
            "overturn",
            actor=actor,
            note=statement,
            changed=[
                *changed,
                "approver",
                "approver_because",
                "submitted_at",
                "due_at",
                "decided_at",
                "decided_by",
                "lead_outcome",
                "lead_snapshot",
                "answers",
            ],
            facts=facts,
            notify=[*people, chosen],
        )
        let_see(locked.lead, chosen)

    return step_under_lock(request, actor, Action.DECIDE, step)


def decide(
    request: ConversionRequest, actor: User, step: Step, *, lapses: bool = False
) -> ConversionRequest:
    """A step of the approver, or of who may decide for them; nobody decides their own request."""

    def checked(locked: ConversionRequest) -> None:
        require(locked.requester_id != actor.pk or locked.may_approve_own)
        step(locked)

    return step_under_lock(request, actor, Action.DECIDE, checked, lapses=lapses)


def step_under_lock(
    request: ConversionRequest, actor: User, action: str, step: Step, *, lapses: bool = False
) -> ConversionRequest:
    """
    Lock a request, then its lead, and take one step in a transaction of its own.

    With `lapses`, a request whose lead or targets changed materially lapses instead: that
    is committed, and RequestLapsed is raised.
    """

    def work() -> ConversionRequest | RequestLapsed:
        locked = lock_request(pk=request.pk, actor=actor, action=action)
        lock_lead(locked)
        can_lapse = lapses and locked.state == RequestState.PENDING
        if can_lapse and (changes := material_changes(locked)):
            return lapse(locked, changes, actor=None)
        step(locked)
        return locked

    outcome = in_transaction(work)
    if isinstance(outcome, RequestLapsed):
        raise outcome
    return outcome


def freeze(request: ConversionRequest, plan: ConversionPlan) -> None:
    """Keep the plan, the answers and the lead as they are now."""
    request.plan = plan.as_json()
    freeze_lead(request)
    request.lead_snapshot["targets"] = targets_snapshot(plan)


def freeze_lead(request: ConversionRequest) -> None:
    request.lead_snapshot = {
        "targets": request.lead_snapshot.get("targets", {}),
        "lead": lead_snapshot(request.lead),
    }
    request.answers = answers_snapshot(request.lead)


def require_requestable(lead: Lead) -> None:
    require_convertible_later(lead)
    open_request = ConversionRequest.objects.open().filter(lead=lead).first()
    if open_request is not None:
        raise RequestIsOpen(lead, open_request.pk)


def require_convertible_later(lead: Lead) -> None:
    if lead.is_converted:
        raise AlreadyConverted(lead)
    if lead.is_closed:
        raise LeadCannotConvert(lead)


def require_met(lead: Lead, path: Path) -> None:
    """Raises PathNotMet, naming what is missing, also for a path of another playbook."""
    for status in path_statuses(lead):
        if status.path.pk == path.pk:
            if not status.met:
                raise PathNotMet(path.name, [criterion.label for criterion in status.missing])
            return
    raise PathNotMet(path.name, ["a path of this lead's playbook"])


def require_state(request: ConversionRequest, states: Iterable[str], called: str) -> None:
    if request.state not in states:
        raise RequestNotReady(request.get_state_display(), called)
