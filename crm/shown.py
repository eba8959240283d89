"""
Optimistic locking for rows that carry no version: whether what a form showed still stands.

The form sends along a digest of every value it was filled with; the service compares them,
under its lock, with the digests of the values that it finds.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Model, QuerySet

from crm.records import StaleVersion, as_json, in_the_meantime
from people.events import last_editor
from people.models import User

# {field: digest of its value}
Shown = Mapping[str, str]


class ChangedMeanwhile(StaleVersion):
    """A record is not as it was shown: `editor`, where known, saved it first."""

    def __init__(self, record: Model, *, editor: User | None, actor: User, stands: Shown):
        super(StaleVersion, self).__init__(in_the_meantime(record, by=editor, actor=actor))
        self.editor, self.stands = editor, stands


def shown_of(record: Model, fields: Iterable[str], **beside: Any) -> Shown:
    """The digests of these columns of a record, and of what is kept `beside` it, by name."""
    values = {name: record.serializable_value(name) for name in fields} | beside
    return {name: digest(value) for name, value in values.items()}


def require_as_shown(
    record: Model, *, shown: Shown | None, stands: Shown, actor: User, **subject: Model
) -> None:
    """
    Raise ChangedMeanwhile where it is said what was `shown`, and that is not how it `stands`.

    To be asked under the lock of the record. Its events are those of the `subject`.
    """
    if shown is not None and shown != stands:
        editor = last_editor(**subject)
        raise ChangedMeanwhile(record, editor=editor, actor=actor, stands=stands)


def digest(value: Any) -> str:
    """A short name of a value, the same wherever it comes from: a form or the row."""
    written = json.dumps(as_json(plain(value)), default=str)
    return hashlib.sha256(written.encode()).hexdigest()[:12]


def plain(value: Any) -> Any:
    """A value that compares alike wherever it comes from: a form, the row, or its history."""
    if isinstance(value, list | QuerySet):
        value = sorted(getattr(item, "pk", item) for item in value)
    value = getattr(value, "pk", value)
    if isinstance(value, Decimal):
        value = value.normalize()
    return None if value is False or value in ("", []) else value


def write_shown(shown: Shown) -> str:
    """The digests as one text, for a hidden field or an ETag."""
    return " ".join(f"{name}={value}" for name, value in sorted(shown.items()))


def read_shown(written: str) -> Shown:
    """The digests of such a text; of any other, what nothing has ever been shown as."""
    pairs = (pair.partition("=") for pair in written.split())
    return {name: value for name, _, value in pairs}
