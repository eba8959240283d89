import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from activities.models import Event
from people.models import Delegation
from people.queries import approvers, delegate_for, manager_of
from people.services import end_delegation, set_delegate
from tests.factories import TeamFactory, UserFactory

MONDAY = dt.date(2026, 3, 2)
FRIDAY = dt.date(2026, 3, 6)


def away(user, delegate, starts_on=MONDAY, ends_on=FRIDAY, actor=None):
    return set_delegate(
        user=user,
        delegate=delegate,
        starts_on=starts_on,
        ends_on=ends_on,
        actor=actor or user,
        today=MONDAY,
    )


def test_a_delegate_decides_on_the_first_and_the_last_day_and_not_around_them(leo, ines):
    away(leo, ines)
    assert delegate_for(leo, MONDAY) == ines
    assert delegate_for(leo, FRIDAY) == ines
    assert delegate_for(leo, MONDAY - dt.timedelta(days=1)) == leo
    assert delegate_for(leo, FRIDAY + dt.timedelta(days=1)) == leo


def test_days_that_are_over_need_no_delegate(leo, ines):
    yesterday = MONDAY - dt.timedelta(days=1)
    with pytest.raises(ValidationError) as refused:
        away(leo, ines, starts_on=MONDAY - dt.timedelta(days=7), ends_on=yesterday)
    assert list(refused.value.message_dict) == ["ends_on"]
    away(leo, ines, starts_on=yesterday, ends_on=MONDAY)
    assert delegate_for(leo, MONDAY) == ines


def test_a_delegation_is_followed_one_step(leo, ines, nadia):
    away(leo, ines)
    away(ines, nadia)
    assert delegate_for(leo, MONDAY) == ines


def test_a_delegate_who_left_is_passed_over(leo, ines):
    away(leo, ines)
    ines.is_active = False
    ines.save()
    assert delegate_for(leo, MONDAY) == leo


def test_a_delegate_who_may_no_longer_decide_is_passed_over(leo, ines, soren):
    away(leo, ines)
    ines.role = soren.role
    ines.save()
    assert delegate_for(leo, MONDAY) == leo


def test_the_delegate_is_told(leo, ines):
    away(leo, ines)
    assert Event.objects.get(verb="user.delegated").notifications.get().user == ines


def test_only_who_may_decide_can_stand_in(leo, rita):
    with pytest.raises(ValidationError, match="cannot decide"):
        away(leo, rita)


def test_nobody_stands_in_for_themselves(leo):
    with pytest.raises(ValidationError, match="somebody else"):
        away(leo, leo)


def test_the_last_day_is_not_before_the_first(leo, ines):
    with pytest.raises(ValidationError, match="before the first"):
        away(leo, ines, starts_on=FRIDAY, ends_on=MONDAY)


def test_nobody_has_two_delegates_on_one_day(leo, ines, nadia):
    away(leo, ines)
    with pytest.raises(ValidationError, match="already"):
        away(leo, nadia, starts_on=FRIDAY, ends_on=FRIDAY + dt.timedelta(days=3))
    assert Delegation.objects.get().delegate == ines


def test_people_arrange_their_own_absence_and_administrators_everybodys(leo, ines, nadia, ada):
    with pytest.raises(PermissionDenied):
        away(leo, ines, actor=nadia)
    assert away(leo, ines, actor=ada).user == leo


def test_coming_back_early_keeps_the_days_that_have_been(leo, ines):
    delegation = away(leo, ines)
    end_delegation(delegation=delegation, actor=leo, today=MONDAY + dt.timedelta(days=2))
    assert delegate_for(leo, MONDAY + dt.timedelta(days=1)) == ines
    assert delegate_for(leo, MONDAY + dt.timedelta(days=2)) == leo


def test_an_absence_that_has_not_begun_is_called_off(leo, ines):
    end_delegation(delegation=away(leo, ines), actor=leo, today=MONDAY)
    assert not Delegation.objects.exists()


def test_an_absence_that_is_over_cannot_be_ended(leo, ines):
    end_delegation(delegation=away(leo, ines), actor=leo, today=FRIDAY + dt.timedelta(days=1))
    assert Delegation.objects.get().ends_on == FRIDAY


def test_others_do_not_end_it(leo, ines, nadia):
    delegation = away(leo, ines)
    with pytest.raises(PermissionDenied):
        end_delegation(delegation=delegation, actor=nadia, today=MONDAY)


def test_approvers_are_the_active_ones_whose_role_may_decide(rita, leo, nadia, ada, ines):
    ines.is_active = False
    ines.save()
    assert set(approvers()) == {leo, nadia, ada}


def test_the_manager_is_the_nearest_above(rita, leo, nadia, europe, north):
    assert manager_of(rita) == nadia
    of_north = UserFactory(role="manager", team=north)
    assert manager_of(rita) == of_north
    assert manager_of(of_north) == nadia
    assert manager_of(nadia) is None


def test_deciding_ones_own_requests_makes_no_manager(rita, leo):
    assert manager_of(rita) is None


def test_a_manager_of_another_branch_is_none(rita, north):
    UserFactory(role="manager", team=TeamFactory(name="Sibling", parent=north.parent))
    assert manager_of(rita) is None


def test_a_manager_who_left_is_passed_over(rita, nadia):
    nadia.is_active = False
    nadia.save()
    assert manager_of(rita) is None


def test_an_administrator_in_the_team_is_asked_after_its_manager(rita, north):
    UserFactory(role="admin", team=north)
    manager = UserFactory(role="manager", team=north)
    assert manager_of(rita) == manager


def test_without_a_team_there_is_no_manager(ada, nadia):
    assert manager_of(ada) is None
