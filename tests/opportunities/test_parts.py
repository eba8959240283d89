"""What products and people in a deal promise, and what the database holds to."""

import datetime as dt
from decimal import Decimal

import pgtrigger
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction

from activities.models import Event
from opportunities.models import ContactRole, ExchangeRate, LineItem, Opportunity
from opportunities.services import (
    add_contact_role,
    remove_contact_role,
    set_line_items,
    update_opportunity,
)
from tests.factories import ContactFactory, ProductFactory

pytestmark = pytest.mark.django_db


def last_event(deal):
    return Event.objects.filter(opportunity=deal).latest("pk")


# --- Products in a deal


def test_products_make_the_amount(deal, leo):
    seats, setup = ProductFactory(unit_price="1080"), ProductFactory(unit_price="7200")
    changed = set_line_items(
        opportunity=deal,
        items=[
            {"product": seats, "quantity": Decimal("60"), "discount_percent": Decimal("12.5")},
            {"product": setup, "unit_price": Decimal("0.05"), "quantity": Decimal("0.50")},
        ],
        actor=leo,
    )
    changed.refresh_from_db()
    # 56,700.00 and 0.025, which the database rounds away from zero.
    assert changed.amount == Decimal("56700.03")
    assert last_event(deal).changes["amount"][1] == "56700.03"


def test_an_amount_cannot_be_typed_over_the_products(deal, leo):
    set_line_items(opportunity=deal, items=[{"product": ProductFactory(unit_price=5)}], actor=leo)
    with pytest.raises(ValidationError, match="products make the amount"):
        update_opportunity(opportunity=deal, changes={"amount": Decimal(7)}, actor=leo)
    set_line_items(opportunity=deal, items=[], actor=leo)
    changed = update_opportunity(opportunity=deal, changes={"amount": Decimal(7)}, actor=leo)
    assert changed.amount == 7


def test_bad_lines_are_named_by_their_place(deal, leo):
    product = ProductFactory()
    with pytest.raises(ValidationError) as refused:
        set_line_items(
            opportunity=deal,
            items=[
                {"product": product},
                {"product": product, "quantity": Decimal(0)},
                {"product": product, "discount_percent": Decimal(101)},
            ],
            actor=leo,
        )
    assert set(refused.value.error_dict) == {"items.1.quantity", "items.2.discount_percent"}
    assert not LineItem.objects.exists()


def test_a_list_price_in_another_currency_is_converted(deal, leo):
    ExchangeRate.objects.create(currency="USD", starts_on="2020-01-01", rate=Decimal("0.5"))
    product = ProductFactory(unit_price=Decimal("99.99"), currency="USD")
    changed = set_line_items(opportunity=deal, items=[{"product": product}], actor=leo)
    assert changed.amount == Decimal("50.00")


# --- People in a deal


def test_the_first_person_is_the_primary_one_and_later_ones_only_when_asked(deal, leo):
    first, second = ContactFactory.create_batch(2, account=deal.account, owner=leo)
    add_contact_role(opportunity=deal, contact=first, role="champion", actor=leo)
    add_contact_role(opportunity=deal, contact=second, role="evaluator", actor=leo)
    deal.refresh_from_db()
    assert deal.primary_contact == first
    add_contact_role(opportunity=deal, contact=second, role="evaluator", actor=leo, primary=True)
    deal.refresh_from_db()
    assert deal.primary_contact == second
    assert ContactRole.objects.filter(opportunity=deal, is_primary=True).get().contact == second


def test_without_its_primary_contact_a_deal_has_none(deal, leo):
    contact = ContactFactory(account=deal.account, owner=leo)
    role = add_contact_role(opportunity=deal, contact=contact, role="champion", actor=leo)
    remove_contact_role(role=role, actor=leo)
    deal.refresh_from_db()
    assert deal.primary_contact is None
    assert not deal.contact_roles.exists()


def test_nobody_out_of_sight_gets_a_part(deal, leo, ines):
    hidden = ContactFactory(account__owner=ines, owner=ines)
    with pytest.raises(PermissionDenied):
        add_contact_role(opportunity=deal, contact=hidden, role="other", actor=leo)


# --- What the database holds to


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE opportunities_opportunity SET amount = 1",
        "UPDATE opportunities_opportunity SET amount = NULL",
        "UPDATE opportunities_lineitem SET quantity = 3",
        "UPDATE opportunities_lineitem SET unit_price = 3",
        "UPDATE opportunities_lineitem SET discount_percent = 3",
        "DELETE FROM opportunities_lineitem WHERE position = 0",
    ],
)
def test_products_that_do_not_sum_to_the_amount_are_refused_at_commit(deal, leo, statement):
    items = [{"product": ProductFactory(unit_price=5)}, {"product": ProductFactory(unit_price=6)}]
    set_line_items(opportunity=deal, items=items, actor=leo)
    with connection.cursor() as cursor, pytest.raises(IntegrityError) as refused:
        cursor.execute(statement)
    name = refused.value.__cause__.diag.constraint_name
    assert name == "opportunity_amount_is_its_line_items"


@pytest.mark.django_db(transaction=True)
def test_a_change_without_history_is_refused_at_commit(deal):
    with (
        pytest.raises(IntegrityError) as refused,
        transaction.atomic(),
        pgtrigger.ignore("opportunities.Opportunity:update_update"),
    ):
        Opportunity.objects.update(close_date=dt.date(2030, 1, 1))
    assert refused.value.__cause__.diag.constraint_name == "opportunity_history_is_complete"
