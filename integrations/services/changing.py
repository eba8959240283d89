"""Several choices for an import at once: all of them, or none."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from integrations.models import Import
from integrations.services.correcting import Corrections, correct_rows
from integrations.services.imports import choose_values, hold_to_change, map_columns
from people.models import User


@transaction.atomic
def change_import(
    *,
    batch: Import,
    actor: User,
    mapping: Mapping[str, str],
    corrections: Corrections,
    options: Mapping[str, Any],
    values: Mapping[str, Mapping[str, int | str]],
) -> Import:
    """
    Change some of what is chosen for an import; what is not named stays as it is.

    Locks the import first, so that of two such changes at once neither is lost. Raises what
    map_columns, correct_rows and choose_values raise, with the part that is wrong: see `within`.
    """
    batch = hold_to_change(batch, actor)
    if mapping:
        with within("mapping"):
            batch = map_columns(batch=batch, mapping=batch.mapping | dict(mapping), actor=actor)
    if corrections:
        with within("corrections"):
            batch = correct_rows(batch=batch, corrections=corrections, actor=actor)
    return choose_values(batch=batch, actor=actor, options=options, values=values)


@contextmanager
def within(part: str) -> Iterator[None]:
    """Let a ValidationError say in which part of what was sent its fields are."""
    try:
        yield
    except ValidationError as error:
        found: dict[str, Any] = getattr(error, "error_dict", {})
        by_steps: dict[Any, Any] = {(part, name): errors for name, errors in found.items()}
        raise ValidationError(by_steps or {part: error}) from None
