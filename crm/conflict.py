"""When two people edit a record at once: who changed what, and choosing field by field."""

from dataclasses import dataclass
from typing import Any, cast

from django.db.models import QuerySet
from django.forms import BoundField, ModelForm, ModelMultipleChoiceField
from django.http import HttpResponse, QueryDict

from crm.http import Request, render_page
from crm.records import is_earlier
from people.ownership import Record

PICK = "pick-"
THEIRS = "theirs"


@dataclass(frozen=True)
class Difference:
    """A field that both people changed: what it is now, and what was typed."""

    field: BoundField
    theirs: str
    yours: str

    @property
    def pick(self) -> str:
        """The name of the choice between them."""
        return f"{PICK}{self.field.name}"


@dataclass(frozen=True)
class Merge:
    """
    What to ask about a conflict (`differences`), what needs no question because only the
    other person changed it (`settled`), and what the form sends again (`typed`). A form that
    was not filled from an earlier version (`is_from_earlier`) is nobody's conflict.
    """

    differences: list[Difference]
    settled: list[BoundField]
    typed: list[tuple[str, str]]
    is_from_earlier: bool


def merge_of(form: ModelForm, current: ModelForm, *, base_version: int) -> Merge:
    """
    Compare a valid `form`, filled from `base_version`, with `current`, the form of the row now.

    A field that only the other person changed keeps their value, one that only this person
    changed keeps what was typed; the rest is asked about. A field without history (one that
    is no column) counts as changed by both.
    """
    fresh = current.instance
    base = fresh.history.filter(version=base_version).order_by("-pgh_id").first()
    data = cast(QueryDict, form.data).copy()
    differences, settled = [], []
    for name in form.fields:
        typed, theirs = plain(form.cleaned_data.get(name)), plain(value_of(current, name))
        if typed == theirs:
            continue
        known = base is not None and hasattr(base, name)
        before = plain(getattr(base, name)) if known else None
        if known and typed == before:
            settled.append(current[name])
            keep_theirs(data, current, name)
        elif not known or theirs != before:
            differences.append(
                Difference(current[name], in_words(current, name), in_words(form, name))
            )
    for key in [key for key in data if key.startswith(PICK)]:
        del data[key]
    data["version"] = str(fresh.version)
    typed_again = [
        (name, value)
        for name, values in data.lists()
        for value in values
        if name != "csrfmiddlewaretoken"
    ]
    return Merge(differences, settled, typed_again, is_earlier(base_version, fresh))


def render_conflict(request: Request, record: Record, noun: str, merge: Merge) -> HttpResponse:
    """The page on which a person chooses between their values and those saved meanwhile."""
    is_own = merge.is_from_earlier and record.updated_by_id == request.user.pk
    context = {
        "record": record,
        "noun": noun,
        "merge": merge,
        "is_own": is_own,
        "by_other": merge.is_from_earlier and not is_own,
    }
    return render_page(request, "conflict.html", context, partial="form", status=409)


def chosen_values(posted: QueryDict, current: ModelForm) -> QueryDict:
    """What was posted, with the other person's value in each field where it was preferred."""
    data = posted.copy()
    for key, choice in posted.items():
        name = key.removeprefix(PICK)
        if key.startswith(PICK) and choice == THEIRS and name in current.fields:
            keep_theirs(data, current, name)
    return data


def keep_theirs(data: QueryDict, current: ModelForm, name: str) -> None:
    value = current[name].value()
    if isinstance(value, list):
        data.setlist(name, [str(getattr(item, "pk", item)) for item in value])
    elif value in (None, "", False):
        data.pop(name, None)
    else:
        data[name] = str(value)


def value_of(form: ModelForm, name: str) -> Any:
    """The value a form starts with, read as if somebody had sent it."""
    if name not in form.initial:
        return None
    value, field = form[name].value(), form.fields[name]
    if isinstance(field, ModelMultipleChoiceField):
        # Not cleaned: what is chosen counts, also where it can no longer be chosen.
        choices: Any = field.queryset
        return choices.model._default_manager.filter(pk__in=value or [])
    return value if isinstance(value, list) else field.clean(value)


def plain(value: Any) -> Any:
    """A value that compares alike wherever it comes from: a form, the row, or its history."""
    if isinstance(value, list | QuerySet):
        return sorted(item.pk for item in value)
    value = getattr(value, "pk", value)
    return None if value in ("", [], False) else value


def in_words(form: ModelForm, name: str) -> str:
    """What a form says in a field, as people read it."""
    field = form[name]
    value = form.cleaned_data.get(name) if form.is_bound else value_of(form, name)
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list | QuerySet):
        return ", ".join(map(str, value)) or "Nothing"
    if value in (None, ""):
        return "Nothing"
    labels = {str(key): str(label) for key, label in getattr(field.field, "choices", ()) or ()}
    return str(value) if hasattr(value, "pk") else labels.get(str(value), str(value))
