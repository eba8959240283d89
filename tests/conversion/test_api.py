"""The REST API of the handoff and the conversion."""

import datetime as dt

import psycopg2
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Account
from conversion import services
from conversion.models import Conversion, ConversionRequest
from crm import transactions
from integrations.services import create_token
from leads.models import Lead
from opportunities.models import Opportunity
from tests.conversion.conftest import confirm, make_lead, plan_of
from tests.factories import AccountFactory, ContactFactory, LeadFactory

pytestmark = pytest.mark.django_db

NEW = {
    "account": {"action": "create"},
    "contact": {"action": "create"},
    "opportunity": {"action": "create"},
}


def convert(client, lead, body=NEW, key="once", **headers):
    return client.post(
        f"/api/v1/leads/{lead.pk}/convert/", body, HTTP_IDEMPOTENCY_KEY=key, **headers
    )


def preview(client, lead, body=NEW):
    return client.post(f"/api/v1/leads/{lead.pk}/conversion-preview/", body)


def step(client, request, action, body=None, **headers):
    return client.post(f"/api/v1/conversion-requests/{request.pk}/{action}/", body, **headers)


def pointers(answer):
    return {error["pointer"] for error in answer.json()["errors"]}


# --- Preview


def test_a_preview_says_what_would_happen_and_writes_nothing(lead, leo, api):
    answer = preview(api(leo), lead)
    body = answer.json()
    assert answer.status_code == 200
    assert body["effects"]["account"]["outcome"] == "created"
    assert body["effects"]["opportunity"]["name"] == "Halcyon Robotics - New business"
    assert (body["candidates"], body["blockers"]) == ([], [])
    assert not Account.objects.exists()


def test_a_preview_names_candidates_and_what_blocks(lead, leo, api):
    account = AccountFactory(owner=leo, name="Halcyon", domain_key="halcyonrobotics.example")
    body = preview(api(leo), lead).json()
    assert body["candidates"][0]["id"] == account.pk
    assert body["candidates"][0]["strength"] == "strong"
    assert body["blockers"][0]["code"] == "duplicates_found"


def test_a_candidate_one_may_not_see_is_told_without_its_data(lead, leo, ines, api):
    AccountFactory(owner=ines, name="Secret", domain_key="halcyonrobotics.example")
    candidate = preview(api(leo), lead).json()["candidates"][0]
    assert (candidate["id"], candidate["hidden"]) == (None, True)
    assert "Secret" not in str(candidate)


def test_an_sdr_may_preview_what_they_may_only_request(ritas_lead, rita, api):
    assert preview(api(rita), ritas_lead).status_code == 200


def test_a_preview_of_a_converted_lead_names_its_receipt(lead, leo, api):
    conversion = services.convert_lead(lead=lead, plan=plan_of(), actor=leo)
    answer = preview(api(leo), lead)
    assert (answer.status_code, answer.json()["code"]) == (409, "already_converted")
    assert answer.json()["receipt"] == conversion.get_absolute_url()


# --- Converting


def test_converting_answers_the_receipt(lead, leo, api):
    answer = convert(api(leo), lead)
    conversion = Conversion.objects.get()
    body = answer.json()
    assert answer.status_code == 201
    assert answer["Location"] == f"/api/v1/conversions/{conversion.pk}/"
    assert body["id"] == conversion.pk
    assert body["account"] == {
        "id": conversion.account_id,
        "url": f"/api/v1/accounts/{conversion.account_id}/",
        "name": "Halcyon Robotics",
        "outcome": "created",
    }
    assert api(leo).get(answer["Location"]).json() == body


def test_without_an_opportunity_the_receipt_has_none(lead, leo, api):
    body = convert(api(leo), lead, NEW | {"opportunity": {"action": "none"}}).json()
    assert body["opportunity"] is None


def test_converting_needs_a_key(lead, leo, api):
    answer = api(leo).post(f"/api/v1/leads/{lead.pk}/convert/", NEW)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_required")
    assert not Conversion.objects.exists()


