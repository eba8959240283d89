"""What becomes of the handoff when somebody leaves."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from activities.models import Notification, Reason
from conversion.errors import NobodyAnswers, RequestNotReady
from conversion.queries import to_decide
from conversion.services import approve, convert_lead, dispute, reject, resubmit, send_back
from leads.models import Lead
from people.models import Role
from people.services import deactivate_user
from tests.concurrency import collide
from tests.conversion.conftest import plan_of
from tests.factories import QueueFactory, UserFactory


@pytest.mark.django_db(transaction=True)
def test_a_converted_lead_gets_another_owner_and_stays_as_it_is(lead, leo, ines, ada):
    conversion = convert_lead(lead=lead, plan=plan_of(), actor=leo)
    before = Lead.objects.get(pk=lead.pk)
    counts = deactivate_user(user=leo, actor=ada, to=ines)
    assert counts == {"lead": 1, "account": 1, "contact": 1, "opportunity": 1}
    after = Lead.objects.get(pk=lead.pk)
    assert (after.owner, after.converted_at) == (ines, before.converted_at)
    conversion.refresh_from_db()
    assert conversion.converted_by == leo


@pytest.fixture
def sent_back(asked, leo):
    return send_back(request=asked, actor=leo, message="What budget?")


def test_what_was_sent_back_is_answered_by_whoever_takes_over(sent_back, rita, nadia, ada):
    counts = deactivate_user(user=rita, actor=ada, to=nadia)
    assert counts == {"lead": 1, "request": 1}
    sent_back.refresh_from_db()
    assert (sent_back.requester, sent_back.state) == (nadia, "sent_back")
    step = sent_back.transitions.latest("pk")
    assert (step.action, step.actor, step.facts) == (
        "hand_over", ada, {"from": rita.pk, "to": nadia.pk},
    )  # fmt: skip
    again = resubmit(request=sent_back, actor=nadia, plan=plan_of(), message="50k")
    assert again.state == "pending"


def test_an_approver_cannot_take_over_what_they_sent_back(sent_back, rita, leo, ada):
    with pytest.raises(ValidationError, match="cannot answer it"):
        deactivate_user(user=rita, actor=ada, to=leo)
    sent_back.refresh_from_db()
    assert sent_back.requester == rita


# --- Asked by somebody who has left before it was decided


@pytest.fixture
def orphaned(asked, rita, nadia, ada):
    """Rita's request: she has left, and Nadia has her lead."""
    deactivate_user(user=rita, actor=ada, to=nadia)
    asked.refresh_from_db()
    return asked


def test_a_pending_request_keeps_who_asked_for_it(orphaned, rita):
    assert (orphaned.requester, orphaned.state) == (rita, "pending")


def test_what_is_sent_back_after_its_requester_left_goes_to_the_leads_owner(
    orphaned, rita, nadia, leo
):
    send_back(request=orphaned, actor=leo, message="What budget?")
    orphaned.refresh_from_db()
    assert (orphaned.requester, orphaned.state) == (nadia, "sent_back")
    handed_over, returned = orphaned.transitions.order_by("-pk")[:2][::-1]
    assert (handed_over.action, handed_over.actor) == ("hand_over", leo)
    assert handed_over.facts == {"from": rita.pk, "to": nadia.pk}
    assert (returned.action, returned.note) == ("send_back", "What budget?")
    assert Notification.objects.filter(user=nadia, event__verb="request.sent_back").exists()
    again = resubmit(request=orphaned, actor=nadia, plan=plan_of(), message="50k")
    assert again.state == "pending"


