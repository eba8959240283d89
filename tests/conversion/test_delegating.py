"""Requests of somebody who is away."""

import datetime as dt

import pytest

from conversion.models import ConversionRequest
from conversion.services import approve, delegate_requests
from leads.models import Lead
from people.services import set_delegate
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 5, 4)


@pytest.fixture
def ines_stands_in(leo, ines):
    """For Leo, this week."""
    return away(leo, ines)


def away(user, delegate):
    week = {"starts_on": TODAY, "ends_on": TODAY + dt.timedelta(days=4)}
    return set_delegate(user=user, delegate=delegate, actor=user, today=TODAY, **week)


def approver_of(request):
    return ConversionRequest.objects.get(pk=request.pk).approver


def test_what_waits_goes_to_the_delegate_and_keeps_its_time(asked, leo, ines, ines_stands_in):
    assert delegate_requests(today=TODAY) == 1
    request = ConversionRequest.objects.get()
    assert (request.approver, request.due_at) == (ines, asked.due_at)
    assert request.approver_because == "Stands in for Leo Haddad"
    assert request.transitions.latest("pk").facts == {"from": leo.pk, "to": ines.pk}
    assert Lead.objects.visible_to(ines).filter(pk=asked.lead_id).exists()
    assert delegate_requests(today=TODAY) == 0


def test_the_delegate_may_then_decide_it(asked, ines, ines_stands_in):
    delegate_requests(today=TODAY)
    assert approve(request=asked, actor=ines).state == "approved"


@pytest.mark.parametrize("days", [-1, 5])
def test_nothing_is_passed_on_while_the_approver_is_there(asked, leo, ines_stands_in, days):
    assert delegate_requests(today=TODAY + dt.timedelta(days=days)) == 0
    assert approver_of(asked) == leo


def test_what_is_decided_already_stays(asked, leo, ines_stands_in):
    approve(request=asked, actor=leo)
    assert delegate_requests(today=TODAY) == 0


def test_nobody_gets_their_own_request(asked, leo, rita):
    rita.role = UserFactory(role="manager").role
    rita.save()
    away(leo, rita)
    assert delegate_requests(today=TODAY) == 0
    assert approver_of(asked) == leo


def test_two_who_stand_in_for_each_other_do_not_pass_it_to_and_fro(
    asked, leo, ines, ines_stands_in
):
    away(ines, leo)
    assert delegate_requests(today=TODAY) == 0
    assert approver_of(asked) == leo
