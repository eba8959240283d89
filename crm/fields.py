"""Columns that several apps have alike."""

import datetime as dt

from babel.core import get_global
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Func, Value
from django.db.models.functions import Coalesce, Concat

# Those of countries that have another one by now too: records live longer than currencies.
# Without "no currency" and "a code for tests", which ISO 4217 has as well.
CURRENCIES = frozenset(get_global("all_currencies")) - {"XXX", "XTS"}


def validate_currency(code: object) -> None:
    """Raises ValidationError for what is not the code of a currency."""
    if not isinstance(code, str) or code not in CURRENCIES:
        raise ValidationError(
            "Use the three-letter code of a currency, such as EUR.", code="invalid"
        )


# Work lies between these; what lies outside is a slip, such as a year of two digits.
FIRST_DAY = dt.date(1900, 1, 1)
LAST_DAY = dt.date(2100, 12, 31)


def validate_day(day: dt.date) -> None:
    """Raise ValidationError for a day, or a moment, on which nobody works."""
    if not FIRST_DAY.year <= day.year <= LAST_DAY.year:
        raise ValidationError(
            f"Choose a day between {FIRST_DAY.year} and {LAST_DAY.year}.", code="far_day"
        )


class CurrencyField(models.CharField):
    """The ISO 4217 code of a currency that there is or was."""

    default_validators = [validate_currency]

    def __init__(self, **options):
        options.setdefault("max_length", 3)
        super().__init__(**options)


class MoneyField(models.DecimalField):
    """An amount; its currency stands in a column beside it."""

    def __init__(self, **options):
        options.setdefault("max_digits", 18)
        options.setdefault("decimal_places", 2)
        super().__init__(**options)


class Searchable(Func):
    """Text as search compares it: lower case, without accents. Immutable, so indexes may use it."""

    function = "relay_searchable"
    output_field = models.TextField()


class SearchTextField(models.GeneratedField):
    """A generated column with the searchable text of other columns, for trigram search."""

    def __init__(self, *columns: str, **options):
        self.columns = columns
        parts: list[models.expressions.Combinable] = []
        for column in columns:
            parts += [Coalesce(column, Value("")), Value(" ")]
        options["expression"] = Searchable(Concat(*parts, output_field=models.TextField()))
        options["output_field"] = models.TextField()
        options["db_persist"] = True
        super().__init__(**options)

    def deconstruct(self):
        name, path, _args, options = super().deconstruct()
        for key in ("expression", "output_field", "db_persist"):
            options.pop(key)
        return name, path, list(self.columns), options


class PostalAddress(models.Model):
    """Street, city, region, postal code and country."""

    street = models.CharField(max_length=250, blank=True)
    city = models.CharField(max_length=120, blank=True)
    region = models.CharField(max_length=120, blank=True)
    postal_code = models.CharField(max_length=20, blank=True)
    country = models.CharField(max_length=80, blank=True)

    class Meta:
        abstract = True
