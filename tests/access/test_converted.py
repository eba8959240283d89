"""What becomes of every address of a lead once it is converted."""

import pytest

from tests.access.converted import ABOUT_HER_LEAD, CONVERTED
from tests.access.test_access import REFUSED, ROWS, address_of, body_of, cells
from tests.access.world import convert, met_path
from tests.proof import table_states


@pytest.fixture(scope="module")
def world(world, django_db_blocker):
    """The same world, but her lead is converted."""
    with django_db_blocker.unblock():
        world.prepared.clear()
        world.prepared["met_path"] = met_path(world)
        convert(world)
        yield world


@pytest.mark.parametrize(
    ("name", "method", "person", "expected"), cells(lambda *cell: True, CONVERTED)
)
def test_access_to_a_converted_lead(ritas, ask, name, method, person, expected):
    address = address_of(name, ritas)
    body = body_of(name, method, ritas)
    refused = expected in (*REFUSED, 409)
    before = table_states() if refused else {}
    assert ask(person, name, method, address, body).status_code == expected
    if refused:
        assert table_states() == before


def test_every_row_about_a_lead_has_one_for_a_converted_lead():
    about = {row for row in ROWS if row[0] in ABOUT_HER_LEAD}
    assert {(name, method) for name, method, *_ in CONVERTED} == about
