"""How deals are drawn: their path, what is wrong with them, their people, their sums."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Contact
from crm.counts import COUNT_CAP
from opportunities.filters import Issue
from opportunities.history import History
from opportunities.models import ContactRole, Opportunity, OpportunityQuerySet, Stage, StageKind
from people.models import User, Workspace


@dataclass(frozen=True)
class Sums:
    """How many deals, and what they come to in the company's currency."""

    count: int
    amount: Decimal
    weighted: Decimal
    currency: str
    is_capped: bool


def sums_of(deals: OpportunityQuerySet) -> Sums:
    """
    The sums of a list, from no more rows than a capped count reads.

    Beyond the cap the count is the cap, and the amounts are not those of the whole list.
    """
    return sums_and_counts(deals, {})[0]


def sums_and_counts(
    deals: OpportunityQuerySet, others: Mapping[str, QuerySet]
) -> tuple[Sums, dict[str, tuple[int, bool]]]:
    """The sums of a list, and the capped counts of other lists, all in one query."""
    shown, params = capped_rows(deals.with_expected(), "company_amount", "expected")
    selects = [
        "count(*)",
        "coalesce(sum(company_amount), 0)",
        "round(coalesce(sum(expected), 0), 2)",
        "coalesce((SELECT currency FROM people_workspace WHERE id = 1), %s)",
    ]
    select_params = [Workspace._meta.get_field("currency").default]
    for queryset in others.values():
        rows, own = capped_rows(queryset, "id")
        selects.append(f"(SELECT count(*) FROM ({rows}) AS counted)")  # noqa: S608
        select_params += own
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(selects)} FROM ({shown}) AS shown",  # noqa: S608  # Compiled above.
            [*select_params, *params],
        )
        count, amount, weighted, currency, *counts = cursor.fetchone()
    sums = Sums(min(count, COUNT_CAP), amount, weighted, currency, count > COUNT_CAP)
    return sums, {
        name: (min(counted, COUNT_CAP), counted > COUNT_CAP)
        for name, counted in zip(others, counts, strict=True)
    }


def capped_rows(deals: QuerySet, *columns: str) -> tuple[str, list[Any]]:
    """SQL that reads some columns of a list, one row beyond the cap at most."""
    rows = deals.order_by().values(*columns)[: COUNT_CAP + 1]
    try:
        sql, params = rows.query.sql_with_params()
    except EmptyResultSet:
        empty = ", ".join(f"NULL::numeric AS {column}" for column in columns)
        return f"SELECT {empty} WHERE false", []
    return sql, list(params)


def issue_of(deal: Opportunity, today: dt.date, now: dt.datetime) -> Issue | None:
    """The worst thing that is wrong with an open deal, as `filters.has_issue` sees it."""
    if not deal.is_open:
        return None
    if deal.close_date < today:
        return Issue.CLOSE_DATE_PASSED
    if not deal.next_step:
        return Issue.NO_NEXT_STEP
    if deal.amount is None:
        return Issue.NO_AMOUNT
    limit = deal.stage.rotting_days
    if limit is not None and now - deal.stage_since > dt.timedelta(days=limit):
        return Issue.STUCK
    return None


def days_in_stage(deal: Opportunity, now: dt.datetime | None = None) -> int:
    """Whole days since the deal came into its stage."""
    return ((now or timezone.now()) - deal.stage_since).days


def path_steps(deal: Opportunity, stages: list[Stage], history: History) -> list[dict[str, Any]]:
    """
    The steps of the path bar: the open stages with the days spent there, then the end.

    Stages that were skipped count as done without days.
    """
    days = history.days_in_stages()
    open_stages = [stage for stage in stages if stage.kind == StageKind.OPEN]
    steps = []
    for stage in open_stages:
        is_now = stage.pk == deal.stage_id
        is_behind = deal.is_open and stage.position < deal.stage.position
        spent = f"{days[stage.pk]} d" if stage.pk in days and (is_now or is_behind) else ""
        if not deal.is_open and stage.pk in days:
            is_behind, spent = True, f"{days[stage.pk]} d"
        state = "now" if is_now else "done" if is_behind else ""
        steps.append({"name": stage.name, "state": state, "detail": spent, "stage": stage})
    end = deal.stage.name if not deal.is_open else "Closed"
    steps.append({"name": end, "state": "" if deal.is_open else "now", "detail": ""})
    return steps


def next_stage(deal: Opportunity, stages: list[Stage]) -> Stage | None:
    """The stage after the deal's, and after the last open one the one that is won."""
    if not deal.is_open:
        return None
    ahead = [
        stage
        for stage in stages
        if stage.kind == StageKind.OPEN
        and (stage.position, stage.pk) > (deal.stage.position, deal.stage_id)
    ]
    won = [stage for stage in stages if stage.kind == StageKind.WON]
    return next(iter([*ahead, *won]), None)


def people_of(deal: Opportunity, user: User) -> QuerySet:
    """The contact roles of a deal whose contacts the user sees, the primary one first."""
    return (
        ContactRole.objects.filter(
            opportunity=deal, contact__in=Contact.objects.visible_to(user).order_by()
        )
        .select_related("contact")
        .order_by("-is_primary", "pk")
    )
