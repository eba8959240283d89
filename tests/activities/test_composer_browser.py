"""The composer, as people use it with a mouse."""

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
