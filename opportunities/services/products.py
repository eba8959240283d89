"""What is sold, and what currencies are worth: kept by whoever may change the settings."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from activities.events import record
from crm.errors import require
from crm.records import apply_changes, clean_texts
from opportunities.models import ExchangeRate, Product
from people.models import User
from people.reach import Action, RecordType

PRODUCT_FIELDS = ("name", "code", "description", "unit_price", "currency", "is_active")


@transaction.atomic
def create_product(*, actor: User, fields: Mapping[str, Any]) -> Product:
    """A new product. Raises PermissionDenied, or ValidationError by field."""
    require(actor.can(RecordType.SETTINGS, Action.EDIT))
    product = Product(**clean_texts(fields))
    product.full_clean()
    product.save(force_insert=True)
    record("product.created", actor=actor, product=product, changes={"name": [None, product.name]})
    return product


@transaction.atomic
def update_product(*, product: Product, changes: Mapping[str, Any], actor: User) -> Product:
    """
    Change a product; deals that have it keep their prices.

    Locks it. Raises PermissionDenied, or ValidationError by field.
    """
    require(actor.can(RecordType.SETTINGS, Action.EDIT))
    product = Product.objects.select_for_update(no_key=True).get(pk=product.pk)
    if diff := apply_changes(product, clean_texts(changes), allowed=PRODUCT_FIELDS):
        product.full_clean()
        product.save(update_fields=[*diff])
        record("product.edited", actor=actor, product=product, changes=diff)
    return product


@transaction.atomic
def set_rate(*, currency: str, starts_on: dt.date, rate: Decimal, actor: User) -> ExchangeRate:
    """
    Say what one unit of a currency is worth from a day on; one said before for it is replaced.

    Amounts entered before keep their rate. Raises PermissionDenied or ValidationError.
    """
    require(actor.can(RecordType.SETTINGS, Action.EDIT))
    known = ExchangeRate.objects.filter(currency=currency, starts_on=starts_on).first()
    old = None if known is None else str(known.rate)
    row = known or ExchangeRate(currency=currency, starts_on=starts_on)
    row.rate = rate
    if rate <= 0:
        raise ValidationError({"rate": "A rate is more than zero."})
    row.clean_fields()
    row.save()
    record(
        "exchange_rate.set",
        actor=actor,
        exchange_rate=row,
        changes={"currency": [None, currency], "rate": [old, str(rate)]},
    )
    return row
