"""Requests to real pages and resources that no browser of ours sends: none is a 500."""

import json
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import resolve

from tests.proof import rows_written

URLENCODED = "application/x-www-form-urlencoded"
# What a parameter may be told instead of what it expects.
VALUES = {
    "nothing": "",
    "NUL": "\x00",
    "half a character": "\udc80",
    "a number beyond bigint": str(2**80),
    "a number of 5,000 digits": "9" * 5000,
    "a negative number": "-1",
    "digits of another script": "\u0661",
    "not a number": "NaN",
    "infinity": "1e999",
    "the first day": "0001-01-01",
    "the last day": "9999-12-31",
    "a day that is none": "2026-02-30",
    "a moment beyond time": "9999-12-31T23:59:59.999999-14:00",
    "quotes": "'\"`--;",
    "an operator": "1) OR (1=1",
    "a pattern": "%_\\",
    "10,000 letters": "x" * 10_000,
    "JSON": '{"$ne": null}',
    "a currency that does not exist": "XXQ",
    "a path": "../../etc/passwd",
}
# {address: its parameters}: all that lists, searches and reports can be narrowed by.
LISTS = {
    "/leads/": (
        "q owner queue status kind rating score_min score_max next_step_on_after converted"
        " created_after created_before cursor ordering view page_size"
    ),
    "/accounts/": "q owner type cursor ordering created_after employees_min",
    "/contacts/": "q owner account cursor ordering",
    "/opportunities/": "q owner stage amount_min amount_max close_date_after cursor ordering",
    "/opportunities/board/": "pipeline owner q close_date_before",
    "/tasks/": "q owner due_on_after done cursor",
    "/search/": "q kind page",
    "/dashboards/pipeline/": "owner team pipeline from to period",
    "/settings/audit/": "actor cursor verb created_after",
    "/api/v1/leads/": (
        "q owner queue status kind score_min next_step_on_after converted created_after cursor"
        " ordering page_size expand"
    ),
    "/api/v1/opportunities/": "owner stage amount_min close_date_before cursor page_size",
    "/api/v1/events/": "cursor page_size actor created_after",
    "/api/v1/search/": "q limit",
    "/api/v1/reports/funnel/": "owner team pipeline after before period funnel",
}


@pytest.fixture
def adas(ritas):
    """Ada's, who may do everything; what breaks is answered, as in production, not raised."""
    client = Client(raise_request_exception=False)
    client.cookies = ritas.browsers["ada"]
    return client


def send(client, method, address, fields):
    """
    Ask with these fields in the address, or in a form.

    Written here: of bytes, which half a character needs, a client makes a list of numbers.
    """
    written = {name: value.encode(errors="surrogatepass") for name, value in fields.items()}
    if method == "get":
        return client.get(f"{address}?{urlencode(written)}")
    return client.post(address, urlencode(written), content_type=URLENCODED)


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
@pytest.mark.parametrize("address", LISTS)
def test_no_parameter_breaks_a_list(adas, address, value):
    names = LISTS[address].split()
    one = names[list(VALUES.values()).index(value) % len(names)]
    for parameters in ({one: value}, dict.fromkeys(names, value)):
        answer = send(adas, "get", address, parameters)
        assert answer.status_code in (200, 302, 400, 404, 422), (one, answer.status_code)


FIELDS = {
    "/leads/new/": "last_name email phone employees annual_revenue currency next_step_on source",
    "/accounts/new/": "name type employees annual_revenue currency website parent",
    "/opportunities/new/": "name amount currency close_date account stage probability",
    "/activities/log/": "record kind body at due_on duration next",
    "/settings/workspace/": "name currency region fiscal_year_start_month credit_window_days",
}


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
@pytest.mark.parametrize("address", FIELDS)
def test_no_field_breaks_a_form(adas, address, value):
    answer = send(adas, "post", address, dict.fromkeys(FIELDS[address].split(), value))
    assert answer.status_code in (302, 400, 403, 404, 422)


# (method, address, parameter): what names a record by its key.
NAMING = [
    ("get", "/leads/", "preview"),
    ("post", "/leads/bulk/", "lead"),
    ("get", "/queue/", "lead"),
    ("post", "/queue/claim/", "lead"),
    ("post", "/queue/take/", "queue"),
    ("get", "/contacts/new/", "account"),
    ("get", "/contacts/similar/", "account"),
    ("post", "/contacts/bulk/", "record"),
    ("get", "/opportunities/new/", "account"),
    ("get", "/opportunities/new/", "contact"),
    ("get", "/opportunities/{deal}/move/", "stage"),
    ("post", "/opportunities/{deal}/move/", "stage"),
    ("post", "/opportunities/{deal}/people/", "contact"),
    ("post", "/opportunities/{deal}/products/", "version"),
    ("get", "/leads/{lead}/convert/", "request"),
    ("post", "/leads/{lead}/convert/", "account_id"),
    ("get", "/tasks/", "record"),
    ("post", "/notifications/read/", "id"),
    ("post", "/undo/", "event"),
    ("get", "/settings/users/", "team"),
]


