"""The REST API of requests: submitting, every step, and what each tells."""

import pytest

from activities.models import Reason
from conversion import services
from conversion.models import Conversion, ConversionRequest
from crm.models import IdempotencyKey
from leads.models import Criterion, Lead
from leads.services import update_lead
from opportunities.models import Opportunity
from tests.answers import pointers
from tests.conversion.conftest import NEW, confirm

pytestmark = pytest.mark.django_db

REJECTION = {"reason": "no_budget", "outcome": "keep_working", "note": "Not this year."}


def step(client, request, action, body=None, **headers):
    return client.post(f"/api/v1/conversion-requests/{request.pk}/{action}/", body, **headers)


def test_a_request_is_submitted_and_answered_with_its_address(ritas_lead, rita, leo, api):
    path = confirm(ritas_lead, rita)
    body = {"path": path.pk, "plan": NEW, "approver": leo.pk, "message": "Ready."}
    url = f"/api/v1/leads/{ritas_lead.pk}/conversion-requests/"
    first, second = (api(rita).post(url, body, HTTP_IDEMPOTENCY_KEY="once") for _ in range(2))
    asked = ConversionRequest.objects.get()
    assert (first.status_code, first["Location"]) == (
        201,
        f"/api/v1/conversion-requests/{asked.pk}/",
    )
    assert first.json()["approver"] == {"id": leo.pk, "name": "Leo Haddad"}
    assert first.content == second.content
    assert api(rita).get(first["Location"]).json() == first.json()


def test_a_request_tells_what_its_path_still_needs(ritas_lead, rita, leo, api):
    path = confirm(ritas_lead, rita)
    other = path.playbook.paths.get(key="trial_first")
    url = f"/api/v1/leads/{ritas_lead.pk}/conversion-requests/"
    answer = api(rita).post(url, {"path": other.pk, "plan": NEW, "approver": leo.pk})
    assert (answer.status_code, answer.json()["code"]) == (409, "path_not_met")


def test_problems_of_a_requests_plan_point_into_it(ritas_lead, rita, leo, api):
    path = confirm(ritas_lead, rita)
    plan = NEW | {"account": {"action": "existing", "id": 999999}}
    url = f"/api/v1/leads/{ritas_lead.pk}/conversion-requests/"
    for wrong, pointer in ((plan, "#/plan/account/id"), ({}, "#/plan/account")):
        answer = api(rita).post(url, {"path": path.pk, "plan": wrong, "approver": leo.pk})
        assert answer.status_code == 422
        assert pointer in pointers(answer)


def test_an_approver_approves(asked, leo, api):
    answer = step(api(leo), asked, "approve", {"note": "Good one."})
    assert (answer.status_code, answer.json()["state"]) == (200, "approved")


def test_an_approver_approves_and_converts_at_once(asked, leo, api):
    answer = step(api(leo), asked, "approve", {"convert": True}, HTTP_IDEMPOTENCY_KEY="once")
    conversion = Conversion.objects.get()
    assert (answer.status_code, answer.json()["id"]) == (201, conversion.pk)
    assert (conversion.request, conversion.approved_by, conversion.mode) == (
        asked,
        leo,
        "requested",
    )
    again = step(api(leo), asked, "approve", {"convert": True}, HTTP_IDEMPOTENCY_KEY="once")
    assert again.content == answer.content


def test_approving_and_converting_takes_another_plan(asked, leo, api):
    body = {"convert": True, "plan": NEW | {"opportunity": {"action": "none"}}}
    step(api(leo), asked, "approve", body, HTTP_IDEMPOTENCY_KEY="once")
    assert Conversion.objects.get().opportunity is None
    assert not Opportunity.objects.exists()


def test_approving_and_converting_needs_a_key(asked, leo, api):
    answer = step(api(leo), asked, "approve", {"convert": True})
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_required")


def test_a_request_whose_lead_changed_lapses(asked, ritas_lead, leo, api):
    Lead.objects.filter(pk=ritas_lead.pk).update(company="Halcyon Labs")
    answer = step(api(leo), asked, "approve", {})
    asked.refresh_from_db()
    assert (answer.status_code, answer.json()["code"]) == (409, "request_lapsed")
    assert answer.json()["differences"][0]["field"] == "company"
    assert asked.state == "lapsed"


