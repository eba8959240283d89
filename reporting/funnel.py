"""
How leads become deals that are won, and how many of them on the way.

Every step carries the rows it counts, and is made of what the reader may see of them.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Count, Q, Value
from django.utils import timezone

from crm.statements import Statement, for_today
from leads.filters import became_won, is_converted, was_requested
from opportunities.models import StageKind
from people.models import Team, User
from reporting.periods import Period
from reporting.rows import (
    CONVERSIONS,
    DEALS,
    LEADS,
    REQUESTS,
    Figure,
    Rows,
    figures,
    team_and_below,
)


class Counting(models.TextChoices):
    """What a step of the funnel counts."""

    COHORT = "cohort", "Leads created in the period"
    EVENTS = "events", "What happened in the period"


@dataclass(frozen=True)
class Step:
    """One step of the funnel, and how many of the first step's it is in percent."""

    key: str
    label: str
    meaning: str
    figure: Figure
    share: int | None

    @property
    def bar(self) -> int:
        """How long its bar is, in percent: a step may count more than the first one."""
        return min(self.share or 0, 100)


@dataclass(frozen=True)
class FunnelReport:
    """What the page and the API tell alike."""

    as_of: dt.datetime
    period: Period
    team: Team | None
    counting: str
    steps: list[Step]


FUNNEL = {
    Counting.COHORT: [
        ("leads", "Leads", "Created in the period."),
        ("requested", "Requested", "Of those, the leads somebody requested to convert."),
        ("converted", "Converted", "Of those, the leads that are converted, requested or not."),
        ("won", "Won", "Of those, the leads that became a deal that is won."),
    ],
    Counting.EVENTS: [
        ("leads", "Leads", "Leads created in the period."),
        ("requested", "Requested", "Requests submitted in the period, of leads new or old."),
        ("converted", "Converted", "Conversions in the period."),
        ("won", "Won", "Deals from leads that were won in the period."),
    ],
}


def funnel_report(
    user: User, *, period: Period, team: Team | None = None, counting: str = Counting.COHORT
) -> FunnelReport:
    """The steps of what a person sees; of a team and the teams below it where one is named."""
    counting = Counting(counting)
    steps = funnel_rows(team_and_below(team), period, counting)
    found = cohort_figures(user, steps) if counting == Counting.COHORT else figures(user, steps)
    return FunnelReport(
        as_of=timezone.now(),
        period=period,
        team=team,
        counting=counting,
        steps=with_shares(found, counting),
    )


def funnel_rows(
    scope: Iterable[tuple[str, Any]], period: Period, counting: Counting
) -> dict[str, Rows]:
    """The rows that each step of the funnel counts."""
    leads = Rows(LEADS).narrowed(*scope, *period.days("created"))
    if counting == Counting.COHORT:
        return {
            "leads": leads,
            "requested": leads.narrowed(("requested", "true")),
            "converted": leads.narrowed(("converted", "true")),
            "won": leads.narrowed(("won", "true")),
        }
    won = (("kind", StageKind.WON), ("from_lead", "true"))
    return {
        "leads": leads,
        "requested": Rows(REQUESTS).narrowed(*scope, *period.days("submitted")),
        "converted": Rows(CONVERSIONS).narrowed(*scope, *period.days("converted_on")),
        "won": Rows(DEALS).narrowed(*scope, *won, *period.days("closed")),
    }


def cohort_figures(user: User, steps: Mapping[str, Rows]) -> dict[str, Figure]:
    """The figures of leads that were created in the period, all counted in one pass over them."""

    def counting() -> Statement:
        conditions = {
            "leads": Q(),
            "requested": was_requested(),
            "converted": is_converted(),
            "won": became_won(user),
        }
        counts = {key: Count("pk", filter=each) for key, each in conditions.items()}
        return Statement(steps["leads"].for_user(user).values(whole=Value(True)).annotate(**counts))

    # No line at all where nobody sees a lead.
    [counts] = for_today(user, ("cohort", *steps.items()), counting).named() or [{}]
    return {key: Figure(rows, counts.get(key, 0)) for key, rows in steps.items()}


def with_shares(found: Mapping[str, Figure], counting: Counting) -> list[Step]:
    total = found["leads"].count
    return [
        Step(
            key=key,
            label=label,
            meaning=meaning,
            figure=found[key],
            share=round(100 * found[key].count / total) if total else None,
        )
        for key, label, meaning in FUNNEL[counting]
    ]
