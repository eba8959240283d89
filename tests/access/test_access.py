"""Every cell of the table is asked for, and the table is complete."""

import pytest
from django.urls import reverse

from tests.access.questions import ARGUMENTS, BODIES
from tests.access.table import TABLE
from tests.access.world import CAST
from tests.addresses import PAGES, PUBLIC
from tests.proof import rows_written

METHODS = ("get", "post", "put", "patch", "delete")
ROWS = {(name, method) for name, method, *_ in TABLE}
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


def cells(wanted, table=TABLE):
    """The cells of a table that are wanted, as parameters with a name one can ask for."""
    return [
        pytest.param(name, method, person, status, id=f"{person}-{method}-{name}")
        for name, method, *statuses in table
        for person, status in zip(CAST, statuses, strict=True)
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
