"""The requester's side of the handoff: submitting, submitting again, recalling."""

import datetime as dt

from django.utils import timezone

from activities.events import record
from conversion.errors import (
    AlreadyConverted,
    LeadCannotConvert,
    PathNotMet,
    RequestIsOpen,
)
from conversion.models import ConversionRequest, RequestState
from conversion.plans import ConversionPlan
from conversion.receipts import handoff
from conversion.resolution import resolve
from conversion.services.approvers import choose_approver
from conversion.services.deadlines import due_at
from conversion.services.steps import step_under_lock
from conversion.services.transitions import (
    let_see,
    move_request,
    set_handoff_state,
    with_related,
    write_transition,
)
from conversion.snapshots import (
    answers_snapshot,
    deal_snapshot,
    lead_snapshot,
    targets_snapshot,
)
from conversion.targets import Resolution
from crm.errors import require
from crm.idempotency import Idempotency
from crm.records import lock_record
from crm.transactions import in_transaction
from leads.models import Lead, Path
from leads.services import path_statuses
from people.models import User
from people.reach import Action


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
        resolution = resolve(lead=locked, plan=plan, actor=actor, for_execution=False)
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
        freeze(request, plan, resolution)
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
        resolution = resolve(lead=locked.lead, plan=plan, actor=actor, for_execution=False)
        before = locked.plan
        freeze(locked, plan, resolution)
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


def recall(*, request: ConversionRequest, actor: User, note: str = "") -> ConversionRequest:
    """
    Take an open request back.

    Raises PermissionDenied unless the actor is the requester, and RequestNotReady.
    """

    def step(locked: ConversionRequest) -> None:
        require(locked.requester_id == actor.pk)
        move_request(locked, "recall", actor=actor, note=note, notify=[locked.approver])

    return step_under_lock(request, actor, Action.EDIT, step)


def freeze(request: ConversionRequest, plan: ConversionPlan, resolution: Resolution) -> None:
    """Keep the plan and what it comes to, the answers and the lead as they are now."""
    request.plan = plan.as_json()
    freeze_lead(request)
    request.lead_snapshot["targets"] = targets_snapshot(plan)
    request.lead_snapshot["deal"] = deal_snapshot(resolution)


def freeze_lead(request: ConversionRequest) -> None:
    """Keep the lead and the answers anew; what was asked for stays as it was."""
    request.lead_snapshot = request.lead_snapshot | {"lead": lead_snapshot(request.lead)}
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
