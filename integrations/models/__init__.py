"""The doors to other programs, and what came in from them."""

from integrations.models.imports import (
    BadValues,
    Duplicates,
    Import,
    ImportRow,
    ImportState,
)
from integrations.models.tokens import ApiToken, Scope

__all__ = [
    "ApiToken",
    "BadValues",
    "Duplicates",
    "Import",
    "ImportRow",
    "ImportState",
    "Scope",
]
