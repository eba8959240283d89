"""The description of one list of configuration."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import QuerySet


@dataclass(frozen=True)
class Column:
    """What a list shows of each entry beside its name. `get` may return None for nothing."""

    label: str
    get: Callable[[Any], Any]
    is_number: bool = False


@dataclass(frozen=True)
class Link:
    """
    A field of the form that is kept in a table of its own, such as a queue's members.

    `entry` and `target` are the foreign keys of `through`; `also` holds its other columns.
    """

    through: type[models.Model]
    entry: str
    target: str
    also: dict[str, Any] = field(default_factory=dict)

    def read(self, entry: models.Model) -> list[int]:
        """The ids of what is linked now."""
        rows = self._manager.filter(**{self.entry: entry}, **self.also)
        return sorted(rows.values_list(self.target, flat=True))

    def write(self, entry: models.Model, ids: Iterable[int]) -> None:
        """Link exactly these."""
        wanted, present = set(ids), set(self.read(entry))
        self._manager.filter(
            **{self.entry: entry, f"{self.target}__in": present - wanted}, **self.also
        ).delete()
        self._manager.bulk_create(
            self.through(**{self.entry: entry, f"{self.target}_id": target}, **self.also)
            for target in sorted(wanted - present)
        )

    @property
    def _manager(self) -> Any:
        return self.through._default_manager


@dataclass(frozen=True, kw_only=True)
class Catalog:
    """
    One list that an admin keeps.

    `key` names its pages, `noun` one entry. Entries of one `order_within` are in one order.
    Entries with the same values in `sort` are of one sort: one of them is the default, and
    where `keeps_one` the last active one cannot go. `frozen` fields stay once something uses
    the entry. `slug` is (field, made from), for entries that programs know by a key. `parts`
    are the models that only belong to an entry and are no use of it. A list below the entries
    of another names the foreign key to them (`parent`) and the other's key (`parent_key`).
    `check` raises ValidationError for an entry that makes no sense, once it is written with
    what is linked to it. `used_by` says who uses an entry without pointing at it, and
    `needed_for` in a sentence why an entry cannot be retired.
    """

    key: str
    model: type[models.Model]
    title: str
    noun: str
    description: str
    icon: str
    form: type[forms.ModelForm]
    columns: tuple[Column, ...] = ()
    links: dict[str, Link] = field(default_factory=dict)
    order_within: tuple[str, ...] = ()
    sort: tuple[str, ...] = ()
    keeps_one: bool = False
    frozen: tuple[str, ...] = ()
    slug: tuple[str, str] | None = None
    parts: tuple[type[models.Model], ...] = ()
    parent: str = ""
    parent_key: str = ""
    children: tuple["Catalog", ...] = ()
    check: Callable[[Any], None] | None = None
    used_by: Callable[[Any], str] = lambda entry: ""
    needed_for: Callable[[Any], str] | None = None
    keywords: str = ""

    @property
    def url_name(self) -> str:
        return f"settings:{self.key}"

    @property
    def has_order(self) -> bool:
        return self._has_field("position")

    @property
    def has_default(self) -> bool:
        return self._has_field("is_default")

    @property
    def can_retire(self) -> bool:
        return self._has_field("is_active")

    @property
    def acts(self) -> set[str]:
        """What a button may ask for: no order without places, no retiring without a column."""
        return (
            {"delete"}
            | ({"retire", "restore"} if self.can_retire else set())
            | ({"up", "down"} if self.has_order else set())
        )

    def entries(self) -> QuerySet:
        """All entries, retired ones last, in their order."""
        order = [*self.order_within]
        if self.can_retire:
            order.append("-is_active")
        order.append("position" if self.has_order else "name")
        return self.model._default_manager.order_by(*order, "pk")

    def siblings(self, entry: models.Model, fields: Iterable[str]) -> QuerySet:
        """The other entries with the same values in `fields`."""
        same = {name: getattr(entry, name) for name in fields}
        return self.model._default_manager.filter(**same).exclude(pk=entry.pk)

    def _has_field(self, name: str) -> bool:
        try:
            self.model._meta.get_field(name)
        except FieldDoesNotExist:
            return False
        return True
