"""What the services of deals promise."""

import datetime as dt
from decimal import Decimal

import pgtrigger
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from activities.models import Event, Notification
from crm.records import StaleVersion
from opportunities.defaults import default_close_date, default_stage
from opportunities.models import ContactRole, ExchangeRate, LineItem, Opportunity
from opportunities.services import (
    ExitRequirementsMissing,
    OpportunityIsClosed,
    OpportunityIsOpen,
    add_contact_role,
    assign_opportunity,
    create_opportunity,
    create_product,
    delete_opportunity,
    insert_opportunity,
    missing_to_leave,
    move_stage,
    remove_contact_role,
    reopen_opportunity,
    set_line_items,
    set_rate,
    update_opportunity,
)
from people.models import Workspace
from tests.concurrency import collide
from tests.factories import AccountFactory, ContactFactory, OpportunityFactory, ProductFactory

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


# --- Stages


def test_a_move_says_what_is_missing_and_writes_nothing(deal, leo, stages):
    with pytest.raises(ExitRequirementsMissing) as refused:
        move_stage(opportunity=deal, stage=stages["Evaluation"], actor=leo)
    assert refused.value.extra["missing"] == [
        {"label": "Next step agreed", "field": "next_step", "criterion": None}
    ]
    deal.refresh_from_db()
    assert (deal.stage, deal.version) == (stages["Discovery"], 1)


def test_what_is_missing_may_come_along_with_the_move(deal, leo, stages):
    before = timezone.now()
    moved = move_stage(
        opportunity=deal,
        stage=stages["Evaluation"],
        actor=leo,
        changes={"next_step": "Pricing review"},
    )
    assert (moved.stage, moved.probability) == (stages["Evaluation"], 30)
    assert moved.stage_since >= before
    event = last_event(deal)
    assert event.verb == "opportunity.stage_changed"
    assert event.changes["stage"] == [stages["Discovery"].pk, stages["Evaluation"].pk]
    assert event.changes["next_step"] == ["", "Pricing review"]


def test_a_refused_move_does_not_keep_what_came_along(deal, leo, stages):
    moved = move_stage(
        opportunity=deal, stage=stages["Evaluation"], actor=leo, changes={"next_step": "Call"}
    )
    with pytest.raises(ExitRequirementsMissing):
        move_stage(
            opportunity=moved,
            stage=stages["Proposal"],
            actor=leo,
            changes={"amount": None, "competitor": "Initech"},
        )
    deal.refresh_from_db()
    assert deal.competitor == ""


def test_a_manager_may_overrule_with_a_reason_that_is_kept(deal, leo, nadia, stages):
    with pytest.raises(PermissionDenied):
        move_stage(
            opportunity=deal, stage=stages["Evaluation"], actor=leo, override_reason="Trust me"
        )
    move_stage(
        opportunity=deal, stage=stages["Evaluation"], actor=nadia, override_reason="Spoke to them"
    )
    assert last_event(deal).changes["override"] == {
        "reason": "Spoke to them",
        "missing": ["Next step agreed"],
    }
    assert Notification.objects.get().user == leo


def test_going_back_and_losing_need_no_exit_requirements(deal, nadia, leo, stages, reason):
    move_stage(opportunity=deal, stage=stages["Proposal"], actor=nadia, override_reason="Known")
    back = move_stage(opportunity=deal, stage=stages["Discovery"], actor=leo)
    lost = move_stage(
        opportunity=back, stage=stages["Lost"], actor=leo, reason=reason("lost", "price"), note="!"
    )
    assert (lost.closed_reason.code, lost.closed_note, lost.probability) == ("price", "!", 0)
    assert lost.forecast_category == "omitted"
    assert lost.closed_at is not None


@pytest.mark.parametrize("given", [None, ("won", "product"), ("reopen", "other")])
def test_losing_needs_a_reason_of_its_kind(deal, leo, stages, reason, given):
    with pytest.raises(ValidationError) as refused:
        move_stage(
            opportunity=deal, stage=stages["Lost"], actor=leo, reason=given and reason(*given)
        )
    assert list(refused.value.error_dict) == ["reason"]


def test_winning_needs_the_exit_requirements_and_closes(deal, leo, stages):
    with pytest.raises(ExitRequirementsMissing):
        move_stage(opportunity=deal, stage=stages["Won"], actor=leo)
    won = move_stage(
        opportunity=deal, stage=stages["Won"], actor=leo, changes={"next_step": "Sign"}
    )
    assert (won.probability, won.forecast_category) == (100, "closed")
    assert last_event(deal).verb == "opportunity.won"


