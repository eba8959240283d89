"""How deals are drawn: their path, what is wrong with them, their people, their sums."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, QuerySet, Sum
from django.utils import timezone

from accounts.models import Contact
from crm.keyset import COUNT_CAP
from opportunities.filters import Issue
from opportunities.history import History
from opportunities.models import ContactRole, Opportunity, Stage, StageKind
from people.models import User


@dataclass(frozen=True)
class Sums:
    """How many deals, and what they come to in the company's currency."""

    count: int
    amount: Decimal
    weighted: Decimal
    is_capped: bool = False


def sums_of(deals: QuerySet) -> Sums:
    """
    The sums of a list in one query that reads no more than a capped count does.

    Beyond the cap only the count is known, as the cap; the amounts are those of the rows read.
    """
    read = deals.order_by().annotate(expected=F("company_amount") * F("probability") / 100)
    found = read.values("pk", "company_amount", "expected")[: COUNT_CAP + 1].aggregate(
        count=Count("pk"), amount=Sum("company_amount"), weighted=Sum("expected")
    )
    return Sums(
        count=min(found["count"], COUNT_CAP),
        amount=found["amount"] or Decimal(0),
        weighted=round(found["weighted"] or Decimal(0), 2),
        is_capped=found["count"] > COUNT_CAP,
    )


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