@pytest.mark.parametrize("owner", ["leo", "queue", "without_rights"])
def test_nothing_is_sent_back_where_nobody_can_answer(asked, rita, leo, ada, north, owner):
    heirs = {
        "leo": {"owner": leo},
        "queue": {"owner": None, "queue": QueueFactory()},
        "without_rights": {"owner": UserFactory(role=Role.objects.create(key="guest", name="G"))},
    }
    deactivate_user(user=rita, actor=ada, to=leo)
    Lead.objects.filter(pk=asked.lead_id).update(**heirs[owner])
    with pytest.raises(NobodyAnswers, match="Rita Ono has left"):
        send_back(request=asked, actor=leo, message="What budget?")
    asked.refresh_from_db()
    assert (asked.requester, asked.state) == (rita, "pending")
    assert not asked.transitions.filter(action="hand_over").exists()


def test_a_decision_is_told_to_who_has_the_lead_now(orphaned, nadia, leo):
    reason = Reason.objects.get(kind="reject", code="no_budget")
    reject(request=orphaned, actor=leo, reason=reason, outcome="keep_working", note="Not now.")
    assert Notification.objects.filter(user=nadia, event__verb="request.rejected").exists()


def test_what_is_decided_already_is_not_handed_over(orphaned, rita, leo):
    approve(request=orphaned, actor=leo)
    with pytest.raises(RequestNotReady):
        send_back(request=orphaned, actor=leo, message="What budget?")
    orphaned.refresh_from_db()
    assert orphaned.requester == rita


@pytest.mark.django_db(transaction=True)
def test_sending_back_while_the_requester_leaves_reaches_the_successor(
    asked, rita, nadia, leo, ada
):
    """Whoever is first: nothing stays sent back to somebody who is gone."""
    outcomes = collide(
        rita,
        lambda: send_back(request=asked, actor=leo, message="What budget?"),
        lambda: deactivate_user(user=rita, actor=ada, to=nadia),
    )
    assert not any(isinstance(outcome, Exception) for outcome in outcomes), outcomes
    asked.refresh_from_db()
    assert (asked.requester, asked.state) == (nadia, "sent_back")


def test_the_page_names_who_answers_instead(orphaned, leo, browse):
    browser = browse(leo)
    page = browser.get(orphaned.get_absolute_url()).content.decode()
    assert "Rita Ono has left. Nadia Berg, who owns the lead now, sees what to fix" in page
    assert "Message to Nadia Berg" in page
    fields = {"decision": "send_back", "message": "What budget?"}
    answer = browser.post(
        reverse("conversion:decide", args=[orphaned.pk]), fields, follow=True
    ).content.decode()
    assert "Sent back to Nadia Berg." in answer


def test_the_page_says_why_nobody_could_answer_and_keeps_what_was_typed(orphaned, leo, browse):
    browser = browse(leo)
    Lead.objects.filter(pk=orphaned.lead_id).update(owner=leo)
    page = browser.get(orphaned.get_absolute_url())
    assert "Rita Ono has left, and nobody else can answer." in page.content.decode()
    fields = {"decision": "send_back", "message": "What budget?"}
    answer = browser.post(reverse("conversion:decide", args=[orphaned.pk]), fields)
    assert answer.status_code == 422
    assert "Rita Ono has left" in answer.context["decision"].errors["decision"][0]
    assert answer.context["decision"]["message"].value() == "What budget?"
    orphaned.refresh_from_db()
    assert orphaned.state == "pending"


def test_the_api_answers_with_the_new_requester_or_says_why_not(orphaned, leo, nadia, api):
    address = f"/api/v1/conversion-requests/{orphaned.pk}/send-back/"
    Lead.objects.filter(pk=orphaned.lead_id).update(owner=leo)
    refused = api(leo).post(address, {"message": "What budget?"})
    assert (refused.status_code, refused.json()["code"]) == (409, "nobody_answers")
    Lead.objects.filter(pk=orphaned.lead_id).update(owner=nadia)
    body = api(leo).post(address, {"message": "What budget?"}).json()
    assert (body["state"], body["requester"]["id"]) == ("sent_back", nadia.pk)


# --- Rejected, and the requester has left


