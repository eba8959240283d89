"""
Working through the rows of an import: once to check them, once to make leads of them.

Each chunk of rows is one transaction, which holds the import, settles the rows after its
`position` and moves that on. Whoever is killed leaves whole chunks behind, two at once take
turns, and whoever starts again finds exactly the rows that are left.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.db import connection, transaction
from django.db.models import Count
from django.utils import timezone
from django_tasks import task

from activities.events import compose, record_all
from crm.text import counted
from integrations.models import Duplicates, Import, ImportRow, ImportState
from integrations.rows import RefusedRow, RowReader
from leads.batch_matching import KeyIndex, Keys, KnownLead, Likeness, known_leads
from leads.matching import Strength
from leads.models import Lead
from leads.services import NewLead, insert_leads
from people.models import User

CHUNK = 500

# What a row may be the same as: another row, by its number, or a lead that was there before.
Twin = int | KnownLead


@task()
def check_in_background(*, import_id: int, round_number: int) -> None:
    """The worker's part of `start_check`."""
    for _ in check_rows(import_id, round_number):
        pass


@task()
def run_in_background(*, import_id: int, round_number: int) -> None:
    """
    The worker's part of `start_import`: one chunk, and the order for the next.

    One by one, so that other work gets its turn, and a worker that is stopped and started
    again goes on by itself.
    """
    import_chunk(import_id, round_number, then=run_in_background.enqueue)


def check_rows(import_id: int, round_number: int) -> Iterator[Import]:
    """
    Try every row, and note what would come of it; gives the import after each chunk.

    Makes no lead. Ends at once for a round that is over.
    """
    in_file: KeyIndex[Twin] = KeyIndex()
    is_first = True
    while True:
        with transaction.atomic():
            batch = hold(import_id, round_number, ImportState.CHECKING)
            if batch is None:
                return
            if is_first:
                # What is known of the rows before is in this process' memory only.
                batch.position = batch.good_count = batch.refused_count = batch.alike_count = 0
                batch.rows.update(problem="", faults=None, likeness=None)
                is_first = False
            rows = next_rows(batch)
            judge(batch, rows, in_file)
            note([row for row in rows if row.problem or row.likeness])
            move_on(batch, rows, ends_as=ImportState.CHECKED)
        yield batch


def import_rows(import_id: int, round_number: int) -> Iterator[Import]:
    """Make leads of the rows that are left; gives the import after each chunk."""
    while (batch := import_chunk(import_id, round_number)) is not None:
        yield batch


@transaction.atomic
def import_chunk(
    import_id: int, round_number: int, then: Callable[..., object] | None = None
) -> Import | None:
    """
    Make leads of the next rows; None where nothing is left or the round is over.

    `then` is told, in the same transaction, that there is more to do.
    """
    batch = hold(import_id, round_number, ImportState.RUNNING)
    if batch is None:
        return None
    rows = next_rows(batch)
    made = judge(batch, rows, KeyIndex())
    insert_leads([new for _, new in made], actor=batch.created_by, tell_owners=False)
    for row, new in made:
        row.lead = new.lead
    note(rows)
    move_on(batch, rows, ends_as=ImportState.DONE)
    if batch.state == ImportState.DONE:
        tell(batch)
    elif then is not None:
        then(import_id=batch.pk, round_number=batch.round)
    return batch


def hold(import_id: int, round_number: int, state: str) -> Import | None:
    """The import, locked, if it is still in this state and round."""
    at_work = Import.objects.filter(pk=import_id, round=round_number, state=state)
    return at_work.select_for_update(no_key=True).first()


def next_rows(batch: Import) -> list[ImportRow]:
    return list(batch.rows.filter(number__gt=batch.position).order_by("number")[:CHUNK])


def move_on(batch: Import, rows: Sequence[ImportRow], *, ends_as: str) -> None:
    """Note that these rows are settled; the last ones end the round."""
    refused = sum(bool(row.problem) for row in rows)
    batch.refused_count += refused
    batch.good_count += len(rows) - refused
    batch.alike_count += sum(row.likeness is not None and not row.problem for row in rows)
    batch.moved_at = timezone.now()
    if rows:
        batch.position = rows[-1].number
    if batch.settled_count == batch.row_count:
        batch.state = ends_as
        batch.finished_at = batch.moved_at
    batch.save(
        update_fields=[
            "position", "good_count", "refused_count", "alike_count", "moved_at", "state",
            "finished_at",
        ]
    )  # fmt: skip


