"""What the API of deals promises."""

import pytest
from django.db.models import F

from activities.models import Reason
from opportunities.models import Opportunity
from opportunities.services import move_stage, update_opportunity
from tests.answers import ids, pointers
from tests.factories import AccountFactory, ContactFactory, OpportunityFactory, ProductFactory

pytestmark = pytest.mark.django_db

DEALS = "/api/v1/opportunities/"


def address(deal, *more):
    return "/".join([DEALS.rstrip("/"), str(deal.pk), *more, ""])


def tag(deal):
    deal.refresh_from_db()
    return {"HTTP_IF_MATCH": f'"{deal.pk}-{deal.version}"'}


@pytest.mark.parametrize("action", ["move", "reopen", "assign", "line-items"])
def test_an_action_for_a_version_that_is_gone_does_nothing(
    api, deal, nadia, stages, reason, action
):
    body = {
        "move": {"stage": stages["Evaluation"].pk, "override_reason": "In a hurry."},
        "reopen": {"reason": "other"},
        "assign": {"owner": nadia.pk},
        "line-items": {"items": [{"product": ProductFactory().pk}]},
    }[action]
    if action == "reopen":
        price = reason("lost", "price")
        move_stage(opportunity=deal, stage=stages["Lost"], reason=price, actor=nadia)
    read = tag(deal)
    Opportunity.objects.filter(pk=deal.pk).update(version=F("version") + 1)
    stale = api(nadia).post(address(deal, action), body, **read)
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
    assert api(nadia).post(address(deal, action), body, **tag(deal)).status_code == 200


# --- Making and reading


def test_a_deal_is_created_with_its_defaults(api, leo, stages):
    account = AccountFactory(owner=leo)
    answer = api(leo).post(
        DEALS,
        {
            "name": "Fernhill rollout",
            "account": account.pk,
            "amount": {"amount": "72000.00", "currency": "EUR"},
        },
    )
    assert answer.status_code == 201, answer.json()
    deal = Opportunity.objects.get()
    assert answer["Location"].endswith(address(deal))
    assert answer["ETag"] == f'"{deal.pk}-1"'
    body = answer.json()
    assert body["stage"] == stages["Discovery"].pk
    assert (body["stage_kind"], body["probability"], body["owner"]) == ("open", 10, leo.pk)
    assert (body["company_amount"], body["close_date_is_default"]) == ("72000.00", True)


def test_sending_a_creation_again_makes_one_deal(api, leo):
    body = {"name": "Deal", "account": AccountFactory(owner=leo).pk}
    first, second = (api(leo).post(DEALS, body, HTTP_IDEMPOTENCY_KEY="once") for _ in range(2))
    assert first.content == second.content
    assert second["Idempotent-Replayed"] == "true"
    assert Opportunity.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "pointer", "status"),
    [
        ({"name": ""}, "#/name", 400),
        ({"name": 7}, "#/name", 400),
        ({"account": 0}, "#/account", 400),
        ({"probability": 101}, "#/probability", 400),
        ({"close_date": "31.12.2026"}, "#/close_date", 400),
        ({"stage_kind": "won", "amounts": 5}, "#/amounts", 400),
        ({"amount": {"amount": "-1.00", "currency": "EUR"}}, "#/amount", 422),
        ({"amount": {"amount": "1.00", "currency": "USD"}}, "#/currency", 422),
    ],
)
def test_bad_values_are_named(api, leo, change, pointer, status):
    body = {"name": "Deal", "account": AccountFactory(owner=leo).pk}
    answer = api(leo).post(DEALS, body | change)
    assert (answer.status_code, pointers(answer)) == (status, {pointer})
    assert not Opportunity.objects.exists()


def test_an_account_out_of_sight_cannot_be_told_from_none(api, leo, ines):
    hidden = AccountFactory(owner=ines)
    answers = [api(leo).post(DEALS, {"name": "Deal", "account": pk}) for pk in (hidden.pk, 10**9)]
    assert answers[0].status_code == 400
    assert answers[0].json()["errors"] == answers[1].json()["errors"]


def test_a_deal_is_read_with_its_account_in_place(api, deal, leo):
    body = api(leo).get(address(deal), {"expand": "account"}).json()
    assert body["account"]["name"] == deal.account.name


def test_a_deal_out_of_sight_is_not_there(api, deal, soren):
    assert api(soren).get(address(deal)).status_code == 404
    assert ids(api(soren).get(DEALS)) == []


def test_what_one_has_already_is_not_sent_again(api, deal, leo):
    answer = api(leo).get(address(deal), HTTP_IF_NONE_MATCH=f'"{deal.pk}-1"')
    assert answer.status_code == 304


