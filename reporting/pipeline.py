"""
The first page of a manager: the open pipeline, how leads become deals, what waits.

Every figure carries the rows it counts, and is made of what the reader may see of them.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Q, Value
from django.utils import timezone

from crm.statements import Statement, for_today
from leads.filters import became_won, is_converted, was_requested
from opportunities.filters import Issue, has_issue
from opportunities.models import Stage, StageKind
from people.models import Team, TeamClosure, User, Workspace
from reporting.periods import Period
from reporting.rows import CONVERSIONS, DEALS, LEADS, REQUESTS, Figure, Rows, figures, sums_of

NOBODY = "null"
Cell = dict[str, Any]


class Counting(models.TextChoices):
    """What a step of the funnel counts."""

    COHORT = "cohort", "Leads created in the period"
    EVENTS = "events", "What happened in the period"


@dataclass(frozen=True)
class Group:
    """The part of the open pipeline that one stage, person or team has."""

    key: int | None
    label: str
    figure: Figure
    hint: str = ""
    share: int = 0


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
class PipelineReport:
    """What the page and the API tell alike."""

    as_of: dt.datetime
    currency: str
    period: Period
    team: Team | None
    counting: str
    open: Figure
    closing: Figure
    won: Figure
    attention: Figure
    waiting: Figure
    overdue: Figure
    by_stage: list[Group]
    by_owner: list[Group]
    by_team: list[Group]
    funnel: list[Step]


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


def pipeline_report(
    user: User,
    workspace: Workspace,
    *,
    period: Period,
    team: Team | None = None,
    counting: str = Counting.COHORT,
) -> PipelineReport:
    """
    The figures of what a person sees; of a team and the teams below it where one is named.

    Costs the same number of queries however much there is to count.
    """
    scope = [("team", each) for each in team_ids(team)]
    deals = Rows(DEALS).narrowed(*scope)
    open_deals = deals.narrowed(("kind", StageKind.OPEN))
    requests = Rows(REQUESTS).narrowed(*scope)
    asked = {
        "won": deals.narrowed(("kind", StageKind.WON), *period.days("closed")),
        "waiting": requests.narrowed(("state", "pending")),
        "overdue": requests.narrowed(("overdue", "true")),
    }
    steps = funnel_rows(scope, period, Counting(counting))
    is_cohort = counting == Counting.COHORT
    # One of its steps has the name of a number beside it.
    named = {} if is_cohort else {f"funnel:{key}": rows for key, rows in steps.items()}
    found = figures(user, asked | named)
    funnel = (
        cohort_funnel(user, steps) if is_cohort else {key: found[f"funnel:{key}"] for key in steps}
    )
    cells = open_cells(user, open_deals, period)
    closing = open_deals.narrowed(*period.days("close_date"))
    attention = deals.narrowed(("issue", Issue.ANY))
    return PipelineReport(
        as_of=timezone.now(),
        currency=workspace.currency,
        period=period,
        team=team,
        counting=counting,
        open=added_up(open_deals, cells),
        closing=added_up(closing, cells, "closing"),
        attention=added_up(attention, cells, "attention"),
        by_stage=by_stage(open_deals, cells),
        by_owner=by_owner(open_deals, cells),
        by_team=by_team(open_deals, cells),
        funnel=funnel_steps(funnel, Counting(counting)),
        **{key: found[key] for key in asked},
    )


def team_ids(team: Team | None) -> list[int]:
    """A team and all below it; nothing for all teams, and those without one."""
    if team is None:
        return []
    below = TeamClosure.objects.filter(ancestor=team).order_by("depth", "descendant")
    return list(below.values_list("descendant", flat=True))


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


def cohort_funnel(user: User, steps: Mapping[str, Rows]) -> dict[str, Figure]:
    """The figures of leads that were created in the period, all counted in one pass over them."""

    def counting() -> Statement:
        conditions = {
            "leads": Q(),
            "requested": was_requested(),
            "converted": is_converted(),
            "won": became_won(user),
        }
        sums = sums_of(conditions, is_money=False)
        return Statement(steps["leads"].for_user(user).values(whole=Value(True)).annotate(**sums))

    counts = for_today(user, ("cohort", *steps.items()), counting).named()
    return {
        key: Figure(rows, sum(each[f"{key}_count"] for each in counts))
        for key, rows in steps.items()
    }


def funnel_steps(found: Mapping[str, Figure], counting: Counting) -> list[Step]:
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


def open_cells(user: User, rows: Rows, period: Period) -> list[Cell]:
    """The open pipeline, read once: a line for each stage, owner and team that meet in a deal."""

    def summing() -> Statement:
        conditions = {
            "open": Q(),
            "closing": Q(close_date__range=(period.first, period.last)),
            "attention": has_issue(Issue.ANY, timezone.localdate()),
        }
        deals = rows.for_user(user).with_expected().values("stage", "owner", "team")
        return Statement(deals.annotate(**sums_of(conditions, is_money=True)))

    return for_today(user, ("open cells", rows, period), summing).named()


def added_up(rows: Rows, cells: Iterable[Cell], part: str = "open") -> Figure:
    figure = Figure(rows)
    for cell in cells:
        figure = figure.plus(*(cell[f"{part}_{sum_}"] for sum_ in ("count", "amount", "weighted")))
    return figure


def cells_by(name: str, cells: list[Cell]) -> dict[Any, list[Cell]]:
    found: dict[Any, list[Cell]] = {}
    for cell in cells:
        found.setdefault(cell[name], []).append(cell)
    return found


def by_stage(rows: Rows, cells: list[Cell]) -> list[Group]:
    """Every open stage in its order, empty ones too; with its pipeline where there are several."""
    parts = cells_by("stage", cells)
    in_use = Q(is_active=True, kind=StageKind.OPEN) | Q(pk__in=parts)
    stages = (
        Stage.objects.filter(in_use)
        .select_related("pipeline")
        .order_by("pipeline__position", "pipeline", "position", "pk")
    )
    several = len({stage.pipeline_id for stage in stages}) > 1
    return with_shares(
        Group(
            key=stage.pk,
            label=stage.name,
            figure=added_up(rows.narrowed(("stage", stage.pk)), parts.get(stage.pk, ())),
            hint=stage.pipeline.name if several else "",
        )
        for stage in stages
    )


def by_owner(rows: Rows, cells: list[Cell]) -> list[Group]:
    """Everybody with open deals, who has most first."""
    parts = cells_by("owner", cells)
    people = User.objects.filter(pk__in=parts).values_list("pk", "full_name")
    groups = [
        Group(key=pk, label=name, figure=added_up(rows.narrowed(("owner", pk)), parts[pk]))
        for pk, name in people
    ]
    return with_shares(sorted(groups, key=most_first))


def by_team(rows: Rows, cells: list[Cell]) -> list[Group]:
    """
    Every team with open deals, the one with most first.

    A deal of its own team only: what is below a team is counted there.
    """
    parts = cells_by("team", cells)
    names = dict(Team.objects.filter(pk__in=[pk for pk in parts if pk]).values_list("pk", "name"))
    # The rows of one team, instead of those of all the teams that the report is about.
    whole = Rows(rows.page, tuple(pair for pair in rows.parameters if pair[0] != "team"))
    groups = [
        Group(
            key=pk,
            label=names.get(pk, "No team"),
            figure=added_up(whole.narrowed(("team", pk or NOBODY)), own),
        )
        for pk, own in parts.items()
    ]
    return with_shares(sorted(groups, key=most_first))


def most_first(group: Group) -> tuple[Decimal, int, str]:
    return -group.figure.amount, -group.figure.count, group.label


def with_shares(groups: Iterable[Group]) -> list[Group]:
    """The same groups, each with how long its bar is: percent of the longest."""
    groups = list(groups)
    most = max((group.figure.amount for group in groups), default=Decimal(0))
    if not most:
        return groups
    return [replace(group, share=round(100 * group.figure.amount / most)) for group in groups]
