import re

import pytest
from django.urls import reverse

from activities.models import Event
from crm.models import IdempotencyKey
from integrations.models import ApiToken
from integrations.services import create_token, create_token_by_form
from tests.concurrency import collide

PAGE = "integrations:tokens"
KEY = {"form_key": "6f1c4dbe-7f0b-4d07-9a55-5a2b3f0f1d11"}


def test_a_new_token_is_shown_once_and_works(rita, browse, client):
    browser = browse(rita)
    answers = {"name": "Website form", "scopes": ["read", "write"], "expires_at": "", **KEY}
    page = browser.post(reverse(PAGE), answers).content.decode()
    secret = re.search(r"relay_\w{20,}", page)[0]
    headers = {"Authorization": f"Bearer {secret}"}
    assert client.get(reverse("api:me"), headers=headers).json()["id"] == rita.pk
    again = browser.get(reverse(PAGE)).content.decode()
    assert secret not in again
    assert "Website form" in again


def test_a_token_works_to_the_end_of_its_last_day(rita, browse):
    rita.time_zone = "Asia/Tokyo"
    rita.save()
    answers = {"name": "Sync", "scopes": ["read"], "expires_at": "2099-05-31", **KEY}
    browse(rita).post(reverse(PAGE), answers)
    assert ApiToken.objects.get().expiry.isoformat() == "2099-05-31T14:59:59.999999+00:00"


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ({"name": "", "scopes": ["read"]}, "name"),
        ({"name": "Sync", "scopes": []}, "scopes"),
        ({"name": "Sync", "scopes": ["fly"]}, "scopes"),
        ({"name": "Sync", "scopes": ["read"], "expires_at": "2001-01-01"}, "expires_at"),
    ],
)
def test_mistakes_are_named_and_make_no_token(rita, browse, answers, field):
    page = browse(rita).post(reverse(PAGE), answers | KEY)
    assert page.status_code == 422
    assert list(page.context["form"].errors) == [field]
    assert not ApiToken.objects.exists()


def test_a_revoked_token_is_gone(rita, browse):
    token, _ = create_token(user=rita, name="Sync", scopes=["read"], actor=None)
    browse(rita).post(reverse("integrations:token_revoke", args=[token.pk]))
    assert not ApiToken.objects.exists()
    assert Event.objects.filter(verb="token.revoked").exists()


def test_loading_the_answer_again_makes_no_other_token(rita, browse):
    browser, url = browse(rita), reverse(PAGE)
    key = re.search(r'name="form_key" value="([^"]+)"', browser.get(url).content.decode())[1]
    answers = {"name": "Sync", "scopes": ["read"], "form_key": key}
    secret = re.search(r"relay_\w{20,}", browser.post(url, answers).content.decode())[0]
    again = browser.post(url, answers, follow=True)
    assert again.redirect_chain == [(url, 302)]
    assert "shown once" in again.content.decode()
    assert secret not in again.content.decode()
    assert ApiToken.objects.count() == 1
    assert secret not in str(list(IdempotencyKey.objects.values()))
    browser.post(reverse("integrations:token_revoke", args=[ApiToken.objects.get().pk]))
    browser.post(url, answers)
    assert not ApiToken.objects.exists()


def test_the_form_filled_in_anew_makes_another_token(rita, browse):
    """Also after going back to it, and under a name that there is already in another form."""
    browser, url = browse(rita), reverse(PAGE)
    answers = {"name": "Sync", "scopes": ["read"], **KEY}
    browser.post(url, answers)
    browser.post(url, answers | {"scopes": ["write"]})
    browser.post(url, answers | {"form_key": "6f1c4dbe-7f0b-4d07-9a55-5a2b3f0f1d22"})
    assert ApiToken.objects.filter(name="Sync").count() == 3


@pytest.mark.django_db(transaction=True)
def test_a_form_that_is_sent_twice_at_once_makes_one_token(rita):
    form = {"user": rita, "actor": rita, "form_key": "x", "name": "Sync", "scopes": ["read"]}
    outcomes = collide(rita, *[lambda: create_token_by_form(**form)] * 2)
    assert [outcome for outcome in outcomes if outcome is None] == [None]
    assert ApiToken.objects.count() == 1


def test_a_token_that_is_revoked_twice_is_told_of(rita, browse):
    token, _ = create_token(user=rita, name="Sync", scopes=["read"], actor=None)
    browser, url = browse(rita), reverse("integrations:token_revoke", args=[token.pk])
    browser.post(url)
    again = browser.post(url, follow=True)
    assert again.redirect_chain == [(reverse(PAGE), 302)]
    assert "was revoked before" in again.content.decode()
    assert Event.objects.filter(verb="token.revoked").count() == 1


def test_a_token_that_others_have_revoked_is_no_address(rita, soren, browse):
    token, _ = create_token(user=rita, name="Sync", scopes=["read"], actor=None)
    url = reverse("integrations:token_revoke", args=[token.pk])
    browse(rita).post(url)
    assert browse(soren).post(url).status_code == 404


def test_the_tokens_of_others_are_no_address(rita, soren, browse):
    token, _ = create_token(user=rita, name="Sync", scopes=["read"], actor=None)
    answer = browse(soren).post(reverse("integrations:token_revoke", args=[token.pk]))
    assert answer.status_code == 404
    assert "Sync" not in browse(soren).get(reverse(PAGE)).content.decode()


def test_the_profile_leads_to_the_tokens(rita, browse):
    assert reverse(PAGE) in browse(rita).get(reverse("people:profile")).content.decode()
