"""Imports from the file to the order to run: what each column and value becomes."""

import datetime as dt
import hashlib
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.configuration import SOURCES
from accounts.keys import search_key
from accounts.models import LeadSource
from activities.events import record
from activities.files import file_name
from activities.models import Reason, ReasonKind
from crm.configuration.services import create_entry
from crm.errors import DomainError, require
from integrations.columns import guess_columns, guess_named, guess_status_kind
from integrations.models import Import, ImportRow, ImportState
from integrations.permissions import can_import
from integrations.queries import values_in
from integrations.services.running import about, check_in_background, run_in_background
from integrations.services.undoing import undo_in_background
from integrations.tables import read_table
from integrations.targets import TARGETS, Keep, Kind
from leads.models import LeadStatus, Queue, StatusKind
from leads.permissions import can_create_for
from people.models import User
from people.permissions import edits_settings

SAMPLE_ROWS = 20
# A list of choices longer than this is no list: the column was taken for another one.
MOST_VALUES = 100
# For a value that is to become an entry of its list.
NEW = "new"
USUAL_PAUSE = dt.timedelta(days=30)
OPTIONS = ("source", "queue", "reason", "wake_up_on", "duplicates", "bad_values")


class ImportIsBusy(DomainError):
    """It is being worked at, or over."""

    code = "import_busy"

    def __init__(self, batch: Import):
        super().__init__(f"{batch} is {batch.get_state_display().lower()} and cannot change now.")


@transaction.atomic
def create_import(*, actor: User, data: bytes, name: str) -> Import:
    """
    An import of this file, its rows stored, and everything guessed that can be.

    Nothing becomes a lead yet. Raises PermissionDenied, or ValidationError for a file that
    cannot be read, saying what to do.
    """
    require(can_import(actor))
    name = file_name(name)
    table = read_table(data, name)
    batch = Import(
        created_by=actor,
        file_name=file_name(f"{name}, sheet {table.sheet}") if table.sheet else name,
        digest=hashlib.sha256(data).hexdigest(),
        encoding=table.encoding,
        delimiter=table.delimiter,
        columns=table.columns,
        row_count=len(table.rows),
        mapping=guess_columns(table.columns, [cells for _, cells in table.rows[:SAMPLE_ROWS]]),
        source=usual_source(),
        queue=usual_queue(actor),
        reason=usual_reason(),
        wake_up_on=timezone.localdate() + USUAL_PAUSE,
    )
    batch.save(force_insert=True)
    ImportRow.objects.bulk_create(
        (ImportRow(batch=batch, number=number, cells=cells) for number, cells in table.rows),
        batch_size=5000,
    )
    guess_values(batch)
    batch.save(update_fields=["values"])
    return batch


@transaction.atomic
def map_columns(*, batch: Import, mapping: Mapping[str, str], actor: User) -> Import:
    """
    Say what each column becomes: a field, something kept beside the lead, or nothing.

    What its values become is guessed anew for new columns. Raises PermissionDenied,
    ImportIsBusy, or ValidationError by column.
    """
    batch = hold_to_change(batch, actor)
    check_mapping(batch, mapping)
    batch.mapping = dict(mapping)
    guess_values(batch)
    batch.state = ImportState.DRAFT
    batch.save(update_fields=["mapping", "values", "state"])
    return batch


@transaction.atomic
def choose_values(
    *,
    batch: Import,
    actor: User,
    options: Mapping[str, Any],
    values: Mapping[str, Mapping[str, int | str]],
) -> Import:
    """
    Say what sources and stages of the file are here, and what is done in cases of doubt.

    `options` are some of OPTIONS; `values` the id for each text of a "source" or "status"
    column, or NEW for a source to be made. Raises PermissionDenied, ImportIsBusy or
    ValidationError.
    """
    batch = hold_to_change(batch, actor)
    for name, value in options.items():
        if name not in OPTIONS:
            raise KeyError(name)
        setattr(batch, name, value)
    for kind, chosen in values.items():
        if unknown := sorted(set(chosen) - set(batch.values.get(kind, {}))):
            raise ValidationError({kind: f"No row of the file says “{unknown[0]}” there."})
        batch.values[kind] = batch.values.get(kind, {}) | dict(chosen)
    check_values(batch)
    batch.clean_fields(exclude={field.name for field in batch._meta.fields} - set(OPTIONS))
    batch.state = ImportState.DRAFT
    batch.save(update_fields=[*OPTIONS, "values", "state"])
    return batch