def test_a_request_goes_through_every_step(asked, rita, leo, nadia, ines, api):
    criterion = asked.answers[0]["criterion"]
    body = step(api(leo), asked, "send-back", {"doubted": [criterion]}).json()
    assert (body["state"], body["doubted"]) == ("sent_back", [criterion])
    body = step(api(rita), asked, "resubmit", {"message": "Look again."}).json()
    assert (body["state"], body["message"]) == ("pending", "Look again.")
    body = step(api(leo), asked, "reject", REJECTION).json()
    assert (body["state"], body["reason"]) == ("rejected", "no_budget")
    assert body["decision_note"] == "Not this year."
    body = step(api(rita), asked, "dispute", {"statement": "They have one."}).json()
    assert body["state"] == "disputed"
    body = step(
        api(nadia), asked, "decide-dispute", {"overturn": True, "statement": "They do."}
    ).json()
    assert (body["state"], body["approver"]["id"]) == ("pending", nadia.pk)
    body = step(api(nadia), asked, "reassign", {"to": leo.pk}).json()
    assert body["approver"]["id"] == leo.pk
    body = step(api(rita), asked, "recall", {"note": "Wrong person."}).json()
    assert body["state"] == "recalled"


def test_doubted_criteria_are_named_by_id_or_by_key(asked, leo, api):
    first, second = asked.answers[:2]
    key = Criterion.objects.get(pk=second["criterion"]).key
    body = {"doubted": [key, first["criterion"], second["criterion"]]}
    answer = step(api(leo), asked, "send-back", body)
    assert (answer.status_code, answer.json()["doubted"]) == (
        200,
        sorted([first["criterion"], second["criterion"]]),
    )


@pytest.mark.parametrize(
    ("name", "status", "pointer"),
    [
        ("no_such_key", 422, "#/doubted"),
        (987654, 422, "#/doubted"),
        ("not a key", 400, "#/doubted/0"),
        (0, 400, "#/doubted/0"),
        (True, 400, "#/doubted/0"),
    ],
)
def test_only_answered_criteria_are_doubted(asked, leo, api, name, status, pointer):
    answer = step(api(leo), asked, "send-back", {"doubted": [name]})
    assert (answer.status_code, pointers(answer)) == (status, {pointer})
    asked.refresh_from_db()
    assert asked.state == "pending"


def test_the_key_of_a_criterion_of_another_playbook_is_not_meant(asked, leo, api):
    asked_for = Criterion.objects.filter(pk__in=[each["criterion"] for each in asked.answers])
    foreign = Criterion.objects.exclude(key__in=asked_for.values("key")).first()
    answer = step(api(leo), asked, "send-back", {"doubted": [foreign.key]})
    assert (answer.status_code, pointers(answer)) == (422, {"#/doubted"})


def test_a_reason_for_rejecting_is_named_by_its_id_too(asked, leo, api):
    reason = Reason.objects.get(kind="reject", code="no_budget")
    answer = step(api(leo), asked, "reject", REJECTION | {"reason": reason.pk})
    assert (answer.status_code, answer.json()["reason"]) == (200, "no_budget")


@pytest.mark.parametrize("kind", ["lost", "disqualify"])
def test_a_reason_for_something_else_rejects_nothing(asked, leo, api, kind):
    other = Reason.objects.for_kind(kind).first()
    answer = step(api(leo), asked, "reject", REJECTION | {"reason": other.pk})
    assert (answer.status_code, pointers(answer)) == (400, {"#/reason"})


def test_a_step_out_of_turn_is_a_conflict(asked, rita, leo, api):
    services.recall(request=asked, actor=rita)
    answer = step(api(leo), asked, "approve", {})
    assert (answer.status_code, answer.json()["code"]) == (409, "request_state")


def test_steps_belong_to_those_whose_turn_it_is(asked, rita, leo, soren, api):
    assert step(api(rita), asked, "approve", {}).status_code == 403
    assert step(api(leo), asked, "recall", {}).status_code == 403
    assert step(api(soren), asked, "approve", {}).status_code == 404


