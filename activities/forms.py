"""What people fill in to log an activity."""

import datetime as dt
from functools import cache
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from activities.models import Activity, ActivityKind, CallOutcome, Direction, Priority
from activities.services import FIELDS, NEEDED
from crm.fields import validate_day
from crm.forms import DayField
from people.models import User
from people.queries import close_colleagues

# What a service calls a field, and what the form calls it.
ALIASES = {"duration_seconds": "minutes", "due_at": "due_on"}
AS_GIVEN = (
    "subject", "body", "at", "ends_at", "location", "direction", "outcome", "priority", "remind_at"
)  # fmt: skip
NEVER_EMPTY = {"at", "direction", "priority"}
COMPOSED = [
    (kind, kind.label)
    for kind in (
        ActivityKind.NOTE,
        ActivityKind.CALL,
        ActivityKind.EMAIL,
        ActivityKind.MEETING,
        ActivityKind.TASK,
    )
]
# Plain letters belong to the records: N alone goes to the text.
KEYS = {
    ActivityKind.NOTE: "shift+n",
    ActivityKind.CALL: "shift+c",
    ActivityKind.EMAIL: "shift+e",
    ActivityKind.MEETING: "shift+m",
    ActivityKind.TASK: "shift+t",
}
DUE_TIME = dt.time(23, 59)


class ManyFilesInput(forms.FileInput):
    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Any number of files, as a list."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        files = data if isinstance(data, list | tuple) else [data]
        return [super(ManyFilesField, self).clean(file, initial) for file in files if file]


