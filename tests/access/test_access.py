"""Every cell of the table is asked for, and the table is complete."""

import pytest
from django.urls import reverse

from tests.access.table import ARGUMENTS, BODIES, TABLE
from tests.access.world import CAST

CELLS = [
    pytest.param(name, method, person, status, id=f"{person}-{method}-{name}")
    for name, method, *statuses in TABLE
    for person, status in zip(CAST, statuses, strict=True)
]


def nothing(ritas):
    return []


def address_of(name, ritas):
    return reverse(name, args=ARGUMENTS.get(name, nothing)(ritas))


@pytest.mark.parametrize(("name", "method", "person", "expected"), CELLS)
def test_access(ritas, ask, name, method, person, expected):
    address = address_of(name, ritas)
    # What a program sends is no question: a list takes it for filters.
    body = {} if name.startswith("api:") and method == "get" else BODIES.get(name, nothing)(ritas)
    assert ask(person, name, method, address, body).status_code == expected
