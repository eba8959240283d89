"""What making and changing deals promises."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from activities.models import Event, Notification
from crm.records import StaleVersion
from opportunities.defaults import default_close_date, default_stage
from opportunities.models import ContactRole, ExchangeRate, Opportunity
from opportunities.services import (
    assign_opportunity,
    create_opportunity,
    create_product,
    delete_opportunity,
    insert_opportunity,
    move_stage,
    set_rate,
    update_opportunity,
)
from people.models import Workspace
from tests.factories import AccountFactory, ContactFactory, ProductFactory

pytestmark = pytest.mark.django_db


def last_event(deal):
    return Event.objects.filter(opportunity=deal).latest("pk")


# --- Defaults


@pytest.mark.parametrize(
    ("first_month", "today", "expected"),
    [
        (1, dt.date(2026, 11, 22), dt.date(2026, 12, 31)),
        (1, dt.date(2026, 12, 31), dt.date(2026, 12, 31)),
        (2, dt.date(2027, 1, 15), dt.date(2027, 1, 31)),
        (2, dt.date(2026, 11, 1), dt.date(2027, 1, 31)),
        (12, dt.date(2027, 12, 1), dt.date(2028, 2, 29)),
        (4, dt.date(2027, 6, 30), dt.date(2027, 6, 30)),
    ],
)
def test_a_deal_closes_by_default_at_the_end_of_the_fiscal_quarter(first_month, today, expected):
    assert default_close_date(today, Workspace(fiscal_year_start_month=first_month)) == expected


def test_a_new_deal_starts_where_the_default_pipeline_does(leo, stages):
    account = AccountFactory(owner=leo)
    deal = create_opportunity(actor=leo, account=account, fields={"name": "Fernhill rollout"})
    deal.refresh_from_db()
    assert deal.stage == default_stage() == stages["Discovery"]
    assert (deal.stage_kind, deal.pipeline) == ("open", deal.stage.pipeline)
    assert (deal.probability, deal.forecast_category) == (10, "pipeline")
    assert (deal.owner, deal.team, deal.currency) == (leo, leo.team, "EUR")
    assert deal.close_date_is_default
    assert last_event(deal).verb == "opportunity.created"


def test_a_new_deal_keeps_what_is_given(leo, stages):
    contact = ContactFactory(account__owner=leo, owner=leo)
    deal = create_opportunity(
        actor=leo,
        account=contact.account,
        fields={
            "name": "  Fernhill\r\nrollout ",
            "amount": Decimal("72000"),
            "stage": stages["Proposal"],
            "probability": 75,
            "forecast_category": "commit",
            "close_date": dt.date(2027, 1, 31),
            "primary_contact": contact,
        },
    )
    assert deal.name == "Fernhill\nrollout"
    assert (deal.probability, deal.probability_overridden) == (75, True)
    assert (deal.forecast_category, deal.close_date_is_default) == ("commit", False)
    assert ContactRole.objects.get(opportunity=deal).is_primary


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": "x" * 251}, "name"),
        ({"name": "Deal", "amount": Decimal("-1")}, "amount"),
        ({"name": "Deal", "amount": Decimal("1e17")}, "amount"),
        ({"name": "Deal", "probability": 101}, "probability"),
        ({"name": "Deal", "forecast_category": "sure"}, "forecast_category"),
        ({"name": "Deal", "forecast_category": "closed"}, "forecast_category"),
        ({"name": "Deal", "type": "gift"}, "type"),
        ({"name": "Deal", "currency": "euro"}, "currency"),
        ({"name": "Deal\x00"}, "name"),
    ],
)
def test_bad_values_are_named_and_nothing_is_written(leo, fields, field):
    with pytest.raises(ValidationError) as refused:
        create_opportunity(actor=leo, account=AccountFactory(owner=leo), fields=fields)
    assert list(refused.value.error_dict) == [field]
    assert not Opportunity.objects.exists()


def test_a_new_deal_cannot_start_closed(leo, stages):
    fields = {"name": "Deal", "stage": stages["Won"]}
    with pytest.raises(ValidationError, match="open stage"):
        create_opportunity(actor=leo, account=AccountFactory(owner=leo), fields=fields)


def test_a_deal_cannot_be_made_at_an_account_out_of_sight(leo, ines):
    with pytest.raises(PermissionDenied):
        create_opportunity(actor=leo, account=AccountFactory(owner=ines), fields={"name": "Deal"})


def test_a_deal_cannot_name_a_contact_out_of_sight(leo, ines):
    hidden = ContactFactory(account__owner=ines, owner=ines)
    with pytest.raises(PermissionDenied):
        create_opportunity(
            actor=leo,
            account=AccountFactory(owner=leo),
            fields={"name": "Deal", "primary_contact": hidden},
        )


def test_whom_a_deal_may_be_made_for_goes_by_the_reach(leo, nadia):
    account = AccountFactory(owner=leo)
    with pytest.raises(PermissionDenied):
        create_opportunity(actor=leo, account=account, fields={"name": "Deal", "owner": nadia})
    deal = create_opportunity(actor=nadia, account=account, fields={"name": "Deal", "owner": leo})
    assert deal.owner == leo


def test_an_sdr_makes_no_deals(rita, leo):
    with pytest.raises(PermissionDenied):
        create_opportunity(actor=rita, account=AccountFactory(owner=leo), fields={"name": "Deal"})


def test_a_new_deal_with_products_costs_few_queries(leo, django_assert_num_queries):
    account, product = AccountFactory(owner=leo), ProductFactory(unit_price=10)
    leo.reach  # noqa: B018  # Read once per request, whatever happens in it.
    # Workspace, default stage, the deal, its line items, the event.
    with transaction.atomic(), django_assert_num_queries(5):
        insert_opportunity(
            actor=leo,
            account=account,
            fields={"name": "Deal"},
            line_items=[{"product": product}] * 20,
        )


# --- Exchange rates


def test_an_amount_is_worth_what_the_rate_of_the_day_says(leo):
    today = timezone.localdate()
    for days, rate in [(-10, "0.80"), (-1, "0.90"), (1, "0.99")]:
        ExchangeRate.objects.create(
            currency="USD", starts_on=today + dt.timedelta(days=days), rate=Decimal(rate)
        )
    fields = {"name": "Deal", "amount": Decimal("1000"), "currency": "USD"}
    deal = create_opportunity(actor=leo, account=AccountFactory(owner=leo), fields=fields)
    deal.refresh_from_db()
    assert (deal.rate, deal.company_amount) == (Decimal("0.9"), Decimal("900.00"))


def test_a_currency_without_a_rate_is_refused_by_name(deal, leo):
    with pytest.raises(ValidationError, match="no exchange rate from USD to EUR") as refused:
        update_opportunity(
            opportunity=deal, changes={"currency": "USD", "amount": Decimal(1)}, actor=leo
        )
    assert list(refused.value.error_dict) == ["currency"]
    deal.refresh_from_db()
    assert deal.currency == "EUR"


def test_only_who_may_change_the_settings_sets_rates(ada, leo):
    with pytest.raises(PermissionDenied):
        set_rate(currency="USD", starts_on=dt.date(2026, 1, 1), rate=Decimal("0.9"), actor=leo)
    for rate in ("0.90", "0.91"):
        set_rate(currency="USD", starts_on=dt.date(2026, 1, 1), rate=Decimal(rate), actor=ada)
    assert ExchangeRate.objects.get().rate == Decimal("0.91")


def test_the_company_s_own_currency_has_no_rate(ada):
    with pytest.raises(ValidationError) as refused:
        set_rate(currency="EUR", starts_on=dt.date(2026, 1, 1), rate=Decimal(2), actor=ada)
    assert list(refused.value.message_dict) == ["currency"]
    assert not ExchangeRate.objects.exists()


def test_a_product_that_is_there_already_is_refused_by_name(ada):
    create_product(actor=ada, fields={"name": "Team plan", "currency": "EUR"})
    with pytest.raises(ValidationError):
        create_product(actor=ada, fields={"name": "TEAM PLAN", "currency": "EUR"})


# --- Editing


def test_an_edit_writes_one_event_with_what_differs(deal, leo):
    update_opportunity(
        opportunity=deal, changes={"next_step": "Call", "name": deal.name}, actor=leo
    )
    event = last_event(deal)
    assert (event.verb, event.changes) == ("opportunity.edited", {"next_step": ["", "Call"]})


def test_an_edit_that_changes_nothing_leaves_no_trace(deal, leo):
    update_opportunity(opportunity=deal, changes={"name": deal.name}, actor=leo)
    deal.refresh_from_db()
    assert deal.version == 1
    assert not Event.objects.filter(opportunity=deal).exists()


def test_an_edit_of_an_older_version_is_refused(deal, leo):
    update_opportunity(opportunity=deal, changes={"next_step": "Call"}, actor=leo, version=1)
    with pytest.raises(StaleVersion):
        update_opportunity(opportunity=deal, changes={"next_step": "Mail"}, actor=leo, version=1)


@pytest.mark.parametrize("stranger", ["rita", "soren", "ines"])
def test_only_who_may_edit_a_deal_changes_it(request, deal, stranger):
    actor = request.getfixturevalue(stranger)
    with pytest.raises(PermissionDenied):
        update_opportunity(opportunity=deal, changes={"next_step": "Mine"}, actor=actor)


def test_moving_the_close_date_later_counts_as_a_push(deal, leo):
    for date in (deal.close_date + dt.timedelta(days=7), deal.close_date - dt.timedelta(days=7)):
        changed = update_opportunity(opportunity=deal, changes={"close_date": date}, actor=leo)
    assert changed.close_date_pushes == 1


def test_an_empty_probability_follows_the_stage_again(deal, leo, stages):
    update_opportunity(
        opportunity=deal, changes={"probability": 90, "forecast_category": "commit"}, actor=leo
    )
    kept = move_stage(
        opportunity=deal, stage=stages["Proposal"], actor=leo, changes={"next_step": "Call"}
    )
    assert (kept.probability, kept.forecast_category) == (90, "commit")
    changed = update_opportunity(
        opportunity=deal, changes={"probability": None, "forecast_category": ""}, actor=leo
    )
    assert (changed.probability, changed.forecast_category) == (60, "best_case")
    assert not changed.probability_overridden


def test_handing_over_tells_the_new_owner(deal, leo, ines):
    assign_opportunity(opportunity=deal, to=ines, actor=leo)
    deal.refresh_from_db()
    assert (deal.owner, deal.team) == (ines, ines.team)
    assert Notification.objects.get().user == ines
    with pytest.raises(PermissionDenied):
        assign_opportunity(opportunity=deal, to=leo, actor=leo)


def test_nobody_who_left_gets_a_deal(deal, leo, ines):
    ines.is_active = False
    ines.save()
    with pytest.raises(ValidationError):
        assign_opportunity(opportunity=deal, to=ines, actor=leo)


def test_a_deleted_deal_is_nobodys(deal, leo, ada):
    delete_opportunity(opportunity=deal, actor=leo)
    assert not Opportunity.objects.visible_to(ada).exists()
    assert last_event(deal).verb == "opportunity.deleted"
