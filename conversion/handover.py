"""The conversion requests that somebody who leaves would have had to decide."""

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from conversion.models import ConversionRequest, RequestTransition
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
        RequestTransition.objects.create(
            request=request,
            action="reassign",
            from_state=request.state,
            to_state=request.state,
            actor=actor,
            facts={"from": leaver.pk, "to": to.pk},
        )
        # Somebody who is on the lead's team list already sees it anyway.
        LeadMember.objects.get_or_create(
            user=to, record_id=request.lead_id, defaults={"kind": MemberKind.APPROVER}
        )
    return len(requests)


REQUESTS_TO_DECIDE = Holding(
    RecordType.REQUEST,
    "Requests to decide",
    requests_to_decide,
    hand_over_requests,
    needs_approver=True,
)
