"""Shapes of JSON: what they share. Nothing here writes to the database."""

import re
from collections.abc import Callable, Iterable, Mapping
from copy import copy, deepcopy
from datetime import date, datetime, tzinfo
from decimal import Decimal
from functools import cache
from operator import attrgetter
from typing import Any

from django.core.exceptions import ValidationError as RulesRefuse
from django.db import models
from django.utils import timezone
from django.utils.functional import cached_property
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail
from rest_framework.fields import get_error_detail
from rest_framework.serializers import ModelSerializer

from crm.fields import validate_currency, validate_day

DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MOMENT = re.compile(DATE.pattern + r"[Tt ][0-9:.]{5,15}([Zz]|[+-][0-9]{2}:[0-9]{2})")


class CleanCharField(serializers.CharField):
    """
    Text without NUL characters and lone surrogates.

    JSON text and nothing else: DRF would take a number for text as well.
    """

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class CleanEmailField(CleanCharField, serializers.EmailField):
    """An e-mail address."""


class CleanURLField(CleanCharField, serializers.URLField):
    """A web address."""


class CleanSlugField(CleanCharField, serializers.SlugField):
    """Letters, digits, hyphens, underscores."""


class StrictIntegerField(serializers.IntegerField):
    """A JSON number without a fraction: not text, not a boolean."""

    def to_internal_value(self, data: Any) -> int:
        if type(data) is not int:
            self.fail("invalid")
        return super().to_internal_value(data)


class StrictBooleanField(serializers.BooleanField):
    """JSON true or false: not "yes", not 1."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class StrictDecimalField(serializers.DecimalField):
    """Decimal digits as text, "48000.00": as a JSON number they might lose some."""

    def to_internal_value(self, data: Any) -> Decimal:
        if not isinstance(data, str) or not DECIMAL.fullmatch(data):
            self.fail("invalid")
        return super().to_internal_value(data)


class StrictDateField(serializers.DateField):
    """A day as YYYY-MM-DD, of a year that somebody works in."""

    default_validators = [validate_day]

    def to_internal_value(self, data: Any) -> date:
        if not isinstance(data, str) or not DATE.fullmatch(data):
            self.fail("invalid", format="YYYY-MM-DD")
        return super().to_internal_value(data)


class StrictDateTimeField(serializers.DateTimeField):
    """A moment in ISO 8601 with its offset; without one it would be somebody's guess."""

    def to_internal_value(self, data: Any) -> datetime:
        if not isinstance(data, str) or not MOMENT.fullmatch(data):
            self.fail("invalid", format="YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z]")
        return super().to_internal_value(data)

    @cached_property
    def zone(self) -> tzinfo:
        """Whoever asks has one zone, which DRF would look up for every moment of every row."""
        return timezone.get_current_timezone()

    def to_representation(self, value: datetime) -> str:
        text = value.astimezone(self.zone).isoformat()
        return f"{text[:-6]}Z" if text.endswith("+00:00") else text


class RelatedField(serializers.PrimaryKeyRelatedField):
    """A foreign key to a row that everybody may see, such as a source or a stage."""

    default_error_messages = {
        "does_not_exist": "There is no such record, or you may not see it.",
        "incorrect_type": "Give the id of a record, a whole number.",
    }

    def to_internal_value(self, data: Any) -> models.Model:
        if type(data) is not int:
            self.fail("incorrect_type", data_type=type(data).__name__)
        return super().to_internal_value(data)


class VisibleRelatedField(RelatedField):
    """A foreign key that accepts only rows the requesting user can see."""

    def get_queryset(self) -> models.QuerySet:
        rows: Any = super().get_queryset()
        return rows.visible_to(self.context["request"].user)


class MoneyField(serializers.Field):
    """
    {"amount": "48000.00", "currency": "EUR"} for an amount and a currency column.

    Reads both from the record and gives both to `validated_data`; null empties the amount
    and leaves the currency alone.
    """

    default_error_messages = {
        "not_an_object": 'Give {{"amount": "48000.00", "currency": "EUR"}}.',
    }

    def __init__(self, *, amount: str = "amount", currency: str = "currency", **options: Any):
        self.amount = amount
        self.currency = currency
        self.digits = StrictDecimalField(max_digits=18, decimal_places=2)
        super().__init__(source="*", **options)

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        # DRF hands null on to fields that stand for several columns.
        if data is None:
            return {self.amount: None}
        if not isinstance(data, Mapping) or set(data) != {"amount", "currency"}:
            self.fail("not_an_object")
        currency = data["currency"]
        try:
            validate_currency(currency)
        except RulesRefuse as error:
            raise serializers.ValidationError({"currency": get_error_detail(error)}) from None
        try:
            amount = self.digits.run_validation(data["amount"])
        except serializers.ValidationError as error:
            raise serializers.ValidationError({"amount": error.detail}) from None
        return {self.amount: amount, self.currency: currency}

    def to_representation(self, record: Any) -> dict[str, str] | None:
        amount: Decimal | None = getattr(record, self.amount)
        if amount is None:
            return None
        return {"amount": f"{amount:.2f}", "currency": getattr(record, self.currency)}


class ShapeSerializer(serializers.Serializer):
    """
    The shape of a body that is not a record, such as an action's.

    Refuses fields it does not know, since a misspelled one would be lost in silence.
    """

    def to_internal_value(self, data: Any) -> Any:
        # DRF itself complains about what is not an object.
        names = data if isinstance(data, Mapping) else ()
        if unknown := [name for name in names if name not in self.fields]:
            raise serializers.ValidationError(
                {
                    name: [ErrorDetail("There is no such field.", code="unknown_field")]
                    for name in unknown
                }
            )
        return super().to_internal_value(data)


