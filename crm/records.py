"""What every service that changes a record does alike: lock it, apply changes, save, report."""

import datetime as dt
from collections.abc import Collection, Mapping
from decimal import Decimal
from http import HTTPStatus
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from crm.errors import DomainError, require
from crm.text import clean_text
from people.models import User
from people.ownership import Record
from people.reach import Action

AnyRecord = TypeVar("AnyRecord", bound=Record)

Diff = dict[str, list[Any]]
NAME = Lower("name")


class StaleVersion(DomainError):
    """
    The record is not in the `version` that was meant.

    Somebody saved it first: somebody else, or `actor` in another tab. A number that is none of
    an earlier version is nobody's doing.
    """

    code = "stale_version"
    status = HTTPStatus.PRECONDITION_FAILED

    def __init__(self, record: Any, *, actor: User, version: int):
        # Activities do not say who changed them, and jobs change records without a person.
        who = getattr(record, "updated_by", None)
        super().__init__(
            in_the_meantime(record, by=who, actor=actor)
            if is_earlier(version, record)
            else f"{record} is in version {record.version}, not in the one that was named.",
            extra={"version": record.version},
        )
        if hasattr(record, "get_absolute_url"):
            self.page = record.get_absolute_url()


def in_the_meantime(record: Any, *, by: User | None, actor: User) -> str:
    """The sentence that tells `actor` who changed a record first."""
    who = " by you, in another tab," if by == actor else f" by {by.full_name}" if by else ""
    return f"{record} was changed{who} in the meantime."


def is_earlier(version: int, record: Any) -> bool:
    """Whether the record has been in this version, and is in it no longer."""
    return 0 < version < record.version


def require_version(record: Any, version: int | None, *, actor: User) -> None:
    """Raise StaleVersion where a version is given that is not the record's."""
    if version is not None and record.version != version:
        raise StaleVersion(record, actor=actor, version=version)


def lock_record(
    queryset: Any,
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

    What `queryset` joins is read afterwards, in a query of its own.
    """
    locked = hold(queryset.visible_to(actor, action), pk=pk)
    require(locked is not None)
    require_version(locked, version, actor=actor)
    return locked


def hold(queryset: Any, *, pk: int) -> Any:
    """
    The row of a queryset with this key, locked until the transaction ends, or None.

    Locked without joins: whoever waits here for a change of a foreign key would get the
    fresh row with the old join, which do not match, and so no row at all. What the queryset
    joins is read once the row is ours.
    """
    alone = queryset.select_related(None).filter(pk=pk)
    if not queryset.query.select_related:
        return alone.select_for_update(of=("self",), no_key=True).first()
    if not alone.select_for_update(no_key=True).values_list("pk"):
        return None
    joined = queryset.model.objects.all()
    joined.query.select_related = queryset.query.select_related
    return joined.get(pk=pk)


def clean_texts(values: Mapping[str, Any]) -> dict[str, Any]:
    """
    The same values, their texts as they may be stored.

    Raises ValidationError, by field, for a text with a character that cannot be stored.
    """
    cleaned: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for name, value in values.items():
        try:
            cleaned[name] = clean_text(value) if isinstance(value, str) else value
        except ValueError as error:
            errors[name] = str(error)
    if errors:
        raise ValidationError(errors)
    return cleaned


def validate_columns(record: models.Model) -> None:
    """
    Check each column by itself: lengths, choices, formats, what must not be empty.

    Raises ValidationError by field. It asks the database nothing, unlike full_clean();
    what foreign keys and constraints say, the database says itself when the row is written.
    """
    related = {field.name for field in record._meta.fields if field.is_relation}
    record.clean_fields(exclude=related)


def check_whole(record: models.Model) -> None:
    """
    Check all that is said of a record before it is written: its columns and its constraints.

    Raises ValidationError by field. A constraint on an expression names none, so a name that
    another one has in whatever case is looked for here.
    """
    record.full_clean(validate_constraints=False)
    for constraint in record._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint) and NAME in constraint.expressions:
            try:
                constraint.validate(type(record), record)
            except ValidationError:
                kind = record._meta.verbose_name
                message = f"There is a {kind} of this name already."
                raise ValidationError({"name": message}) from None
    record.validate_constraints()


def require_can_own(user: User, record_type: str) -> None:
    """Raise ValidationError unless records of this type may be given to the user."""
    if not (user.is_active and user.can(record_type, Action.VIEW)):
        raise ValidationError(
            {"owner": f"{user} cannot own this: their account is closed or their role forbids it."}
        )


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


def save_changes(record: Record, *, actor: User | None, fields: Collection[str]) -> None:
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