def test_the_same_key_gets_the_same_answer(lead, leo, api):
    first, second = (convert(api(leo), lead) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert second["Idempotent-Replayed"] == "true"
    assert Conversion.objects.count() == 1


def test_the_same_key_for_something_else_is_refused(lead, leo, api):
    convert(api(leo), lead)
    answer = convert(api(leo), lead, NEW | {"opportunity": {"action": "none"}})
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


def test_another_key_is_told_that_it_happened(lead, leo, api):
    first = convert(api(leo), lead).json()
    answer = convert(api(leo), lead, key="twice")
    assert (answer.status_code, answer.json()["code"]) == (409, "already_converted")
    assert answer.json()["receipt"] == first["page"]
    assert answer.json()["conversion"] == first["id"]


def test_every_problem_of_a_plan_is_told_with_its_place(lead, leo, api):
    answer = convert(
        api(leo),
        lead,
        {
            "account": {"action": "create", "fields": {"employees": "many"}},
            "contact": {"action": "existing", "id": 999999},
            "opportunity": {"action": "create", "fields": {"amount": "lots"}},
        },
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "plan_invalid")
    assert pointers(answer) == {
        "#/account/fields/employees",
        "#/contact/id",
        "#/opportunity/fields/amount",
    }


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "#/account"),
        ([], "#"),
        (NEW | {"acount": {}}, "#/acount"),
        (NEW | {"owner": "leo"}, "#/owner"),
        (NEW | {"account": {"action": "none"}}, "#/account/action"),
        (NEW | {"contact": []}, "#/contact"),
    ],
)
def test_a_plan_of_the_wrong_shape_is_refused(lead, leo, api, body, pointer):
    answer = convert(api(leo), lead, body)
    assert answer.status_code == 422
    assert pointer in pointers(answer)


def test_an_older_version_of_the_lead_is_refused(lead, leo, api):
    answer = convert(api(leo), lead, NEW | {"lead_version": lead.version + 1})
    assert (answer.status_code, answer.json()["code"]) == (412, "stale_version")


def test_a_stale_preview_is_answered_with_the_difference(lead, leo, api):
    token = preview(api(leo), lead).json()["preview_token"]
    Lead.objects.filter(pk=lead.pk).update(title="Chief", version=lead.version + 1)
    answer = convert(api(leo), lead, NEW | {"preview_token": token})
    assert (answer.status_code, answer.json()["code"]) == (409, "preview_stale")
    assert answer.json()["differences"]


def test_a_duplicate_is_answered_with_the_match(lead, leo, api):
    account = AccountFactory(owner=leo, name="Halcyon", domain_key="halcyonrobotics.example")
    answer = convert(api(leo), lead)
    assert (answer.status_code, answer.json()["code"]) == (409, "duplicates_found")
    assert answer.json()["matches"][0]["id"] == account.pk


@pytest.mark.django_db(transaction=True)
def test_a_lead_held_by_somebody_else_is_to_be_tried_again(leo, api, monkeypatch):
    # The real waiting time, but for a clock: 2 seconds, 5 times.
    monkeypatch.setattr(transactions, "LOCK_TIMEOUT", "50ms")
    monkeypatch.setattr(transactions, "ATTEMPTS", 2)
    lead = make_lead(leo)
    with psycopg2.connect(**connection.get_connection_params()) as holder:
        holder.cursor().execute("SELECT 1 FROM leads_lead WHERE id = %s FOR UPDATE", [lead.pk])
        answer = convert(api(leo), lead)
    holder.close()
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0
    assert convert(api(leo), lead).status_code == 201


def test_who_may_not_convert_is_refused_and_who_may_not_see_finds_nothing(
    ritas_lead, rita, soren, api
):
    assert convert(api(rita), ritas_lead).status_code == 403
    assert convert(api(soren), ritas_lead).status_code == 404


