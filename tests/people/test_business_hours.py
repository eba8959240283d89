import datetime as dt
import zoneinfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from people.business_hours import add_business_hours, business_seconds_between
from people.models import Team

BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
NEW_YORK = zoneinfo.ZoneInfo("America/New_York")
HOUR = 3600


def team(**fields):
    return Team(**{"name": "North", "time_zone": "Europe/Berlin", **fields})


def berlin(*parts):
    return dt.datetime(*parts, tzinfo=BERLIN)


def test_hours_of_one_day_end_on_that_day():
    assert add_business_hours(berlin(2026, 3, 4, 10), 4, team()) == berlin(2026, 3, 4, 14)


def test_the_last_hour_of_a_day_ends_when_the_day_does():
    assert add_business_hours(berlin(2026, 3, 4, 9), 9, team()) == berlin(2026, 3, 4, 18)


def test_what_is_left_on_friday_evening_goes_on_on_monday_morning():
    assert add_business_hours(berlin(2026, 3, 6, 17), 2, team()) == berlin(2026, 3, 9, 10)


@pytest.mark.parametrize("moment", [berlin(2026, 3, 7, 13), berlin(2026, 3, 9, 3)])
def test_the_clock_stands_still_until_the_day_begins(moment):
    assert add_business_hours(moment, 1, team()) == berlin(2026, 3, 9, 10)


def test_no_hours_are_over_at_once_even_on_a_sunday():
    assert add_business_hours(berlin(2026, 3, 8, 12), 0, team()) == berlin(2026, 3, 8, 12)


def test_parts_of_an_hour_count():
    assert add_business_hours(berlin(2026, 3, 4, 10), 0.25, team()) == berlin(2026, 3, 4, 10, 15)


def test_nine_hours_are_a_day_also_over_the_night_when_clocks_change():
    # Clocks go forward on Sunday, 29 March 2026.
    assert add_business_hours(berlin(2026, 3, 27, 12), 9, team()) == berlin(2026, 3, 30, 12)


def test_the_hour_that_clocks_skip_is_not_counted():
    nights = team(workday_start=dt.time(0), workday_end=dt.time(6), workdays=[7])
    sunday, monday = berlin(2026, 3, 29), berlin(2026, 3, 30)
    assert business_seconds_between(sunday, monday, nights) == 5 * HOUR


def test_the_hour_that_comes_twice_is_counted_twice():
    nights = team(workday_start=dt.time(0), workday_end=dt.time(6), workdays=[7])
    sunday, monday = berlin(2026, 10, 25), berlin(2026, 10, 26)
    assert business_seconds_between(sunday, monday, nights) == 7 * HOUR


def test_a_day_that_a_zone_skipped_has_no_hours():
    # Samoa went from 29 to 31 December 2011.
    samoa = team(time_zone="Pacific/Apia", workdays=[1, 2, 3, 4, 5, 6, 7])
    zone = zoneinfo.ZoneInfo("Pacific/Apia")
    start = dt.datetime(2011, 12, 29, 12, tzinfo=zone)
    end = dt.datetime(2012, 1, 1, 0, tzinfo=zone)
    assert business_seconds_between(start, end, samoa) == (6 + 9) * HOUR


def test_a_team_works_on_its_own_clock():
    start = dt.datetime(2026, 3, 4, 15, tzinfo=NEW_YORK)
    assert add_business_hours(start, 1, team()) == berlin(2026, 3, 5, 10)
    assert add_business_hours(start, 1, team(time_zone="America/New_York")) == start.replace(
        hour=16
    )


def test_without_a_team_the_hours_of_a_new_one_count():
    friday = dt.datetime(2026, 3, 6, 17, tzinfo=dt.UTC)
    assert add_business_hours(friday, 2, None) == dt.datetime(2026, 3, 9, 10, tzinfo=dt.UTC)


def test_between_counts_only_working_time():
    assert business_seconds_between(berlin(2026, 3, 6, 17), berlin(2026, 3, 9, 9, 30), team()) == (
        1.5 * HOUR
    )


def test_nothing_lies_between_a_moment_and_an_earlier_one():
    assert business_seconds_between(berlin(2026, 3, 9, 12), berlin(2026, 3, 6), team()) == 0


def test_time_does_not_run_backward():
    with pytest.raises(ValueError, match="forward"):
        add_business_hours(berlin(2026, 3, 4), -1, team())


def test_a_team_that_never_works_is_refused_instead_of_searched_for_ever():
    with pytest.raises(ValueError, match="no workdays"):
        add_business_hours(berlin(2026, 3, 4), 1, team(workdays=[]))


def test_a_moment_without_time_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        add_business_hours(dt.datetime(2026, 3, 4), 1, team())


ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"]
MOMENTS = st.datetimes(
    min_value=dt.datetime(2025, 1, 1), max_value=dt.datetime(2027, 1, 1), timezones=st.just(dt.UTC)
).map(lambda moment: moment.replace(second=0, microsecond=0))


@st.composite
def teams(draw):
    # Clocks change at night; here the days are between 5 and 23 o'clock.
    start, end = sorted(draw(st.lists(st.integers(5, 23), min_size=2, max_size=2, unique=True)))
    return team(
        time_zone=draw(st.sampled_from(ZONES)),
        workday_start=dt.time(start),
        workday_end=dt.time(end),
        workdays=draw(st.lists(st.integers(1, 7), min_size=1, max_size=7, unique=True)),
    )


@given(team=teams(), start=MOMENTS, minutes=st.integers(0, 10 * 24 * 60))
@settings(max_examples=60)
def test_between_agrees_with_looking_at_the_clock_every_minute(team, start, minutes):
    zone = zoneinfo.ZoneInfo(team.time_zone)
    worked = 0
    for minute in range(minutes):
        local = (start + dt.timedelta(minutes=minute)).astimezone(zone)
        on_duty = team.workday_start <= local.time() < team.workday_end
        worked += on_duty and local.isoweekday() in team.workdays
    end = start + dt.timedelta(minutes=minutes)
    assert business_seconds_between(start, end, team) == worked * 60


@given(team=teams(), start=MOMENTS, minutes=st.integers(1, 5000))
@settings(max_examples=200)
def test_so_many_hours_later_so_many_hours_have_passed(team, start, minutes):
    due = add_business_hours(start, minutes / 60, team)
    assert business_seconds_between(start, due, team) == pytest.approx(minutes * 60)


@given(team=teams(), start=MOMENTS, first=st.integers(1, 3000), second=st.integers(1, 3000))
@settings(max_examples=200)
def test_hours_may_be_added_in_two_steps(team, start, first, second):
    at_once = add_business_hours(start, (first + second) / 60, team)
    in_steps = add_business_hours(add_business_hours(start, first / 60, team), second / 60, team)
    # Parts of an hour are not exact to the microsecond.
    assert abs(business_seconds_between(at_once, in_steps, team)) < 0.001
