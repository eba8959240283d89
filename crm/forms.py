"""Inputs that read what people type."""

import re
from decimal import Decimal
from typing import Any

from babel.numbers import NumberFormatError, format_decimal, parse_decimal
from django import forms
from django.core.exceptions import ValidationError
from django_filters.widgets import DateRangeWidget, RangeWidget

from crm.fields import FIRST_DAY, LAST_DAY, validate_day
from crm.templatetags.relay import reader_locale

# An amount as people write it: perhaps with a currency sign, perhaps in thousands or millions.
WRITTEN = re.compile(r"^[^\d,.\-]*(?P<number>-?[\d.,'\u2019\s]+?)\s*(?P<scale>[kKmM])?\s*[^\d]*$")
SCALES = {"": 1, "k": 1_000, "m": 1_000_000}


class DayInput(forms.DateInput):
    """The browser's own date field, which takes ISO dates only, of years that somebody works in."""

    input_type = "date"

    def __init__(self, **options: Any):
        years = {"min": FIRST_DAY.isoformat(), "max": LAST_DAY.isoformat()}
        super().__init__(format="%Y-%m-%d", attrs=years, **options)


class DayField(forms.DateField):
    """A day of work."""

    widget = DayInput
    default_validators = [validate_day]


class DayRangeInput(DateRangeWidget):
    """The first and the last day of a range, each with its name for those who hear the page."""

    def __init__(self, **options: Any):
        super().__init__(**options)
        for widget, label in zip(self.widgets, ("From", "To"), strict=True):
            widget.input_type = "date"
            widget.attrs |= {"class": "inp", "aria-label": label}


class AmountRangeInput(RangeWidget):
    """The lowest and the highest amount of a range, each with its name."""

    def __init__(self, **options: Any):
        super().__init__(**options)
        for widget, label in zip(self.widgets, ("From", "To"), strict=True):
            widget.attrs |= {"class": "inp", "inputmode": "decimal", "aria-label": label}


class AmountField(forms.DecimalField):
    """
    A number in the reader's convention: 48,000 or 48.000, $48k, 1.2m.

    It is shown in that convention again.
    """

    widget = forms.TextInput

    def __init__(self, *, max_digits: int = 18, decimal_places: int = 2, **options: Any):
        options.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal"}))
        super().__init__(max_digits=max_digits, decimal_places=decimal_places, **options)

    def to_python(self, value: Any) -> Decimal | None:
        if value in self.empty_values or isinstance(value, Decimal):
            return super().to_python(value)
        found = WRITTEN.match(str(value).strip())
        if not found:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        number = re.sub(r"[\s'\u2019]", "", found["number"])
        try:
            read = parse_decimal(number, locale=reader_locale(), strict=True)
        except NumberFormatError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None
        return super().to_python(read * SCALES[(found["scale"] or "").lower()])

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, Decimal):
            return format_decimal(value, locale=reader_locale())
        return value
