"""How many records point at an entry: what a change of it touches, and whether it may go."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from django.db import models
from django.db.models import CASCADE, PROTECT, Count, ForeignObjectRel

from crm.configuration.catalog import Catalog
from crm.text import counted


@dataclass(frozen=True)
class Use:
    """So many records of one model."""

    model: type[models.Model]
    count: int

    def __str__(self) -> str:
        name = str(self.model._meta.verbose_name)
        return counted(self.count, name, plural(name))


def uses_of(catalog: Catalog, entries: Iterable[models.Model]) -> dict[int, list[Use]]:
    """What uses each of the entries, in one query for each sort of record."""
    keys = [entry.pk for entry in entries]
    uses: dict[int, list[Use]] = defaultdict(list)
    for relation in relations(catalog.model, catalog.parts):
        name = relation.field.name
        counted = (
            relation.related_model._base_manager.filter(**{f"{name}__in": keys})
            .order_by()
            .values_list(name)
            .annotate(count=Count("pk"))
        )
        for key, count in counted:
            uses[key].append(Use(relation.related_model, count))
    return uses


def is_used(entry: models.Model, *, parts: Collection[type[models.Model]] = ()) -> bool:
    """Whether anything but its own parts points at the entry."""
    return any(
        relation.related_model._base_manager.filter(**{relation.field.name: entry}).exists()
        for relation in relations(type(entry), parts)
    )


def relations(
    model: type[models.Model], parts: Collection[type[models.Model]]
) -> Iterator[ForeignObjectRel]:
    """
    The foreign keys that keep an entry, hidden ones too.

    Field history only repeats what records say, and a part belongs to its entry.
    """
    for relation in model._meta.get_fields(include_hidden=True):
        if (
            isinstance(relation, models.ManyToOneRel)
            and relation.on_delete in (PROTECT, CASCADE)
            and relation.related_model not in parts
        ):
            yield relation


def plural(name: str) -> str:
    """Opportunities for opportunity, leads for lead."""
    return f"{name[:-1]}ies" if name.endswith("y") else f"{name}s"
