"""
Paging by the keys of the rows instead of counting past them.

A page starts after (or before) the row named by its cursor, so the hundredth page costs as
much as the first, and rows that come or go meanwhile neither repeat nor hide others.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from typing import Any

from django.core import signing
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import F, Func, Q, QuerySet
from django.db.models.constants import LOOKUP_SEP
from django.db.models.expressions import OrderBy

Condition = Q | Func


class InvalidCursor(ValueError):
    """The cursor was not made by us, or was made for a list in another order."""


@dataclass(frozen=True)
class Page:
    """Rows in the list's order, and cursors for the pages beside them."""

    rows: list[Any]
    next: str | None
    previous: str | None


@dataclass(frozen=True)
class Term:
    """One column of an order. NULLs come last, whichever way the column runs."""

    name: str
    descending: bool
    field: models.Field
    nullable: bool

    def ordering(self, *, backward: bool) -> OrderBy:
        descending = self.descending != backward
        if not self.nullable:
            return OrderBy(F(self.name), descending=descending)
        return OrderBy(
            F(self.name),
            descending=descending,
            nulls_first=backward or None,
            nulls_last=not backward or None,
        )

    def beyond(self, value: Any, *, backward: bool) -> Q:
        """The column lies past a value that is not NULL; NULL itself is not counted in."""
        lookup = "lt" if self.descending != backward else "gt"
        return Q(**{f"{self.name}__{lookup}": value})

    def equal(self, value: Any) -> Q:
        return self.null() if value is None else Q(**{self.name: value})

    def null(self, is_null: bool = True) -> Q:
        return Q(**{f"{self.name}__isnull": is_null})


class RowBeyond(Func):
    """`(a, b) < (x, y)`: the comparison by which one index scan finds a page."""

    conditional = True
    output_field = models.BooleanField()

    def __init__(self, terms: Sequence[Term], values: Sequence[Any], operator: str):
        columns = [F(term.name) for term in terms]
        bounds = [
            models.Value(value, output_field=term.field)
            for term, value in zip(terms, values, strict=True)
        ]
        super().__init__(*columns, *bounds)
        self.operator = operator

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **context: Any) -> Any:
        compiled = [compiler.compile(source) for source in self.source_expressions]
        half = len(compiled) // 2
        left = ", ".join(sql for sql, _ in compiled[:half])
        right = ", ".join(sql for sql, _ in compiled[half:])
        params = [param for _, some in compiled for param in some]
        return f"(({left}) {self.operator} ({right}))", params


class Keyset:
    """
    Pages of a queryset in a total order.

    `order` takes names as `order_by()` does and is completed with the primary key; without
    it the queryset's own order counts. NULLs come last: an index that should serve a
    nullable column has to say so as well.
    """

    def __init__(
        self,
        queryset: QuerySet,
        order: Iterable[Any] | None = None,
        *,
        size: int = 50,
    ):
        self.terms = order_terms(queryset, order or queryset.query.order_by)
        self.queryset = queryset
        self.size = size

    def page(self, cursor: str | None = None) -> Page:
        """
        The page at a cursor; the first one without. One query, two where NULLs begin.

        Raises InvalidCursor.
        """
        backward, values = self.read(cursor) if cursor else (False, None)
        rows = self.fetch(values, backward=backward)
        more = len(rows) > self.size
        del rows[self.size :]
        if backward:
            rows.reverse()
        if not rows:
            return Page([], next=None, previous=None)
        has_next = backward or more
        has_previous = more if backward else values is not None
        return Page(
            rows,
            next=self.write(rows[-1], backward=False) if has_next else None,
            previous=self.write(rows[0], backward=True) if has_previous else None,
        )

    def fetch(self, values: list[Any] | None, *, backward: bool) -> list[Any]:
        """Up to one row more than a page, by which the caller knows that there are more."""
        ordered = self.queryset.order_by(*(term.ordering(backward=backward) for term in self.terms))
        if values is None:
            return list(ordered[: self.size + 1])
        rows: list[Any] = []
        for condition in segments(self.terms, values, backward=backward):
            rows += ordered.filter(condition)[: self.size + 1 - len(rows)]
            if len(rows) > self.size:
                break
        return rows

    def write(self, row: Any, *, backward: bool) -> str:
        values = [as_json(value_of(row, term)) for term in self.terms]
        return signer().sign_object([self.signature, backward, values])

    def read(self, cursor: str) -> tuple[bool, list[Any]]:
        try:
            signature, backward, values = signer().unsign_object(cursor)
        except (signing.BadSignature, ValueError) as error:
            raise InvalidCursor from error
        if signature != self.signature:
            raise InvalidCursor
        return backward, [
            None if value is None else term.field.to_python(value)
            for term, value in zip(self.terms, values, strict=True)
        ]

    @property
    def signature(self) -> str:
        """Names the list's order, so that a cursor is not taken to another one."""
        return ",".join(f"{'-' if term.descending else ''}{term.name}" for term in self.terms)


