"""When two people edit a record at once: who changed what, and choosing field by field."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from django.db.models import QuerySet
from django.forms import BoundField, ModelForm, ModelMultipleChoiceField
from django.http import HttpResponse, QueryDict

from crm.http import Request, render_page
from crm.records import is_earlier
from crm.shown import ChangedMeanwhile, Shown, digest, read_shown, write_shown
from people.models import User

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
    known = form.fields if base is not None else ()
    shown = {name: digest(getattr(base, name)) for name in known if hasattr(base, name)}
    return compare(
        form,
        current,
        shown=shown,
        is_from_earlier=is_earlier(base_version, fresh),
        version=str(fresh.version),
    )


def compare(
    form: ModelForm, current: ModelForm, *, shown: Shown, is_from_earlier: bool, **stamp: str
) -> Merge:
    """
    The same for a form of which the digests of the values are known that it was filled with.

    `stamp` is what the form says next time of how the record stood.
    """
    data = cast(QueryDict, form.data).copy()
    differences, settled = [], []
    for name in form.fields:
        typed, theirs = digest(form.cleaned_data.get(name)), digest(value_of(current, name))
        if typed == theirs:
            continue
        if typed == shown.get(name):
            settled.append(current[name])
            keep_theirs(data, current, name)
        elif theirs != shown.get(name):
            differences.append(
                Difference(current[name], in_words(current, name), in_words(form, name))
            )
    for key in [key for key in data if key.startswith(PICK)]:
        del data[key]
    for key, value in stamp.items():
        data[key] = value
    typed_again = [
        (name, value)
        for name, values in data.lists()
        for value in values
        if name != "csrfmiddlewaretoken"
    ]
    return Merge(differences, settled, typed_again, is_from_earlier)


def render_conflict(request: Request, record: Any, noun: str, merge: Merge) -> HttpResponse:
    """The page on which a person chooses between their values and those saved meanwhile."""
    page, editor = record.get_absolute_url(), record.updated_by
    return render_choice(request, merge, noun, name=record.name, page=page, editor=editor)


def render_changed(
    request: Request,
    error: ChangedMeanwhile,
    form: ModelForm,
    current: ModelForm,
    *,
    noun: str,
) -> HttpResponse:
    """The same for what carries no version; its form is at the address that was posted to."""
    shown = posted_shown(request) or {}
    merge = compare(
        form,
        current,
        shown=shown,
        is_from_earlier=shown.keys() == error.stands.keys(),
        shown_as=write_shown(error.stands),
    )
    name = str(current.instance)
    return render_choice(request, merge, noun, name=name, page=request.path, editor=error.editor)


def render_choice(
    request: Request, merge: Merge, noun: str, *, name: str, page: str, editor: User | None
) -> HttpResponse:
    is_own = merge.is_from_earlier and editor == request.user
    context = {
        "name": name,
        "page": page,
        "editor": editor,
        "noun": noun,
        "merge": merge,
        "is_own": is_own,
        "by_other": merge.is_from_earlier and not is_own,
    }
    return render_page(request, "conflict.html", context, partial="form", status=409)


def posted_shown(request: Request) -> Shown | None:
    """What the posted form says that it showed, or None where it does not say."""
    written = request.POST.get("shown_as")
    return None if written is None else read_shown(written)


def shown_on(request: Request, stands: Shown) -> str:
    """
    What a form says that it showed: how the record stands when the form is opened.

    A form that is sent back with errors goes on saying what it said: it has not been filled
    anew. To be asked before the form is filled, so that it shows nothing older than it says.
    """
    return request.POST.get("shown_as", write_shown(stands))


def answers_to(request: Request, fill: Callable[[], ModelForm]) -> QueryDict | None:
    """
    What was posted to a form, or None while it is only looked at.

    `fill` builds the form of the row as it is, of which some values may have been preferred.
    """
    return chosen_values(request.POST, fill()) if request.method == "POST" else None


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
    if value in field.empty_values:
        return None
    if isinstance(field, ModelMultipleChoiceField):
        # Not cleaned: what is chosen counts, also where it can no longer be chosen.
        choices: Any = field.queryset
        return choices.model._default_manager.filter(pk__in=value or [])
    return value if isinstance(value, list) else field.clean(value)


def in_words(form: ModelForm, name: str) -> str:
    """What a form says in a field, as people read it."""
    field = form[name]
    value = form.cleaned_data.get(name) if form.is_bound else value_of(form, name)
    if isinstance(value, bool):
        return "Yes" if value else "No"
    labels = {str(key): str(label) for key, label in getattr(field.field, "choices", ()) or ()}
    values = value if isinstance(value, list | QuerySet) else [value]
    said = [
        str(one) if hasattr(one, "pk") else labels.get(str(one), str(one))
        for one in values
        if one not in (None, "")
    ]
    return ", ".join(said) or "Nothing"
