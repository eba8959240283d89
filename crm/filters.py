"""Filters that lists, the API and exports share."""

from collections.abc import Container, Iterable
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema_field
from rest_framework.exceptions import ErrorDetail
from rest_framework.request import Request

from crm.keyset import stable_order
from crm.problems import InvalidParameters


class StableOrderingFilter(django_filters.OrderingFilter):
    """
    Ordering that never shuffles equal rows between pages: ties fall back to the key.

    Empty values come last, whichever way a column is sorted.
    """

    def filter(self, qs: QuerySet, value: list[str] | None) -> QuerySet:
        if not value:
            return qs
        names = [self.get_ordering_value(param) for param in value]
        return qs.order_by(*stable_order(qs, names))


class YesNoSelect(forms.NullBooleanSelect):
    """Hands on what was written, so that the field can refuse it."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return data.get(name)


class YesNoField(forms.NullBooleanField):
    """Django's would take whatever is neither true nor false for no wish at all."""

    widget = YesNoSelect

    def to_python(self, value: Any) -> Any:
        wish = super().to_python(value)
        if wish is None and value not in (None, "", "unknown"):
            raise ValidationError("Use true or false.", code="invalid")
        return wish


class YesNoFilter(django_filters.BooleanFilter):
    """Rows of which something is true, or is not."""

    field_class = YesNoField


class PeopleField(django_filters.fields.ModelMultipleChoiceField):
    """People by their ids; "me" is whoever asks."""

    me: Any = None

    def clean(self, value: Iterable[str] | None) -> QuerySet:
        return super().clean([str(self.me.pk) if each == "me" else each for each in value or ()])


@extend_schema_field(
    {
        "type": "array",
        "items": {"oneOf": [{"type": "integer"}, {"type": "string", "enum": ["me"]}]},
    }
)
class PeopleFilter(django_filters.ModelMultipleChoiceFilter):
    """Records of any of these people; `me` is whoever asks."""

    field_class = PeopleField

    @property
    def field(self) -> PeopleField:
        field = super().field
        field.me = self.get_request().user
        return field


class StrictFilterSet(django_filters.FilterSet):
    """
    A FilterSet whose filters are all written out, and that knows the names it takes.

    Pages ignore other names in the address; the API refuses them. Only the filters that the
    data names are put together, since the others change nothing; `whole` is for showing a form
    with all of them.
    """

    base_filters: dict[str, django_filters.Filter]

    class Meta:
        fields: list[str] = []

    def __init__(self, data: Any = None, *args: Any, whole: bool = False, **options: Any):
        if not whole:
            self.base_filters = {name: self.base_filters[name] for name in self.asked(data or ())}
        super().__init__(data, *args, **options)

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        found = super().filter_queryset(queryset)
        # django-filter asks for DISTINCT wherever several values may be chosen. Our choices are
        # all of one value of a row, so it would only make the database sort the whole list.
        found.query.distinct = False
        return found

    @property
    def narrows(self) -> bool:
        """Whether it may leave rows out, not only order them."""
        return bool(self.filters.keys() - {"ordering"})

    @classmethod
    def asked(cls, data: Container[str]) -> list[str]:
        """The filters that an address says anything about."""
        return [name for name, keys in cls.parameters().items() if any(key in data for key in keys)]

    @classmethod
    def parameters(cls) -> dict[str, list[str]]:
        """The query parameters of each filter: a range has several."""
        return {
            name: [f"{name}_{suffix}" if suffix else name for suffix in suffixes_of(filter_)]
            for name, filter_ in cls.base_filters.items()
        }


def suffixes_of(filter_: django_filters.Filter) -> list[str]:
    widget = filter_.extra.get("widget", filter_.field_class.widget)
    return getattr(widget, "suffixes", None) or [""]


class StrictFilterBackend(DjangoFilterBackend):
    """Filters a list by the view's `filterset_class`; bad values are 400, named by parameter."""

    def filter_queryset(self, request: Request, queryset: QuerySet, view: Any) -> QuerySet:
        # DRF asks for single records too, and a filter must not make one disappear.
        if getattr(view, "detail", False):
            return queryset
        filterset = self.get_filterset(request, queryset, view)
        if filterset is None:
            return queryset
        if not filterset.is_valid():
            parameters = type(filterset).parameters()
            raise InvalidParameters(
                {
                    parameter: [
                        ErrorDetail(" ".join(error.messages), code=error.code or "invalid")
                        for error in errors
                    ]
                    for name, errors in filterset.errors.as_data().items()
                    # A range is checked as one: those of its parameters that were given.
                    for parameter in parameters[name]
                    if parameter in request.query_params
                }
            )
        return filterset.qs


def refuse_unknown_parameters(request: Request, known: Iterable[str]) -> None:
    """Raise InvalidParameters naming every query parameter outside `known`."""
    allowed = set(known)
    if unknown := [name for name in request.query_params if name not in allowed]:
        raise InvalidParameters(
            {
                name: [ErrorDetail("There is no such parameter here.", code="unknown_parameter")]
                for name in unknown
            }
        )