@pytest.fixture
def left(asked, rita, soren, leo, ada):
    """Leo's rejection of Rita's request: she has left, and Søren has her lead."""
    reason = Reason.objects.get(kind="reject", code="no_budget")
    reject(request=asked, actor=leo, reason=reason, outcome="keep_working", note="Not now.")
    deactivate_user(user=rita, actor=ada, to=soren)
    asked.refresh_from_db()
    return asked


def test_the_leads_owner_disputes_the_rejection_of_somebody_who_left(left, rita, soren, browse):
    browser = browse(soren)
    mine = browser.get(reverse("conversion:approvals"), {"show": "mine"})
    assert mine.context["inbox"].own == [left]
    assert "Dispute the rejection" in mine.content.decode()
    address = reverse("conversion:dispute", args=[left.pk])
    assert browser.post(address, {"statement": "They have 60k."}).url == left.get_absolute_url()
    left.refresh_from_db()
    assert (left.state, left.requester) == ("disputed", soren)
    taken_over = left.transitions.get(action="hand_over")
    assert taken_over.facts == {"from": rita.pk, "to": soren.pk}
    page = browser.get(left.get_absolute_url()).content.decode()
    assert "<b>Søren Dahl</b> took it over" in page
    assert "<b>Søren Dahl</b> disputed the rejection" in page


def test_the_requesters_manager_disputes_it_and_does_not_judge_it(left, nadia, ada, europe):
    director = UserFactory(role="manager", team=europe, full_name="Dora")
    dispute(request=left, actor=nadia, statement="They have 60k.")
    left.refresh_from_db()
    assert (left.state, left.requester) == ("disputed", nadia)
    assert not to_decide(nadia).exists()
    assert list(to_decide(ada)) == [left]
    assert Notification.objects.filter(user=director, event__verb="request.disputed").exists()


def test_the_leads_owner_disputes_it_by_rest(left, soren, api):
    client = api(soren)
    address = reverse("api:conversion-request-detail", args=[left.pk])
    assert client.get(address).json()["state"] == "rejected"
    answer = client.post(f"{address}dispute/", {"statement": "They have 60k."})
    assert (answer.status_code, answer.json()["state"]) == (200, "disputed")
    assert client.post(f"{address}recall/", {}).status_code == 409


def test_the_leads_owner_may_only_dispute_it(left, soren, api, browse):
    address = reverse("api:conversion-request-detail", args=[left.pk])
    for step in ("recall", "resubmit", "approve"):
        body = {"message": ""} if step == "resubmit" else {}
        assert api(soren).post(f"{address}{step}/", body).status_code == 403, step
    assert browse(soren).post(reverse("conversion:recall", args=[left.pk])).status_code == 403


@pytest.mark.parametrize("stranger", ["ines", "leo"])
def test_neither_strangers_nor_who_rejected_it_dispute_it(left, stranger, request):
    with pytest.raises(PermissionDenied):
        dispute(request=left, actor=request.getfixturevalue(stranger), statement="Yes.")


def test_who_rejected_it_does_not_dispute_it_as_the_leads_owner(left, leo, browse):
    Lead.objects.filter(pk=left.lead_id).update(owner=leo)
    with pytest.raises(PermissionDenied):
        dispute(request=left, actor=leo, statement="Yes.")
    assert "Dispute the rejection" not in browse(leo).get(left.get_absolute_url()).content.decode()


def test_the_owner_before_has_no_say_any_more(left, soren, nadia, browse):
    Lead.objects.filter(pk=left.lead_id).update(owner=nadia)
    with pytest.raises(PermissionDenied):
        dispute(request=left, actor=soren, statement="Yes.")
    assert browse(soren).get(left.get_absolute_url()).status_code == 404


def test_while_the_requester_is_there_nobody_else_disputes(asked, rita, leo, nadia):
    reason = Reason.objects.get(kind="reject", code="no_budget")
    reject(request=asked, actor=leo, reason=reason, outcome="keep_working", note="Not now.")
    Lead.objects.filter(pk=asked.lead_id).update(owner=nadia)
    with pytest.raises(PermissionDenied):
        dispute(request=asked, actor=nadia, statement="Yes.")
