"""A rejection contested by the requester, and decided by the approver's manager."""

from django.core.exceptions import ValidationError
from django.utils import timezone

from conversion.errors import (
    RequestIsOpen,
)
from conversion.models import ConversionRequest, LeadOutcome, RequestState
from conversion.services.answering import answerer, let_answer
from conversion.services.approvers import require_approver
from conversion.services.deadlines import due_at
from conversion.services.outcomes import apply_lead_outcome
from conversion.services.requests import freeze_lead
from conversion.services.steps import require_state, step_under_lock
from conversion.services.transitions import (
    let_see,
    move_request,
)
from crm.errors import require
from people.models import User
from people.queries import manager_of
from people.reach import Action


def dispute(*, request: ConversionRequest, actor: User, statement: str) -> ConversionRequest:
    """
    Contest a rejection, once; the approver's manager decides.

    Who does so for a requester who has left becomes the one who asks. Raises PermissionDenied
    unless the actor `may_dispute`, RequestNotReady, RequestIsOpen, ValidationError.
    """

    def step(locked: ConversionRequest) -> None:
        require(may_dispute(locked, actor))
        require_state(locked, (RequestState.REJECTED,), "disputed")
        if not statement.strip():
            raise ValidationError({"statement": "Say why the rejection is wrong."})
        if locked.dispute_statement:
            raise ValidationError({"statement": "A rejection can be disputed once."})
        other = ConversionRequest.objects.open().filter(lead=locked.lead).first()
        if other is not None:
            raise RequestIsOpen(locked.lead, other.pk)
        if locked.requester_id != actor.pk:
            let_answer(locked, actor, actor=actor)
        locked.dispute_statement = statement
        judge = manager_of(locked.approver)
        if judge == actor:
            judge = manager_of(actor)
        move_request(
            locked,
            "dispute",
            actor=actor,
            note=statement,
            changed=["dispute_statement"],
            notify=[person for person in (judge, locked.approver) if person],
        )

    return step_under_lock(request, actor, Action.EDIT, step)


def may_dispute(request: ConversionRequest, user: User) -> bool:
    """
    Whether a rejection is this person's to contest: the requester's; once they have left, the
    lead's owner's and their manager's, unless they decided it themselves.
    """
    if request.requester.is_active:
        return request.requester_id == user.pk
    if user.pk in (request.approver_id, request.decided_by_id):
        return False
    return user in (answerer(request), manager_of(request.requester))


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
        if not statement.strip():
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
