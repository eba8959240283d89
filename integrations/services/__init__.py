"""Every change of this app: keys of programs, and imports. Nothing else writes to its tables."""

from integrations.services.changing import change_import, within
from integrations.services.correcting import clean_value, correct_rows
from integrations.services.imports import (
    NEW,
    OPTIONS,
    ImportIsBusy,
    choose_values,
    create_import,
    discard_import,
    find_unfinished,
    go_on,
    map_columns,
    start_check,
    start_import,
)
from integrations.services.running import check_rows, import_rows
from integrations.services.tokens import (
    create_token,
    create_token_by_form,
    revoke_token,
    was_revoked,
)
from integrations.services.undoing import ImportStays, start_undo, undo_rows

__all__ = [
    "NEW",
    "OPTIONS",
    "ImportIsBusy",
    "ImportStays",
    "change_import",
    "check_rows",
    "choose_values",
    "clean_value",
    "correct_rows",
    "create_import",
    "create_token",
    "create_token_by_form",
    "discard_import",
    "find_unfinished",
    "go_on",
    "import_rows",
    "map_columns",
    "revoke_token",
    "start_check",
    "start_import",
    "start_undo",
    "undo_rows",
    "was_revoked",
    "within",
]
