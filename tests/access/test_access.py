"""Every cell of the table is asked for, and the table is complete."""

import pytest
from django.urls import reverse

from tests.access.converted import ABOUT_HER_LEAD, CONVERTED
from tests.access.questions import ARGUMENTS, BODIES
from tests.access.table import TABLE
from tests.access.world import CAST, receipt_of
from tests.addresses import PAGES, PUBLIC
from tests.proof import rows_written, table_states

METHODS = ("get", "post", "put", "patch", "delete")
ROWS = {(name, method) for name, method, *_ in TABLE}
CELLS = [
    (name, method, person, status)
    for name, method, *statuses in TABLE
    for person, status in zip(CAST, statuses, strict=True)
]
REFUSED = (403, 404)
# A POST, because a plan does not fit into an address; it changes as little as a GET.
PREVIEWS = {"api:lead-conversion-conversion-preview"}


def nothing(ritas):
    return []


def address_of(name, ritas):
    return reverse(name, args=ARGUMENTS.get(name, nothing)(ritas))


def body_of(name, method, ritas):
    # What a program sends is no question: a list takes it for filters.
    if name.startswith("api:") and method == "get":
        return {}
    return BODIES.get(name, nothing)(ritas)


def cells(wanted):
    """The cells of the table that are wanted, as parameters with a name one can ask for."""
    return [
        pytest.param(*cell, id=f"{person}-{method}-{name}")
        for cell in CELLS
        for name, method, person, status in [cell]
        if wanted(method, person, status)
    ]


def test_every_address_has_its_rows():
    rows = [(name, method) for name, method, *_ in TABLE]
    assert len(rows) == len(ROWS), "an address has two rows for one method"
    assert {name for name, _ in rows} == set(PAGES) - PUBLIC


@pytest.mark.parametrize(("name", "method", "person", "expected"), cells(lambda *cell: True))
def test_access(ritas, ask, name, method, person, expected):
    address = address_of(name, ritas)
    body = body_of(name, method, ritas)
    before = rows_written()
    assert ask(person, name, method, address, body).status_code == expected
    if method == "get" or name in PREVIEWS:
        assert rows_written() == before


# The pages of allauth take any other method for a GET.
@pytest.mark.parametrize(
    "name", sorted({name for name, _ in ROWS if not name.startswith("account_")})
)
def test_a_method_without_a_row_is_refused(ritas, ask, name):
    """Even to an administrator; what answers is in the table, or does not answer."""
    address = address_of(name, ritas)
    answers = {
        method: ask("ada", name, method, address).status_code
        for method in METHODS
        if (name, method) not in ROWS
    }
    assert answers == dict.fromkeys(answers, 405)


@pytest.mark.parametrize(
    ("name", "method", "person", "expected"),
    cells(lambda method, person, status: method == "get" and status in REFUSED),
)
def test_what_may_not_be_read_has_no_other_way_in(ritas, ask, name, method, person, expected):
    """Nor its headers alone, nor what may be done with it, nor the part that htmx asks for."""
    address, body = address_of(name, ritas), body_of(name, method, ritas)
    assert ask(person, name, "get", address, body, HTTP_HX_REQUEST="true").status_code == expected
    assert ask(person, name, "head", address, body).status_code in (expected, 405)
    assert ask(person, name, "options", address).status_code in (expected, 405)


@pytest.mark.parametrize(
    ("name", "method", "person", "expected"),
    cells(lambda method, person, status: (method, person, status) == ("get", "ada", 200)),
)
def test_what_may_be_read_has_headers_and_parts(ritas, ask, name, method, person, expected):
    address, body = address_of(name, ritas), body_of(name, method, ritas)
    assert ask(person, name, "get", address, body, HTTP_HX_REQUEST="true").status_code == expected
    head = ask(person, name, "head", address, body)
    assert head.status_code in (200, 405)
    assert head.status_code == 405 or not head.getvalue()


@pytest.mark.parametrize(
    ("name", "method", "person", "expected"),
    [
        pytest.param(name, method, person, status, id=f"{person}-{method}-{name}")
        for name, method, *statuses in CONVERTED
        for person, status in zip(CAST, statuses, strict=True)
    ],
)
def test_access_to_a_converted_lead(ritas, ask, name, method, person, expected):
    address = address_of(name, ritas)
    body = body_of(name, method, ritas)
    receipt_of(ritas)
    refused = expected in (*REFUSED, 409)
    before = table_states() if refused else {}
    assert ask(person, name, method, address, body).status_code == expected
    if refused:
        assert table_states() == before


def test_every_row_about_a_lead_has_one_for_a_converted_lead():
    about = {row for row in ROWS if row[0] in ABOUT_HER_LEAD}
    assert {(name, method) for name, method, *_ in CONVERTED} == about
