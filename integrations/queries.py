"""What people look at before an import runs, and after."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Func, Q, TextField, Value
from django.db.models.functions import Coalesce

from crm.text import csv_safe
from integrations.models import Import, ImportRow, ImportState
from integrations.targets import REASON_COLUMN, TARGETS, Keep
from leads.models import HandoffState, Lead
from people.models import User

SHOWN = 20
PROBLEMS_SHOWN = 50
KEPT_SHOWN = 50
LEADS_SHOWN = 50


def values_in(batch: Import, column: str) -> list[str]:
    """The different values of a column as it is read, in the order of the alphabet."""
    cell = F(f"cells__{batch.columns.index(column)}")
    corrected = Func(
        "corrections",
        Value(column),
        function="jsonb_extract_path_text",
        output_field=TextField(),
    )
    values = (
        batch.rows.annotate(value=Coalesce(corrected, cell))
        .exclude(value="")
        .values_list("value", flat=True)
    )
    return sorted(value for value in values.distinct().order_by() if value)


@dataclass(frozen=True)
class Column:
    """A column of the file, its first value, and what it becomes."""

    name: str
    sample: str
    target: str


def columns_of(batch: Import) -> list[Column]:
    rows = list(batch.rows.order_by("number").values_list("cells", flat=True)[:SHOWN])
    return [
        Column(
            name,
            next((cells[place] for cells in rows if place < len(cells) and cells[place]), ""),
            batch.mapping.get(name, Keep.BESIDE),
        )
        for place, name in enumerate(batch.columns)
    ]


def matched_count(batch: Import) -> int:
    return sum(target in TARGETS for target in batch.mapping.values())


@dataclass(frozen=True)
class Alike:
    """A row that may be the same as something, as far as the viewer may know."""

    row: ImportRow
    likeness: dict[str, Any]
    lead: Lead | None

    @property
    def is_hidden(self) -> bool:
        return self.lead is None and "lead" in self.likeness


@dataclass(frozen=True)
class Outcome:
    """What came of an import, or would come of it: the first rows of each sort."""

    problems: list[ImportRow]
    problem_count: int
    alike: list[Alike]
    twin_count: int
    made: list[ImportRow]
    next_after: int | None
    kept: "Kept | None"


def outcome_of(batch: Import, user: User, *, after: int = 0) -> Outcome:
    """As the user may see it; the leads that were made are those after a row, 50 at a time."""
    refused = batch.rows.exclude(problem="")
    twin_count = refused.filter(likeness__isnull=False).count()
    made = made_rows(batch, user, after) if batch.state == ImportState.DONE else []
    return Outcome(
        problems=problem_rows(batch),
        problem_count=batch.refused_count - twin_count,
        alike=alike_rows(batch, user),
        twin_count=twin_count,
        made=made[:LEADS_SHOWN],
        next_after=made[LEADS_SHOWN - 1].number if len(made) > LEADS_SHOWN else None,
        kept=kept_of(batch, user) if batch.state == ImportState.UNDONE else None,
    )


def problem_rows(batch: Import) -> list[ImportRow]:
    """The first rows that are refused for what they say, not for what is there already."""
    refused = batch.rows.exclude(problem="").filter(likeness__isnull=True)
    return list(refused.order_by("number")[:PROBLEMS_SHOWN])


@dataclass(frozen=True)
class Kept:
    """The leads of an import that stay when it is undone, by why; `shown` are the first ones."""

    converted: int
    requested: int
    changed: int
    deletable: int
    shown: list[ImportRow]

    @property
    def count(self) -> int:
        return self.converted + self.requested + self.changed


def kept_of(batch: Import, user: User) -> Kept:
    """What undoing an import keeps, and how much it deletes; shown as far as the user sees it."""
    every = Lead.objects.unscoped(reason="whoever undoes an import is told how much it touches")
    live = every.filter(import_row__batch=batch).live()
    untouched = live.untouched()
    touched = live.exclude(pk__in=untouched.values("pk"))
    is_converted = Q(converted_at__isnull=False)
    is_requested = ~Q(handoff_state=HandoffState.NONE) & ~is_converted
    counts = touched.aggregate(
        converted=Count("pk", filter=is_converted),
        requested=Count("pk", filter=is_requested),
        changed=Count("pk", filter=~is_converted & ~is_requested),
    )
    visible = Lead.objects.visible_to(user).filter(pk__in=touched.values("pk"))
    rows = batch.rows.filter(lead__in=visible).select_related("lead__status").order_by("number")
    return Kept(**counts, deletable=untouched.count(), shown=list(rows[:KEPT_SHOWN]))


def alike_rows(batch: Import, user: User) -> list[Alike]:
    """The first rows that may be the same as a lead or another row, with what the user sees."""
    rows = list(batch.rows.filter(likeness__isnull=False).order_by("number")[:SHOWN])
    found = [(row, row.likeness or {}) for row in rows]
    keys = [likeness["lead"] for _, likeness in found if "lead" in likeness]
    leads = Lead.objects.visible_to(user).in_bulk(keys) if keys else {}
    return [Alike(row, likeness, leads.get(likeness.get("lead"))) for row, likeness in found]


def made_rows(batch: Import, user: User, after: int) -> list[ImportRow]:
    """The rows after one that became leads which the user may see, and one more than is shown."""
    visible = Lead.objects.visible_to(user)
    rows = batch.rows.filter(number__gt=after, lead__in=visible).order_by("number")
    joined = rows.select_related("lead__owner", "lead__queue", "lead__status")
    return list(joined[: LEADS_SHOWN + 1])


def refused_table(batch: Import) -> Iterator[list[str]]:
    """
    The rows that are left out, as they were read, each with its reason.

    To be corrected and imported again: what a spreadsheet could run as a formula is guarded,
    and reading takes the guard away.
    """
    yield [csv_safe(name) for name in (*batch.columns, REASON_COLUMN)]
    refused = batch.rows.exclude(problem="").order_by("number")
    for refused_row in refused:
        cells, problem = refused_row.corrected(batch.columns), refused_row.problem
        missing = [""] * (len(batch.columns) - len(cells))
        # In front of cells too many, whose row would not fit otherwise.
        width = len(batch.columns)
        row = [*cells[:width], *missing, problem, *cells[width:]]
        yield [csv_safe(cell) for cell in row]
