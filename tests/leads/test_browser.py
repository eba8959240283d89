"""The SDR's screens in a real browser: accessible, by keyboard, and with scripts off."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from activities.models import Activity
from leads.models import Lead
from tests.browser import DESKTOP, faults, press, violations, wait_until_drawn
from tests.conversion.conftest import confirm
from tests.factories import LeadFactory, QueueFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def as_rita(rita, browser_of) -> Page:
    return browser_of(rita)


@pytest.fixture
def without_scripts(rita, browser_of) -> Page:
    return browser_of(rita, java_script_enabled=False)


# Every page of the site is looked at in tests/access; these are full of records.
def test_every_lead_screen_is_accessible_and_fits(as_rita, rita):
    lead = LeadFactory(owner=rita, next_step="Call", score=80)
    LeadFactory(owner=None, queue=QueueFactory(members=[rita]))
    found = {}
    for address in (
        reverse("home"),
        reverse("leads:list"),
        f"{reverse('leads:list')}?preview={lead.pk}&score_min=5",
        reverse("leads:filter"),
        reverse("leads:create"),
        reverse("leads:detail", args=[lead.pk]),
        reverse("leads:status", args=[lead.pk]),
        reverse("leads:queue"),
    ):
        as_rita.goto(address)
        if wrong := faults(as_rita, closely=True):
            found[address] = wrong
    assert found == {}


def test_a_call_without_answer_takes_two_keys(as_rita, rita):
    first = LeadFactory(owner=rita, kind="working", score=90, last_name="First")
    LeadFactory(owner=rita, kind="working", score=80, last_name="Second")
    as_rita.goto(reverse("leads:queue"))
    press(as_rita, "3", "Control+Enter")
    expect(as_rita.get_by_role("heading", level=2, name="Ada Second")).to_be_visible()
    call = Activity.objects.get()
    assert (call.lead, call.outcome) == (first, "no_answer")


def test_leads_are_selected_and_given_a_next_step_by_keyboard(as_rita, rita):
    LeadFactory.create_batch(3, owner=rita)
    as_rita.goto(reverse("leads:list"))
    press(as_rita, "j", "x", "j", "x", "n")
    dialog = as_rita.get_by_role("dialog")
    expect(dialog.get_by_label("Next step")).to_be_focused()
    as_rita.keyboard.type("Call on Monday")
    assert violations(as_rita) == []
    press(as_rita, "Control+Enter")
    expect(as_rita.locator("#toasts")).to_contain_text("2 leads changed.")
    assert Lead.objects.filter(next_step="Call on Monday").count() == 2


def test_without_a_tick_a_key_is_for_the_lead_one_stands_on(as_rita, rita):
    LeadFactory.create_batch(3, owner=rita)
    as_rita.goto(reverse("leads:list"))
    press(as_rita, "j", "j", "n")
    expect(as_rita.get_by_role("dialog").get_by_label("Next step")).to_be_focused()
    as_rita.keyboard.type("Call on Monday")
    press(as_rita, "Control+Enter")
    expect(as_rita.locator("#toasts")).to_contain_text("1 lead changed.")
    changed = Lead.objects.get(next_step="Call on Monday")
    assert Lead.objects.filter(created_at__gt=changed.created_at).count() == 1


def test_an_answer_saves_itself_and_opens_the_request(as_rita, rita):
    lead = LeadFactory(owner=rita)
    as_rita.goto(lead.get_absolute_url())
    expect(as_rita.locator("#handoff")).to_contain_text("2 checks to go")
    for key in ("need", "trial"):
        box = as_rita.locator(f"#q-{key}")
        box.locator("input[type=text]").fill("Two spreadsheets")
        box.get_by_text("Confirmed", exact=True).click()
        expect(as_rita.locator(f"#q-{key}.done")).to_be_visible()
    expect(as_rita.get_by_role("link", name="Request conversion")).to_be_visible()
    assert lead.answers.filter(state="confirmed", value="Two spreadsheets").count() == 2


def test_space_opens_a_preview_that_follows_the_keys_and_has_an_address(as_rita, rita):
    older = LeadFactory(owner=rita, last_name="Older")
    newer = LeadFactory(owner=rita, last_name="Newer")
    as_rita.goto(reverse("leads:list"))
    press(as_rita, "j", "Space")
    expect(as_rita.locator("#preview")).to_contain_text("Ada Newer")
    expect(as_rita).to_have_url(re.compile(f"preview={newer.pk}$"))
    press(as_rita, "j")
    expect(as_rita.locator("#preview")).to_contain_text("Ada Older")
    expect(as_rita).to_have_url(re.compile(f"preview={older.pk}$"))
    as_rita.go_back()
    expect(as_rita.locator("#preview")).to_contain_text("Ada Newer")


def test_request_conversion_is_for_the_lead_one_stands_on(as_rita, rita):
    older, newer = LeadFactory(owner=rita), LeadFactory(owner=rita)
    confirm(older, rita)
    as_rita.goto(reverse("leads:list"))
    press(as_rita, "j", "j", "r")
    as_rita.wait_for_url(f"**{reverse('conversion:submit', args=[older.pk])}")
    as_rita.goto(f"{reverse('leads:list')}?preview={newer.pk}")
    press(as_rita, "j", "r")
    as_rita.wait_for_url(f"**{reverse('conversion:submit', args=[older.pk])}")


def test_email_is_for_the_lead_one_stands_on(as_rita, rita):
    LeadFactory(owner=rita, last_name="Older", email="older@example.com")
    LeadFactory(owner=rita, last_name="Newer", email="newer@example.com")
    as_rita.goto(reverse("leads:list"))
    as_rita.evaluate(
        """() => document.addEventListener("click", event => {
            const link = event.target.closest("a[href^=mailto]");
            if (link) { event.preventDefault(); document.title = link.href; }
        })"""
    )
    press(as_rita, "j", "j", "e")
    expect(as_rita).to_have_title("mailto:older@example.com")
    expect(as_rita.locator("#preview")).to_contain_text("Ada Older")
    press(as_rita, "k", "e")
    expect(as_rita).to_have_title("mailto:newer@example.com")


def test_a_lead_that_cannot_be_requested_yet_says_why(as_rita, rita):
    LeadFactory(owner=rita)
    as_rita.goto(reverse("leads:list"))
    press(as_rita, "j", "r")
    expect(as_rita.locator("#preview")).to_contain_text("Request conversion: 2 checks to go")
    press(as_rita, "?")
    expect(as_rita.get_by_role("dialog")).to_contain_text("Request conversion")


def test_a_company_has_room_for_its_name(as_rita, rita):
    LeadFactory(owner=rita, company="Halcyon Robotics Inc.")
    as_rita.set_viewport_size(DESKTOP)
    as_rita.goto(reverse("leads:list"))
    wait_until_drawn(as_rita)
    company = as_rita.get_by_role("cell", name="Halcyon Robotics Inc.")
    assert company.evaluate("cell => cell.scrollWidth <= cell.clientWidth")
    as_rita.set_viewport_size({"width": 1024, "height": 768})
    table = as_rita.get_by_role("region", name="Table of leads")
    assert table.evaluate("region => region.scrollWidth <= region.clientWidth")


def test_a_duplicate_is_told_while_typing(as_rita, rita):
    LeadFactory(owner=rita, last_name="There", email="dana@halcyon.example")
    as_rita.goto(reverse("leads:create"))
    as_rita.get_by_label("Last name").fill("Whitfield")
    as_rita.locator("#id_email").fill("dana@halcyon.example")
    press(as_rita, "Tab")
    expect(as_rita.locator("#similar")).to_contain_text("Same email")
    expect(as_rita.get_by_label("Last name")).to_have_value("Whitfield")


def test_search_narrows_the_list_as_one_types(as_rita, rita):
    LeadFactory(owner=rita, last_name="Whitfield")
    LeadFactory(owner=rita, last_name="Oyelaran")
    as_rita.goto(reverse("leads:list"))
    press(as_rita, "/")
    as_rita.keyboard.type("whit")
    expect(as_rita.locator("tbody tr")).to_have_count(1)
    expect(as_rita.get_by_label("Search leads")).to_have_value("whit")


def test_the_whole_job_works_with_scripts_off(without_scripts, rita):
    page = without_scripts
    page.goto(reverse("leads:create"))
    page.get_by_label("Last name").fill("Whitfield")
    page.get_by_label("Source", exact=True).select_option(index=1)
    page.get_by_role("button", name="Create lead").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Whitfield")
    lead = Lead.objects.get()
    page.locator("#q-need input[type=text]").fill("Two spreadsheets")
    page.locator("#q-need").get_by_role("button", name="Save answer").click()
    expect(page.locator("#q-need.assumed")).to_be_visible()
    assert lead.answers.get().value == "Two spreadsheets"
    page.goto(reverse("leads:list"))
    page.get_by_label("Select Whitfield").check()
    page.get_by_role("button", name="Next step").click()
    page.wait_for_url(f"**{reverse('leads:bulk')}*")
    page.get_by_label("Next step").fill("Call")
    page.get_by_role("button", name="Set next step of 1 lead").click()
    expect(page.get_by_text("1 lead changed.")).to_be_visible()
    lead.refresh_from_db()
    assert lead.next_step == "Call"


def test_an_answer_stands_in_the_timeline_at_once(as_rita, rita):
    as_rita.goto(LeadFactory(owner=rita).get_absolute_url())
    field = as_rita.get_by_role("form", name="Budget").get_by_role("textbox").first
    field.fill("40,000 this year")
    field.blur()
    expect(as_rita.locator("#timeline")).to_contain_text("answered Budget")


def test_what_was_typed_is_there_after_the_back_button(as_rita):
    typed = {"last_name": "Lovelace", "phone": "+49 30 901820", "mobile": "+49 170 901820"}
    as_rita.goto(reverse("leads:create"))
    for name, text in typed.items():
        as_rita.locator(f"[name={name}]").fill(text)
    as_rita.goto(reverse("leads:list"))
    as_rita.go_back()
    for name, text in typed.items():
        expect(as_rita.locator(f"[name={name}]")).to_have_value(text)
