"""
Time as a team's working week counts it: what is due when, and how long something took.

Pure functions. The clock runs on the team's workdays between the start and the end of its
working day, in its time zone; what passes between two moments is real time, so the day on
which clocks change is not counted an hour longer or shorter than people worked.
"""

import datetime as dt
import zoneinfo
from collections.abc import Iterator

from people.models import Team

ONE_DAY = dt.timedelta(days=1)


def add_business_hours(start: dt.datetime, hours: float, team: Team | None) -> dt.datetime:
    """
    The moment, in UTC, at which so many business hours will have passed since `start`.

    Without a team the hours of a new team count. Raises ValueError for negative hours, a
    `start` without time zone, and a team that never works.
    """
    if hours < 0:
        raise ValueError("Business hours run forward only.")
    left = dt.timedelta(hours=hours)
    moment = in_utc(start)
    if not left:
        return moment
    for opens, closes in working_days(moment, team or Team()):
        moment = max(moment, opens)
        if left <= closes - moment:
            return moment + left
        left -= max(closes - moment, dt.timedelta())
    raise AssertionError("A working week repeats for ever.")


def business_seconds_between(start: dt.datetime, end: dt.datetime, team: Team | None) -> float:
    """
    How many business seconds lie between two moments; 0 if `end` is not after `start`.

    Without a team the hours of a new team count. Raises ValueError for moments without
    time zone, and a team that never works.
    """
    start, end = in_utc(start), in_utc(end)
    passed = dt.timedelta()
    for opens, closes in working_days(start, team or Team()):
        if opens >= end:
            break
        passed += max(min(closes, end) - max(opens, start), dt.timedelta())
    return passed.total_seconds()


def working_days(since: dt.datetime, team: Team) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    """
    When the team's working days begin and end, in UTC, from the day of `since` on, without end.

    A time that a clock change skips is read as before the change, one that comes twice
    as its first.
    """
    if not set(team.workdays) & set(range(1, 8)):
        raise ValueError(f"{team} has no workdays.")
    zone = zoneinfo.ZoneInfo(team.time_zone)
    day = since.astimezone(zone).date()
    # Where a whole day was skipped (Samoa, 2011), its hours would be those of the next again.
    closed = dt.datetime.min.replace(tzinfo=dt.UTC)
    while True:
        if day.isoweekday() in team.workdays:
            opens = max(on_the_clock(day, team.workday_start, zone), closed)
            closes = max(on_the_clock(day, team.workday_end, zone), opens)
            yield opens, closes
            closed = closes
        day += ONE_DAY


def on_the_clock(day: dt.date, time: dt.time, zone: zoneinfo.ZoneInfo) -> dt.datetime:
    """A day's local time, in UTC."""
    return dt.datetime.combine(day, time, tzinfo=zone).astimezone(dt.UTC)


def in_utc(moment: dt.datetime) -> dt.datetime:
    """The same moment; subtracting in UTC counts real time, in a local zone that of the clock."""
    if moment.tzinfo is None:
        raise ValueError("A moment needs a time zone.")
    return moment.astimezone(dt.UTC)