# A formset reads nothing else of a page that does not say how many lines it has.
NO_LINES = {"form-TOTAL_FORMS": "0", "form-INITIAL_FORMS": "0"}


@pytest.mark.parametrize(("method", "address", "name"), NAMING, ids=str)
def test_no_key_breaks_an_address(adas, ritas, method, address, name):
    address = address.format(deal=ritas.deal.pk, lead=ritas.lead.pk)
    for told, value in VALUES.items():
        answer = send(adas, method, address, NO_LINES | {name: value})
        assert answer.status_code in (200, 302, 400, 403, 404, 409, 412, 422), told


BODIES = {
    "no content type": (b"last_name=A", ""),
    "an odd content type": (b"last_name=A", ";;;=/"),
    "JSON": (b'{"last_name": "A"}', "application/json"),
    "XML": (b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]>", "application/xml"),
    "no boundary": (b"x", "multipart/form-data"),
    "an empty boundary": (b"x", "multipart/form-data; boundary="),
    "a boundary that never comes": (b"x" * 1000, "multipart/form-data; boundary=a"),
    "half a part": (b"--a\r\nContent-Disposition: form-", "multipart/form-data; boundary=a"),
    "a part without a name": (
        b"--a\r\nContent-Disposition: form-data\r\n\r\nx\r\n--a--",
        "multipart/form-data; boundary=a",
    ),
    "a file for a text": (
        b'--a\r\nContent-Disposition: form-data; name="last_name"; filename="../a"\r\n\r\nx'
        b"\r\n--a--",
        "multipart/form-data; boundary=a",
    ),
    "5,000 fields": (b"&".join(b"a%d=1" % number for number in range(5000)), URLENCODED),
    "a megabyte of percents": (b"%" * 2**20, URLENCODED),
    "not UTF-8": (b"last_name=%ff%fe", URLENCODED),
    "another charset": (b"last_name=A", f"{URLENCODED}; charset=utf-7"),
    "an unknown charset": (b"last_name=A", f"{URLENCODED}; charset=nonsense"),
    "deep JSON": (b"[" * 50_000, "application/json"),
    "a body of nothing": (b"", URLENCODED),
}  # fmt: skip
DOORS = [*FIELDS, "/import/", "/api/v1/leads/", "/api/v1/leads/bulk/", "/api/v1/opportunities/"]


@pytest.mark.parametrize(("body", "kind"), BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("address", DOORS)
def test_no_body_breaks_a_door(adas, address, body, kind):
    before = rows_written()
    answer = adas.generic("POST", address, body, content_type=kind)
    assert 400 <= answer.status_code < 500 or answer.status_code in (200, 302)
    if answer.status_code >= 400:
        assert rows_written() == before


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "BREW"])
@pytest.mark.parametrize("address", [*LISTS, *FIELDS])
def test_no_method_breaks_an_address(adas, address, method):
    answer = adas.generic(method, address, json.dumps({}), content_type="application/json")
    assert 400 <= answer.status_code < 500


ADDRESSES = [
    "/leads/%00/", "/leads/-1/", f"/leads/{2**63}/", f"/leads/{'9' * 5000}/", "/leads/1e3/",
    f"/{'a/' * 2000}", f"/{'x' * 60_000}", "/%ff%fe/", "/%ed%a0%80/", "//evil.example/", "/../../",
    "/leads/%2e%2e/%2e%2e/", "/static/../crm/settings.py", "/static/%00", "/accounts/%0d%0aX: 1/",
    f"/contacts/{2**63}/", f"/opportunities/{2**63}/", f"/activities/files/{2**63}/",
    f"/import/{2**63}/", f"/conversions/{2**63}/", f"/settings/users/{2**63}/",
    f"/api/v1/leads/{2**63}/", f"/api/v1/leads/{2**63}/convert/", "/api/v1/leads/\u0661/",
    "/leads/\u0661/", "/leads/?next=javascript:alert(1)", "/login/?next=//evil.example",
]  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES, ids=lambda address: address[:40])
def test_no_address_breaks_the_site(adas, address):
    assert adas.get(address).status_code in (200, 302, 301, 400, 404, 405)


def test_every_address_asked_for_is_one():
    naming = [address.format(deal=1, lead=1) for _, address, _ in NAMING]
    for address in (*LISTS, *FIELDS, *DOORS, *naming):
        assert resolve(address).view_name != "api:unknown_address"
