"""When two people edit a deal at once: who changed what, and choosing field by field."""

from dataclasses import dataclass
from typing import Any

from django.forms import BoundField
from django.http import QueryDict

from opportunities.forms import OpportunityForm

PICK = "pick-"
THEIRS = "theirs"


@dataclass(frozen=True)
class Difference:
    """A field both people changed: what it is now, and what was typed."""

    field: BoundField
    theirs: str
    yours: str

    @property
    def pick(self) -> str:
        """The name of the choice between them."""
        return f"{PICK}{self.field.name}"


def merge_of(
    form: OpportunityForm, current: OpportunityForm, *, base_version: int
) -> dict[str, Any]:
    """
    What to show of a conflict: `form` was filled from `base_version`, `current` is of the row now.

    A field that only the other person changed keeps their value, one that only this person
    changed keeps what was typed; the rest is asked about.
    """
    fresh = current.instance
    base = fresh.history.filter(version=base_version).order_by("-pgh_id").first()
    data = form.data.copy()
    differences, settled = [], []
    for name, typed in form.changes.items():
        theirs = current.initial.get(name)
        if same(typed, theirs):
            continue
        before = value_in(base, name, fresh) if base is not None else None
        if base is not None and same(typed, before):
            settled.append((current[name], in_words(current, name, theirs)))
            data[name] = text_of(current, name)
        elif base is None or not same(theirs, before):
            differences.append(
                Difference(
                    current[name], in_words(current, name, theirs), in_words(form, name, typed)
                )
            )
    for key in [key for key in data if key.startswith(PICK)]:
        del data[key]
    data["version"] = str(fresh.version)
    typed_values = [
        (name, value)
        for name, values in data.lists()
        for value in values
        if name != "csrfmiddlewaretoken"
    ]
    return {"differences": differences, "settled": settled, "typed": typed_values}


def chosen_values(posted: QueryDict, current: OpportunityForm) -> QueryDict:
    """What was posted, with the other person's value in each field where it was preferred."""
    data = posted.copy()
    for key, choice in posted.items():
        name = key.removeprefix(PICK)
        if key.startswith(PICK) and choice == THEIRS and name in current.fields:
            data[name] = text_of(current, name)
    return data


def value_in(base: Any, name: str, fresh: Any) -> Any:
    """A field as the form would have shown it at that time."""
    if name == "probability" and not base.probability_overridden:
        return None
    if name == "forecast_category" and base.forecast_category == fresh.stage.forecast_category:
        return ""
    field = base._meta.get_field(name)
    return getattr(base, field.attname)


def text_of(form: OpportunityForm, name: str) -> str:
    """The value that a form shows for a field, as a browser would send it."""
    value = form[name].value()
    return "" if value is None else str(value)


def same(one: Any, other: Any) -> bool:
    return plain(one) == plain(other)


def plain(value: Any) -> Any:
    value = getattr(value, "pk", value)
    return None if value == "" else value


def in_words(form: OpportunityForm, name: str, value: Any) -> str:
    """A value as people read it."""
    value = getattr(value, "pk", value)
    if value in (None, ""):
        return "Nothing"
    choices = getattr(form.fields[name], "choices", None)
    if choices:
        labels = {str(getattr(key, "value", key)): str(label) for key, label in choices}
        return labels.get(str(value), str(value))
    return text_of(form, name) if name not in form.data else str(value)
