"""The description of the API, and its page."""

import pytest
from django.core.management import call_command
from playwright.sync_api import expect
from rest_framework.test import APIClient

pytestmark = pytest.mark.django_db
SCHEMA, DOCS = "/api/v1/schema/", "/api/v1/docs/"
TO_THE_END = """() => {
    scrollTo(0, document.body.scrollHeight);
    return document.body.innerText.includes("/api/v1/users/");
}"""


@pytest.fixture
def schema(rita):
    client = APIClient()
    client.force_authenticate(rita)
    return client.get(SCHEMA, HTTP_ACCEPT="application/vnd.oai.openapi+json").json()


def operations(schema):
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            if method in {"get", "post", "put", "patch", "delete"}:
                yield path, method, operation


def test_the_schema_is_made_without_warnings(tmp_path):
    call_command("spectacular", fail_on_warn=True, validate=True, file=tmp_path / "schema.yml")
    assert (tmp_path / "schema.yml").read_text().startswith("openapi: 3.1")


def test_every_operation_names_its_problems_and_its_scope(schema):
    for path, method, operation in operations(schema):
        assert operation["x-required-scope"] in {"read", "write", "convert", "admin"}
        expected = {"400", "401", "403", "default"} | ({"404"} if "{" in path else set())
        expected |= set() if method == "get" else {"409", "415", "422"}
        assert expected <= set(operation["responses"]), (path, method)
        for status in expected:
            assert set(operation["responses"][status]["content"]) == {"application/problem+json"}


def test_lists_take_cursor_and_page_size(schema):
    parameters = {
        each["name"]: each for each in schema["paths"]["/api/v1/tokens/"]["get"]["parameters"]
    }
    assert set(parameters) == {"cursor", "page_size"}
    assert parameters["page_size"]["schema"]["maximum"] == 200


def test_what_creates_takes_an_idempotency_key(schema):
    parameters = schema["paths"]["/api/v1/tokens/"]["post"]["parameters"]
    assert [each["name"] for each in parameters] == ["Idempotency-Key"]


def test_request_bodies_take_no_unknown_fields(schema):
    bodies = [
        body
        for name, body in schema["components"]["schemas"].items()
        if name.endswith("Request") and body.get("type") == "object"
    ]
    assert bodies
    assert all(body["additionalProperties"] is False for body in bodies)


@pytest.mark.parametrize("address", [SCHEMA, DOCS, "/api/v1/"])
def test_strangers_do_not_see_it(address, db):
    answer = APIClient().get(address)
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"


def test_the_root_lists_the_resources(rita):
    client = APIClient()
    client.force_authenticate(rita)
    assert client.get("/api/v1/").json()["tokens"].endswith("/api/v1/tokens/")


@pytest.fixture
def rita_everywhere(transactional_db, rita):
    """Rita, committed, so that the server of the browser tests sees her too."""
    return rita


@pytest.mark.django_db(transaction=True)
def test_the_docs_page_works_under_our_content_security_policy(rita_everywhere, browser_of):
    page = browser_of(rita_everywhere)
    page.goto(DOCS)
    expect(page.get_by_role("heading", name="Relay API")).to_be_visible()
    expect(page.get_by_text("/api/v1/accounts/").first).to_be_visible()
    # There are so many that only those in sight are drawn.
    page.wait_for_function(TO_THE_END)
    expect(page.get_by_text("/api/v1/users/").first).to_be_visible()