def test_a_list_costs_the_same_for_one_deal_as_for_twenty(
    api, deal, leo, django_assert_num_queries
):
    # An API client that is signed in already: reach, and the page.
    for _ in range(2):
        fresh = type(leo).objects.get(pk=leo.pk)
        with django_assert_num_queries(2):
            api(fresh).get(DEALS)
        OpportunityFactory.create_batch(19, account=deal.account)


# --- Changing


def test_a_change_needs_the_version_it_is_meant_for(api, deal, leo):
    client, body = api(leo), {"next_step": "Call"}
    assert client.patch(address(deal), body).status_code == 428
    current = tag(deal)
    assert client.patch(address(deal), body, **current).json()["next_step"] == "Call"
    assert client.patch(address(deal), {"next_step": "Mail"}, **current).status_code == 412


@pytest.mark.parametrize("field", ["stage", "owner", "account"])
def test_what_has_an_action_of_its_own_is_not_patched(api, deal, leo, rita, stages, field):
    values = {
        "stage": stages["Proposal"].pk,
        "owner": rita.pk,
        "account": AccountFactory(owner=leo).pk,
    }
    answer = api(leo).patch(address(deal), {field: values[field]}, **tag(deal))
    assert (answer.status_code, pointers(answer)) == (400, {f"#/{field}"})


def test_a_patch_may_repeat_what_was_read(api, deal, leo):
    body = {"stage": deal.stage_id, "owner": leo.pk, "account": deal.account_id, "name": "New"}
    assert api(leo).patch(address(deal), body, **tag(deal)).status_code == 200


def test_a_move_tells_what_is_missing_in_a_way_programs_read(api, deal, leo, stages):
    answer = api(leo).post(address(deal, "move"), {"stage": stages["Evaluation"].pk})
    assert (answer.status_code, answer.json()["code"]) == (409, "exit_requirements_missing")
    assert [need["field"] for need in answer.json()["missing"]] == ["next_step"]
    answer = api(leo).post(
        address(deal, "move"),
        {"stage": stages["Evaluation"].pk, "changes": {"next_step": "Call"}},
    )
    assert (answer.status_code, answer.json()["probability"]) == (200, 30)
    assert answer["ETag"] == tag(deal)["HTTP_IF_MATCH"]


def test_what_is_wrong_with_a_change_on_the_way_points_below_it(api, deal, leo, stages):
    answer = api(leo).post(
        address(deal, "move"),
        {"stage": stages["Evaluation"].pk, "changes": {"probability": "high"}},
    )
    assert pointers(answer) == {"#/changes/probability"}


def test_a_deal_is_lost_and_opened_again(api, deal, leo, nadia, stages, reason):
    lost = {"stage": stages["Lost"].pk, "reason": reason("lost", "price").pk}
    assert api(leo).post(address(deal, "move"), lost).json()["stage_kind"] == "lost"
    assert api(leo).patch(address(deal), {"name": "x"}, **tag(deal)).status_code == 409
    again = {"reason": reason("reopen", "other").pk}
    assert api(leo).post(address(deal, "reopen"), again).status_code == 403
    assert api(nadia).post(address(deal, "reopen"), again).json()["stage_kind"] == "open"


def test_reasons_are_named_by_code_too(api, deal, leo, nadia, stages, reason):
    lost = {"stage": stages["Lost"].pk, "reason": "price"}
    closed = api(leo).post(address(deal, "move"), lost).json()
    assert closed["closed_reason"] == reason("lost", "price").pk
    again = api(nadia).post(address(deal, "reopen"), {"reason": "other"})
    assert (again.status_code, again.json()["stage_kind"]) == (200, "open")


def test_a_code_means_the_reason_of_the_stage_that_is_entered(api, deal, nadia, stages, reason):
    won = {"stage": stages["Won"].pk, "reason": "price", "override_reason": "It is signed."}
    closed = api(nadia).post(address(deal, "move"), won)
    assert closed.status_code == 200, closed.json()
    assert closed.json()["closed_reason"] == reason("won", "price").pk


@pytest.mark.parametrize(("code", "status"), [("no_such", 400), (True, 400), ("relationship", 422)])
def test_a_reason_for_something_else_loses_no_deal(api, deal, leo, stages, code, status):
    answer = api(leo).post(address(deal, "move"), {"stage": stages["Lost"].pk, "reason": code})
    assert (answer.status_code, pointers(answer)) == (status, {"#/reason"})
    deal.refresh_from_db()
    assert deal.stage_kind == "open"


def test_a_reason_that_is_retired_is_not_named(api, deal, leo, stages, reason):
    Reason.objects.filter(kind="lost", code="price").update(is_active=False)
    answer = api(leo).post(address(deal, "move"), {"stage": stages["Lost"].pk, "reason": "price"})
    assert (answer.status_code, pointers(answer)) == (422, {"#/reason"})


