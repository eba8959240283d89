"""Signing in: where the focus is, and how the page looks on a phone."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.browser import PHONE, wait_until_drawn

pytestmark = pytest.mark.django_db


def focused(client, **typed):
    response = client.post(reverse("account_login"), typed) if typed else None
    page = response or client.get(reverse("account_login"))
    fields = page.context["form"].fields
    return [name for name, field in fields.items() if "autofocus" in field.widget.attrs]


def test_the_focus_is_on_what_is_typed_next(client):
    assert focused(client) == ["login"]
    assert focused(client, login="rita@example.com", password="wrong") == ["password"]
    assert focused(client, login="", password="x") == ["login"]


@pytest.mark.django_db(transaction=True)
def test_one_can_type_at_once(page, live_server):
    page.goto(live_server.url)
    expect(page.get_by_label("Email")).to_be_focused()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["home", "activities:notifications", "integrations:import"])
def test_a_short_page_fills_a_phone(browser_of, rita, name):
    page = browser_of(rita, viewport=PHONE)
    page.goto(reverse(name))
    wait_until_drawn(page)
    bottom, tabs = page.evaluate(
        "[one('main').bottom, one('.tabbar').top];"
        "function one(part) { return document.querySelector(part).getBoundingClientRect() }"
    )
    assert bottom >= tabs - 1