@cache
def molds_of(serializer_class: type["RelaySerializer"]) -> dict[str, serializers.Field]:
    """The fields of a serializer, unbound. DRF finds out what the model asks of each."""
    return ModelSerializer.get_fields(serializer_class())


def has_parts(field: serializers.Field) -> bool:
    """Whether others are bound to the field, which a copy needs of its own."""
    return isinstance(field, serializers.BaseSerializer) or hasattr(field, "child")


def reader(field: serializers.Field, column: models.Field | None) -> Callable[[Any], Any]:
    """
    How to read what the field shows of a record.

    A column is read as it is; anything else in the way of DRF, which finds out again for
    every record whether its value is a relation, a method or a default.
    """
    represent = field.to_representation
    if isinstance(field, RelatedField) and column is not None:
        return attrgetter(column.attname)
    read = field.get_attribute if column is None else attrgetter(column.attname)

    def shown(record: Any) -> Any:
        value = read(record)
        return None if value is None else represent(value)

    return shown


class ExpandingListSerializer(serializers.ListSerializer):
    """Fetches what a page expands in one query for each relation."""

    child: "RelaySerializer"

    def to_representation(self, data: Any) -> list[Any]:
        rows = list(data.all() if isinstance(data, models.Manager) else data)
        self.child.load_expanded(rows)
        return super().to_representation(rows)


class RelaySerializer(ShapeSerializer, ModelSerializer):
    """
    The shape of a record. Foreign keys take only visible rows; text is text.

    `Meta.expandable = {"owner": UserSerializer}` lets `?expand=owner` put the record in the
    place of its id, wherever the requesting user may see it.
    """

    serializer_related_field = VisibleRelatedField
    serializer_field_mapping = {
        **ModelSerializer.serializer_field_mapping,
        models.CharField: CleanCharField,
        models.TextField: CleanCharField,
        models.EmailField: CleanEmailField,
        models.URLField: CleanURLField,
        models.SlugField: CleanSlugField,
        models.AutoField: StrictIntegerField,
        models.BigAutoField: StrictIntegerField,
        models.IntegerField: StrictIntegerField,
        models.BigIntegerField: StrictIntegerField,
        models.SmallIntegerField: StrictIntegerField,
        models.PositiveIntegerField: StrictIntegerField,
        models.PositiveBigIntegerField: StrictIntegerField,
        models.PositiveSmallIntegerField: StrictIntegerField,
        models.BooleanField: StrictBooleanField,
        models.DecimalField: StrictDecimalField,
        models.DateField: StrictDateField,
        models.DateTimeField: StrictDateTimeField,
    }

    @classmethod
    def many_init(cls, *args: Any, **kwargs: Any) -> serializers.BaseSerializer:
        if not hasattr(cls.Meta, "list_serializer_class"):
            cls.Meta.list_serializer_class = ExpandingListSerializer
        return super().many_init(*args, **kwargs)

    def build_relational_field(
        self, field_name: str, relation_info: Any
    ) -> tuple[type[serializers.Field], dict[str, Any]]:
        field_class, options = super().build_relational_field(field_name, relation_info)
        if not hasattr(relation_info.related_model._default_manager, "visible_to"):
            field_class = RelatedField
        return field_class, options

    def get_fields(self) -> dict[str, serializers.Field]:
        """Copies of what was worked out once: half of a request's time went into doing it again."""
        return {
            name: deepcopy(mold) if has_parts(mold) else copy(mold)
            for name, mold in molds_of(type(self)).items()
        }

    @cached_property
    def readers(self) -> list[tuple[str, Callable[[Any], Any]]]:
        """How each field is read, found out once for all records of a page."""
        columns = {column.name: column for column in self.Meta.model._meta.concrete_fields}
        return [
            (field.field_name, reader(field, columns.get(field.source)))
            for field in self._readable_fields
        ]

    @property
    def expanded_names(self) -> list[str]:
        """What is asked for of this serializer: the request's wish concerns the outermost."""
        is_outermost = self.parent is None or self.parent.parent is None
        asked = self.context.get("expand", ()) if is_outermost else ()
        return [name for name in getattr(self.Meta, "expandable", {}) if name in asked]

    def load_expanded(self, rows: Iterable[Any]) -> None:
        """Fetch the visible records behind the fields to expand, for all rows at once."""
        self.expanded: dict[str, dict[int, Any]] = {}
        for name in self.expanded_names:
            serializer_class = self.Meta.expandable[name]
            ids = {getattr(row, f"{self.fields[name].source}_id") for row in rows} - {None}
            visible = serializer_class.Meta.model._default_manager.visible_to(
                self.context["request"].user
            )
            shape = serializer_class(context={**self.context, "expand": ()})
            self.expanded[name] = {
                record.pk: shape.to_representation(record)
                for record in visible.for_list().filter(pk__in=ids)
            }

    def to_representation(self, instance: Any) -> dict[str, Any]:
        shown = {name: read(instance) for name, read in self.readers}
        if names := self.expanded_names:
            if not hasattr(self, "expanded"):
                self.load_expanded([instance])
            for name in names:
                shown[name] = self.expanded[name].get(shown[name], shown[name])
        return shown
