"""
Writing to the event log from below it.

The log belongs to an app above this one, so its writer is found by name; see
`activities.events.record` for what it takes.
"""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.module_loading import import_string

from people.models import User


def record(
    verb: str,
    *,
    actor: User | None,
    changes: dict[str, Any] | None = None,
    note: str = "",
    notify: Iterable[User] = (),
    **subjects: models.Model | None,
) -> None:
    """Write down what happened, in the transaction that makes it happen."""
    write = import_string(settings.EVENT_LOG)
    write(verb, actor=actor, changes=changes, note=note, notify=notify, **subjects)
