"""Answers of a checklist are saved by themselves, while somebody goes on typing."""

import re

import pytest
from playwright.sync_api import expect

from leads.models import Answer
from tests.concurrency import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def budget(browser_of, rita, lead):
    """The question of a lead's budget, on the lead's page."""
    page = browser_of(rita)
    page.goto(lead.get_absolute_url())
    return page.locator("#q-budget")


def value_of(question):
    return question.get_by_role("textbox", name="Budget")


def is_saved(value):
    return Answer.objects.filter(state="confirmed", value=value).exists()


def test_what_is_typed_while_an_answer_is_on_its_way_stays_and_is_saved(budget):
    page, held = budget.page, []
    page.route("**/answers/**", lambda route: held.append(route), times=1)
    budget.get_by_text("Confirmed", exact=True).click()
    while not held:
        page.wait_for_timeout(20)
    value_of(budget).press_sequentially("60,000")
    with page.expect_response("**/answers/**"):
        held[0].continue_()
    wait_until(lambda: is_saved(""))
    expect(value_of(budget)).to_be_focused()
    page.wait_for_timeout(100)
    expect(value_of(budget)).to_have_value("60,000")
    value_of(budget).blur()
    expect(budget).to_have_class(re.compile("done"))
    expect(value_of(budget)).to_have_value("60,000")
    assert is_saved("60,000")


def test_the_caret_stays_where_it_was_when_the_answer_comes(budget):
    page = budget.page
    value_of(budget).fill("60,000")
    budget.get_by_text("Confirmed", exact=True).click()
    value_of(budget).focus()
    page.keyboard.press("End")
    expect(budget).to_have_class(re.compile("done"))
    expect(value_of(budget)).to_be_focused()
    page.keyboard.type(" EUR")
    expect(value_of(budget)).to_have_value("60,000 EUR")
