"""A request with an Idempotency-Key happens once, and every retry gets its answer."""

import threading
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connections, transaction
from django.utils import timezone

from crm.errors import DomainError
from crm.idempotency import AlreadyAnswered, Idempotency, KeyReused
from crm.models import IdempotencyKey
from integrations.models import ApiToken
from tests.concurrency import PATIENCE_SECONDS

pytestmark = pytest.mark.django_db
TOKENS = "/api/v1/tokens/"
WISH = {"name": "Sync", "scopes": ["read"]}


def send(client, wish=WISH, key="k-1", **headers):
    return client.post(TOKENS, wish, format="json", HTTP_IDEMPOTENCY_KEY=key, **headers)


def test_a_retry_gets_the_first_answer_and_makes_nothing(rita, call):
    client = call(rita)
    first, retry = send(client), send(client)
    assert first.status_code == retry.status_code == 201
    assert retry["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first
    assert retry["Location"] == first["Location"]
    assert retry.json() == {**first.json(), "token": None}
    assert ApiToken.objects.filter(name="Sync").count() == 1


def test_the_secret_of_a_new_token_is_not_kept_for_retries(rita, call):
    first = send(call(rita))
    assert first.json()["token"] not in IdempotencyKey.objects.get().body


def test_a_retry_may_spell_the_same_body_otherwise(rita, call):
    client = call(rita)
    send(client)
    turned = b'{ "scopes" : ["read"],\n "name": "S\\u0079nc" }'
    retry = client.generic(
        "POST", TOKENS, turned, content_type="application/json", HTTP_IDEMPOTENCY_KEY="k-1"
    )
    assert retry["Idempotent-Replayed"] == "true"


def test_the_same_key_for_another_body_is_refused(rita, call):
    client = call(rita)
    send(client)
    answer = send(client, {**WISH, "name": "Other"})
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert not ApiToken.objects.filter(name="Other").exists()


def test_keys_belong_to_their_user(rita, soren, call):
    assert send(call(rita)).json()["user"] == rita.pk
    assert send(call(soren)).json()["user"] == soren.pk


def test_without_a_key_every_request_counts(rita, call):
    client = call(rita)
    for _ in range(2):
        client.post(TOKENS, WISH, format="json")
    assert ApiToken.objects.filter(name="Sync").count() == 2
    assert not IdempotencyKey.objects.exists()


@pytest.mark.parametrize(
    "wish", [{}, {**WISH, "expires_at": "2001-01-01T00:00:00Z"}], ids=["400", "422"]
)
def test_a_refusal_is_not_kept_so_that_the_key_can_be_used_again(rita, call, wish):
    client = call(rita)
    assert send(client, wish).status_code in (400, 422)
    assert not IdempotencyKey.objects.exists()
    assert send(client).status_code == 201


class Broken(DomainError):
    """What a service might say after it has written something."""


def test_work_that_fails_leaves_no_key_and_no_rows(rita):
    @transaction.atomic
    def work():
        idempotency = Idempotency(user_id=rita.pk, key="k", fingerprint="f")
        idempotency.claim()
        rita.full_name = "Changed"
        rita.save(update_fields=["full_name"])
        idempotency.store(201, {})
        raise Broken("No.")

    with pytest.raises(Broken):
        work()
    rita.refresh_from_db()
    assert rita.full_name != "Changed"
    assert not IdempotencyKey.objects.exists()


def test_a_claim_and_its_answer_are_two_queries(rita, django_assert_num_queries):
    idempotency = Idempotency(user_id=rita.pk, key="k", fingerprint="f")
    with django_assert_num_queries(2):
        idempotency.claim()
        idempotency.store(201, {"id": 1}, {"Location": "/x/"})


def test_a_service_that_claims_a_done_request_is_told_the_answer(rita):
    done = Idempotency(user_id=rita.pk, key="k", fingerprint="f")
    done.claim()
    done.store(201, {"name": "Zoë", "id": 1}, {"Location": "/x/"})
    with pytest.raises(AlreadyAnswered) as replay:
        Idempotency(user_id=rita.pk, key="k", fingerprint="f").claim()
    response = replay.value.response()
    assert (response.status_code, response["Location"]) == (201, "/x/")
    assert response.content.decode() == '{"name":"Zoë","id":1}'
    with pytest.raises(KeyReused):
        Idempotency(user_id=rita.pk, key="k", fingerprint="other").claim()


@pytest.mark.django_db(transaction=True)
def test_a_twin_waits_and_gets_the_answer_of_the_first(rita):
    """Sixteen at once: one does the work, fifteen get its answer."""
    start = threading.Barrier(16)
    outcomes = []

    def attempt():
        try:
            start.wait(PATIENCE_SECONDS)
            with transaction.atomic():
                idempotency = Idempotency(user_id=rita.pk, key="k", fingerprint="f")
                idempotency.claim()
                token = ApiToken(user=rita, name="Twin", scopes=["read"], digest="d", token_key="k")
                token.save()
                idempotency.store(201, {"id": token.pk})
            outcomes.append(f'{{"id":{token.pk}}}')
        except AlreadyAnswered as replay:
            outcomes.append(replay.response().content.decode())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=attempt) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    assert len(outcomes) == 16
    assert len(set(outcomes)) == 1
    assert ApiToken.objects.filter(name="Twin").count() == 1


def test_keys_are_forgotten_after_a_week_and_not_before(rita, capsys):
    now = timezone.now()
    for key, age in {"old": timedelta(days=7, seconds=1), "young": timedelta(days=6)}.items():
        IdempotencyKey.objects.create(
            user=rita, key=key, fingerprint="f", status=201, created_at=now - age
        )
    call_command("forget_idempotency_keys")
    assert capsys.readouterr().out == "1 keys forgotten.\n"
    assert [row.key for row in IdempotencyKey.objects.all()] == ["young"]
