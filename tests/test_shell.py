"""The pages around everything: signing in, what went wrong, the sidebar."""

import contextlib
import re

import pytest
from django.test import Client
from django.urls import reverse

from people.models import User

PASSWORD = "a-long-enough-secret"


@pytest.fixture
def rita(db):
    return User.objects.create_user(
        "rita@example.com", PASSWORD, full_name="Rita Moreno", time_zone="Europe/Berlin"
    )


@pytest.fixture
def signed_in(client, rita):
    client.force_login(rita)
    return client


def test_sign_in_leads_to_the_page_asked_for(client, rita):
    page = client.get("/styleguide/")
    assert page["Location"] == "/account/login/?next=/styleguide/"
    answer = client.post(
        page["Location"],
        {"login": rita.email, "password": PASSWORD, "next": "/styleguide/"},
    )
    assert answer["Location"] == "/styleguide/"


@pytest.mark.parametrize("email", ["rita@example.com", "nobody@example.com"])
def test_a_wrong_sign_in_does_not_say_what_was_wrong(client, rita, email):
    page = client.post(reverse("account_login"), {"login": email, "password": "guess"})
    text = page.content.decode()
    assert "email address and/or password you specified are not correct" in text
    assert f'value="{email}"' in text


def test_the_sign_in_page_offers_nobody_unless_it_is_a_demo(client, db, settings):
    settings.DEMO = False
    assert "ae@example.com" not in client.get(reverse("account_login")).content.decode()
    settings.DEMO = True
    assert "ae@example.com" in client.get(reverse("account_login")).content.decode()


@pytest.mark.parametrize(
    "name",
    [
        "account_login",
        "account_logout",
        "account_reset_password",
        "account_reset_password_done",
        "account_reset_password_from_key_done",
        "account_inactive",
        "account_signup",
    ],
)
def test_every_page_of_signing_in_is_ours(client, rita, name):
    if name == "account_logout":
        client.force_login(rita)
    page = client.get(reverse(name))
    assert page.status_code == 200
    assert 'class="login"' in page.content.decode()


def test_a_page_that_does_not_exist_says_so(signed_in):
    page = signed_in.get("/nowhere/")
    assert page.status_code == 404
    assert "Nothing here" in page.content.decode()


def test_a_form_without_its_token_says_it_is_too_old(rita):
    page = Client(enforce_csrf_checks=True).post(reverse("account_login"), {"login": "x"})
    assert page.status_code == 403
    assert "This form is too old" in page.content.decode()


def test_pages_let_the_browser_fetch_ahead_and_htmx_know_the_token(signed_in):
    page = signed_in.get(reverse("styleguide"))
    assert page["Speculation-Rules"] == '"/static/rules.json"'
    with contextlib.closing(signed_in.get("/static/rules.json")) as rules:
        assert rules["Content-Type"] == "application/speculationrules+json"
    assert re.search(r"hx-headers:inherited='{\"X-CSRFToken\": \"\w+\"}'", page.content.decode())


def test_the_page_wears_the_persons_theme_and_density(signed_in, rita):
    assert "data-theme" not in signed_in.get(reverse("styleguide")).content.decode()
    User.objects.update(theme="dark", density="compact", keyboard_shortcuts=False)
    text = signed_in.get(reverse("styleguide")).content.decode()
    assert 'data-theme="dark" data-density="compact"' in text
    assert 'data-shortcuts="off"' in text


def test_numbers_follow_the_persons_locale(signed_in, rita):
    User.objects.update(locale="de")
    assert "48.000\xa0$" in signed_in.get(reverse("styleguide")).content.decode()
