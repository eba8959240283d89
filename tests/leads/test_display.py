"""What the screens say of a lead's clocks."""

import datetime as dt

import pytest

from leads.display import reply_time
from tests.factories import LeadFactory, TeamFactory

pytestmark = pytest.mark.django_db

FRIDAY = dt.datetime(2026, 3, 6, 16, 30, tzinfo=dt.UTC)  # An hour and a half before it closes.
MONDAY = dt.datetime(2026, 3, 9, 10, 10, tzinfo=dt.UTC)


def lead(replied):
    team = TeamFactory(time_zone="UTC")
    return LeadFactory(team=team, created_at=FRIDAY, first_response_at=replied)


def test_nothing_is_said_before_the_first_reply():
    assert reply_time(lead(None)) == ""


def test_a_quick_reply_is_told_in_minutes():
    assert reply_time(lead(FRIDAY + dt.timedelta(minutes=12))) == "12 min"


def test_nights_and_weekends_do_not_count():
    assert reply_time(lead(MONDAY)) == "2 h 40 min"


def test_the_record_says_how_long_the_first_reply_took(browse, rita):
    answered = LeadFactory(
        owner=rita, team=rita.team, created_at=FRIDAY,
        first_response_at=FRIDAY + dt.timedelta(minutes=12),
    )  # fmt: skip
    page = browse(rita).get(answered.get_absolute_url()).content.decode()
    assert "12 min" in page
