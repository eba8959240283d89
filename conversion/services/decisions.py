"""The approver's side of the handoff: approving, sending back, rejecting, passing on."""

import datetime as dt
from collections.abc import Iterable, Set

from django.core.exceptions import ValidationError
from django.utils import timezone

from activities.models import Reason, ReasonKind
from conversion.models import ConversionRequest, LeadOutcome, RequestState
from conversion.services.answering import answerer, require_answerer
from conversion.services.approvers import require_approver
from conversion.services.outcomes import apply_lead_outcome, outcome_facts, outcome_told
from conversion.services.steps import Step, require_state, step_under_lock
from conversion.services.transitions import STEPS, move_request, pass_to
from crm.errors import require
from leads.models import Criterion
from people.models import User
from people.reach import Action

NOTE_NEEDED = "Say why in a comment: a reason from the list alone helps nobody."


def send_back(
    *,
    request: ConversionRequest,
    actor: User,
    message: str = "",
    doubted: Iterable[int | str] = (),
    version: int | None = None,
) -> ConversionRequest:
    """
    Return a pending request to its requester: with the criteria that are doubted, by id or key,
    or a message.

    Once the requester has left, the lead's owner becomes the one who asks. Raises StaleVersion
    if a `version` is given that is not the request's any more, PermissionDenied,
    RequestNotReady, NobodyAnswers, ValidationError.
    """
    named = set(doubted)

    def step(locked: ConversionRequest) -> None:
        if not message.strip() and not named:
            raise ValidationError({"message": "Say what is missing, or doubt a criterion."})
        criteria = answered_criteria(locked, named)
        require_state(locked, STEPS["send_back"][0], "sent back")
        person = require_answerer(locked, actor=actor)
        locked.doubted, locked.decision_note = criteria, message
        move_request(
            locked,
            "send_back",
            actor=actor,
            note=message,
            changed=["doubted", "decision_note"],
            facts={"doubted": criteria},
            notify=[person],
        )

    people = [request.requester_id, request.lead.owner_id]
    return decide(request, actor, step, version=version, people=people)


def answered_criteria(request: ConversionRequest, names: Set[int | str]) -> list[int]:
    """The ids of criteria that are named by id or key. Raises ValidationError for any other."""
    criteria = Criterion.objects.filter(pk__in=[each["criterion"] for each in request.answers])
    ids: dict[int | str, int] = {}
    for pk, key in criteria.values_list("pk", "key"):
        ids |= {pk: pk, key: pk}
    if names - ids.keys():
        raise ValidationError({"doubted": "Only what the request answers can be doubted."})
    return sorted({ids[name] for name in names})


def approve(
    *,
    request: ConversionRequest,
    actor: User,
    note: str = "",
    version: int | None = None,
) -> ConversionRequest:
    """
    Give the go-ahead without converting yet. `convert_lead` with a pending request does both.

    Raises StaleVersion as send_back does, PermissionDenied, RequestNotReady, RequestLapsed
    (which is then recorded).
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
            notify=[answerer(locked) or locked.requester],
        )

    return decide(request, actor, step, version=version, lapses=True)


def reject(
    *,
    request: ConversionRequest,
    actor: User,
    reason: Reason,
    outcome: str,
    note: str,
    recycle_on: dt.date | None = None,
    reassign_to: User | None = None,
    version: int | None = None,
) -> ConversionRequest:
    """
    Refuse a request for a coded reason and with a comment, and say what happens to the lead.

    `outcome` is a LeadOutcome; recycling needs a day, reassigning a person. Raises
    StaleVersion as send_back does, PermissionDenied, RequestNotReady, ValidationError.
    """
    errors = {}
    if reason.kind != ReasonKind.REJECT:
        errors["reason"] = "Choose a reason for rejecting."
    if outcome not in LeadOutcome.values:
        errors["outcome"] = "Say what happens to the lead."
    if not note.strip():
        errors["note"] = NOTE_NEEDED
    if errors:
        raise ValidationError(errors)

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
            facts=outcome_facts(outcome, recycle_on, reassign_to),
            told={
                "because": [None, reason.label],
                **outcome_told(locked.lead, outcome, recycle_on, reassign_to),
            },
            notify=[answerer(locked) or locked.requester],
        )
        apply_lead_outcome(
            locked.lead,
            outcome,
            actor=actor,
            reason=reason,
            recycle_on=recycle_on,
            reassign_to=reassign_to,
        )

    return decide(request, actor, step, version=version)


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
        pass_to(locked, to, because=f"Reassigned by {actor.full_name}", actor=actor, note=note)

    return step_under_lock(request, actor, Action.ASSIGN, step)


def decide(
    request: ConversionRequest,
    actor: User,
    step: Step,
    *,
    version: int | None,
    lapses: bool = False,
    people: Iterable[int | None] = (),
) -> ConversionRequest:
    """A step of the approver, or of who may decide for them; nobody decides their own request."""

    def checked(locked: ConversionRequest) -> None:
        require(locked.requester_id != actor.pk or locked.may_approve_own)
        step(locked)

    return step_under_lock(
        request, actor, Action.DECIDE, checked, version=version, lapses=lapses, people=people
    )
