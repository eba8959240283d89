"""The conversion requests that wait for somebody who leaves."""

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from conversion.models import ConversionRequest, RequestState
from conversion.services.answering import let_answer
from conversion.services.transitions import see_no_longer, write_transition
from leads.models import LeadMember
from people.handover import Holding
from people.models import User
from people.ownership import MemberKind
from people.reach import RecordType


def requests_to_decide(user: User) -> QuerySet:
    return ConversionRequest.objects.open().filter(approver=user)


def hand_over_requests(*, leaver: User, to: User, actor: User) -> int:
    """
    Let `to` decide every open request that `leaver` had; the clocks go on.

    Raises ValidationError for a request that `to` made, unless its path lets people approve
    their own.
    """
    requests = (
        requests_to_decide(leaver).order_by("pk").select_for_update(of=("self",), no_key=True)
    )
    for request in requests:
        if request.requester_id == to.pk and not request.may_approve_own:
            raise ValidationError(
                {"approver": f"{to} made one of these requests and cannot decide it."}
            )
        request.approver = to
        request.approver_because = f"Took over from {leaver.full_name}"
        request.version += 1
        request.save(update_fields=["approver", "approver_because", "version", "updated_at"])
        facts = {"from": leaver.pk, "to": to.pk}
        write_transition(request, "reassign", request.state, actor=actor, facts=facts)
        # Somebody who is on the lead's team list already sees it anyway.
        LeadMember.objects.get_or_create(
            user=to, record_id=request.lead_id, defaults={"kind": MemberKind.APPROVER}
        )
        see_no_longer(request.lead, leaver)
    return len(requests)


def requests_sent_back(user: User) -> QuerySet:
    return ConversionRequest.objects.filter(requester=user, state=RequestState.SENT_BACK)


def hand_over_sent_back(*, leaver: User, to: User, actor: User) -> int:
    """
    Let `to` answer what approvers have sent back to `leaver`, as the one who asks from now on.

    Raises ValidationError for a request that `to` would decide, unless its path lets people
    approve their own.
    """
    sent_back = requests_sent_back(leaver).order_by("pk")
    requests = list(sent_back.select_for_update(of=("self",), no_key=True))
    for request in requests:
        if request.approver_id == to.pk and not request.may_approve_own:
            raise ValidationError(
                {"to": f"{to} decides one of the requests sent back, and cannot answer it."}
            )
        let_answer(request, to, actor=actor)
    return len(requests)


REQUESTS_TO_DECIDE = Holding(
    RecordType.REQUEST,
    "Requests to decide",
    requests_to_decide,
    hand_over_requests,
    needs_approver=True,
)
REQUESTS_SENT_BACK = Holding(
    RecordType.REQUEST, "Requests sent back", requests_sent_back, hand_over_sent_back
)
