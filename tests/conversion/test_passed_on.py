"""What somebody finds at the address of a request that was theirs to decide."""

import pytest
from django.urls import reverse

from activities.models import Reason
from conversion.services import decide_dispute, dispute, reassign, reject, resubmit, send_back
from leads.models import Lead, LeadMember
from people.models import RolePermission
from people.ownership import MemberKind
from people.services import deactivate_user, reactivate_user
from tests.conversion.conftest import plan_of
from tests.factories import UserFactory

LEAD = ("Dana", "Whitfield", "Halcyon", "She wants a plan by Tuesday.")


@pytest.fixture
def taken(asked, nadia, ines):
    """Leo's request, which his manager has given to Inês."""
    reassign(request=asked, to=ines, actor=nadia)
    return asked


def of(request, name="request"):
    return reverse(f"conversion:{name}", args=[request.pk])


def test_who_decides_now_is_told_and_nothing_of_the_lead(taken, leo, browse):
    answer = browse(leo).get(of(taken))
    assert answer.status_code == 403
    page = answer.content.decode()
    assert "<h1>Somebody else decides now</h1>" in page
    assert "Inês Prado decides this request now." in page
    assert "Nadia Berg reassigned it on" in page
    assert not any(word in page for word in LEAD)


def test_a_manager_who_took_it_over_is_named(asked, nadia, leo, browse):
    reassign(request=asked, to=nadia, actor=nadia)
    assert "Nadia Berg decides this request now." in browse(leo).get(of(asked)).content.decode()


def test_who_passed_it_on_is_reminded_of_it(asked, ines, leo, browse):
    reassign(request=asked, to=ines, actor=leo)
    assert "You reassigned it on" in browse(leo).get(of(asked)).content.decode()


def test_who_has_it_after_several_hands_is_named(taken, nadia, leo, browse):
    reassign(request=taken, to=nadia, actor=nadia)
    assert "Nadia Berg decides this request now." in browse(leo).get(of(taken)).content.decode()


def test_a_decision_that_comes_after_it_was_taken_changes_nothing(taken, leo, browse):
    written = {"decision": "reject", "message": "No <budget>, says Kim."}
    answer = browse(leo).post(of(taken, "decide"), written)
    assert answer.status_code == 403
    page = answer.content.decode()
    assert "Inês Prado decides this request now." in page
    assert "Nothing has changed. You wrote: “No &lt;budget&gt;, says Kim.”" in page
    taken.refresh_from_db()
    assert taken.state == "pending"


@pytest.mark.parametrize("decision", ["approve_only", "send_back", "reject"])
def test_who_still_sees_a_request_that_was_taken_is_told_how_it_stands(
    taken, leo, browse, decision
):
    """And what they wrote; who never was to decide it may still not."""
    rights = RolePermission.objects.filter(role=leo.role, record_type="request")
    rights.filter(action="view").update(level="all")
    rights.filter(action="decide").update(level="own")
    leo = type(leo).objects.get(pk=leo.pk)
    reason = reject_reason().pk
    fields = {"reason": reason, "outcome": "keep_working", "message": "Says Kim."}
    answer = browse(leo).post(of(taken, "decide"), {"decision": decision, **fields})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Nadia Berg reassigned it" in page
    assert "You wrote: “Says Kim.”" in page
    taken.refresh_from_db()
    assert taken.state == "pending"
    stranger = UserFactory(role=leo.role, team=leo.team)
    assert (
        browse(stranger).post(of(taken, "decide"), {"decision": decision, **fields}).status_code
        == 403
    )


def test_the_conversion_screen_of_a_request_that_was_taken_says_so_too(taken, leo, browse):
    address = reverse("conversion:convert", args=[taken.lead_id])
    answer = browse(leo).get(address, {"request": taken.pk})
    assert answer.status_code == 403
    assert "Inês Prado decides this request now." in answer.content.decode()


def test_a_closed_request_says_only_to_whom_it_went(taken, ines, leo, browse):
    reject(
        request=taken, actor=ines, reason=reject_reason(), outcome="keep_working", note="Not now."
    )
    page = browse(leo).get(of(taken)).content.decode()
    assert "This request went to Inês Prado, and is closed." in page


def test_who_was_overturned_is_told_who_decides_anew(asked, rita, leo, nadia, ines, browse):
    reject(
        request=asked, actor=leo, reason=reject_reason(), outcome="keep_working", note="Not now."
    )
    dispute(request=asked, actor=rita, statement="They have a budget.")
    decide_dispute(request=asked, actor=nadia, overturn=True, statement="Yes.", approver=ines)
    assert "Inês Prado decides this request now." in browse(leo).get(of(asked)).content.decode()


def test_who_was_away_when_it_was_handed_over_is_told(asked, leo, ines, ada, browse):
    deactivate_user(user=leo, actor=ada, to=ines)
    reactivate_user(user=leo, actor=ada)
    assert "Inês Prado decides this request now." in browse(leo).get(of(asked)).content.decode()


def test_who_never_had_it_finds_nothing(taken, soren, browse):
    assert browse(soren).get(of(taken)).status_code == 404
    address = reverse("conversion:convert", args=[taken.lead_id])
    assert browse(soren).get(address, {"request": taken.pk}).status_code == 404


def test_who_has_it_back_reads_it(taken, nadia, leo, browse):
    reassign(request=taken, to=leo, actor=nadia)
    assert browse(leo).get(of(taken)).status_code == 200


def sees_lead(user, request):
    return Lead.objects.visible_to(user).filter(pk=request.lead_id).exists()


def test_the_lead_is_seen_no_longer_by_who_did_not_decide(asked, nadia, leo, ines):
    assert sees_lead(leo, asked)
    reassign(request=asked, to=ines, actor=nadia)
    assert not sees_lead(leo, asked)
    assert sees_lead(ines, asked)
    reassign(request=asked, to=leo, actor=nadia)
    assert sees_lead(leo, asked)


def test_the_lead_stays_seen_by_who_decided_once(asked, rita, nadia, leo, ines):
    send_back(request=asked, actor=leo, message="What budget?")
    asked.refresh_from_db()
    resubmit(request=asked, actor=rita, plan=plan_of(), message="60,000.")
    reassign(request=asked, to=ines, actor=nadia)
    assert sees_lead(leo, asked)


def test_who_is_on_the_leads_team_list_stays_there(asked, nadia, leo, ines):
    LeadMember.objects.filter(user=leo).update(kind=MemberKind.MEMBER)
    reassign(request=asked, to=ines, actor=nadia)
    assert sees_lead(leo, asked)


def test_who_was_away_does_not_see_the_lead_again(asked, leo, ines, ada):
    deactivate_user(user=leo, actor=ada, to=ines)
    reactivate_user(user=leo, actor=ada)
    assert not sees_lead(leo, asked)


def test_the_api_knows_nothing_of_it(taken, leo, api):
    address = reverse("api:conversion-request-detail", args=[taken.pk])
    assert api(leo).get(address).status_code == 404


def test_a_former_requester_is_no_former_approver(asked, rita, leo, nadia, ada, browse):
    """What a requester hands over when they leave says "from", too."""
    send_back(request=asked, actor=leo, message="What budget?")
    deactivate_user(user=rita, actor=ada, to=nadia)
    reactivate_user(user=rita, actor=ada)
    assert browse(rita).get(of(asked)).status_code == 404


def reject_reason():
    return Reason.objects.get(kind="reject", code="no_budget")
