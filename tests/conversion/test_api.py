"""The REST API of the conversion: preview, convert, many at once."""

import psycopg2
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account
from conversion import services
from conversion.models import Conversion
from crm import transactions
from integrations.services import create_token
from leads.models import Lead
from tests.answers import pointers
from tests.conversion.conftest import NEW, make_lead, plan_of
from tests.factories import AccountFactory, ContactFactory, LeadFactory

pytestmark = pytest.mark.django_db


def convert(client, lead, body=NEW, key="once", **headers):
    return client.post(
        f"/api/v1/leads/{lead.pk}/convert/", body, HTTP_IDEMPOTENCY_KEY=key, **headers
    )


def preview(client, lead, body=NEW):
    return client.post(f"/api/v1/leads/{lead.pk}/conversion-preview/", body)


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
    assert answer.json()["differences"] == [
        {"pointer": "#/preview_token", "previewed": "1", "now": "2"}
    ]
    answer = convert(
        api(leo), lead, NEW | {"preview_token": token, "lead_version": lead.version + 1}
    )
    assert [each["pointer"] for each in answer.json()["differences"]] == ["#/lead_version"]


def test_what_differs_in_a_plan_is_pointed_at_in_the_body(lead, leo, api):
    token = preview(api(leo), lead).json()["preview_token"]
    plan = NEW | {"hand_over_tasks": False, "preview_token": token}
    difference = {"pointer": "#/hand_over_tasks", "previewed": "True", "now": "False"}
    assert convert(api(leo), lead, plan).json()["differences"] == [difference]
    (result,) = bulk(api(leo), {"lead": lead.pk, "plan": plan}).json()["results"]
    below = difference | {"pointer": "#/plan/hand_over_tasks"}
    assert (result["status"], result["problem"]["differences"]) == (409, [below])
    assert not Conversion.objects.exists()


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
