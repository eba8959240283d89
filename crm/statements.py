"""
SQL that is put together once and asked again and again.

The ORM takes longer to put a long statement together than PostgreSQL to answer it.
"""

import contextlib
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

MOST_KEPT = 1_000

Made = TypeVar("Made")

kept: dict[Hashable, Any] = {}


def for_today(user: Any, name: Hashable, make: Callable[[], Made]) -> Made:
    """
    What `make` gives, kept until a person's reach or their day changes.

    It may depend on nothing else but `name`; what is to be compared with the present moment
    has to ask the database for it, with `Now()`.
    """
    zone = timezone.get_current_timezone_name()
    key = (name, user.reach.key, zone, timezone.localdate())
    with contextlib.suppress(KeyError):
        return kept[key]
    if len(kept) >= MOST_KEPT:
        kept.clear()
    kept[key] = made = make()
    return made


class Statement:
    """The SQL of a queryset of `values()`."""

    def __init__(self, queryset: QuerySet):
        self.params: tuple[Any, ...] = ()
        self.names = tuple(queryset.query.selected or ())
        try:
            self.sql, self.params = queryset.query.sql_with_params()
        except EmptyResultSet:
            self.sql = ""

    def rows(self) -> list[tuple[Any, ...]]:
        """What the database answers now."""
        if not self.sql:
            return []
        with connection.cursor() as cursor:
            cursor.execute(self.sql, self.params)
            return cursor.fetchall()

    def named(self) -> list[dict[str, Any]]:
        """The same, each row by the names that the queryset gives its values."""
        return [dict(zip(self.names, row, strict=True)) for row in self.rows()]