def test_a_rejection_needs_a_known_reason(asked, leo, api):
    answer = step(api(leo), asked, "reject", REJECTION | {"reason": "bored"})
    assert answer.status_code == 400
    assert pointers(answer) == {"#/reason"}


@pytest.mark.parametrize("comment", [{}, {"note": ""}, {"note": " \n"}])
def test_a_rejection_needs_a_comment(asked, leo, api, comment):
    body = {"reason": "no_budget", "outcome": "keep_working", **comment}
    answer = step(api(leo), asked, "reject", body)
    assert (answer.status_code, pointers(answer)) == (400, {"#/note"})
    assert "Say why in a comment" in answer.json()["errors"][0]["detail"]
    asked.refresh_from_db()
    assert asked.state == "pending"


def test_recycling_needs_a_day(asked, leo, api):
    body = REJECTION | {"outcome": "recycle"}
    answer = step(api(leo), asked, "reject", body)
    assert answer.status_code == 422
    assert pointers(answer) == {"#/recycle_on"}


def test_recycling_needs_a_day_to_come(asked, leo, api):
    body = REJECTION | {"outcome": "recycle", "recycle_on": "2020-01-01"}
    answer = step(api(leo), asked, "reject", body)
    assert answer.status_code == 422
    assert pointers(answer) == {"#/recycle_on"}


def test_a_conversion_that_lapses_is_not_answered_as_done_when_it_is_sent_again(
    asked, ritas_lead, leo, api
):
    Lead.objects.filter(pk=ritas_lead.pk).update(company="Halcyon Labs")
    first, second = (
        step(api(leo), asked, "approve", {"convert": True}, HTTP_IDEMPOTENCY_KEY="once")
        for _ in range(2)
    )
    assert (first.status_code, first.json()["code"]) == (409, "request_lapsed")
    assert (second.status_code, second.json()["code"]) == (409, "request_state")
    assert not IdempotencyKey.objects.exists()


def test_what_an_approver_says_when_converting_is_kept(asked, leo, api):
    body = {"convert": True, "note": "Good one."}
    step(api(leo), asked, "approve", body, HTTP_IDEMPOTENCY_KEY="once")
    asked.refresh_from_db()
    assert asked.decision_note == "Good one."
    assert asked.transitions.latest("pk").note == "Good one."


def test_an_approved_request_is_carried_out_by_converting_its_lead(asked, ritas_lead, leo, api):
    url = f"/api/v1/leads/{ritas_lead.pk}/convert/"
    before = api(leo).post(url, NEW, HTTP_IDEMPOTENCY_KEY="once")
    assert (before.status_code, before.json()["code"]) == (409, "request_open")
    services.approve(request=asked, actor=leo)
    answer = api(leo).post(url, NEW, HTTP_IDEMPOTENCY_KEY="once")
    assert (answer.status_code, answer.json()["request"]) == (201, asked.pk)


def test_an_approved_request_is_not_carried_out_by_its_requester(asked, ritas_lead, rita, leo, api):
    services.approve(request=asked, actor=leo)
    url = f"/api/v1/leads/{ritas_lead.pk}/convert/"
    answer = api(rita).post(url, NEW, HTTP_IDEMPOTENCY_KEY="once")
    assert (answer.status_code, answer.json()["code"]) == (409, "request_open")


def test_the_history_of_a_request_says_who_did_what_and_what_has_changed(
    asked, ritas_lead, rita, leo, api
):
    services.send_back(request=asked, actor=leo, message="Who signs?")
    update_lead(lead=ritas_lead, changes={"title": "COO"}, actor=rita)
    body = api(rita).get(f"/api/v1/conversion-requests/{asked.pk}/history/").json()
    sent_back, submitted = body["steps"]
    assert (sent_back["action"], sent_back["actor"]["id"], sent_back["note"]) == (
        "send_back",
        leo.pk,
        "Who signs?",
    )
    assert (submitted["from_state"], submitted["to_state"]) == ("", "pending")
    assert body["changes"] == [
        {
            "field": "title",
            "label": "Title",
            "before": "VP Operations",
            "now": "COO",
            "is_material": False,
        }
    ]