def test_a_token_needs_the_scope(lead, leo, api):
    for scopes, status in ((["read", "write"], 403), (["read", "convert"], 201)):
        _, secret = create_token(user=leo, name="script", scopes=scopes, actor=leo)
        client = api(None)
        answer = convert(client, lead, HTTP_AUTHORIZATION=f"Bearer {secret}")
        assert answer.status_code == status


def test_an_open_request_is_named(asked, ritas_lead, nadia, api):
    answer = convert(api(nadia), ritas_lead)
    assert (answer.status_code, answer.json()["code"]) == (409, "request_open")
    assert answer.json()["request"] == asked.get_absolute_url()


@pytest.mark.django_db(transaction=True)
def test_converting_costs_at_most_25_queries(leo, api):
    lead = make_lead(leo)
    client = api(leo)
    with CaptureQueriesContext(connection) as queries:
        assert convert(client, lead).status_code == 201
    statements = [query for query in queries if query["sql"] not in ("BEGIN", "COMMIT")]
    assert len(statements) <= 25


# --- Requesting


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
    body = step(
        api(leo), asked, "reject", {"reason": "no_budget", "outcome": "keep_working"}
    ).json()
    assert (body["state"], body["reason"]) == ("rejected", "no_budget")
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


def test_a_step_out_of_turn_is_a_conflict(asked, rita, leo, api):
    services.recall(request=asked, actor=rita)
    answer = step(api(leo), asked, "approve", {})
    assert (answer.status_code, answer.json()["code"]) == (409, "request_state")


def test_steps_belong_to_those_whose_turn_it_is(asked, rita, leo, soren, api):
    assert step(api(rita), asked, "approve", {}).status_code == 403
    assert step(api(leo), asked, "recall", {}).status_code == 403
    assert step(api(soren), asked, "approve", {}).status_code == 404


def test_a_rejection_needs_a_known_reason(asked, leo, api):
    answer = step(api(leo), asked, "reject", {"reason": "bored", "outcome": "keep_working"})
    assert answer.status_code == 400
    assert pointers(answer) == {"#/reason"}


def test_recycling_needs_a_day(asked, leo, api):
    body = {"reason": "no_budget", "outcome": "recycle"}
    answer = step(api(leo), asked, "reject", body)
    assert answer.status_code == 422
    assert pointers(answer) == {"#/recycle_on"}


# --- Lists


@pytest.fixture
def two_requests(asked, leo, rita, nadia):
    other = make_lead(rita, company="Tidewater", email="bram@tidewater.example")
    second = services.submit_request(
        lead=other, path=confirm(other, rita), plan=plan_of(), actor=rita, approver=nadia
    )
    return asked, second


def listed(client, url, **query):
    answer = client.get(url, query)
    assert answer.status_code == 200, answer.json()
    return [row["id"] for row in answer.json()["results"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"approver": "me"}, [1]),
        ({"requester": "me"}, []),
        ({"state": "pending"}, [0, 1]),
        ({"state": "approved"}, []),
        ({"overdue": "true"}, [0]),
        ({"overdue": "false"}, [1]),
    ],
)
def test_requests_are_narrowed(two_requests, nadia, api, query, expected):
    ConversionRequest.objects.filter(pk=two_requests[0].pk).update(
        due_at=timezone.now() - dt.timedelta(hours=1)
    )
    found = listed(api(nadia), "/api/v1/conversion-requests/", **query)
    assert found == [two_requests[place].pk for place in expected]


def test_requests_are_narrowed_by_person_and_lead(two_requests, leo, nadia, rita, api):
    first, _ = two_requests
    url = "/api/v1/conversion-requests/"
    assert listed(api(nadia), url, approver=leo.pk) == [first.pk]
    assert listed(api(nadia), url, lead=first.lead_id) == [first.pk]
    assert api(nadia).get(url, {"approver": "leo"}).status_code == 400
    assert api(nadia).get(url, {"colour": "red"}).status_code == 400