@transaction.atomic
def start_check(*, batch: Import, actor: User, in_background: bool = True) -> Import:
    """
    Have the worker try every row without making a lead of it.

    Raises PermissionDenied, ImportIsBusy, or ValidationError while something is missing.
    """
    batch = hold_to_change(batch, actor)
    check_mapping(batch, batch.mapping)
    check_values(batch)
    start(batch, ImportState.CHECKING)
    if in_background:
        check_in_background.enqueue(import_id=batch.pk, round_number=batch.round)
    return batch


@transaction.atomic
def start_import(*, batch: Import, actor: User, in_background: bool = True) -> Import:
    """
    Have the worker make leads of the rows; new sources are made at once.

    Raises PermissionDenied, ImportIsBusy, or ValidationError while something is missing.
    """
    batch = hold_to_change(batch, actor)
    check_mapping(batch, batch.mapping)
    check_values(batch)
    make_sources(batch)
    start(batch, ImportState.RUNNING)
    record(
        "import.started",
        actor=actor,
        changes={"file": batch.file_name, "rows": batch.row_count},
        note=f"{batch.file_name}: {batch.row_count:,} rows.",
        **about(batch),
    )
    if in_background:
        run_in_background.enqueue(import_id=batch.pk, round_number=batch.round)
    return batch


@transaction.atomic
def go_on(*, batch: Import, actor: User, in_background: bool = True) -> Import:
    """
    Start a stopped check or run again: where it stopped, without doing anything twice.

    Whoever might still be working at it stops. Raises PermissionDenied, or ImportIsBusy where
    there is nothing to go on with.
    """
    batch = hold_own(batch, actor)
    if not batch.is_at_work:
        raise ImportIsBusy(batch)
    batch.round += 1
    batch.moved_at = timezone.now()
    batch.save(update_fields=["round", "moved_at"])
    if in_background:
        order = {"import_id": batch.pk, "round_number": batch.round}
        match batch.state:
            case ImportState.CHECKING:
                check_in_background.enqueue(**order)
            case ImportState.RUNNING:
                run_in_background.enqueue(**order)
            case ImportState.UNDOING:
                undo_in_background.enqueue(**order, actor_id=actor.pk)
    return batch


@transaction.atomic
def discard_import(*, batch: Import, actor: User) -> None:
    """Forget a file that was not imported. Raises PermissionDenied or ImportIsBusy."""
    batch = hold_own(batch, actor)
    if batch.state in (ImportState.RUNNING, ImportState.UNDOING) or batch.is_over:
        raise ImportIsBusy(batch)
    batch.delete()


def find_unfinished(*, actor: User, data: bytes) -> Import | None:
    """One's own import of the very same file that was started and is not over."""
    digest = hashlib.sha256(data).hexdigest()
    mine = Import.objects.filter(created_by=actor, digest=digest, state=ImportState.RUNNING)
    return mine.order_by("-pk").first()


def hold_own(batch: Import, actor: User) -> Import:
    """One's own import, locked. Raises PermissionDenied, also when it is gone."""
    mine = Import.objects.filter(pk=batch.pk, created_by=actor)
    locked = mine.select_for_update(no_key=True).first()
    if locked is None or not can_import(actor):
        raise PermissionDenied
    return locked


def hold_to_change(batch: Import, actor: User) -> Import:
    """One's own import that is neither being worked at nor over, locked."""
    locked = hold_own(batch, actor)
    if locked.is_at_work or locked.is_over:
        raise ImportIsBusy(locked)
    return locked


def start(batch: Import, state: str) -> None:
    """Begin a round at the first row."""
    batch.state = state
    batch.round += 1
    batch.position = batch.good_count = batch.refused_count = batch.alike_count = 0
    batch.started_at = batch.moved_at = timezone.now()
    batch.finished_at = None
    batch.save()


def check_mapping(batch: Import, mapping: Mapping[str, str]) -> None:
    """Raises ValidationError, by column, for a mapping with which no row could be read."""
    errors: dict[str, str] = {}
    taken: dict[str, str] = {}
    for column in batch.columns:
        target = mapping.get(column, "")
        if target in (Keep.BESIDE, Keep.DECLINED):
            continue
        if target not in TARGETS:
            errors[column] = f"There is no field “{target}”."
        elif target in taken:
            errors[column] = f"“{taken[target]}” goes to {TARGETS[target].label} already."
        taken[target] = column
        if target in ("source", "status") and len(values_in(batch, column)) > MOST_VALUES:
            errors[column] = (
                f"This has more than {MOST_VALUES} different values. Is it really the "
                f"{TARGETS[target].label.lower()}? Keep it beside the lead instead."
            )
    if unknown := set(mapping) - set(batch.columns):
        raise ValidationError(f"The file has no column “{sorted(unknown)[0]}”.")
    if "full_name" in taken and taken.keys() & {"first_name", "last_name"}:
        errors[taken["full_name"]] = "First and last name come from columns of their own already."
    if errors:
        raise ValidationError(errors)
    if not taken.keys() & {"last_name", "full_name"}:
        raise ValidationError("Choose the column with the last name, or with the full name.")


