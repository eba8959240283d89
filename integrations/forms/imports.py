"""A file of leads: choosing it, matching its columns, and what its values are here."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.validators import MaxLengthValidator
from django.db.models import Exists, OuterRef

from accounts.models import LeadSource
from activities.models import Reason, ReasonKind
from crm.forms import DayField
from integrations.models import BadValues, Duplicates, Import
from integrations.services import NEW, OPTIONS
from integrations.tables import MAX_BYTES
from integrations.targets import target_choices
from leads.models import LeadStatus, Queue, QueueMember
from leads.permissions import can_create_for
from people.permissions import edits_settings

MOST_PASTED = 500_000
TOO_MUCH_PASTED = "This is too much to paste. Save it as a file and choose that."
PASTED = "Pasted rows"


class UploadForm(forms.Form):
    """A file to import, or rows that were copied from a spreadsheet."""

    # No field is marked as optional: one of them has to be filled in.
    one_is_enough = True

    file = forms.FileField(
        label="CSV file or Excel workbook",
        help_text=(
            "Choose it, or drop it here. With the names of the columns in its first row. At most "
            "50 MB and 100,000 rows."
        ),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx,text/csv"}),
        error_messages={"empty": "The file is empty."},
    )
    rows = forms.CharField(
        label="Or paste rows",
        help_text="Copied from a spreadsheet, with the names of the columns in the first row.",
        required=False,
        strip=False,
        # Not max_length, by which a browser would cut off what is pasted without a word.
        validators=[MaxLengthValidator(MOST_PASTED, TOO_MUCH_PASTED)],
        widget=forms.Textarea(attrs={"rows": 4, "wrap": "off"}),
    )

    def clean_file(self):
        upload = self.cleaned_data["file"]
        if upload and upload.size > MAX_BYTES:
            raise ValidationError(
                f"The file is larger than {MAX_BYTES // 1024**2} MB. Split it into several files."
            )
        return upload

    def clean(self):
        if self.errors:
            return
        upload, rows = self.cleaned_data["file"], self.cleaned_data["rows"].strip()
        if upload and rows:
            self.add_error("rows", "Choose a file or paste rows, not both.")
        elif not upload and not rows:
            self.add_error("file", "Choose a file, or paste rows.")

    @property
    def given(self) -> str:
        """Which of the two fields holds something."""
        return "file" if self.cleaned_data["file"] else "rows"

    def table(self) -> tuple[bytes, str]:
        """What is to be imported, and what it is called."""
        if upload := self.cleaned_data["file"]:
            return upload.read(), upload.name
        return self.cleaned_data["rows"].encode(), PASTED


class ColumnsForm(forms.Form):
    """What each column of the file becomes."""

    def __init__(self, *args, batch: Import, **kwargs):
        super().__init__(*args, **kwargs)
        self.names = {f"column-{place}": name for place, name in enumerate(batch.columns)}
        choices = target_choices()
        for name, column in self.names.items():
            self.fields[name] = forms.ChoiceField(
                label=column, choices=choices, initial=batch.mapping.get(column)
            )

    def mapping(self) -> dict[str, str]:
        return {column: self.cleaned_data[name] for name, column in self.names.items()}

    def add_column_errors(self, error: ValidationError) -> None:
        """Put what the service found wrong with a column at its field."""
        found = error.error_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error}
        fields = {column: name for name, column in self.names.items()}
        for column, messages in found.items():
            self.add_error(fields.get(column), messages)


class QueueField(forms.ModelChoiceField):
    """A queue, with a word of warning where nobody would take the leads from it."""

    def label_from_instance(self, queue: Queue) -> str:
        return str(queue) if queue.taken_from else f"{queue} (has no members)"


class ChoicesForm(forms.Form):
    """What sources and stages of the file are here, and what is done in cases of doubt."""

    source = forms.ModelChoiceField(
        label="Source of rows that name none", queryset=LeadSource.objects.none(), empty_label=None
    )
    queue = QueueField(
        label="Leads whose owner is nobody here",
        queryset=Queue.objects.none(),
        required=False,
        empty_label="Become mine",
        help_text="The name in the file stays with the lead.",
    )
    reason = forms.ModelChoiceField(
        label="Why leads are disqualified",
        queryset=Reason.objects.none(),
        help_text="For those that get a status of this kind.",
    )
    wake_up_on = DayField(
        label="When nurtured leads return",
        help_text="Back to work for their owner or queue, on this day.",
    )
    duplicates = forms.ChoiceField(
        label="Rows that are leads already",
        choices=Duplicates,
        widget=forms.RadioSelect,
        help_text="Same email address, or same person and phone number.",
    )
    bad_values = forms.ChoiceField(
        label="Rows with a value that its field cannot hold",
        choices=BadValues,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args, batch: Import, **kwargs):
        initial = {name: batch.serializable_value(name) for name in OPTIONS}
        super().__init__(*args, initial=initial, **kwargs)
        user = batch.created_by
        sources = LeadSource.objects.active()
        self.fields["source"].queryset = sources
        self.fields["queue"].queryset = queues_for(user)
        self.fields["reason"].queryset = Reason.objects.for_kind(ReasonKind.DISQUALIFY)
        if "status" not in batch.values:
            del self.fields["reason"], self.fields["wake_up_on"]
        self.texts: dict[str, dict[str, str]] = {}
        named = [(source.pk, source.name) for source in sources]
        may_add = edits_settings(user)
        self.add_values(
            batch, "source", lambda text: [*([(NEW, f"New: {text}")] if may_add else []), *named]
        )
        statuses = [(status.pk, status.name) for status in LeadStatus.objects.choosable()]
        self.add_values(batch, "status", lambda text: statuses)

    def add_values(self, batch: Import, kind: str, choices_for) -> None:
        """One field for each value of a source or status column."""
        self.texts[kind] = {}
        for place, (text, chosen) in enumerate(sorted(batch.values.get(kind, {}).items())):
            name = f"{kind}-{place}"
            self.texts[kind][name] = text
            self.fields[name] = forms.TypedChoiceField(
                label=text,
                choices=choices_for(text),
                coerce=lambda value: value if value == NEW else int(value),
                initial=chosen,
            )

    def options(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in OPTIONS if name in self.cleaned_data}

    def values(self) -> Mapping[str, Mapping[str, int | str]]:
        return {
            kind: {text: self.cleaned_data[name] for name, text in texts.items()}
            for kind, texts in self.texts.items()
            if texts
        }

    def source_fields(self):
        return [self[name] for name in self.texts["source"]]

    def status_fields(self):
        return [self[name] for name in self.texts["status"]]

    def option_fields(self):
        return [self[name] for name in OPTIONS if name in self.fields]


def queues_for(user):
    """The queues into which somebody may put new leads."""
    queues = Queue.objects.filter(is_active=True)
    allowed = [queue.pk for queue in queues if can_create_for(user, owner=None, queue=queue)]
    taking = QueueMember.objects.filter(queue=OuterRef("pk"), user__is_active=True)
    chosen = queues.filter(pk__in=allowed).annotate(taken_from=Exists(taking))
    return chosen.order_by("name", "pk")
