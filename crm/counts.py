"""How long lists are, counted to a limit: nobody reads a number of six digits."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from crm.statements import for_today

COUNT_CAP = 10_000

Key = TypeVar("Key")
Count = tuple[int, bool]


def capped_count(queryset: QuerySet, cap: int = COUNT_CAP) -> Count:
    """How many rows there are, and whether there are more than the `cap` that were counted."""
    counted = queryset.order_by().values("pk")[: cap + 1].count()
    return min(counted, cap), counted > cap


def capped_counts(querysets: Mapping[Key, QuerySet], cap: int = COUNT_CAP) -> dict[Key, Count]:
    """The `capped_count` of several lists, all in one query."""
    return Counting(querysets, cap).counts()


def daily_counts(
    user: Any,
    what: str,
    names: tuple[Key, ...],
    lists: Callable[[Key], QuerySet],
    besides: Mapping[Key, QuerySet] | None = None,
) -> dict[Key, Count]:
    """
    The `capped_counts` of lists that follow from a person's reach and the day, nothing else.

    `what` tells them from others of the same names. `lists` makes each of them, once a day: their
    SQL is kept, not what it counts. What is counted `besides` may follow from anything.
    """
    name = (what, names)
    counting = for_today(user, name, lambda: Counting({each: lists(each) for each in names}))
    return counting.with_more(besides or {}).counts()


class Counting:
    """The query for the `capped_count` of several lists, which may be asked again and again."""

    def __init__(self, querysets: Mapping[Any, QuerySet], cap: int = COUNT_CAP):
        self.cap = cap
        self.names: list[Any] = []
        self.selects: list[str] = []
        self.params: list[Any] = []
        for name, queryset in querysets.items():
            self.add(name, queryset)

    def with_more(self, querysets: Mapping[Any, QuerySet]) -> "Counting":
        """The same and further lists."""
        more = Counting(querysets, self.cap)
        more.names = self.names + more.names
        more.selects = self.selects + more.selects
        more.params = self.params + more.params
        return more

    def add(self, name: Any, queryset: QuerySet) -> None:
        try:
            rows = queryset.order_by().values("pk")[: self.cap + 1]
            sql, params = rows.query.sql_with_params()
        except EmptyResultSet:
            sql, params = "SELECT 1 WHERE FALSE", ()
        self.names.append(name)
        # The parts are SQL that the ORM made; values travel as parameters.
        self.selects.append(f"(SELECT count(*) FROM ({sql}) counted)")  # noqa: S608
        self.params += params

    def counts(self) -> dict[Any, Count]:
        """How many rows each list has now."""
        if not self.selects:
            return {}
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(self.selects)}", self.params)
            counts = cursor.fetchone()
        return {
            name: (min(count, self.cap), count > self.cap)
            for name, count in zip(self.names, counts, strict=True)
        }
