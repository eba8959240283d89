"""
The open pipeline: how much of it there is, where it stands, and whose it is.

Every figure carries the rows it counts, and is made of what the reader may see of them.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db.models import BooleanField, Count, ExpressionWrapper, Q, Sum
from django.utils import timezone

from crm.statements import Statement, for_today
from opportunities.filters import Issue, has_issue
from opportunities.models import Stage, StageKind
from people.models import Team, User, Workspace
from reporting.periods import Period
from reporting.rows import DEALS, Figure, Rows, figures, team_and_below

NOBODY = "null"


@dataclass(frozen=True)
class Cell:
    """The open deals that have all of this in common."""

    stage: int
    owner: int
    team: int | None
    closes: bool
    needs_attention: bool
    count: int
    amount: Decimal | None
    weighted: Decimal | None


@dataclass(frozen=True)
class Group:
    """The part of the open pipeline that one stage, person or team has."""

    key: int | None
    label: str
    figure: Figure
    hint: str = ""
    share: int = 0


@dataclass(frozen=True)
class PipelineReport:
    """What the page and the API tell alike."""

    as_of: dt.datetime
    currency: str
    period: Period
    team: Team | None
    open: Figure
    closing: Figure
    won: Figure
    attention: Figure
    by_stage: list[Group]
    by_owner: list[Group]
    by_team: list[Group]


def pipeline_report(
    user: User, workspace: Workspace, *, period: Period, team: Team | None = None
) -> PipelineReport:
    """
    The deals that a person sees; of a team and the teams below it where one is named.

    Costs the same number of queries however much there is to count.
    """
    deals = Rows(DEALS).narrowed(*team_and_below(team))
    open_deals = deals.narrowed(("kind", StageKind.OPEN))
    closing = open_deals.narrowed(*period.days("close_date"))
    attention = deals.narrowed(("issue", Issue.ANY))
    won = deals.narrowed(("kind", StageKind.WON), *period.days("closed"))
    cells = open_cells(user, open_deals, period)
    return PipelineReport(
        as_of=timezone.now(),
        currency=workspace.currency,
        period=period,
        team=team,
        open=added_up(open_deals, cells),
        closing=added_up(closing, (cell for cell in cells if cell.closes)),
        attention=added_up(attention, (cell for cell in cells if cell.needs_attention)),
        by_stage=by_stage(open_deals, cells),
        by_owner=by_owner(open_deals, cells),
        by_team=by_team(open_deals, cells),
        **figures(user, {"won": won}),
    )


def open_cells(user: User, rows: Rows, period: Period) -> list[Cell]:
    """The open pipeline, read once, in the smallest parts of which its figures are made."""

    def summing() -> Statement:
        parts = {
            "closes": Q(close_date__range=(period.first, period.last)),
            "needs_attention": has_issue(Issue.ANY, timezone.localdate()),
        }
        shared = {name: ExpressionWrapper(each, BooleanField()) for name, each in parts.items()}
        deals = rows.for_user(user).with_expected().annotate(**shared)
        sums = {"count": Count("pk"), "amount": Sum("company_amount"), "weighted": Sum("expected")}
        return Statement(deals.values("stage", "owner", "team", *shared).annotate(**sums))

    cells = for_today(user, ("open cells", rows, period), summing)
    return [Cell(**cell) for cell in cells.named()]


def added_up(rows: Rows, cells: Iterable[Cell]) -> Figure:
    return Figure.of(rows, ((cell.count, cell.amount, cell.weighted) for cell in cells))


def parted(cells: Iterable[Cell], by: Callable[[Cell], Any]) -> dict[Any, list[Cell]]:
    found: dict[Any, list[Cell]] = {}
    for cell in cells:
        found.setdefault(by(cell), []).append(cell)
    return found


def by_stage(rows: Rows, cells: list[Cell]) -> list[Group]:
    """Every open stage in its order, empty ones too; with its pipeline where there are several."""
    parts = parted(cells, lambda cell: cell.stage)
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
    parts = parted(cells, lambda cell: cell.owner)
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
    parts = parted(cells, lambda cell: cell.team)
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