def test_receipts_are_narrowed(leo, api):
    first, second = (
        services.convert_lead(lead=LeadFactory(owner=leo), plan=plan_of(), actor=leo)
        for _ in range(2)
    )
    url = "/api/v1/conversions/"
    assert listed(api(leo), url) == [second.pk, first.pk]
    assert listed(api(leo), url, account=first.account_id) == [first.pk]
    assert listed(api(leo), url, lead=second.lead_id) == [second.pk]
    assert listed(api(leo), url, converted_by="me", mode="direct") == [second.pk, first.pk]
    assert listed(api(leo), url, mode="requested") == []


def test_receipts_are_only_for_those_who_may_see_them(lead, leo, soren, api):
    conversion = services.convert_lead(lead=lead, plan=plan_of(), actor=leo)
    assert listed(api(soren), "/api/v1/conversions/") == []
    assert api(soren).get(f"/api/v1/conversions/{conversion.pk}/").status_code == 404


@pytest.mark.parametrize("method", ["patch", "delete"])
def test_a_receipt_cannot_be_changed(lead, leo, api, method):
    conversion = services.convert_lead(lead=lead, plan=plan_of(), actor=leo)
    answer = getattr(api(leo), method)(f"/api/v1/conversions/{conversion.pk}/")
    assert answer.status_code == 405


@pytest.mark.parametrize("resource", ["conversions", "conversion-requests"])
def test_lists_cost_the_same_for_one_row_as_for_many(
    two_requests, leo, nadia, api, resource, django_assert_max_num_queries
):
    for _ in range(5):
        services.convert_lead(lead=LeadFactory(owner=leo), plan=plan_of(), actor=leo)
    client = api(nadia)
    client.get(f"/api/v1/{resource}/")  # Reads her reach, which she keeps.
    with django_assert_max_num_queries(4):
        assert client.get(f"/api/v1/{resource}/").status_code == 200


# --- Many at once


def bulk(client, *rows, **headers):
    return client.post("/api/v1/conversions/bulk/", {"rows": list(rows)}, **headers)


def test_each_row_is_converted_and_answered_by_itself(lead, ritas_lead, leo, api):
    good = LeadFactory(owner=leo)
    contact = ContactFactory()
    bad_plan = NEW | {"contact": {"action": "existing", "id": contact.pk}}
    answer = bulk(
        api(leo),
        {"lead": good.pk, "plan": NEW},
        {"lead": ritas_lead.pk, "plan": NEW},
        {"lead": lead.pk, "plan": bad_plan},
    )
    results = answer.json()["results"]
    assert [result["status"] for result in results] == [201, 400, 422]
    assert results[0]["receipt"]["lead"]["id"] == good.pk
    assert results[2]["problem"]["errors"][0]["pointer"] == "#/plan/contact/id"
    assert Conversion.objects.count() == 1


def test_leads_of_one_company_share_the_account_that_a_row_made(leo, api):
    leads = [
        make_lead(leo, first_name=name, email=f"{name}@halcyonrobotics.example", phone="")
        for name in ("dana", "lena")
    ]
    rows = [{"lead": lead.pk, "plan": NEW, "reuse_account": True} for lead in leads]
    results = bulk(api(leo), *rows).json()["results"]
    assert [result["receipt"]["account"]["outcome"] for result in results] == [
        "created",
        "existing",
    ]
    assert Account.objects.count() == 1


def test_with_a_key_a_retry_gets_the_receipts_that_are_there(leo, api):
    rows = [{"lead": LeadFactory(owner=leo).pk, "plan": NEW} for _ in range(2)]
    first, second = (bulk(api(leo), *rows, HTTP_IDEMPOTENCY_KEY="once") for _ in range(2))
    assert first.json() == second.json()
    assert Conversion.objects.count() == 2


def test_a_hundred_rows_are_the_most(lead, leo, api):
    answer = bulk(api(leo), *[{"lead": lead.pk, "plan": NEW}] * 101)
    assert answer.status_code == 400
