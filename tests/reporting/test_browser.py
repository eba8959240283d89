"""The manager's page and the search in a real browser: accessible, by keyboard, without scripts."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.browser import faults, press, violations
from tests.factories import AccountFactory, LeadFactory, OpportunityFactory

pytestmark = pytest.mark.django_db(transaction=True)

PIPELINE, SEARCH = reverse("reporting:pipeline"), reverse("search:search")


@pytest.fixture
def halcyon(leo, europe, north):
    account = AccountFactory(owner=leo, name="Halcyon Robotics")
    LeadFactory(owner=leo, first_name="Dana", last_name="Whitfield", company="Halcyon Robotics")
    return OpportunityFactory(account=account, name="Pilot", amount=9500, team=leo.team)


@pytest.fixture
def as_nadia(nadia, browser_of):
    return browser_of(nadia)


def test_the_screens_are_accessible_and_fit(as_nadia, halcyon):
    found = {}
    for address in (
        PIPELINE,
        f"{SEARCH}?q=halcyon",
        f"{SEARCH}?q=zzzzqqq",
        reverse("conversion:requests"),
        reverse("conversion:conversions"),
    ):
        as_nadia.goto(address)
        if wrong := faults(as_nadia, closely=True):
            found[address] = wrong
    assert found == {}


def test_a_record_is_found_and_opened_by_keyboard_alone(as_nadia, halcyon):
    as_nadia.goto(PIPELINE)
    press(as_nadia, "Control+k")
    palette = as_nadia.get_by_role("dialog", name="Search and commands")
    expect(palette.get_by_role("option", name="New lead")).to_be_visible()
    # All letters at once ask one question, whose answer no other one replaces.
    as_nadia.keyboard.insert_text("halc")
    expect(palette.get_by_role("option", name="Dana Whitfield")).to_be_visible()
    assert violations(as_nadia) == []
    names = palette.get_by_role("option").all_inner_texts()
    place = next(place for place, name in enumerate(names) if name.startswith("Pilot"))
    press(as_nadia, *["ArrowDown"] * place, "Enter")
    as_nadia.wait_for_url(f"**{halcyon.get_absolute_url()}")


def test_another_period_and_one_click_to_the_rows(as_nadia, halcyon):
    as_nadia.goto(PIPELINE)
    as_nadia.get_by_label("Funnel of").select_option("events")
    expect(as_nadia.get_by_text("What happened in the period, of")).to_be_visible()
    expect(as_nadia).to_have_url(re.compile("funnel=events"))
    as_nadia.get_by_role("link", name="1 deal, Discovery").click()
    expect(as_nadia.get_by_role("link", name="Pilot")).to_be_visible()


def test_it_all_works_without_scripts(nadia, halcyon, browser_of):
    page = browser_of(nadia, java_script_enabled=False)
    page.goto(SEARCH)
    page.get_by_label("Search everything").fill("halycon")
    page.get_by_role("button", name="Search").last.click()
    page.get_by_role("link", name="Dana Whitfield").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Dana Whitfield")
    page.goto(PIPELINE)
    page.get_by_label("Funnel of").select_option("events")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("What happened in the period, of")).to_be_visible()
