"""
Every page of the table in a real browser: accessible, narrow enough, and without complaints.

What a program or a part of a page gets is left out; everything else that answers a GET is
looked at, so that no page is forgotten.
"""

import copy
from collections import defaultdict
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page

from tests.access.table import TABLE
from tests.access.test_access import address_of, body_of
from tests.access.world import CAST, make_world
from tests.browser import faults, listen, sign_in
from tests.factories import ActivityFactory, LeadFactory

AREAS = ("accounts", "conversion", "leads", "opportunities", "people", "settings")
# So many are looked at in one test that several processes have something to do.
MOST = 12


def readers() -> dict[str, dict[str, str]]:
    """{some pages of an area: {page: who reads it}}: whoever is named first among those who may."""
    areas = defaultdict(list)
    for name, method, *statuses in TABLE:
        if method == "get" and 200 in statuses and not name.startswith("api:"):
            namespace = name.partition(":")[0]
            area = namespace if namespace in AREAS else "others"
            areas[area].append((name, CAST[statuses.index(200)]))
    return {
        f"{area}-{first // MOST + 1}": dict(pages[first : first + MOST])
        for area, pages in areas.items()
        for first in range(0, len(pages), MOST)
    }


READERS = readers()


@pytest.fixture
def world(transactional_db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return make_world()


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """What the browser has to say: script errors, and whatever the policy did not allow."""
    said: list[str] = []
    listen(page, said)
    return said


@pytest.mark.parametrize("pages", READERS.values(), ids=READERS)
def test_every_page_is_accessible_and_quiet(world, page, live_server, complaints, pages):
    found = {}
    for person in CAST:
        page.context.clear_cookies()
        sign_in(page.context, getattr(world, person), live_server)
        for name in (name for name, reader in pages.items() if reader == person):
            mine = copy.copy(world)
            mine.lead = LeadFactory(owner=world.rita)
            mine.said = ActivityFactory(lead=mine.lead, owner=world.rita, kind="call")
            if wrong := look_at(page, name, mine, complaints):
                found[name] = wrong
    assert found == {}


def look_at(page: Page, name: str, world, complaints: list[str]) -> list[str]:
    """What is wrong with a page, and what the browser says of it."""
    complaints.clear()
    address = address_of(name, world)
    address += "?" + urlencode(body_of(name, "get", world) or {})
    answer = page.request.get(address)
    assert answer.status == 200, name
    if "<html" not in answer.text():
        return []
    page.goto(address)
    return faults(page) + complaints
