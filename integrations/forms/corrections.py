"""The values with which a row cannot become a lead, to be typed as they should be."""

from collections.abc import Iterator, Sequence

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField

from integrations.models import Import, ImportRow
from integrations.services import clean_value


class CorrectedField(forms.CharField):
    """A cell of the file; one with line breaks keeps them."""

    def __init__(self, *, initial: str, **options):
        lines = initial.count("\n") + 1
        widget = forms.TextInput() if lines == 1 else forms.Textarea(attrs={"rows": lines})
        super().__init__(
            initial=initial, required=False, strip=False, empty_value="", widget=widget, **options
        )
        # Said with the place of the character, by `clean_value`.
        self.validators = []

    def widget_attrs(self, widget):
        return {"aria-invalid": "true"}

    def has_changed(self, initial, data):
        # As browsers write line breaks.
        return data.replace("\r\n", "\n") != initial

    def clean(self, value):
        try:
            return clean_value(super().clean(value))
        except ValueError as error:
            raise ValidationError(str(error), code="invalid") from None


class CorrectionsForm(forms.Form):
    """A field for each value that was refused in these rows, with the reason below it."""

    # No field is marked as optional: what a field has to hold, the check says.
    one_is_enough = True

    def __init__(self, *args, batch: Import, rows: Sequence[ImportRow], **kwargs):
        super().__init__(*args, **kwargs)
        self.problems = rows
        self.places: dict[str, tuple[int, str]] = {}
        for row in rows:
            now = dict(zip(batch.columns, row.corrected(batch.columns), strict=False))
            faults = row.faults or {}
            for place, column in enumerate(batch.columns):
                if column in faults:
                    name = f"row-{row.number}-{place}"
                    self.places[name] = (row.number, column)
                    self.fields[name] = CorrectedField(
                        label=f"{column}, row {row.number}",
                        initial=now.get(column, ""),
                        help_text=faults[column],
                    )

    def rows(self) -> Iterator[tuple[ImportRow, list[BoundField]]]:
        """Each row with the fields for its values; none where no single value is to blame."""
        for row in self.problems:
            yield row, [self[name] for name, place in self.places.items() if place[0] == row.number]

    def has_news(self) -> bool:
        """Whether a value was sent that is not the one that was checked."""
        return any(
            name in self.data and self[name].field.has_changed(self[name].initial, self.data[name])
            for name in self.places
        )

    def corrections(self) -> dict[int, dict[str, str]]:
        """What was sent; a row that was settled elsewhere meanwhile is not asked for."""
        found: dict[int, dict[str, str]] = {}
        for name, (number, column) in self.places.items():
            if name in self.data:
                found.setdefault(number, {})[column] = self.cleaned_data[name]
        return found
