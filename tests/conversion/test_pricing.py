"""Prices of products that come to what was agreed, to the cent, whatever the list says."""

from decimal import Decimal
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversion.pricing import prices_for, total_of
from conversion.services import convert_lead
from tests.conversion.conftest import make_lead, plan_of
from tests.factories import ProductFactory


def interests(*lines):
    """Interests of (quantity, list price)."""
    return [
        SimpleNamespace(
            quantity=Decimal(quantity), product=SimpleNamespace(unit_price=Decimal(price))
        )
        for quantity, price in lines
    ]


@pytest.mark.parametrize(
    ("lines", "amount", "prices"),
    [
        ([("4", "250.00")], None, ["250.00"]),
        ([("4", "250.00")], "1000.00", ["250.00"]),
        ([("4", "250.00")], "800.00", ["200.00"]),
        ([("60", "0.00")], "48000.00", ["800.00"]),
        ([("2", "0.00"), ("1", "0.00")], "30.00", ["10.00", "10.00"]),
        ([("10", "100.00"), ("1", "500.00")], "1000.00", ["66.67", "333.30"]),
        ([("1", "5.00"), ("1", "0.00")], "7.00", ["7.00", "0.00"]),
        ([("4", "250.00")], "0.00", ["0.00"]),
    ],
)
def test_list_prices_give_way_in_proportion(lines, amount, prices):
    found = prices_for(interests(*lines), None if amount is None else Decimal(amount))
    assert found == [Decimal(price) for price in prices]


@pytest.mark.parametrize(
    ("lines", "amount"),
    [([("3", "10.00")], "100.00"), ([("0.01", "1.00")], "9999999999999999.99")],
    ids=["no whole cents", "too large for a price"],
)
def test_where_no_price_comes_to_the_amount_there_is_none(lines, amount):
    assert prices_for(interests(*lines), Decimal(amount)) is None


cents = st.decimals("0", "100000", places=2)


@given(
    st.lists(st.tuples(st.decimals("0.01", "500", places=2), cents), min_size=1, max_size=5),
    cents,
)
def test_prices_are_never_negative_and_come_to_the_amount_exactly(lines, amount):
    wanted = interests(*lines)
    prices = prices_for(wanted, amount)
    if prices is not None:
        assert min(prices) >= 0
        assert total_of(wanted, prices) == amount
        assert all(price == price.quantize(Decimal("0.01")) for price in prices)


def converted(owner, *, quantity, amount):
    """The conversion of a lead that wants so many Team plans of 250, for an agreed amount."""
    product = ProductFactory(name="Team plan", unit_price="250.00", currency="EUR")
    lead = make_lead(owner, products=[(product, quantity)])
    fields = {"amount": amount, "currency": "EUR"}
    plan = plan_of(opportunity={"action": "create", "fields": fields})
    return convert_lead(lead=lead, plan=plan, actor=owner)


@pytest.mark.django_db
def test_products_go_along_with_an_amount_that_was_agreed(leo):
    conversion = converted(leo, quantity=4, amount="900.00")
    item = conversion.opportunity.line_items.get()
    assert (item.quantity, item.unit_price, item.total) == (4, Decimal("225.00"), Decimal("900.00"))
    assert conversion.opportunity.amount == Decimal("900.00")
    assert conversion.effects["opportunity"]["line_items"] == [
        {"product": "Team plan", "quantity": "4.00", "unit_price": "225.00"}
    ]


@pytest.mark.django_db
def test_products_that_cannot_go_along_are_named_with_the_reason(leo):
    conversion = converted(leo, quantity=3, amount="100.00")
    assert not conversion.opportunity.line_items.exists()
    assert conversion.effects["kept_on_lead"][-1]["value"] == (
        "Team plan (no prices come to this amount)"
    )
