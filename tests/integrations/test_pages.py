import re

import pytest
from django.urls import reverse

from activities.models import Event
from integrations.models import ApiToken
from integrations.services import create_token

PAGE = "integrations:tokens"


def test_a_new_token_is_shown_once_and_works(rita, browse, client):
    browser = browse(rita)
    answers = {"name": "Website form", "scopes": ["read", "write"], "expires_at": ""}
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
    answers = {"name": "Sync", "scopes": ["read"], "expires_at": "2099-05-31"}
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
    page = browse(rita).post(reverse(PAGE), answers)
    assert page.status_code == 422
    assert list(page.context["form"].errors) == [field]
    assert not ApiToken.objects.exists()


def test_a_revoked_token_is_gone(rita, browse):
    token, _ = create_token(user=rita, name="Sync", scopes=["read"], actor=None)
    browse(rita).post(reverse("integrations:token_revoke", args=[token.pk]))
    assert not ApiToken.objects.exists()
    assert Event.objects.filter(verb="token.revoked").exists()


def test_the_tokens_of_others_are_no_address(rita, soren, browse):
    token, _ = create_token(user=rita, name="Sync", scopes=["read"], actor=None)
    answer = browse(soren).post(reverse("integrations:token_revoke", args=[token.pk]))
    assert answer.status_code == 404
    assert "Sync" not in browse(soren).get(reverse(PAGE)).content.decode()


def test_the_profile_leads_to_the_tokens(rita, browse):
    assert reverse(PAGE) in browse(rita).get(reverse("people:profile")).content.decode()
