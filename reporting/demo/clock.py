"""When the demo company's past happened, and how the services come to write it down so."""

import contextlib
import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.utils import timezone


@contextlib.contextmanager
def at(moment: dt.datetime) -> Iterator[None]:
    """
    Let `timezone.now()` be `moment`, so that a service writes what it would have written then.

    It is the class that `timezone.now` asks that is replaced: models name the function itself
    as a default. Field history is dated by the database and stays at the real time.
    """

    class Stopped(dt.datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> Any:
            return moment.astimezone(tz)

    django_timezone: Any = timezone
    django_timezone.datetime = Stopped
    try:
        yield
    finally:
        django_timezone.datetime = dt.datetime


def days_ago(days: float, hour: int = 10, minute: int = 0) -> dt.datetime:
    """An hour of a day before today; of a working day, if that many days ago it was none."""
    day = timezone.localdate() - dt.timedelta(days=days)
    while day.isoweekday() > 5:
        day -= dt.timedelta(days=1)
    moment = dt.datetime.combine(day, dt.time(hour, minute))
    # Early in the morning the hour has not come yet: nothing may lie in the future.
    return min(timezone.make_aware(moment), timezone.now() - dt.timedelta(minutes=5))


def hours_ago(hours: float) -> dt.datetime:
    """A moment of today, or of last night."""
    return timezone.now() - dt.timedelta(hours=hours)


def tonight(days: int = 0, hour: int = 17) -> dt.datetime:
    """An hour at which something is due, some days from today."""
    day = timezone.localdate() + dt.timedelta(days=days)
    return timezone.make_aware(dt.datetime.combine(day, dt.time(hour)))
