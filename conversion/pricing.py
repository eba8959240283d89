"""At which prices the products that a lead is interested in come to the amount of its deal."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

CENT = Decimal("0.01")
# No price has more digits than its column.
TOO_MUCH = Decimal(10**16)


def prices_for(interests: Sequence[Any], amount: Decimal | None) -> list[Decimal] | None:
    """
    A unit price for each interest.

    Those of the price list where no amount is given, or they come to it. Else each in
    proportion to its list price, or alike where the list has none, so that together they come to
    the amount to the cent: what was talked about with the customer is worth more than the list.
    What rounding leaves goes to the first that can take it. None where prices in whole cents
    cannot come to the amount.
    """
    listed = [interest.product.unit_price for interest in interests]
    if amount is None or amount == total_of(interests, listed):
        return listed
    weights = listed if any(listed) else [Decimal(1)] * len(interests)
    whole = sum(each.quantity * weight for each, weight in zip(interests, weights, strict=True))
    prices = [in_cents(amount * weight / whole) for weight in weights]
    rest = amount - total_of(interests, prices)
    for place, interest in enumerate(interests):
        corrected = in_cents(prices[place] + rest / interest.quantity)
        tried = [*prices[:place], corrected, *prices[place + 1 :]]
        if min(tried) < 0 or max(tried) >= TOO_MUCH:
            continue
        if total_of(interests, tried) == amount:
            return tried
    return None


def total_of(interests: Sequence[Any], prices: Sequence[Decimal]) -> Decimal:
    """What they come to, rounded line by line as line items are."""
    lines = zip(interests, prices, strict=True)
    return sum((in_cents(interest.quantity * price) for interest, price in lines), Decimal(0))


def in_cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)