def note(rows: Sequence[ImportRow]) -> None:
    """
    Write what became of rows. One statement: with bulk_update this took a third of an import.

    What the cells of a lead said is with the lead now; an erased person shall not live on here.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE integrations_importrow AS row
               SET lead_id = new.lead_id, problem = new.problem, faults = new.faults::jsonb,
                   likeness = new.likeness::jsonb,
                   cells = CASE WHEN new.lead_id IS NULL THEN row.cells ELSE '{}' END,
                   corrections = CASE WHEN new.lead_id IS NULL THEN row.corrections END
              FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::text[])
                   AS new (id, lead_id, problem, faults, likeness)
             WHERE row.id = new.id
            """,
            [
                [row.pk for row in rows],
                [row.lead_id for row in rows],
                [row.problem for row in rows],
                [row.faults and json.dumps(row.faults) for row in rows],
                [row.likeness and json.dumps(row.likeness) for row in rows],
            ],
        )


def judge(
    batch: Import, rows: Sequence[ImportRow], in_file: KeyIndex[Twin]
) -> list[tuple[ImportRow, NewLead]]:
    """
    The rows that can become leads, with these leads, not written yet.

    The others get their problem; whatever may be the same as something else, its likeness.
    `in_file` knows the rows before, and gets these.
    """
    reader = RowReader(batch)
    made: list[tuple[ImportRow, NewLead]] = []
    for row in rows:
        row.problem, row.faults, row.likeness = "", None, None
        try:
            made.append((row, reader.make(row.number, row.corrected(batch.columns))))
        except RefusedRow as refusal:
            row.problem, row.faults = str(refusal), refusal.faults or None
    known = index_known(batch, [Keys.of(new.lead) for _, new in made])
    good = []
    for row, new in made:
        keys = Keys.of(new.lead)
        alike = surer(known.surest(keys), in_file.surest(keys))
        if alike is not None:
            row.likeness = as_json(alike)
            if alike.strength == Strength.STRONG and batch.duplicates == Duplicates.LEAVE_OUT:
                row.problem = f"It is there already: {in_words(alike)}."
                continue
        in_file.add(keys, row.number)
        good.append((row, new))
    return good


def index_known(batch: Import, typed: Sequence[Keys]) -> KeyIndex[Twin]:
    """The leads that may be the same as these; one that this import made, by its row."""
    known = known_leads(typed, batch.created_by)
    own = batch.rows.filter(lead_id__in=[lead.pk for _, lead in known])
    numbers = dict(own.values_list("lead_id", "number"))
    index: KeyIndex[Twin] = KeyIndex()
    for keys, lead in known:
        index.add(keys, numbers.get(lead.pk, lead))
    return index


def surer(one: Likeness[Twin] | None, other: Likeness[Twin] | None) -> Likeness[Twin] | None:
    """The stronger of two, the first where they are equal."""
    if one and other:
        return other if other.strength == Strength.STRONG != one.strength else one
    return one or other


def as_json(alike: Likeness[Twin]) -> dict[str, Any]:
    """A likeness as it is kept: without the name of a lead, which not everybody may see."""
    twin = alike.found
    return {
        **({"row": twin} if isinstance(twin, int) else {"lead": twin.pk, "team": twin.team}),
        "reasons": [reason.label for reason in alike.reasons],
        "strength": str(alike.strength),
    }


def in_words(alike: Likeness[Twin]) -> str:
    """What a row is the same as, told to whoever imports it."""
    reasons = " and ".join(reason.label.lower() for reason in alike.reasons[:2])
    twin = alike.found
    if isinstance(twin, int):
        return f"{reasons} as row {twin} of this file"
    if twin.name:
        return f"{reasons} as the lead {twin.name}"
    team = f" in the team {twin.team}" if twin.team else ""
    return f"{reasons} as a lead{team} that you may not see"


def tell(batch: Import) -> None:
    """Write down that an import is over; its importer is told, and whoever got leads by it."""
    counts = {"leads": batch.good_count, "refused": batch.refused_count}
    left_out = f", {batch.refused_count:,} rows left out" if batch.refused_count else ""
    finished = compose(
        "import.finished",
        actor=None,
        note=f"{batch.file_name}: {counted(batch.good_count, 'lead')}{left_out}.",
        changes=counts,
        **about(batch),
    )
    owned = (
        Lead.objects.unscoped(reason="owners are told how many leads they got")
        .filter(import_row__batch=batch, owner__isnull=False)
        .exclude(owner=batch.created_by)
        .values_list("owner")
        .annotate(count=Count("pk"))
        .order_by("owner")
    )
    counts_of = dict(owned)
    record_all(
        [
            (finished, [batch.created_by]),
            *(
                (
                    compose(
                        "import.assigned",
                        actor=batch.created_by,
                        note=f"{batch.file_name}: {counted(counts_of[owner.pk], 'lead')}.",
                        **about(batch),
                    ),
                    [owner],
                )
                for owner in User.objects.filter(pk__in=counts_of)
            ),
        ]
    )


def about(batch: Import) -> dict[str, Any]:
    """The subject of an event about an import; "import" is no name Python allows."""
    return {"import": batch}