class MomentField(forms.DateTimeField):
    """A date and a time on the reader's clock."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    default_validators = [validate_day]


class ActivityForm(forms.Form):
    """
    The fields of every kind; each kind takes its own and leaves the rest.

    `values()` are those of the chosen kind, as the services take them.
    """

    subject = forms.CharField(max_length=250, required=False)
    body = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 3}), label="Text")
    at = MomentField(required=False, label="When")
    ends_at = MomentField(required=False, label="Until")
    location = forms.CharField(max_length=250, required=False)
    direction = forms.ChoiceField(
        choices=[(Direction.OUTBOUND, "From us"), (Direction.INBOUND, "To us")], required=False
    )
    outcome = forms.ChoiceField(choices=[("", "No outcome"), *CallOutcome.choices], required=False)
    minutes = forms.IntegerField(min_value=0, max_value=24 * 60, required=False)
    due_on = DayField(required=False, label="Due")
    remind_at = MomentField(required=False, label="Reminder")
    priority = forms.ChoiceField(choices=Priority.choices, required=False, initial=Priority.NORMAL)
    owner = forms.ModelChoiceField(queryset=User.objects.none(), required=False, label="For")

    # Who has it now, and stays among those offered.
    owner_id: int | None = None

    def __init__(self, *args: Any, user: User, kind: str = "", **options: Any):
        super().__init__(*args, auto_id="log_%s", **options)
        self.kind = kind
        owner = self.fields["owner"]
        owner.queryset = User.objects.visible_to(user).active()
        # Once, since a select looks at its first choice before it is drawn.
        owner.choices = cache(
            lambda: [
                ("", "Me"),
                *close_colleagues(user, also=self.owner_id),
            ]
        )

    @property
    def chosen_kind(self) -> str:
        return self.cleaned_data.get("kind") or self.kind

    def values(self) -> dict[str, Any]:
        """The fields of the chosen kind. What was left empty is left to the service."""
        given = self.cleaned_data
        minutes = given.get("minutes")
        every = {
            **{name: given[name] for name in AS_GIVEN if name in given},
            "duration_seconds": None if minutes is None else minutes * 60,
            "due_at": end_of(given.get("due_on")),
        }
        return {
            name: value
            for name, value in every.items()
            if name in FIELDS[self.chosen_kind] and (value or name not in NEVER_EMPTY)
        }

    def refuse(self, error: ValidationError) -> None:
        """Show what a service refused, beside the field it is about."""
        if not hasattr(error, "error_dict"):
            self.add_error(None, error)
            return
        for name, errors in error.error_dict.items():
            shown = ALIASES.get(name, name)
            self.add_error(shown if shown in self.fields else None, errors)


class EditForm(ActivityForm):
    """The form for an activity that is there: only what its kind has."""

    def __init__(self, *args: Any, activity: Activity, **options: Any):
        self.owner_id = activity.owner_id
        super().__init__(*args, kind=activity.kind, initial=initial_of(activity), **options)
        own = {ALIASES.get(name, name) for name in FIELDS[activity.kind]} | {"owner"}
        for name in set(self.fields) - own:
            del self.fields[name]
        needed, _ = NEEDED.get(activity.kind, ("", ""))
        for name in {needed, "owner", *NEVER_EMPTY} & set(self.fields):
            self.fields[name].required = True

    def values(self) -> dict[str, Any]:
        """Only what was changed: the form shows moments without their seconds."""
        values = super().values()
        values["owner"] = self.cleaned_data["owner"]
        return {
            name: value
            for name, value in values.items()
            if ALIASES.get(name, name) in self.changed_data
        }


class KindSelect(forms.RadioSelect):
    """The kinds as tabs, each with the key that goes to it and on to the text."""

    def create_option(self, name: str, value: Any, *args: Any, **options: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **options)
        if key := KEYS.get(value):
            option["attrs"] |= {
                "data-key": key,
                "data-then": "#log_body",
                "aria-keyshortcuts": "+".join(part.capitalize() for part in key.split("+")),
            }
        return option


class LogForm(ActivityForm):
    """The composer on a record's page."""

    kind = forms.ChoiceField(
        choices=COMPOSED, widget=KindSelect, initial=ActivityKind.NOTE, label="Log"
    )
    attendees = forms.CharField(
        required=False, help_text="Email addresses, separated by commas.", max_length=2000
    )
    files = ManyFilesField(required=False)

    def __init__(self, *args: Any, record: models.Model | None = None, **options: Any):
        super().__init__(*args, **options)
        if record is None:
            # About nothing there can only be a task.
            self.fields["kind"].choices = [(ActivityKind.TASK, ActivityKind.TASK.label)]
            self.fields["kind"].initial = ActivityKind.TASK

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if kind := cleaned.get("kind"):
            self.forgive_other_kinds(kind)
        # A file needs no words beside it.
        if cleaned.get("kind") == ActivityKind.NOTE and cleaned.get("files"):
            cleaned["kind"] = ActivityKind.NOTE if cleaned.get("body") else ActivityKind.FILE
        return cleaned

    def forgive_other_kinds(self, kind: str) -> None:
        """What was typed before another kind was chosen is not shown, and not sent."""
        own = {ALIASES.get(name, name) for name in FIELDS[kind]} | {"owner", "files"}
        if kind == ActivityKind.MEETING:
            own.add("attendees")
        for name in set(self.errors) - own:
            del self.errors[name]

    @property
    def addresses(self) -> list[str]:
        if self.chosen_kind != ActivityKind.MEETING:
            return []
        return self.cleaned_data["attendees"].replace(";", ",").split(",")


def end_of(day: dt.date | None) -> dt.datetime | None:
    """A task that is due on a day may be done until its end."""
    return timezone.make_aware(dt.datetime.combine(day, DUE_TIME)) if day else None


def initial_of(activity: Activity) -> dict[str, Any]:
    """What the form for an existing activity starts with."""
    seconds = activity.duration_seconds
    moments = {name: getattr(activity, name) for name in ("at", "ends_at", "remind_at")}
    return {
        **{name: getattr(activity, name) for name in FIELDS[activity.kind]},
        **{name: at and at.replace(second=0, microsecond=0) for name, at in moments.items()},
        "owner": activity.owner,
        "minutes": None if seconds is None else round(seconds / 60),
        "due_on": timezone.localdate(activity.due_at) if activity.due_at else None,
    }


def key_of(record: models.Model) -> str:
    """How a form names the record it is about: "lead-12"."""
    return f"{record._meta.model_name}-{record.pk}"