def test_a_closed_deal_changes_only_after_re_opening(deal, leo, nadia, stages, reason):
    move_stage(opportunity=deal, stage=stages["Evaluation"], actor=nadia, override_reason="Known")
    move_stage(opportunity=deal, stage=stages["Lost"], actor=leo, reason=reason("lost", "timing"))
    for change in (
        lambda: update_opportunity(opportunity=deal, changes={"next_step": "x"}, actor=leo),
        lambda: move_stage(opportunity=deal, stage=stages["Proposal"], actor=nadia),
        lambda: set_line_items(opportunity=deal, items=[], actor=leo),
    ):
        with pytest.raises(OpportunityIsClosed):
            change()
    again = {"opportunity": deal, "reason": reason("reopen", "customer_returned")}
    with pytest.raises(PermissionDenied):
        reopen_opportunity(actor=leo, **again)
    opened = reopen_opportunity(actor=nadia, note="They called", **again)
    assert opened.stage == stages["Evaluation"]
    assert (opened.closed_at, opened.closed_reason) == (None, None)
    assert last_event(deal).verb == "opportunity.reopened"
    with pytest.raises(OpportunityIsOpen):
        reopen_opportunity(actor=nadia, **again)


def test_a_close_date_that_nobody_chose_does_not_count_as_filled(deal, stages):
    stages["Discovery"].exit_requirements.update(field="close_date")
    Opportunity.objects.filter(pk=deal.pk).update(close_date_is_default=True)
    deal.refresh_from_db()
    assert [need.field for need in missing_to_leave(deal)] == ["close_date"]
    update_opportunity(opportunity=deal, changes={"close_date": deal.close_date}, actor=deal.owner)
    deal.refresh_from_db()
    assert missing_to_leave(deal) == []


def test_people_and_products_can_be_asked_for(deal, leo, stages):
    requirements = stages["Discovery"].exit_requirements
    requirements.update(field="line_items", label="Products")
    requirements.create(field="contact_roles", label="Somebody to talk to", position=1)
    assert [need.label for need in missing_to_leave(deal)] == ["Products", "Somebody to talk to"]
    set_line_items(opportunity=deal, items=[{"product": ProductFactory()}], actor=leo)
    add_contact_role(
        opportunity=deal,
        contact=ContactFactory(account=deal.account, owner=leo),
        role="champion",
        actor=leo,
    )
    assert missing_to_leave(deal) == []


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


# --- Two at once


@pytest.mark.django_db(transaction=True)
def test_of_two_moves_at_once_the_second_sees_the_first(deal, leo, nadia, stages):
    Opportunity.objects.filter(pk=deal.pk).update(next_step="Call")
    move = {"opportunity": deal, "version": 1}
    outcomes = collide(
        deal,
        lambda: move_stage(stage=stages["Evaluation"], actor=leo, **move),
        lambda: move_stage(stage=stages["Proposal"], actor=nadia, **move),
    )
    assert {type(outcome) for outcome in outcomes} == {Opportunity, StaleVersion}
    assert Event.objects.filter(verb="opportunity.stage_changed").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_first_people_at_once_leave_one_primary(deal, leo):
    first, second = ContactFactory.create_batch(2, account=deal.account, owner=leo)
    collide(
        deal,
        lambda: add_contact_role(opportunity=deal, contact=first, role="champion", actor=leo),
        lambda: add_contact_role(opportunity=deal, contact=second, role="other", actor=leo),
    )
    deal.refresh_from_db()
    assert deal.contact_roles.count() == 2
    assert deal.contact_roles.get(is_primary=True).contact_id == deal.primary_contact_id


@pytest.mark.django_db(transaction=True)
def test_winning_and_losing_at_once_ends_a_deal_once(leo, nadia, stages, reason):
    deal = OpportunityFactory(owner=leo, account__owner=leo, next_step="Sign")
    outcomes = collide(
        deal,
        lambda: move_stage(opportunity=deal, stage=stages["Won"], actor=leo),
        lambda: move_stage(
            opportunity=deal, stage=stages["Lost"], actor=nadia, reason=reason("lost", "price")
        ),
    )
    assert {type(outcome) for outcome in outcomes} == {Opportunity, OpportunityIsClosed}
