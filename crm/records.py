"""What every service that changes a record does alike: lock it, apply changes, save, report."""

import datetime as dt
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any, TypeVar

from django.db import models
from django.utils import timezone

from crm.errors import DomainError, require
from people.models import User
from people.ownership import OwnedQuerySet, Record
from people.reach import Action

AnyRecord = TypeVar("AnyRecord", bound=Record)

Diff = dict[str, list[Any]]


class StaleVersion(DomainError):
    """Somebody else saved the record first."""

    code = "stale_version"
    status = 412

    def __init__(self, record: Record):
        super().__init__(
            f"{record} was changed by somebody else in the meantime.",
            extra={"version": record.version},
        )


def lock_record(
    queryset: OwnedQuerySet,
    *,
    pk: int,
    actor: User,
    action: str = Action.EDIT,
    version: int | None = None,
) -> Any:
    """
    Re-read a record for writing, and hold it until the transaction ends.

    Raises PermissionDenied if `actor` may not perform `action` on it (any longer), and
    StaleVersion if a `version` is given that is no longer the record's.
    """
    locked = (
        queryset.visible_to(actor, action)
        .filter(pk=pk)
        .select_for_update(of=("self",), no_key=True)
        .first()
    )
    require(locked is not None)
    if version is not None and locked.version != version:
        raise StaleVersion(locked)
    return locked


def apply_changes(
    record: models.Model, changes: Mapping[str, Any], *, allowed: Collection[str]
) -> Diff:
    """
    Set the changed fields on a record and tell what differs: {field: [old, new]}, as JSON values.

    Raises KeyError for a field outside `allowed`: the caller's list is wrong, not the input.
    """
    diff: Diff = {}
    for name, value in changes.items():
        if name not in allowed:
            raise KeyError(name)
        old = getattr(record, name)
        if old != value:
            setattr(record, name, value)
            diff[name] = [as_json(old), as_json(value)]
    return diff


def save_changes(record: Record, *, actor: User, fields: Collection[str]) -> None:
    """Write the named fields of a locked record and move its version and bookkeeping on."""
    record.version += 1
    record.updated_by = actor
    record.save(update_fields=[*fields, "version", "updated_by", "updated_at"])


def soft_delete(record: Record, *, actor: User) -> None:
    """Hide a locked record from everybody; its row and its history stay."""
    record.deleted_at = timezone.now()
    save_changes(record, actor=actor, fields=["deleted_at"])


def as_json(value: Any) -> Any:
    """A field value as the event log keeps it."""
    match value:
        case models.Model():
            return value.pk
        case Decimal():
            return str(value)
        case dt.datetime() | dt.date() | dt.time():
            return value.isoformat()
        case list() | tuple() | set():
            return [as_json(item) for item in value]
        case _:
            return value
