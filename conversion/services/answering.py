"""Who answers a request that is sent back, also once its requester has left."""

from conversion.errors import NobodyAnswers
from conversion.models import ConversionRequest
from conversion.services.transitions import write_transition
from people.models import User
from people.reach import Action, RecordType


def answerer(request: ConversionRequest) -> User | None:
    """
    The requester or, once they have left, whoever owns the lead now.

    None if nobody could: the lead waits in a queue, or its owner may not ask its approver.
    Asks the database only about somebody who takes over.
    """
    if request.requester.is_active:
        return request.requester
    heir = request.lead.owner
    if heir is None or not heir.can(RecordType.REQUEST, Action.EDIT):
        return None
    if heir.pk == request.approver_id and not request.may_approve_own:
        return None
    return heir


def require_answerer(request: ConversionRequest, *, actor: User) -> User:
    """
    Make a locked request one that somebody can answer, and tell who does.

    Raises NobodyAnswers.
    """
    person = answerer(request)
    if person is None:
        raise NobodyAnswers(request.requester.full_name)
    if person.pk != request.requester_id:
        let_answer(request, person, actor=actor)
    return person


def let_answer(request: ConversionRequest, to: User, *, actor: User) -> None:
    """From now on `to` is the one who asks; the history tells who it was before."""
    facts = {"from": request.requester_id, "to": to.pk}
    request.requester = to
    request.version += 1
    request.save(update_fields=["requester", "version", "updated_at"])
    write_transition(request, "hand_over", request.state, actor=actor, facts=facts)
