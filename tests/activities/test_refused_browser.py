"""What a page does with answers it cannot show: nothing typed is lost, and the policy is kept."""

import pytest
from playwright.sync_api import expect

from activities import views
from tests.browser import wait_until_drawn

pytestmark = pytest.mark.django_db(transaction=True)


def write_and_save(page, record):
    page.goto(record.get_absolute_url())
    wait_until_drawn(page)
    composer = page.get_by_role("form", name="Log an activity")
    composer.get_by_label("Write something").fill("Wants a quote")
    return composer


@pytest.mark.parametrize("debug", [True, False])
def test_a_failure_of_the_server_is_told_and_its_page_is_not_read(
    leo, deal, browser_of, settings, monkeypatch, debug
):
    """With DEBUG it is full of styles, which the policy forbids: each would be a complaint."""
    settings.DEBUG = debug

    def fail(**_):
        raise RuntimeError("The disk is full.")

    monkeypatch.setattr(views, "log_activity", fail)
    page = browser_of(leo, refusals=[500])
    composer = write_and_save(page, deal)
    composer.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The server had a problem; nothing was saved.")).to_be_visible()
    expect(composer.get_by_label("Write something")).to_have_value("Wants a quote")


def test_a_page_whose_form_has_become_invalid_says_so(leo, deal, browser_of):
    """As after signing in anew in another tab: the key of the form is that of before."""
    page = browser_of(leo, refusals=[403])
    composer = write_and_save(page, deal)
    # A part of the page that is still on its way would bring the key along.
    expect(page.locator("[hx-trigger=load], .htmx-request")).to_have_count(0)
    page.context.clear_cookies(name="relay-csrf")
    composer.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="This form is too old")).to_be_visible()
    page.reload()
    expect(composer.get_by_label("Write something")).to_have_value("Wants a quote")
    expect(page.get_by_text("What you had written is back.")).to_be_visible()
