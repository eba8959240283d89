"""Products in a deal. Where there are any, together they make its amount."""

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from activities.events import record
from crm.records import as_json, lock_record, save_changes
from opportunities.models import LineItem, Opportunity
from opportunities.rates import CENT, price_in
from opportunities.services.values import require_open, set_amount
from people.models import User

Item = Mapping[str, Any]


@transaction.atomic
def set_line_items(
    *,
    opportunity: Opportunity,
    items: Iterable[Item],
    actor: User,
    version: int | None = None,
) -> Opportunity:
    """
    Replace the products of a deal, and with them its amount.

    An item has `product`, and where it differs from one at the list price `quantity`,
    `unit_price` (in the deal's currency), `discount_percent` and `description`. Without
    items the amount stays as it was and can be typed again. Locks the deal. Raises
    PermissionDenied, StaleVersion, OpportunityIsClosed, or ValidationError with keys such
    as "items.0.quantity".
    """
    opportunity = lock_record(
        Opportunity.objects.all(), pk=opportunity.pk, actor=actor, version=version
    )
    require_open(opportunity)
    write_line_items(opportunity, items, actor=actor)
    return opportunity


def write_line_items(
    opportunity: Opportunity, items: Iterable[Item], *, actor: User, called: str = "items"
) -> None:
    """
    As `set_line_items`, on a deal that the caller has locked, without asking for rights.

    `called` is the name that errors have for the items.
    """
    before = opportunity.amount
    had = list(opportunity.line_items.order_by("position", "pk"))
    rows = build_items(opportunity, items, called=called)
    if rows:
        set_amount(opportunity, sum(map(worth, rows), Decimal(0)))
    opportunity.line_items.all().delete()
    LineItem.objects.bulk_create(rows)
    save_changes(opportunity, actor=actor, fields=["amount", "rate"])
    record(
        "opportunity.products_changed",
        actor=actor,
        opportunity=opportunity,
        account=opportunity.account,
        changes={
            "line_items": [facts(had), facts(rows)],
            **(
                {"amount": [as_json(before), as_json(opportunity.amount)]}
                if before != opportunity.amount
                else {}
            ),
        },
    )


def build_items(
    opportunity: Opportunity, items: Iterable[Item], *, called: str = "items"
) -> list[LineItem]:
    """The rows for these items, checked but not saved. Raises ValidationError."""
    today = timezone.localdate()
    rows: list[LineItem] = []
    problems: dict[str, Any] = {}
    for position, item in enumerate(items):
        product = item["product"]
        price = item.get("unit_price")
        row = LineItem(
            opportunity=opportunity,
            product=product,
            description=item.get("description", ""),
            quantity=item.get("quantity", Decimal(1)),
            unit_price=price_in(product, opportunity.currency, today) if price is None else price,
            discount_percent=item.get("discount_percent", Decimal(0)),
            position=position,
        )
        try:
            row.clean_fields(exclude=["opportunity", "product"])
            check_range(row)
        except ValidationError as error:
            found = error.error_dict.items()
            problems |= {f"{called}.{position}.{name}": messages for name, messages in found}
        rows.append(row)
    if problems:
        raise ValidationError(problems)
    return rows


def check_range(row: LineItem) -> None:
    """Say by field what the database would refuse as a whole."""
    problems = {}
    if row.quantity <= 0:
        problems["quantity"] = "A quantity is more than zero."
    if row.unit_price < 0:
        problems["unit_price"] = "A price cannot be negative."
    if not 0 <= row.discount_percent <= 100:
        problems["discount_percent"] = "A discount is between 0 and 100 percent."
    if problems:
        raise ValidationError(problems)


def worth(row: LineItem) -> Decimal:
    """
    What the generated column `total` will hold.

    Worked out here too, so that a new deal gets its amount in its first history row; the
    database refuses to commit if the two ever disagree.
    """
    full = Decimal(row.quantity) * Decimal(row.unit_price)
    return (full * (100 - Decimal(row.discount_percent)) / 100).quantize(
        CENT, rounding=ROUND_HALF_UP
    )


def facts(rows: Iterable[LineItem]) -> list[dict[str, Any]]:
    """Line items as the event log keeps them."""
    return [
        {
            "product": row.product_id,
            "quantity": str(row.quantity),
            "unit_price": str(row.unit_price),
            "discount_percent": str(row.discount_percent),
        }
        for row in rows
    ]