def test_a_code_of_another_kind_opens_no_deal(api, deal, nadia, leo, stages):
    api(leo).post(address(deal, "move"), {"stage": stages["Lost"].pk, "reason": "price"})
    answer = api(nadia).post(address(deal, "reopen"), {"reason": "price"})
    assert (answer.status_code, pointers(answer)) == (400, {"#/reason"})


def test_a_deal_is_handed_over(api, deal, leo, ines):
    answer = api(leo).post(address(deal, "assign"), {"owner": ines.pk})
    assert (answer.status_code, answer.json()["team"]) == (200, ines.team_id)


def test_a_deleted_deal_is_gone(api, deal, leo):
    assert api(leo).delete(address(deal), **tag(deal)).status_code == 204
    assert api(leo).get(address(deal)).status_code == 404


def test_many_deals_in_one_call_are_answered_row_by_row(api, deal, leo, ines):
    other = OpportunityFactory(owner=ines, account__owner=ines)
    rows = [
        {"name": "New", "account": deal.account_id},
        {"id": deal.pk, "next_step": "Call"},
        {"id": other.pk, "next_step": "Call"},
        {"name": "No account"},
    ]
    answer = api(leo).post(f"{DEALS}bulk/", {"rows": rows})
    assert [row["status"] for row in answer.json()["results"]] == [201, 200, 404, 400]


# --- What is in a deal


def test_people_are_added_and_listed(api, deal, leo):
    contact = ContactFactory(account=deal.account, owner=leo)
    body = {"contact": contact.pk, "role": "champion"}
    answer = api(leo).post(address(deal, "contact-roles"), body)
    assert (answer.status_code, answer.json()["is_primary"]) == (201, True)
    assert api(leo).get(address(deal, "contact-roles")).json() == [answer.json()]


def test_people_out_of_sight_are_not_listed(api, deal, leo, ines, ada):
    hidden = ContactFactory(account__owner=ines, owner=ines)
    api(ada).post(address(deal, "contact-roles"), {"contact": hidden.pk, "role": "other"})
    assert api(leo).get(address(deal, "contact-roles")).json() == []
    assert len(api(ada).get(address(deal, "contact-roles")).json()) == 1


def test_products_are_replaced_and_make_the_amount(api, deal, leo):
    seats = ProductFactory(unit_price="1080")
    body = {"items": [{"product": seats.pk, "quantity": "60.00", "discount_percent": "10.00"}]}
    answer = api(leo).post(address(deal, "line-items"), body)
    assert answer.status_code == 200, answer.json()
    assert answer.json()[0]["total"] == "58320.00"
    assert api(leo).get(address(deal)).json()["amount"]["amount"] == "58320.00"
    assert api(leo).get(address(deal, "line-items")).json() == answer.json()


def test_a_bad_line_is_pointed_at(api, deal, leo):
    line = {"product": ProductFactory().pk}
    body = {"items": [line, line | {"quantity": "0.00"}]}
    answer = api(leo).post(address(deal, "line-items"), body)
    assert (answer.status_code, pointers(answer)) == (422, {"#/items/1/quantity"})


def test_the_history_is_told(api, deal, leo, stages):
    update_opportunity(opportunity=deal, changes={"next_step": "Call"}, actor=leo)
    body = api(leo).get(address(deal, "history")).json()
    assert body["changes"][0] | {"at": ""} == {
        "field": "next_step",
        "old": "",
        "new": "Call",
        "at": "",
        "by": leo.pk,
    }
    assert [stay["stage"] for stay in body["stages"]] == [stages["Discovery"].pk]


# --- Configuration


def test_everybody_reads_products_pipelines_and_stages(api, rita, stages):
    ProductFactory(name="Team plan", unit_price="1080")
    assert api(rita).get("/api/v1/products/").json()["results"][0]["unit_price"] == {
        "amount": "1080.00",
        "currency": "EUR",
    }
    assert api(rita).get("/api/v1/pipelines/").json()["results"][0]["name"] == "Sales"
    rows = api(rita).get("/api/v1/stages/", {"kind": "open"}).json()["results"]
    assert [row["name"] for row in rows] == [
        "Discovery",
        "Evaluation",
        "Proposal",
        "Negotiation",
    ]
    assert rows[0]["exit_requirements"][0]["field"] == "next_step"


@pytest.mark.parametrize(
    "query", [{"nope": 1}, {"kind": "maybe"}, {"stage": "x"}, {"ordering": "owner"}, {"owner": 0}]
)
def test_parameters_that_are_not_understood_are_refused(api, leo, query):
    answer = api(leo).get(DEALS, query)
    assert (answer.status_code, pointers(answer)) == (400, set(query))
