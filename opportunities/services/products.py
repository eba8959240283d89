"""What is sold, and what currencies are worth: kept by whoever may change the settings."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from activities.events import record
from crm.configuration.services import EntryIsUsed
from crm.configuration.uses import is_used
from crm.errors import require
from crm.records import apply_changes, check_whole, clean_texts, require_version
from opportunities.models import ExchangeRate, Product, ProductQuerySet
from people.models import User, Workspace
from people.reach import Action, RecordType

PRODUCT_FIELDS = ("name", "code", "description", "unit_price", "currency", "is_active")


@transaction.atomic
def create_product(*, actor: User, fields: Mapping[str, Any]) -> Product:
    """A new product. Raises PermissionDenied, or ValidationError by field."""
    require(actor.can(RecordType.SETTINGS, Action.EDIT))
    product = Product(**clean_texts(fields))
    check_whole(product)
    product.save(force_insert=True)
    record("product.created", actor=actor, product=product, changes={"name": [None, product.name]})
    return product


@transaction.atomic
def update_product(
    *, product: Product, changes: Mapping[str, Any], actor: User, version: int | None = None
) -> Product:
    """
    Change a product; deals that have it keep their prices.

    Locks it. Raises PermissionDenied, StaleVersion, or ValidationError by field.
    """
    rows = Product.objects.select_for_update(no_key=True)
    product = lock_product(rows, product, actor=actor, version=version)
    if diff := apply_changes(product, clean_texts(changes), allowed=PRODUCT_FIELDS):
        check_whole(product)
        product.version += 1
        product.save(update_fields=[*diff, "version"])
        record("product.edited", actor=actor, product=product, changes=diff)
    return product


@transaction.atomic
def delete_product(*, product: Product, actor: User, version: int | None = None) -> None:
    """
    Take a product that nothing names off the price list; its row and its history stay.

    Locks it. Raises PermissionDenied, StaleVersion, or EntryIsUsed where a deal or a lead
    names it.
    """
    # With its key, so that whoever is just putting it into a deal is waited for.
    product = lock_product(
        Product.objects.select_for_update(), product, actor=actor, version=version
    )
    if is_used(product):
        raise EntryIsUsed(product)
    product.deleted_at = timezone.now()
    product.version += 1
    product.save(update_fields=["deleted_at", "version"])
    record("product.deleted", actor=actor, product=product, changes={"name": [product.name, None]})


def lock_product(
    rows: ProductQuerySet, product: Product, *, actor: User, version: int | None
) -> Product:
    require(actor.can(RecordType.SETTINGS, Action.EDIT))
    locked = rows.live().filter(pk=product.pk).first()
    require(locked is not None)
    require_version(locked, version, actor=actor)
    return locked


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
    if currency == Workspace.load().currency:
        raise ValidationError({"currency": "This is the company's own: it always counts as 1."})
    row.clean_fields()
    row.save()
    record(
        "exchange_rate.set",
        actor=actor,
        exchange_rate=row,
        changes={"currency": [None, currency], "rate": [old, str(rate)]},
    )
    return row
