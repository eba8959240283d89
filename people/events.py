"""
The event log, for the apps below it.

The log belongs to an app above this one, so its functions are found by name; see
`activities.events` for what they take.
"""

from collections.abc import Iterable
from importlib import import_module
from typing import Any

from django.conf import settings
from django.db import models

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
    log = import_module(settings.EVENT_LOG)
    log.record(verb, actor=actor, changes=changes, note=note, notify=notify, **subjects)


def last_editor(**subject: models.Model) -> User | None:
    """Who edited the subject last, such as `role=`, as far as the log knows."""
    return import_module(settings.EVENT_LOG).last_editor(**subject)
