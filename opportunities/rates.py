"""What money in one currency is worth in another, at the rate of a day."""

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal

from django.core.exceptions import ValidationError

from opportunities.models import ExchangeRate, Product
from people.models import Workspace

CENT = Decimal("0.01")


def rate_on(currency: str, day: dt.date, *, company_currency: str | None = None) -> Decimal:
    """
    What one unit of a currency is worth in the company's currency on a day.

    Raises ValidationError for the field `currency`, naming it, where no rate is known.
    """
    if company_currency is None:
        company_currency = Workspace.load().currency
    if currency == company_currency:
        return Decimal(1)
    rate = (
        ExchangeRate.objects.filter(currency=currency, starts_on__lte=day)
        .order_by("-starts_on")
        .values_list("rate", flat=True)
        .first()
    )
    if rate is None:
        raise ValidationError(
            {
                "currency": ValidationError(
                    "There is no exchange rate from %(currency)s to %(company)s for "
                    "%(day)s. An admin can add one in the settings.",
                    code="exchange_rate_missing",
                    params={
                        "currency": currency,
                        "company": company_currency,
                        "day": day.isoformat(),
                    },
                )
            }
        )
    return rate


def price_in(product: Product, currency: str, day: dt.date) -> Decimal:
    """
    A product's list price in another currency at the rates of a day.

    Raises ValidationError as `rate_on` does.
    """
    if product.currency == currency or not product.unit_price:
        return product.unit_price
    company_currency = Workspace.load().currency
    in_company = product.unit_price * rate_on(
        product.currency, day, company_currency=company_currency
    )
    price = in_company / rate_on(currency, day, company_currency=company_currency)
    return price.quantize(CENT, rounding=ROUND_HALF_UP)
