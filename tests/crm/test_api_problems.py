"""How the API says no: what every kind of error looks like."""

import json

import pytest
from django.db import connection, transaction
from django.test import override_settings

from accounts.models import Account
from tests.crm.probe import ACCOUNTS, FAILURES, address

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("probe_urls")]


def fail(manager, how):
    answer = manager.post(f"{ACCOUNTS}fail/", {"how": how}, format="json")
    assert answer["Content-Type"] == "application/problem+json"
    return answer.status_code, answer.json()


# --- Problems ---


def test_a_domain_error_has_its_status_its_code_and_what_it_adds(manager):
    status, problem = fail(manager, "domain")
    assert status == 409
    assert problem == {
        "receipt": "/x/",
        "type": "urn:relay:problem:rule_broken",
        "title": "Conflict",
        "status": 409,
        "detail": "It is closed.",
        "code": "rule_broken",
        "errors": [],
        "request_id": problem["request_id"],
    }
    assert len(problem["request_id"]) > 10


def test_what_a_service_says_about_values_is_422_with_pointers(manager):
    status, problem = fail(manager, "rules")
    assert (status, problem["code"]) == (422, "invalid")
    assert problem["errors"] == [
        {"pointer": "#/name", "code": "plain", "detail": "Too plain."},
        {"pointer": "#/plan/account/name", "code": "invalid", "detail": "Missing."},
        {"pointer": "#/plan/account/name", "code": "invalid", "detail": "Odd."},
        {"pointer": "#", "code": "invalid", "detail": "Not together."},
    ]
    assert fail(manager, "rule")[1]["errors"] == [
        {"pointer": "#", "code": "invalid", "detail": "Just no."}
    ]


def test_what_a_serializer_says_is_400_with_pointers_into_nested_rows(manager):
    status, problem = fail(manager, "shape")
    assert (status, problem["code"]) == (400, "invalid")
    assert problem["errors"] == [
        {"pointer": "#/rows/1/name", "code": "invalid", "detail": "Missing."},
        {"pointer": "#/rows/1/name", "code": "invalid", "detail": "Odd."},
        {"pointer": "#", "code": "invalid", "detail": "No."},
    ]


def test_hidden_and_absent_are_the_same_404(manager, soren, account):
    hidden = Account.objects.create(name="Hidden", owner=soren)
    answers = [fail(manager, "hidden")[1]]
    answers += [manager.get(where).json() for where in (address(hidden), f"{ACCOUNTS}999999999/")]
    assert {answer["status"] for answer in answers} == {404}
    assert len({answer["detail"] for answer in answers}) == 1
    assert "Account" not in answers[0]["detail"]


def test_forbidden_says_why(manager):
    status, problem = fail(manager, "forbidden")
    assert (status, problem["detail"]) == (403, "Only its manager may.")


def test_a_bug_is_a_500_that_tells_nothing(manager):
    with override_settings(DEBUG=True):
        status, problem = fail(manager, "bug")
    assert status == 500
    assert "secret" not in json.dumps(problem)


# --- The database says no ---


def test_the_finality_of_a_lead_is_409(manager, monkeypatch):
    error = refusal_of(
        "DO $$ BEGIN RAISE EXCEPTION 'no'"
        " USING ERRCODE = '23001', CONSTRAINT = 'lead_final'; END $$"
    )
    monkeypatch.setitem(FAILURES, "database", error)
    status, problem = fail(manager, "database")
    assert (status, problem["code"]) == (409, "lead_final")


def test_a_named_constraint_speaks_for_itself(manager, monkeypatch):
    error = refusal_of(
        "INSERT INTO people_delegation (user_id, delegate_id, starts_on, ends_on)"
        " SELECT id, id, now(), now() FROM people_user"
    )
    monkeypatch.setitem(FAILURES, "database", error)
    status, problem = fail(manager, "database")
    assert (status, problem["code"]) == (409, "constraint_broken")
    assert problem["detail"] == "A delegate must be somebody else."
    assert problem["constraint"] == "delegation_to_somebody_else"


@pytest.mark.parametrize(
    ("statement", "status", "code"),
    [
        ("INSERT INTO people_role (key, name, description) SELECT key, 'x', '' FROM people_role",
         409, "constraint_broken"),
        ("INSERT INTO people_team (name) VALUES (NULL)", 500, "internal_server_error"),
        ("SELECT repeat('x', 300)::varchar(20)::int", 422, "unstorable_value"),
        ("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '55P03'; END $$", 503, "busy"),
        ("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40001'; END $$", 503, "busy"),
        ("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40P01'; END $$", 503, "busy"),
        ("SET LOCAL statement_timeout = '10ms'; SELECT pg_sleep(2)", 503, "busy"),
        ("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '57P01'; END $$",
         503, "database_unavailable"),
        ("SELECT nonsense", 500, "internal_server_error"),
    ],
)  # fmt: skip
def test_other_refusals_have_their_status(manager, monkeypatch, statement, status, code):
    monkeypatch.setitem(FAILURES, "database", refusal_of(statement))
    answer = manager.post(f"{ACCOUNTS}fail/", {"how": "database"}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.has_header("Retry-After") == (status == 503)


def refusal_of(statement):
    """The error with which the real database refuses a statement."""
    with pytest.raises(Exception, match=r".") as caught, transaction.atomic():
        connection.cursor().execute(statement)
    return caught.value
