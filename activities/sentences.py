"""Events as sentences people read: who did what, and what was before."""

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator

from activities.labels import Labels
from activities.models import Activity, Event
from activities.models.links import LINKS, linked_model
from activities.verbs import EDITS, NOUNS, icon_for, phrase_for
from crm.fields import MoneyField
from crm.templatetags.relay import day, exact, money
from people.models import User

# Follows from another change, or means nothing to people.
SILENT = frozenset(
    {
        "close_date_is_default",
        "currency",
        "kind",
        "probability_overridden",
        "stage_kind",
        "status_kind",
        "team",
        "version",
    }
)
PEOPLE = frozenset({"owner", "member", "approver", "delegate"})
# The verb has said it already.
SAID_BY_THE_VERB = {"request": frozenset({"state"})}
LONGEST_VALUE = 120
# An arrow for eyes, a word for ears.
ARROW = mark_safe('<span aria-hidden="true">→</span><span class="vh">to</span>')


@dataclass(frozen=True)
class Change:
    """One field, before and after, as people read it. Empty text means empty."""

    label: str
    old: str
    new: str


@dataclass(frozen=True)
class Sentence:
    """What one event says: the text follows the name of whoever did it."""

    text: SafeString
    icon: str
    is_edit: bool
    changes: list[Change] = field(default_factory=list)
    note: str = ""


class Narrator:
    """
    Puts events into words for one reader.

    `record` is the one on whose page they stand: it is called "this lead". Names of other
    records and of people come from one query for all events; what the reader may not see
    is not named.
    """

    def __init__(self, user: User, record: models.Model | None = None):
        self.labels = Labels(user)
        self.record = record

    def prepare(self, events: list[Event]) -> None:
        """Fetch every name that `tell` will need. One query."""
        for event in events:
            if (model := model_of(noun_of(event))) and not self.is_here(event):
                self.labels.want(model, subject_id(event))
            for name, (old, new) in pairs(event).items():
                related = related_model(event, name)
                if related is not None:
                    self.labels.want(related, old)
                    self.labels.want(related, new)
        self.labels.load()

    def tell(self, event: Event) -> Sentence:
        """The event in words. `prepare` must have seen it."""
        silent = SILENT | SAID_BY_THE_VERB.get(noun_of(event), frozenset())
        every = [
            self.change(event, name, old, new)
            for name, (old, new) in pairs(event).items()
            if name not in silent
        ]
        changes = [change for change in every if change.old or change.new]
        is_edit = event.verb.partition(".")[2] in EDITS
        it = self.it(event)
        if is_edit and len(changes) == 1 and noun_of(event) in LINKS:
            text = self.single_change(event, changes.pop(), it)
        elif event.verb.endswith(".answered") and (label := event.changes.get("label")):
            text = format_html("answered <b>{}</b> for {}", label, it)
        elif event.verb == "activity.logged":
            text = format_html(self.why_told(event), it=it)
        else:
            text = format_html(phrase_for(event.verb), it=it)
        return Sentence(text, icon_for(event.verb), is_edit, changes, event.note)

    def why_told(self, event: Event) -> str:
        """
        What a logged activity is to the reader: theirs to do, or a text that names them.

        Timelines show the activity itself, so this is read in notifications only.
        """
        return (
            "gave you {it}"
            if event.changes.get("owner") == self.labels.user.pk
            else ("named you in {it}")
        )

    def single_change(self, event: Event, change: Change, it: str) -> SafeString:
        label = change.label.lower()
        whose = "" if self.is_here(event) else format_html(" of {}", it)
        if not change.old:
            return format_html("set {}{} to <b>{}</b>", label, whose, change.new)
        if not change.new:
            return format_html("cleared {}{}, which was {}", label, whose, change.old)
        return format_html(
            "changed {}{} {} {} <b>{}</b>", label, whose, change.old, ARROW, change.new
        )

    def is_here(self, event: Event) -> bool:
        """Whether the event is about the record on whose page it stands."""
        if self.record is None:
            return False
        noun = noun_of(event)
        return noun == self.record._meta.model_name and subject_id(event) == self.record.pk

    def it(self, event: Event) -> str:
        noun = noun_of(event)
        word = NOUNS.get(noun, noun.replace("_", " "))
        if noun == "activity":
            return described(event)
        if self.is_here(event):
            return f"this {word}"
        model, pk = model_of(noun), subject_id(event)
        name = self.labels.name(model, pk) if model and pk else ""
        if not (model and pk and name):
            return f"{'an' if word[0] in 'aeiou' else 'a'} {word}"
        if url := self.labels.url(model, pk):
            return format_html('the {} <a href="{}">{}</a>', word, url, name)
        return f"the {word} {name}"

    def change(self, event: Event, name: str, old: Any, new: Any) -> Change:
        column = column_of(event, name)
        label = str(column.verbose_name) if column is not None else name.replace("_", " ")
        return Change(
            label=label[:1].upper() + label[1:],
            old=self.show(event, name, old),
            new=self.show(event, name, new),
        )

    def show(self, event: Event, name: str, value: Any) -> str:
        """A value of the event log as people write it; empty text for an empty one."""
        if value is None or value in ("", [], {}):
            return ""
        if (related := related_model(event, name)) is not None:
            return self.labels.name(related, value) or f"another {related._meta.verbose_name}"
        column = column_of(event, name)
        match value:
            case bool():
                return "yes" if value else "no"
            case list():
                texts = [item for item in value if isinstance(item, str)]
                return ", ".join(texts) if len(texts) == len(value) else f"{len(value)} items"
            case str() if column is not None:
                return self.show_text(event, column, value)
            case _:
                return Truncator(str(value)).chars(LONGEST_VALUE)

    def show_text(self, event: Event, column: models.Field, value: str) -> str:
        try:
            match column:
                case models.DateTimeField():
                    return exact(dt.datetime.fromisoformat(value))
                case models.DateField():
                    return day(dt.date.fromisoformat(value))
                case MoneyField():
                    currency = self.currency(event)
                    return money(Decimal(value), currency) if currency else value
        except (ValueError, ArithmeticError):
            return value
        choices = dict(column.flatchoices or ())
        return str(choices.get(value) or Truncator(value).chars(LONGEST_VALUE))

    def currency(self, event: Event) -> str:
        if (known := pairs(event).get("currency")) and known[1]:
            return known[1]
        return getattr(self.record, "currency", "") if self.is_here(event) else ""


