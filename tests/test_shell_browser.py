"""The shell in a real browser: accessible, usable by keyboard, quiet on the console."""

import pytest
from playwright.sync_api import Page, expect

from people.models import User
from tests.browser import DESKTOP, PHONE, faults, press, violations


@pytest.fixture
def rita(transactional_db):
    return User.objects.create_user("rita@example.com", "relay-demo", full_name="Rita Moreno")


@pytest.fixture
def styleguide(rita, browser_of) -> Page:
    page = browser_of(rita)
    page.goto("/styleguide/")
    return page


def test_every_part_is_accessible_and_fits(styleguide):
    assert faults(styleguide, closely=True) == []


def leave_fields(page: Page) -> None:
    page.evaluate("document.activeElement.blur()")


def test_the_keyboard_selects_rows(styleguide):
    leave_fields(styleguide)
    bar = styleguide.locator("[data-bulk]")
    press(styleguide, "j", "j", "x")
    expect(bar.locator("[data-count]")).to_have_text("1 selected")
    press(styleguide, "j", "j", "Shift+X")
    expect(bar.locator("[data-count]")).to_have_text("3 selected")
    expect(styleguide.locator("#voice")).to_have_text("3 selected")
    press(styleguide, "Escape")
    expect(bar).to_be_hidden()


def test_letters_do_nothing_while_somebody_types_or_where_they_are_off(styleguide):
    field = styleguide.get_by_label("Name").first
    field.fill("")
    field.press_sequentially("jx")
    expect(field).to_have_value("jx")
    expect(styleguide.locator("[data-bulk]")).to_be_hidden()
    leave_fields(styleguide)
    styleguide.evaluate("document.body.dataset.shortcuts = 'off'")
    press(styleguide, "j", "x", "?")
    expect(styleguide.locator("[data-bulk]")).to_be_hidden()
    expect(styleguide.locator("#keys")).to_be_hidden()


def test_the_sheet_of_keys_lists_what_the_page_offers(styleguide):
    leave_fields(styleguide)
    press(styleguide, "?")
    sheet = styleguide.locator("#keys")
    expect(sheet).to_contain_text("New part")
    expect(sheet).to_contain_text("Next, previous row")
    press(styleguide, "Escape")
    expect(sheet).to_be_hidden()


def test_a_folded_sidebar_stays_folded(styleguide):
    leave_fields(styleguide)
    press(styleguide, "[")
    expect(styleguide.locator("html")).to_have_attribute("data-side", "folded")
    styleguide.reload()
    expect(styleguide.locator("html")).to_have_attribute("data-side", "folded")


def test_a_dialog_opens_and_closes_by_its_buttons(styleguide):
    styleguide.get_by_role("button", name="Open a dialog").click()
    dialog = styleguide.get_by_role("dialog", name="Assign 3 leads")
    expect(dialog).to_be_visible()
    assert violations(styleguide) == []
    dialog.get_by_role("button", name="Keep them").click()
    expect(dialog).to_be_hidden()


def test_a_combobox_searches_its_own_options_and_sends_the_choice(styleguide):
    box = styleguide.get_by_role("combobox", name="Owner")
    box.click()
    box.fill("mia")
    box.press("Enter")
    expect(box).to_have_value("Mia Sato")
    assert styleguide.evaluate("document.querySelector('select[name=new-owner]').value") == "8"
    box.fill("no such person")
    leave_fields(styleguide)
    expect(box).to_have_value("Mia Sato")


def test_a_draft_survives_leaving_the_page(styleguide):
    note = styleguide.locator("textarea[name=new-note]")
    note.fill("Half a thought")
    styleguide.goto("/styleguide/")
    expect(note).to_have_value("Half a thought")


def test_an_offline_browser_says_so(styleguide):
    banner = styleguide.locator("#offline")
    expect(banner).to_be_hidden()
    styleguide.context.set_offline(True)
    expect(banner).to_be_visible()
    styleguide.context.set_offline(False)
    expect(banner).to_be_hidden()


def test_reduced_motion_means_no_motion(styleguide):
    styleguide.emulate_media(reduced_motion="reduce")
    assert styleguide.evaluate("document.getAnimations().length") == 0


def test_printing_leaves_the_shell_out(styleguide):
    styleguide.emulate_media(media="print")
    expect(styleguide.locator(".side")).to_be_hidden()


@pytest.mark.browser_context_args(java_script_enabled=False)
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_signing_in_needs_no_scripts(rita, page, size):
    page.set_viewport_size(size)
    page.goto("/styleguide/")
    page.get_by_label("Email").fill("rita@example.com")
    page.get_by_label("Password").fill("relay-demo")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Parts and states")).to_be_visible()
