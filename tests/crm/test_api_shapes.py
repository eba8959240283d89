"""What goes in and out of the API: money, types, references, and what is created."""

import pytest

from accounts.models import Account
from tests.crm.probe import ACCOUNTS, address

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("probe_urls")]


def create(manager, **values):
    answer = manager.post(ACCOUNTS, values, format="json")
    return answer.status_code, answer.json()


def test_money_goes_in_and_out_as_amount_and_currency(manager, rita):
    money = {"amount": "48000.50", "currency": "EUR"}
    status, body = create(manager, name="A", owner=rita.pk, revenue=money)
    assert (status, body["revenue"]) == (201, money)
    account = Account.objects.get()
    assert (str(account.annual_revenue), account.currency) == ("48000.50", "EUR")
    answer = manager.patch(
        address(account), {"revenue": None}, format="json", HTTP_IF_MATCH=f'"{account.pk}-1"'
    )
    assert answer.json()["revenue"] is None
    account.refresh_from_db()
    assert (account.annual_revenue, account.currency) == (None, "EUR")


def test_money_that_is_not_given_stays(manager, rita):
    status, body = create(manager, name="A", owner=rita.pk)
    assert (status, body["revenue"]) == (201, None)


@pytest.mark.parametrize(
    ("money", "pointer"),
    [
        ("48000", "#/revenue"),
        (48000, "#/revenue"),
        ([], "#/revenue"),
        ({}, "#/revenue"),
        ({"amount": "1"}, "#/revenue"),
        ({"amount": "1", "currency": "EUR", "more": 1}, "#/revenue"),
        ({"amount": 1, "currency": "EUR"}, "#/revenue/amount"),
        ({"amount": "1e3", "currency": "EUR"}, "#/revenue/amount"),
        ({"amount": "NaN", "currency": "EUR"}, "#/revenue/amount"),
        ({"amount": "1.234", "currency": "EUR"}, "#/revenue/amount"),
        ({"amount": "9" * 17, "currency": "EUR"}, "#/revenue/amount"),
        ({"amount": "\u0661", "currency": "EUR"}, "#/revenue/amount"),
        ({"amount": "1", "currency": "eur"}, "#/revenue/currency"),
        ({"amount": "1", "currency": "EUR\n"}, "#/revenue/currency"),
        ({"amount": "1", "currency": None}, "#/revenue/currency"),
    ],
)
def test_other_money_is_refused_where_it_is_wrong(manager, rita, money, pointer):
    status, problem = create(manager, name="A", owner=rita.pk, revenue=money)
    assert (status, [error["pointer"] for error in problem["errors"]]) == (400, [pointer])


@pytest.mark.parametrize(
    ("values", "pointer", "code"),
    [
        ({"name": 5}, "#/name", "invalid"),
        ({"name": True}, "#/name", "invalid"),
        ({"name": None}, "#/name", "null"),
        ({"employees": "5"}, "#/employees", "invalid"),
        ({"employees": 5.0}, "#/employees", "invalid"),
        ({"employees": True}, "#/employees", "invalid"),
        ({"employees": -1}, "#/employees", "min_value"),
        ({"employees": 2**40}, "#/employees", "max_value"),
        ({"type": "nonsense"}, "#/type", "invalid_choice"),
        ({"nmae": "A"}, "#/nmae", "unknown_field"),
        ({"owner": "1"}, "#/owner", "incorrect_type"),
        ({"owner": 1.5}, "#/owner", "incorrect_type"),
        ({"owner": {"id": 1}}, "#/owner", "incorrect_type"),
    ],
)
def test_types_are_taken_literally(manager, rita, values, pointer, code):
    status, problem = create(manager, **{"name": "A", "owner": rita.pk, **values})
    [error] = problem["errors"]
    assert (status, error["pointer"], error["code"]) == (400, pointer, code)


def test_fields_that_are_read_only_may_be_sent_back(manager, rita, account):
    row = manager.get(address(account)).json()
    answer = manager.patch(
        address(account), {**row, "name": "B"}, format="json", HTTP_IF_MATCH=f'"{account.pk}-1"'
    )
    assert (answer.status_code, answer.json()["version"]) == (200, 2)


def test_a_foreign_key_to_a_hidden_row_is_like_one_to_no_row(manager, rita, soren):
    hidden = Account.objects.create(name="Hidden", owner=soren)
    answers = [create(manager, name="A", owner=rita.pk, parent=key) for key in (hidden.pk, 2**40)]
    assert answers[0][0] == answers[1][0] == 400
    assert answers[0][1]["errors"] == answers[1][1]["errors"]
    assert answers[0][1]["errors"][0]["pointer"] == "#/parent"


def test_creating_answers_with_address_and_etag(manager, rita):
    answer = manager.post(ACCOUNTS, {"name": "A", "owner": rita.pk}, format="json")
    assert answer["Location"].endswith(f"{ACCOUNTS}{answer.json()['id']}/")
    assert answer["ETag"] == f'"{answer.json()["id"]}-1"'
    assert manager.get(answer["Location"]).json() == answer.json()


def test_a_retried_create_keeps_its_address_and_etag(manager, rita):
    body = {"name": "A", "owner": rita.pk}
    first, retry = (
        manager.post(ACCOUNTS, body, format="json", HTTP_IDEMPOTENCY_KEY="k") for _ in range(2)
    )
    assert retry["Idempotent-Replayed"] == "true"
    assert retry.content == first.content
    assert (retry["Location"], retry["ETag"]) == (first["Location"], first["ETag"])
    assert Account.objects.count() == 1
