"""Values of an import corrected in place; what the file says is kept beside them."""

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.db import transaction

from crm.text import clean_text
from integrations.models import Import, ImportRow, ImportState
from integrations.services.imports import guess_values, hold_to_change
from people.models import User

MAX_VALUE_LENGTH = 10_000

# {row: {column: text}}
Corrections = Mapping[int, Mapping[str, str]]


@transaction.atomic
def correct_rows(*, batch: Import, corrections: Corrections, actor: User) -> Import:
    """
    Read these values in place of what the file says, in rows that the last check refused.

    A value as the file has it takes its correction back. The import has to be checked anew.
    Raises PermissionDenied, ImportIsBusy, or ValidationError naming each row and column.
    """
    batch = hold_to_change(batch, actor)
    refused = batch.rows.exclude(problem="").filter(number__in=list(corrections))
    rows = {row.number: row for row in refused}
    errors: list[str] = []
    for number, typed in corrections.items():
        if number in rows:
            errors += correct(rows[number], typed, batch.columns)
        else:
            errors.append(f"Row {number} is not among the rows that are left out.")
    if errors:
        raise ValidationError(errors)
    ImportRow.objects.bulk_update(rows.values(), ["corrections"], batch_size=500)
    batch.corrected_count = batch.rows.filter(corrections__isnull=False).count()
    guess_values(batch)
    batch.state = ImportState.DRAFT
    batch.save(update_fields=["corrected_count", "values", "state"])
    return batch


def correct(row: ImportRow, typed: Mapping[str, str], columns: list[str]) -> list[str]:
    """Put the typed values of a row into it, unsaved. Returns what is wrong with them."""
    found = dict(zip(columns, row.cells, strict=False))
    corrections, errors = dict(row.corrections or {}), []
    for column, text in typed.items():
        try:
            if column not in columns:
                raise ValueError("The file has no such column.")
            value = clean_value(text)
        except ValueError as error:
            errors.append(f"Row {row.number}, {column}: {error}")
            continue
        corrections[column] = value
        if value == found.get(column, ""):
            del corrections[column]
    row.corrections = corrections or None
    return errors


def clean_value(text: str) -> str:
    """A typed value as it is kept. Raises ValueError for one that cannot be."""
    if len(text) > MAX_VALUE_LENGTH:
        raise ValueError(f"This is longer than {MAX_VALUE_LENGTH:,} characters.")
    return clean_text(text)