def signer() -> signing.Signer:
    return signing.Signer(salt="relay.keyset")


def segments(terms: Sequence[Term], values: Sequence[Any], *, backward: bool) -> list[Condition]:
    """
    The conditions for what lies beyond a row, in the order in which to ask them.

    They are more than one only where the first column may be NULL: "greater or NULL" in
    one condition could not use an index.
    """
    first, value = terms[0], values[0]
    if not first.nullable:
        return [beyond(terms, values, backward=backward)]
    if value is None:
        same = first.null()
        if len(terms) > 1:
            same &= Q(beyond(terms[1:], values[1:], backward=backward))
        return [same, first.null(False)] if backward else [same]
    filled = first.null(False) & Q(beyond(known(terms), values, backward=backward))
    return [filled] if backward else [filled, first.null()]


def known(terms: Sequence[Term]) -> list[Term]:
    """The same terms, where the first is known to be filled."""
    first, *rest = terms
    return [replace(first, nullable=False), *rest]


def beyond(terms: Sequence[Term], values: Sequence[Any], *, backward: bool) -> Condition:
    """The rows past the one with these values."""
    if len({term.descending for term in terms}) == 1 and not any(t.nullable for t in terms):
        operator = "<" if terms[0].descending != backward else ">"
        return RowBeyond(terms, values, operator)
    first, value = terms[0], values[0]
    if value is None:
        past = first.null(False) if backward else None
    else:
        past = first.beyond(value, backward=backward)
        if first.nullable and not backward:
            past |= first.null()
    if len(terms) == 1:
        return past if past is not None else Q(pk__in=[])
    tied = first.equal(value) & Q(beyond(terms[1:], values[1:], backward=backward))
    if past is None:
        return tied
    if first.nullable:
        return past | tied
    # The bound alone lets an index start at the right place; the rest is then a filter.
    lookup = "lte" if first.descending != backward else "gte"
    bound = Q(**{f"{first.name}__{lookup}": value})
    return bound & (past | tied)


def order_terms(queryset: QuerySet, order: Iterable[Any]) -> list[Term]:
    """The terms of a total order: what is asked for, then the primary key the same way."""
    primary_key = queryset.model._meta.pk
    terms: list[Term] = []
    for item in order:
        name, descending = name_and_direction(item)
        name = primary_key.name if name == "pk" else name
        terms.append(Term(name, descending, *find_column(queryset, name)))
    if not any(term.name == primary_key.name for term in terms):
        descending = terms[-1].descending if terms else True
        terms.append(Term(primary_key.name, descending, primary_key, nullable=False))
    return terms


def stable_order(queryset: QuerySet, order: Iterable[str]) -> list[OrderBy]:
    """The same total order for `order_by()`, for lists that are not paged."""
    return [term.ordering(backward=False) for term in order_terms(queryset, order)]


def name_and_direction(item: Any) -> tuple[str, bool]:
    """Of what `order_by()` takes for a column: its name, an F(), an F().desc()."""
    if isinstance(item, str):
        return item.removeprefix("-"), item.startswith("-")
    if isinstance(item, OrderBy):
        return name_and_direction(item.expression)[0], item.descending
    return item.name, False


def find_column(queryset: QuerySet, path: str) -> tuple[models.Field, bool]:
    """The column at the end of a path, and whether it or anything on the way may be NULL."""
    if path in queryset.query.annotations:
        return queryset.query.annotations[path].output_field, True
    nullable = False
    model: Any = queryset.model
    field: Any = None
    for step in path.split(LOOKUP_SEP):
        field = model._meta.get_field(step)
        nullable |= field.null
        is_key_itself = step == field.attname and field.is_relation
        field = field.target_field if is_key_itself else field
        model = field.related_model
    if model is not None:
        raise FieldDoesNotExist(f"{path} is a record; order by one of its columns.")
    return getattr(field, "output_field", field), nullable


def value_of(row: Any, term: Term) -> Any:
    """A row's value in a column, through relations that the queryset has joined."""
    if isinstance(row, dict):
        return row[term.name]
    value = row
    for step in term.name.split(LOOKUP_SEP):
        value = getattr(value, step)
        if value is None:
            return None
    return value


def as_json(value: Any) -> Any:
    """A column's value as its field can read it back, to the last microsecond."""
    if isinstance(value, date | time):
        return value.isoformat()
    if value is None or isinstance(value, bool | int | str):
        return value
    return str(value)
