"""The names behind the ids that events keep: one query for a whole page."""

from collections import defaultdict
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import CharField, F, Value
from django.db.models.functions import Cast, Concat, Trim
from django.urls import NoReverseMatch

from people.models import User

NAME_FIELDS = ("name", "label", "full_name")


class Labels:
    """
    Names of records by model and id, as far as `user` may see them.

    Say what will be asked with `want`, then `load` once. What the user may not see, or what
    was deleted, has no name here.
    """

    def __init__(self, user: User):
        self.user = user
        self.wanted: dict[type[models.Model], set[int]] = defaultdict(set)
        self.names: dict[tuple[str, int], str] = {}

    def want(self, model: type[models.Model], pk: Any) -> None:
        if isinstance(pk, int):
            self.wanted[model].add(pk)

    def load(self) -> None:
        """Fetch all names that are wanted, in one query; none if nothing is."""
        queries = [self.query(model, pks) for model, pks in self.wanted.items() if named_by(model)]
        if queries:
            rows = queries[0].union(*queries[1:], all=True) if len(queries) > 1 else queries[0]
            self.names |= {(model, pk): name for model, pk, name in rows}

    def query(self, model: type[models.Model], pks: set[int]) -> models.QuerySet:
        rows = model._default_manager
        visible = rows.visible_to(self.user) if hasattr(rows, "visible_to") else rows.all()
        called = Cast(named_by(model) or Value(""), CharField())
        return (
            visible.order_by()
            .filter(pk__in=pks)
            .values_list(Value(model._meta.label), "pk", called)
        )

    def name(self, model: type[models.Model], pk: Any) -> str:
        """The record's name, or nothing."""
        return self.names.get((model._meta.label, pk), "")

    def url(self, model: Any, pk: int) -> str:
        """The record's page, or nothing where its kind has none."""
        if not hasattr(model, "get_absolute_url"):
            return ""
        try:
            return model(pk=pk).get_absolute_url()
        except NoReverseMatch:
            return ""


def named_by(model: type[models.Model]) -> models.expressions.Combinable | None:
    """What a record of this model is called, as an expression."""
    for name in NAME_FIELDS:
        if has_field(model, name):
            return F(name)
    if has_field(model, "last_name"):
        return Trim(Concat("first_name", Value(" "), "last_name"))
    return None


def has_field(model: type[models.Model], name: str) -> bool:
    try:
        return bool(model._meta.get_field(name).concrete)
    except FieldDoesNotExist:
        return False
