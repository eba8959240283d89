"""
How a deal came to be what it is, from its field history: bulk updates and SQL included.

A row of the history is written by the database at every change. Services move `version`
and `updated_by` on with each change. A row where the version stands still was written by
something else: then its author is whoever's request it was part of, or a periodic job.
Changes by SQL have none.
"""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import pairwise
from typing import Any

from django.apps import apps
from django.utils import timezone
from django.utils.formats import number_format

from crm.records import as_json
from crm.templatetags.relay import day
from opportunities.models import ForecastCategory, Opportunity, Stage
from people.models import User

# What people are told, under the name that they know it by.
TOLD = {
    "stage": "Stage",
    "amount": "Amount",
    "currency": "Currency",
    "close_date": "Close date",
    "owner": "Owner",
    "probability": "Probability",
    "forecast_category": "Forecast category",
    "next_step": "Next step",
    "next_step_on": "Next step due",
}


@dataclass(frozen=True)
class Change:
    """One field that changed: from what to what, when, and by whom where that is known."""

    field: str
    old: Any
    new: Any
    at: dt.datetime
    by: User | None
    job: str = ""

    @property
    def label(self) -> str:
        return TOLD[self.field]

    @property
    def old_value(self) -> Any:
        """What it was, as programs read it: the id of a stage or a person."""
        return as_json(self.old)

    @property
    def new_value(self) -> Any:
        return as_json(self.new)

    @property
    def by_id(self) -> int | None:
        return None if self.by is None else self.by.pk

    @property
    def old_text(self) -> str:
        return in_words(self.field, self.old)

    @property
    def new_text(self) -> str:
        return in_words(self.field, self.new)


@dataclass(frozen=True)
class Visit:
    """A stay in one stage; without an end it still lasts."""

    stage: Stage
    entered_at: dt.datetime
    left_at: dt.datetime | None

    def days(self, now: dt.datetime) -> int:
        """Whole days of the stay, until `now` if it lasts."""
        return ((self.left_at or now) - self.entered_at).days


class History:
    """The whole history of one deal, read in one query."""

    def __init__(self, opportunity: Opportunity):
        self.opportunity = opportunity

    @cached_property
    def rows(self) -> list[Any]:
        """The history rows, oldest first."""
        return list(
            history_model()
            .objects.filter(pgh_obj_id=self.opportunity.pk)
            .exclude(pgh_label="delete")
            .select_related("stage", "owner", "updated_by", "pgh_context")
            .only(
                "pgh_context__metadata",
                "pgh_created_at",
                "version",
                "stage_since",
                "amount",
                "currency",
                "close_date",
                "probability",
                "forecast_category",
                "next_step",
                "next_step_on",
                *(f"stage__{name}" for name in ("name", "kind", "position", "pipeline")),
                "owner__full_name",
                "updated_by__full_name",
            )
            .order_by("pgh_id")
        )

    @cached_property
    def changes(self) -> list[Change]:
        """Every change of a field that people are told of, newest first."""
        found = [
            Change(
                field=field,
                old=getattr(before, field),
                new=getattr(after, field),
                at=after.pgh_created_at,
                by=self.author(before, after),
                job=context_of(after).get("job", ""),
            )
            for before, after in pairwise(self.rows)
            for field in TOLD
            if getattr(before, field) != getattr(after, field)
        ]
        return found[::-1]

    def author(self, before: Any, after: Any) -> User | None:
        if after.version != before.version:
            return after.updated_by
        return self.requesters.get(context_of(after).get("user", 0))

    @cached_property
    def requesters(self) -> dict[int, User]:
        """Those whose requests changed the deal. Asks nothing where services wrote every row."""
        unnamed = [
            context_of(after).get("user")
            for before, after in pairwise(self.rows)
            if after.version == before.version
        ]
        ids = {pk for pk in unnamed if pk}
        return User.objects.in_bulk(ids) if ids else {}

    @cached_property
    def visits(self) -> list[Visit]:
        """The stays in stages, in their order; a stage may come more than once."""
        entries = self.rows[:1] + [
            after for before, after in pairwise(self.rows) if before.stage_id != after.stage_id
        ]
        begun = [entered_at(before, entry) for before, entry in pairwise([None, *entries])]
        return [
            Visit(stage=entry.stage, entered_at=since, left_at=until)
            for entry, since, until in zip(entries, begun, [*begun[1:], None], strict=True)
        ]

    def days_in_stages(self, now: dt.datetime | None = None) -> dict[int, int]:
        """{stage id: whole days in it, all stays together}."""
        now = now or timezone.now()
        stays: dict[int, dt.timedelta] = {}
        for visit in self.visits:
            stay = (visit.left_at or now) - visit.entered_at
            stays[visit.stage.pk] = stays.get(visit.stage.pk, dt.timedelta()) + stay
        return {stage: stay.days for stage, stay in stays.items()}


def entered_at(before: Any, entry: Any) -> dt.datetime:
    """
    When a stay began: as the row itself says, which may be earlier than it was written.

    Whatever moved the deal without saying so did it when the row was written.
    """
    if before is not None and before.stage_since == entry.stage_since:
        return entry.pgh_created_at
    return entry.stage_since


def context_of(row: Any) -> dict[str, Any]:
    """What was known of the circumstances in which a row of history was written."""
    return row.pgh_context.metadata if row.pgh_context_id else {}


def in_words(field: str, value: Any) -> str:
    """A value of the history as people read it; nothing for none."""
    if value is None:
        return ""
    if isinstance(value, dt.date):
        return day(value)
    if isinstance(value, Decimal):
        return number_format(value, force_grouping=True)
    return str(ForecastCategory(value).label if field == "forecast_category" else value)


def stage_before_closing(opportunity: Opportunity) -> Stage | None:
    """The open stage that a closed deal was last in, where there was one."""
    for visit in reversed(History(opportunity).visits):
        if visit.stage.is_open:
            return Stage.objects.filter(pk=visit.stage.pk).first()
    return None


def history_model() -> Any:
    """The model that pghistory makes for Opportunity."""
    return apps.get_model("opportunities", "OpportunityHistory")
