"""Stretches of time that a report is about: a fiscal quarter or year, a month, any days."""

import calendar
import datetime as dt
import re
from dataclasses import dataclass

from babel.dates import format_date

from crm.templatetags.relay import reader_locale

QUARTER = re.compile(r"(?P<year>[12]\d{3})Q(?P<quarter>[1-4])")
MONTH = re.compile(r"(?P<year>[12]\d{3})-(?P<month>0[1-9]|1[0-2])")
YEAR = re.compile(r"(?P<year>[12]\d{3})")
QUARTERS_OFFERED = 5


@dataclass(frozen=True)
class Period:
    """The days from `first` to `last`, both of them in it; `key` names it in addresses."""

    key: str
    label: str
    first: dt.date
    last: dt.date

    def days(self, name: str) -> list[tuple[str, str]]:
        """The parameters of a list's date filter that keep to this period."""
        return [
            (f"{name}_after", self.first.isoformat()),
            (f"{name}_before", self.last.isoformat()),
        ]


def read_period(key: str, fiscal_start: int) -> Period:
    """
    The period that a key names: 2026Q4 and 2026 of the fiscal year, 2026-11 of the calendar.

    A fiscal year is named after the year in which it ends. Raises ValueError.
    """
    if found := QUARTER.fullmatch(key):
        start = fiscal_year_start(int(found["year"]), fiscal_start)
        first = add_months(start, 3 * (int(found["quarter"]) - 1))
        return Period(key, f"Q{found['quarter']} {found['year']}", first, last_day(first, 3))
    if found := MONTH.fullmatch(key):
        first = dt.date(int(found["year"]), int(found["month"]), 1)
        label = format_date(first, "LLLL y", locale=reader_locale())
        return Period(key, label, first, last_day(first, 1))
    if found := YEAR.fullmatch(key):
        first = fiscal_year_start(int(found["year"]), fiscal_start)
        label = found["year"] if fiscal_start == 1 else f"Fiscal year {found['year']}"
        return Period(key, label, first, last_day(first, 12))
    raise ValueError(f"{key!r} names no period.")


def period_between(first: dt.date, last: dt.date) -> Period:
    """Any days. Raises ValueError where the last comes before the first."""
    if last < first:
        raise ValueError("A period cannot end before it begins.")
    ends = (format_date(day, "medium", locale=reader_locale()) for day in (first, last))
    return Period("", " to ".join(ends), first, last)


def current_quarter(today: dt.date, fiscal_start: int) -> Period:
    """The fiscal quarter that a day is in."""
    year = today.year if fiscal_start == 1 or today.month < fiscal_start else today.year + 1
    quarter = (today.month - fiscal_start) % 12 // 3 + 1
    return read_period(f"{year}Q{quarter}", fiscal_start)


def usual_periods(today: dt.date, fiscal_start: int) -> list[Period]:
    """What is offered: this quarter and the ones before it, two months, two fiscal years."""
    quarters = [current_quarter(today, fiscal_start)]
    while len(quarters) < QUARTERS_OFFERED:
        day_before = quarters[-1].first - dt.timedelta(days=1)
        quarters.append(current_quarter(day_before, fiscal_start))
    this_month = today.replace(day=1)
    months = [this_month, add_months(this_month, -1)]
    year = int(quarters[0].key[:4])
    keys = [f"{month:%Y-%m}" for month in months] + [str(year), str(year - 1)]
    return quarters + [read_period(key, fiscal_start) for key in keys]


def fiscal_year_start(year: int, fiscal_start: int) -> dt.date:
    return dt.date(year if fiscal_start == 1 else year - 1, fiscal_start, 1)


def add_months(first: dt.date, months: int) -> dt.date:
    """The same first day of a month, some months later or earlier."""
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return dt.date(year, month + 1, 1)


def last_day(first: dt.date, months: int) -> dt.date:
    """The last day of so many months from a first one on."""
    month = add_months(first, months - 1)
    return month.replace(day=calendar.monthrange(month.year, month.month)[1])
