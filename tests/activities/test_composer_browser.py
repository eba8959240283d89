"""The composer and what stands around it, as people see and use it."""

import pytest
from playwright.sync_api import expect

from activities.models import Activity
from tests.browser import wait_until_drawn

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_double_click_logs_once(leo, deal, browser_of):
    page, sent = browser_of(leo), []
    page.on("request", lambda request: request.method == "POST" and sent.append(request.url))
    page.goto(deal.get_absolute_url())
    wait_until_drawn(page)
    composer = page.get_by_role("form", name="Log an activity")
    composer.get_by_label("Write something").fill("Wants a quote")
    composer.get_by_role("button", name="Save").dblclick()
    expect(page.locator("#timeline").get_by_text("Wants a quote")).to_have_count(1)
    expect(page.locator("[data-sending]")).to_have_count(0)
    assert len(sent) == 1
    assert Activity.objects.count() == 1


def test_forced_colors_leave_what_is_chosen_to_be_seen(leo, deal, browser_of):
    page = browser_of(leo, forced_colors="active")
    page.goto(deal.get_absolute_url())
    # The step of the path and the part of the timeline, and the kind of what is being written.
    for chosen in page.locator("main [aria-current]").all():
        expect(chosen).to_have_css("text-decoration-line", "underline")
    composer = page.get_by_role("form", name="Log an activity")
    composer.get_by_text("Call", exact=True).click()
    kinds = composer.locator(".kinds label")
    expect(kinds.filter(has_text="Call")).to_have_css("text-decoration-line", "underline")
    expect(kinds.filter(has_text="Note")).to_have_css("text-decoration-line", "none")
