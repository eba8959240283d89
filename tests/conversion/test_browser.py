"""The approver's screens in a real browser: accessible, by keyboard, and with scripts off."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from conversion.models import Conversion
from conversion.services import convert_lead, submit_request
from tests.browser import faults, press
from tests.conversion.conftest import confirm, make_lead, plan_of
from tests.factories import AccountFactory, ContactFactory, OpportunityFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def as_leo(leo, browser_of) -> Page:
    return browser_of(leo)


@pytest.fixture
def without_scripts(leo, browser_of) -> Page:
    return browser_of(leo, java_script_enabled=False)


def request_of(rita, leo, **fields):
    lead = make_lead(rita, **fields)
    path = confirm(lead, rita)
    return submit_request(lead=lead, path=path, plan=plan_of(), actor=rita, approver=leo)


def address(name, *args):
    return reverse(f"conversion:{name}", args=args)


# Every page of the site is looked at in tests/access; these are full of records.
def test_every_screen_of_the_handoff_is_accessible_and_fits(as_leo, rita, leo):
    account = AccountFactory(
        owner=leo,
        name="Halcyon",
        domain_key="halcyonrobotics.example",
        website="https://old.example",
    )
    OpportunityFactory(account=account)
    ContactFactory(account=account, first_name="Dana", last_name="Whitfield")
    asked = request_of(rita, leo)
    direct = make_lead(leo, website="https://halcyon.example", industry="Robotics", rating="hot")
    done = convert_lead(
        lead=make_lead(leo, company="Altamira", email="sofia@altamira.example", phone=""),
        plan=plan_of(opportunity="none"),
        actor=leo,
    )
    found = {}
    for place in (
        address("approvals"),
        f"{address('approvals')}?show=disputes",
        address("request", asked.pk),
        f"{address('convert', asked.lead_id)}?request={asked.pk}",
        address("convert", direct.pk),
        address("submit", direct.pk),
        address("receipt", done.pk),
        address("conversions"),
    ):
        as_leo.goto(place)
        if wrong := faults(as_leo, closely=True):
            found[place] = wrong
    assert found == {}


def test_a_request_is_approved_and_converted_by_two_presses(as_leo, rita, leo):
    asked = request_of(rita, leo)
    as_leo.goto(address("request", asked.pk))
    press(as_leo, "a", "Control+Enter")
    expect(as_leo.get_by_role("heading", level=1)).to_have_text("Convert Dana Whitfield")
    press(as_leo, "Control+Enter")
    expect(as_leo.get_by_role("heading", level=1)).to_have_text("Dana Whitfield is converted")
    assert Conversion.objects.get().request == asked


def test_two_doubts_are_sent_back_by_keyboard(as_leo, rita, leo):
    asked = request_of(rita, leo)
    as_leo.goto(address("request", asked.pk))
    press(as_leo, "u", "j", "u", "b", "Control+Enter")
    expect(as_leo.get_by_text("Sent back to Rita Ono.")).to_be_visible()
    asked.refresh_from_db()
    assert asked.doubted == sorted(answer["criterion"] for answer in asked.answers[:2])


def test_a_request_is_rejected_by_keyboard_once_it_has_a_comment(rita, leo, browser_of):
    page = browser_of(leo, refusals=[422])
    asked = request_of(rita, leo)
    page.goto(address("request", asked.pk))
    press(page, "d")
    page.locator("#decision-reason").focus()
    page.keyboard.type("No budget")
    page.keyboard.press("Control+Enter")
    message = page.get_by_label("Message to Rita Ono")
    expect(page.get_by_text("Message: Say why in a comment")).to_be_visible()
    expect(message).to_have_attribute("aria-invalid", "true")
    message.focus()
    press(page, "N", "o", "t", "Space", "n", "o", "w", ".", "Control+Enter")
    expect(page.get_by_text("Rejected. Rita Ono has been told.")).to_be_visible()
    asked.refresh_from_db()
    assert (asked.reason.code, asked.decision_note) == ("no_budget", "Not now.")


def test_the_summary_follows_every_choice_and_keeps_what_was_typed(as_leo, leo):
    account = AccountFactory(owner=leo, name="Halcyon", domain_key="halcyonrobotics.example")
    lead = make_lead(leo)
    as_leo.goto(address("convert", lead.pk))
    summary = as_leo.locator("#summary")
    expect(summary).to_contain_text("Use account")
    as_leo.get_by_label("Name", exact=True).last.fill("Sixty seats")
    expect(summary).to_contain_text("Sixty seats")
    as_leo.locator("label:has(#f-opportunity_action-none)").click()
    expect(summary).to_contain_text("None is created")
    as_leo.locator("label:has(#f-opportunity_action-create)").click()
    expect(summary).to_contain_text("Sixty seats")
    as_leo.locator("label:has(#f-account_action-create)").click()
    expect(as_leo.get_by_role("button", name="Convert lead: say why")).to_be_visible()
    as_leo.get_by_label("Why something new despite the match").fill("Another holding")
    expect(as_leo.get_by_role("button", name="Convert lead", exact=False)).to_be_enabled()
    as_leo.locator("label:has(#f-account_action-existing)").click()
    expect(summary).to_contain_text(account.name)
    assert not Conversion.objects.exists()


def test_what_is_typed_last_is_converted_with(as_leo, leo):
    lead = make_lead(leo)
    as_leo.goto(address("convert", lead.pk))
    as_leo.locator("#f-opportunity_name").fill("Sixty seats")
    press(as_leo, "Control+Enter")
    expect(as_leo.get_by_role("heading", level=1)).to_have_text("Dana Whitfield is converted")
    assert Conversion.objects.get().opportunity.name == "Sixty seats"


def test_a_lead_is_converted_without_scripts(without_scripts, leo):
    AccountFactory(owner=leo, name="Halcyon", domain_key="halcyonrobotics.example")
    lead = make_lead(leo)
    without_scripts.goto(address("convert", lead.pk))
    without_scripts.locator("label:has(#f-opportunity_action-none)").click()
    without_scripts.get_by_role("button", name="Show what will happen").last.click()
    expect(without_scripts.locator("#summary")).to_contain_text("None is created")
    without_scripts.get_by_role("button", name="Convert lead").click()
    expect(without_scripts.locator("h1")).to_have_text("Dana Whitfield is converted")
    assert Conversion.objects.get().opportunity is None


def test_a_request_is_rejected_without_scripts(rita, leo, browser_of):
    page = browser_of(leo, refusals=[422], java_script_enabled=False)
    asked = request_of(rita, leo)
    page.goto(address("request", asked.pk))
    page.locator("label", has_text="For a reason").click()
    page.locator("#decision-reason").select_option(label="No budget")
    page.get_by_role("button", name="Reject").click()
    expect(page.get_by_text("Message: Say why in a comment")).to_be_visible()
    expect(page.locator("#decision-reason option:checked")).to_have_text("No budget")
    page.locator("#decision-message").fill("Not this year.")
    page.get_by_role("button", name="Reject").click()
    expect(page.get_by_text("Rejected. Rita Ono has been told.")).to_be_visible()
    asked.refresh_from_db()
    assert asked.state == "rejected"