def model_of(noun: str) -> type[models.Model] | None:
    """What a verb's noun names."""
    if noun in LINKS:
        return linked_model(noun)
    return {"user": User, "activity": Activity}.get(noun)


def noun_of(event: Event) -> str:
    return event.verb.partition(".")[0]


def subject_id(event: Event) -> int | None:
    """The key of the record that the verb is about."""
    noun = noun_of(event)
    if noun in LINKS:
        return getattr(event, f"{noun}_id")
    return event.subject_id if event.subject_type == noun else None


def pairs(event: Event) -> dict[str, list[Any]]:
    """The changes of an event that have a before and an after; other facts are left out."""
    return {
        name: value
        for name, value in event.changes.items()
        if isinstance(value, list) and len(value) == 2
    }


def column_of(event: Event, name: str) -> models.Field | None:
    model = model_of(noun_of(event))
    if model is None and event.lead_id:
        # What a request's event says besides is what becomes of its lead.
        model = linked_model("lead")
    if model is None:
        return None
    try:
        found = model._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    return found if isinstance(found, models.Field) else None


def related_model(event: Event, name: str) -> type[models.Model] | None:
    column = column_of(event, name)
    if isinstance(column, models.ForeignKey):
        return column.related_model
    # Whatever it is about, these are people.
    return User if name in PEOPLE else None


def described(event: Event) -> str:
    """An activity by its kind and subject, as its event keeps them."""
    kind, subject = event.changes.get("kind", "activity"), event.changes.get("subject") or ""
    if isinstance(subject, list):
        subject = subject[-1]
    article = "an" if kind[0] in "aeiou" else "a"
    return f"{article} {kind}{f': {subject}' if subject else ''}"
