"""The filters that are on, as chips: what each says, and the address without it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Model, QuerySet
from django.http import QueryDict
from django_filters import FilterSet

from crm.counts import capped_counts
from crm.templatetags.relay import day

# Where a list stands, as against what it shows.
PLACE = ("cursor", "preview")


@dataclass(frozen=True)
class Chip:
    """One filter that is on."""

    name: str
    operator: str
    value: str
    query: str

    @property
    def remove(self) -> str:
        """The address of the same list without this filter."""
        return f"?{self.query}"


def active_chips(filterset: FilterSet, *, leave_out: Collection[str] = ()) -> list[Chip]:
    """A chip for every filter that narrows the list, but for those in `leave_out`."""
    read = filterset.form.cleaned_data if filterset.form.is_valid() else {}
    chips = []
    for name, value in read.items():
        if name in leave_out or is_empty(value):
            continue
        field = filterset.form.fields[name]
        operator, text = in_words(field, value)
        label = field.label or name.replace("_", " ").capitalize()
        chips.append(Chip(str(label), operator, text, without(filterset.data, names(name, field))))
    return chips


def what_costs_most(
    filterset: FilterSet, chips: Sequence[Chip], *, found: Collection[Any]
) -> dict[str, Any]:
    """
    For a list where nothing was found: the filter without which it would hold most.

    `costly` is its chip, and `without_it` the count, capped, with whether it is; nothing
    where something was found, or where no single filter hides anything. One query.
    """
    if found or not chips:
        return {}
    counts = capped_counts(
        {chip.name: filtered_by(filterset, QueryDict(chip.query)) for chip in chips}
    )
    costly = max(chips, key=lambda chip: counts[chip.name][0])
    if not counts[costly.name][0]:
        return {}
    return {"costly": costly, "without_it": counts[costly.name]}


def filtered_by(filterset: FilterSet, data: QueryDict) -> QuerySet:
    """The rows that other parameters leave of the same list."""
    rows: QuerySet = type(filterset)(
        data, queryset=filterset.queryset, request=filterset.request
    ).qs
    return rows


def without(data: QueryDict, parameters: Iterable[str]) -> str:
    """The query string of the first page, without some parameters."""
    rest = data.copy()
    for parameter in (*parameters, *PLACE):
        rest.pop(parameter, None)
    return rest.urlencode()


def names(name: str, field: forms.Field) -> list[str]:
    """The parameters of a filter: a range has two."""
    suffixes = getattr(field.widget, "suffixes", None) or [""]
    return [f"{name}_{suffix}" if suffix else name for suffix in suffixes]


def is_empty(value: Any) -> bool:
    if isinstance(value, QuerySet | list | tuple | str):
        return not value
    return value is None


def in_words(field: forms.Field, value: Any) -> tuple[str, str]:
    """An operator and what it compares with, as people read them."""
    match value:
        case slice(start=start, stop=None):
            return "≥", one(start)
        case slice(start=None, stop=stop):
            return "≤", one(stop)
        case slice(start=start, stop=stop):
            return "", f"{one(start)} to {one(stop)}"
        case bool():
            return "", "Yes" if value else "No"
    labels = choice_labels(field)
    if isinstance(value, QuerySet | list | tuple):
        return "", ", ".join(labels.get(str(item), one(item)) for item in value)
    return "", labels.get(str(value), one(value))


def choice_labels(field: forms.Field) -> dict[str, str]:
    """The labels of a field's own choices; records say their own names, "none of them" has one."""
    if isinstance(field, forms.ModelChoiceField) or not isinstance(field, forms.ChoiceField):
        return {getattr(field, "null_value", ""): getattr(field, "null_label", None) or ""}
    return {str(key): str(label) for key, label in field.choices}  # type: ignore[union-attr, misc]


def one(value: Any) -> str:
    if isinstance(value, Model):
        return str(value)
    return day(value) if hasattr(value, "year") else str(value)
