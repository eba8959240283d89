"""Rates: counted per caller, told in every answer, at no cost in queries."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from rest_framework.settings import api_settings

pytestmark = pytest.mark.django_db
TOKENS = "/api/v1/tokens/"
MINUTE = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def rates(monkeypatch):
    """Three calls a minute."""
    monkeypatch.setattr(api_settings, "DEFAULT_THROTTLE_RATES", {"calls": "3/min"}, raising=False)


def at(seconds):
    return time_machine.travel(MINUTE + timedelta(seconds=seconds), tick=False)


def test_every_answer_tells_the_rate(rita, call, rates):
    with at(15):
        answer = call(rita).get(TOKENS)
    assert answer["RateLimit-Limit"] == "3"
    assert answer["RateLimit-Remaining"] == "2"
    assert answer["RateLimit-Reset"] == "45"
    assert answer["RateLimit-Policy"] == "3;w=60"


def test_too_many_calls_are_refused_until_the_window_moves_on(rita, call, rates):
    client = call(rita)
    with at(30):
        assert [client.get(TOKENS).status_code for _ in range(4)] == [200, 200, 200, 429]
        answer = client.get(TOKENS)
    # Half a minute until the window ends, and three fifths of the next until two calls are left.
    assert answer["Retry-After"] == answer["RateLimit-Reset"] == "66"
    assert answer["RateLimit-Remaining"] == "0"
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "throttled"
    # Just after, the five calls of the last minute still count nearly whole.
    with at(61):
        assert client.get(TOKENS).status_code == 429
    with at(119):
        assert client.get(TOKENS).status_code == 200


@pytest.mark.parametrize("second", [0, 1, 29, 30, 59])
@pytest.mark.parametrize("calls", [4, 5, 40])
def test_who_waits_as_long_as_told_is_let_in(rita, call, rates, calls, second):
    client = call(rita)
    with at(second):
        told = [client.get(TOKENS) for _ in range(calls)][-1]
    wait = int(told["Retry-After"])
    # A second too early, and the wait that is told then is for what is left of the minute before.
    with at(second + wait - 1):
        early = client.get(TOKENS)
    assert early.status_code == 429
    with at(second + wait - 1 + int(early["Retry-After"])):
        assert client.get(TOKENS).status_code == 200


def test_callers_are_counted_apart(rita, soren, call, rates):
    with at(0):
        ritas, sorens = call(rita), call(soren)
        for _ in range(4):
            ritas.get(TOKENS)
        assert ritas.get(TOKENS).status_code == 429
        assert sorens.get(TOKENS).status_code == 200


def test_no_rate_is_no_limit(rita, call, monkeypatch):
    monkeypatch.setattr(api_settings, "DEFAULT_THROTTLE_RATES", {}, raising=False)
    answer = call(rita).get(TOKENS)
    assert answer.status_code == 200
    assert "RateLimit-Limit" not in answer
