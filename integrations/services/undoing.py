"""Taking an import back: its leads are deleted, except those that somebody has touched since."""

from collections.abc import Callable, Iterator
from typing import Any

from django.db import transaction
from django.utils import timezone
from django_tasks import task

from activities.events import record
from crm.errors import DomainError, require
from crm.text import counted
from integrations.models import Import, ImportRow, ImportState
from integrations.permissions import can_undo_import
from integrations.services.running import CHUNK, about, hold
from leads.services import delete_untouched
from people.models import User


class ImportStays(DomainError):
    """Its leads cannot be taken back: it is not over, was taken back, or is too long ago."""

    code = "import_stays"

    def __init__(self, batch: Import):
        why = (
            "was finished too long ago"
            if batch.state == ImportState.DONE
            else f"is {batch.get_state_display().lower()}"
        )
        super().__init__(f"{batch} {why} and cannot be undone.")


@transaction.atomic
def start_undo(*, batch: Import, actor: User, in_background: bool = True) -> Import:
    """
    Have the worker delete what the import has made and nobody has touched since.

    Only once, and not for ever. Raises PermissionDenied or ImportStays.
    """
    require(can_undo_import(actor, batch))
    batch = Import.objects.select_for_update(no_key=True).get(pk=batch.pk)
    if not batch.can_be_undone:
        raise ImportStays(batch)
    batch.state = ImportState.UNDOING
    batch.round += 1
    batch.position = 0
    batch.moved_at = timezone.now()
    batch.save(update_fields=["state", "round", "position", "moved_at"])
    if in_background:
        undo_in_background.enqueue(import_id=batch.pk, round_number=batch.round, actor_id=actor.pk)
    return batch


@task()
def undo_in_background(*, import_id: int, round_number: int, actor_id: int) -> None:
    """The worker's part of `start_undo`: one chunk, and the order for the next."""
    actor = User.objects.get(pk=actor_id)
    undo_chunk(import_id, round_number, actor, then=undo_in_background.enqueue)


def undo_rows(import_id: int, round_number: int, actor: User) -> Iterator[Import]:
    """Delete what is left; gives the import after each chunk."""
    while (batch := undo_chunk(import_id, round_number, actor)) is not None:
        yield batch


@transaction.atomic
def undo_chunk(
    import_id: int,
    round_number: int,
    actor: User,
    then: Callable[..., object] | None = None,
) -> Import | None:
    """
    Delete the next leads; None where nothing is left or the round is over.

    `then` is told, in the same transaction, that there is more to do.
    """
    batch = hold(import_id, round_number, ImportState.UNDOING)
    if batch is None:
        return None
    made = ImportRow.objects.filter(batch=batch, lead__isnull=False, number__gt=batch.position)
    rows = list(made.order_by("number").values_list("number", "lead_id")[:CHUNK])
    why = f"The import of {batch.file_name} was undone."
    batch.undone_count += delete_untouched(keys=[lead for _, lead in rows], actor=actor, why=why)
    batch.moved_at = timezone.now()
    if rows:
        batch.position = rows[-1][0]
    if len(rows) < CHUNK:
        batch.state = ImportState.UNDONE
        tell(batch, actor)
    elif then is not None:
        then(import_id=batch.pk, round_number=batch.round, actor_id=actor.pk)
    batch.save(update_fields=["state", "position", "undone_count", "moved_at"])
    return batch


def tell(batch: Import, actor: User) -> None:
    """Write down what came of it; the importer is told, if it was somebody else's doing."""
    kept = batch.good_count - batch.undone_count
    changes: dict[str, Any] = {"deleted": batch.undone_count, "kept": kept}
    stay = f", {counted(kept, 'lead')} kept" if kept else ""
    record(
        "import.undone",
        actor=actor,
        changes=changes,
        note=f"{batch.file_name}: {counted(batch.undone_count, 'lead')} deleted{stay}.",
        notify=[batch.created_by],
        **about(batch),
    )