def guess_values(batch: Import) -> None:
    """What each source and stage of the file probably is here; earlier choices stay."""
    guessers = {Kind.SOURCE: guess_source, Kind.STATUS: guess_status}
    values: dict[str, dict[str, int | str]] = {}
    for column, target in batch.mapping.items():
        guess = guessers.get(TARGETS[target].kind) if target in TARGETS else None
        texts = values_in(batch, column) if guess else []
        if guess and len(texts) <= MOST_VALUES:
            chosen = batch.values.get(target, {})
            guesses = guess(batch, [text for text in texts if text not in chosen])
            values[target] = {text: chosen.get(text) or guesses[text] for text in texts}
    batch.values = values


def guess_source(batch: Import, texts: list[str]) -> dict[str, int | str]:
    names = dict(LeadSource.objects.active().values_list("name", "pk"))
    unknown: int | str = NEW if edits_settings(batch.created_by) else batch.source_id
    return {text: guess_named(text, names) or unknown for text in texts}


def guess_status(batch: Import, texts: list[str]) -> dict[str, int | str]:
    statuses = list(LeadStatus.objects.choosable())
    names = {status.name: status.pk for status in statuses}
    usual = {status.kind: status.pk for status in reversed(statuses)} | {
        status.kind: status.pk for status in statuses if status.is_default
    }
    return {
        text: guess_named(text, names)
        or usual.get(guess_status_kind(text))
        or usual[StatusKind.NEW]
        for text in texts
    }


def check_values(batch: Import) -> None:
    """Raises ValidationError for choices with which rows would be refused one and all."""
    sources = set(LeadSource.objects.active().values_list("pk", flat=True))
    statuses = dict(LeadStatus.objects.choosable().values_list("pk", "kind"))
    for text, chosen in batch.values.get("source", {}).items():
        if chosen == NEW and not edits_settings(batch.created_by):
            raise ValidationError({"source": f"You may not add the source “{text}”."})
        if chosen != NEW and chosen not in sources:
            raise ValidationError({"source": f"Choose a source for “{text}”."})
    kinds = set()
    for text, chosen in batch.values.get("status", {}).items():
        if chosen not in statuses:
            raise ValidationError({"status": f"Choose a status for “{text}”."})
        kinds.add(statuses[chosen])
    if batch.source_id not in sources:
        raise ValidationError({"source": "This source is no longer used."})
    reason = batch.reason
    if StatusKind.DISQUALIFIED in kinds and (
        reason is None or reason.kind != ReasonKind.DISQUALIFY
    ):
        raise ValidationError({"reason": "Say why those leads are disqualified."})
    day = batch.wake_up_on
    if StatusKind.NURTURING in kinds and (day is None or day <= timezone.localdate()):
        raise ValidationError({"wake_up_on": "Choose a day after today."})
    if batch.queue and not batch.queue.is_active:
        raise ValidationError({"queue": f"{batch.queue} is no longer used."})


def make_sources(batch: Import) -> None:
    """Make the sources that were chosen to be made; one that is there by now is taken."""
    known = {
        search_key(source.name): source.pk for source in LeadSource.objects.filter(is_active=True)
    }
    for text, chosen in batch.values.get("source", {}).items():
        if chosen == NEW:
            key = search_key(text)
            if key not in known:
                entry = create_entry(catalog=SOURCES, fields={"name": text}, actor=batch.created_by)
                known[key] = entry.pk
            batch.values["source"][text] = known[key]


def usual_queue(actor: User) -> Queue | None:
    """
    Where leads wait whose owner is nobody here; None, if they become the importer's own.

    A queue that nobody takes from would hide them: from a newcomer, who has no colleagues yet,
    and from everybody who does not see leads without a team.
    """
    taken_from = Queue.objects.filter(is_default=True, is_active=True, members__is_active=True)
    queue = taken_from.first()
    return queue if queue and can_create_for(actor, owner=None, queue=queue) else None


def usual_source() -> LeadSource:
    """Where leads come from that do not say: "Other", where there is such a source."""
    sources = {source.name: source for source in LeadSource.objects.active()}
    return sources.get("Other") or next(iter(sources.values()))


def usual_reason() -> Reason | None:
    """Why leads are disqualified that do not say: "Other", where there is such a reason."""
    reasons = list(Reason.objects.for_kind(ReasonKind.DISQUALIFY))
    return next((reason for reason in reasons if reason.code == "other"), (reasons or [None])[0])
