"""Requests that nobody decides."""

import datetime as dt

import pytest
from django.utils import timezone

from activities.models import Event, Notification
from conversion.models import ConversionRequest
from conversion.services import lapse_changed_requests, submit_request, tell_overdue
from opportunities.services import move_stage
from tests.conversion.conftest import confirm, plan_of
from tests.factories import AccountFactory, LeadFactory, OpportunityFactory, UserFactory

pytestmark = pytest.mark.django_db

HOUR = dt.timedelta(hours=1)
WEEK = dt.timedelta(days=7)


@pytest.fixture
def request_to_leo(rita, leo):
    """One that was due four weeks ago, so that every time below has already come."""
    lead = LeadFactory(owner=rita)
    request = submit_request(
        lead=lead, path=confirm(lead, rita), plan=plan_of(), actor=rita, approver=leo
    )
    ConversionRequest.objects.update(due_at=request.due_at - 4 * WEEK)
    request.refresh_from_db()
    return request


def told(verb):
    return set(
        Notification.objects.filter(event__verb=verb).values_list("user__full_name", flat=True)
    )


def test_nobody_is_told_before_the_time_is_over(request_to_leo):
    assert tell_overdue(now=request_to_leo.due_at - HOUR) == 0
    assert not Event.objects.filter(verb="request.overdue").exists()


def test_the_approver_is_told_first_and_only_once(request_to_leo, leo):
    now = request_to_leo.due_at + dt.timedelta(minutes=1)
    assert tell_overdue(now=now) == 1
    assert tell_overdue(now=now) == 0
    assert told("request.overdue") == {leo.full_name}
    assert told("request.escalated") == set()


def test_their_manager_is_told_when_the_time_has_passed_again(request_to_leo, nadia):
    tell_overdue(now=request_to_leo.due_at + HOUR)
    assert tell_overdue(now=request_to_leo.due_at + WEEK) == 1
    assert tell_overdue(now=request_to_leo.due_at + 2 * WEEK) == 0
    assert told("request.escalated") == {nadia.full_name}


def test_after_downtime_both_are_told_at_once(request_to_leo, nadia):
    assert tell_overdue(now=request_to_leo.due_at + WEEK) == 2


def test_whoever_stands_in_for_the_approver_is_told_too(request_to_leo, leo):
    stand_in = UserFactory(role="ae", team=leo.team)
    due = request_to_leo.due_at
    leo.delegations.create(delegate=stand_in, starts_on=due.date(), ends_on=due.date() + WEEK)
    tell_overdue(now=due + dt.timedelta(minutes=1))
    assert told("request.overdue") == {leo.full_name, stand_in.full_name}


def test_a_new_due_time_is_a_new_reminder(request_to_leo):
    tell_overdue(now=request_to_leo.due_at + HOUR)
    again = timezone.now()
    ConversionRequest.objects.update(due_at=again)
    assert tell_overdue(now=again + dt.timedelta(minutes=1)) == 1


def test_a_request_lapses_when_the_chosen_deal_is_closed(rita, leo, ada):
    account = AccountFactory(owner=leo)
    deal = OpportunityFactory(account=account, owner=leo)
    deal.stage.exit_requirements.all().delete()
    lead = LeadFactory(owner=rita)
    plan = plan_of(account=account, opportunity=deal)
    request = submit_request(
        lead=lead, path=confirm(lead, rita), plan=plan, actor=rita, approver=leo
    )
    assert lapse_changed_requests() == 0
    won = deal.pipeline.stages.get(kind="won")
    move_stage(opportunity=deal, stage=won, actor=leo)
    assert lapse_changed_requests() == 1
    request.refresh_from_db()
    assert request.state == "lapsed"
    assert told("request.lapsed") == {rita.full_name, leo.full_name}
    assert lapse_changed_requests() == 0
