"""What moves between stages promise, and what two people at once get."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from activities.models import Event, Notification
from crm.records import StaleVersion
from opportunities.models import Opportunity
from opportunities.services import (
    ExitRequirementsMissing,
    OpportunityIsClosed,
    OpportunityIsOpen,
    add_contact_role,
    missing_to_leave,
    move_stage,
    reopen_opportunity,
    set_line_items,
    update_opportunity,
)
from tests.concurrency import collide
from tests.factories import ContactFactory, OpportunityFactory, ProductFactory

pytestmark = pytest.mark.django_db


def last_event(deal):
    return Event.objects.filter(opportunity=deal).latest("pk")


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
