"""Tokens: who gets which, what they open, and how they end."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from activities.models import Event
from integrations.models import ApiToken
from integrations.services import create_token, revoke_token
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
TOKENS = "/api/v1/tokens/"


def test_a_token_keeps_only_the_hash_of_its_secret(rita):
    token, secret = create_token(user=rita, name="Sync", scopes=["read"], actor=rita)
    token.refresh_from_db()
    assert secret.startswith("relay_")
    assert len(secret) > 60
    assert secret not in str(token.__dict__)
    assert secret.startswith(token.token_key)


def test_making_and_revoking_a_token_is_history_without_the_secret(rita):
    token, secret = create_token(user=rita, name="Sync", scopes=["write", "read"], actor=rita)
    key = token.pk
    revoke_token(token=token, actor=rita)
    created, revoked = Event.objects.filter(subject_type="token", subject_id=key).order_by("pk")
    assert (created.verb, revoked.verb) == ("token.created", "token.revoked")
    assert created.changes == {"name": "Sync", "scopes": ["read", "write"], "user": rita.pk}
    assert secret not in str(created.__dict__)


def test_a_token_can_be_revoked_once(rita):
    token, _ = create_token(user=rita, name="Sync", scopes=["read"], actor=rita)
    ApiToken.objects.filter(pk=token.pk).delete()
    with pytest.raises(PermissionDenied):
        revoke_token(token=token, actor=rita)


@pytest.mark.parametrize("scopes", [[], ["everything"], ["read", "root"]])
def test_a_token_has_one_or_more_known_scopes(rita, scopes):
    with pytest.raises(ValidationError):
        create_token(user=rita, name="Sync", scopes=scopes, actor=rita)


def test_a_token_cannot_end_before_it_begins(rita):
    with pytest.raises(ValidationError, match="This time is over"):
        create_token(user=rita, name="Sync", scopes=["read"], actor=rita, expires_at=timezone.now())


@pytest.mark.parametrize("at_the_console", [True, False])
def test_somebody_who_has_not_accepted_the_invitation_gets_no_token(at_the_console):
    invited = UserFactory(password="!")
    actor = None if at_the_console else invited
    with pytest.raises(ValidationError, match="has not accepted the invitation"):
        create_token(user=invited, name="Sync", scopes=["read"], actor=actor)


def test_a_program_needs_no_password(ada):
    program = UserFactory(role="integration", password="!")
    assert create_token(user=program, name="Sync", scopes=["read"], actor=ada)


def test_nobody_gets_a_token_that_acts_as_another_person(rita, ada):
    with pytest.raises(PermissionDenied):
        create_token(user=rita, name="Sync", scopes=["read"], actor=ada)


def test_an_administrator_makes_tokens_for_programs_and_others_do_not(ada, soren):
    program = UserFactory(role="integration")
    with pytest.raises(PermissionDenied):
        create_token(user=program, name="Sync", scopes=["read"], actor=soren)
    token, _ = create_token(user=program, name="Sync", scopes=["read"], actor=ada)
    assert token.user == program


def test_a_token_makes_no_token_that_may_do_more_than_itself(rita, call):
    client = call(rita, "read", "admin")
    answer = client.post(TOKENS, {"name": "More", "scopes": ["write"]}, format="json")
    assert answer.status_code == 403
    answer = client.post(TOKENS, {"name": "Same", "scopes": ["read"]}, format="json")
    assert answer.status_code == 201


def test_the_secret_is_in_the_first_answer_and_in_no_other(rita, call):
    client = call(rita)
    created = client.post(TOKENS, {"name": "Sync", "scopes": ["read"]}, format="json")
    assert created.status_code == 201
    assert created.json()["token"].startswith("relay_")
    address = created["Location"]
    assert address.endswith(reverse("api:token-detail", args=[created.json()["id"]]))
    assert "token" not in client.get(address).json()
    assert created.json()["token"] not in client.get(TOKENS).content.decode()
    opened = APIClient()
    opened.credentials(HTTP_AUTHORIZATION=f"Bearer {created.json()['token']}")
    assert opened.get(TOKENS).status_code == 200


def test_people_see_and_revoke_their_own_tokens_only(rita, soren, ada, call):
    rita_calls, soren_calls, ada_calls = call(rita), call(soren), call(ada)
    ritas_token = ApiToken.objects.get(user=rita)
    address = reverse("api:token-detail", args=[ritas_token.pk])
    assert [row["user"] for row in rita_calls.get(TOKENS).json()["results"]] == [rita.pk]
    assert len(ada_calls.get(TOKENS).json()["results"]) == 3
    assert soren_calls.get(address).status_code == 404
    assert soren_calls.delete(address).status_code == 404
    assert ada_calls.delete(address).status_code == 204
    assert rita_calls.get(TOKENS).status_code == 401


def test_a_token_without_the_scope_is_told_which_one_it_lacks(rita, call):
    answer = call(rita, "write").get(TOKENS)
    assert answer.status_code == 403
    assert answer.json()["code"] == "missing_scope"
    assert "read" in answer.json()["detail"]
    answer = call(rita, "read", "write").post(TOKENS, {}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (403, "missing_scope")


def test_a_session_needs_no_scope(rita):
    client = APIClient()
    client.force_login(rita)
    answer = client.post(TOKENS, {"name": "Sync", "scopes": ["read"]}, format="json")
    assert answer.status_code == 201


def test_a_session_needs_the_csrf_token_for_changes(rita):
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(rita)
    assert client.get(TOKENS).status_code == 200
    answer = client.post(TOKENS, {"name": "Sync", "scopes": ["read"]}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer ", "Bearer a b", "Bearer relay_" + "0" * 64, "Bearer \xe9", "Bearer relay_"],
)
def test_a_made_up_token_opens_nothing(db, header):
    answer = APIClient().get(TOKENS, HTTP_AUTHORIZATION=header)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("header", [None, "Basic YTpi", "Token x"])
def test_without_a_token_or_a_session_the_api_is_closed(db, header):
    headers = {"HTTP_AUTHORIZATION": header} if header else {}
    answer = APIClient().get(TOKENS, **headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


def test_the_token_of_somebody_inactive_opens_nothing(rita, call):
    client = call(rita)
    rita.is_active = False
    rita.save()
    assert client.get(TOKENS).status_code == 401


def test_an_expired_token_says_so_and_stays_in_the_list(rita, call):
    end = timezone.now() + timedelta(hours=1)
    client = call(rita, expires_at=end)
    assert client.get(TOKENS).status_code == 200
    with time_machine.travel(end, tick=False):
        answer = client.get(TOKENS)
        assert (answer.status_code, answer.json()["code"]) == (401, "token_expired")
    assert ApiToken.objects.filter(user=rita).exists()


def test_authentication_is_one_query_and_writes_once_a_minute(
    rita, call, django_assert_num_queries
):
    client = call(rita)
    begin = datetime(2026, 3, 1, 12, tzinfo=UTC)
    with time_machine.travel(begin, tick=False):
        client.get(TOKENS)
        with django_assert_num_queries(3):  # token with user, reach, list
            client.get(TOKENS)
    with time_machine.travel(begin + timedelta(seconds=59), tick=False):
        client.get(TOKENS)
    assert ApiToken.objects.get(user=rita).last_used_at == begin
    with time_machine.travel(begin + timedelta(seconds=61), tick=False):
        client.get(TOKENS)
    assert ApiToken.objects.get(user=rita).last_used_at == begin + timedelta(seconds=61)


def test_the_command_prints_a_token_that_works(rita, capsys):
    call_command("create_token", rita.email.upper(), name="Script", scopes="read, convert")
    secret = capsys.readouterr().out.strip()
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    [row] = client.get(TOKENS).json()["results"]
    assert (row["name"], row["scopes"]) == ("Script", ["convert", "read"])


@pytest.mark.parametrize(
    ("email", "name", "scopes", "sentence"),
    [
        ("nobody@example.com", "Script", "read", "There is no active user nobody@example.com."),
        (
            "rita@example.com",
            "Script",
            "root",
            "--scopes: choose from read, write,",
        ),
        ("rita@example.com", "", "read", "--name: This field cannot be blank."),
    ],
)
def test_the_command_says_what_is_wrong(rita, email, name, scopes, sentence):
    with pytest.raises(CommandError, match=sentence):
        call_command("create_token", email, name=name, scopes=scopes)
