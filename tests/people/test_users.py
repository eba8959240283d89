import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.urls import reverse

from activities.models import Event
from crm.errors import DomainError
from people.models import Role, RolePermission, User
from people.services import (
    deactivate_user,
    invite_again,
    invite_user,
    reactivate_user,
    update_profile,
    update_user,
)
from people.services.guards import DIRECTORY_LOCK, LastAdministrator
from people.services.users import CannotLeaveAlone
from tests.concurrency import collide_at_lock
from tests.factories import UserFactory
from tests.people.conftest import run_jobs


def role(key):
    return Role.objects.get(key=key)


def newcomer(**fields):
    return {"email": "Priya@Example.com", "full_name": "Priya Rao", "role": role("sdr")} | fields


@pytest.fixture
def lead_of_north(north):
    """Looks after the people of the north team, and nobody else."""
    keeper = Role.objects.create(key="keeper", name="Keeper")
    for key, level in {**role("sdr").levels(), "user:edit": "team", "user:create": "team"}.items():
        record_type, action = key.split(":")
        RolePermission.objects.create(
            role=keeper, record_type=record_type, action=action, level=level
        )
    return UserFactory(role=keeper, team=north, full_name="Kim Keeper")


@pytest.mark.django_db(transaction=True)
def test_an_invited_person_gets_a_link_with_which_they_choose_a_password(ada, client):
    priya = invite_user(actor=ada, fields=newcomer())
    assert mail.outbox == []
    run_jobs()
    [message] = mail.outbox
    assert message.to == ["priya@example.com"]
    path = re.search(r"http://localhost:8000(\S+)", message.body)[1]
    page = client.get(path, follow=True)
    chosen = {"password1": "moss-and-fern", "password2": "moss-and-fern"}
    client.post(page.redirect_chain[-1][0], chosen)
    priya.refresh_from_db()
    assert priya.check_password("moss-and-fern")
    assert "does not work any more" in client.get(path, follow=True).content.decode()


@pytest.mark.django_db(transaction=True)
def test_no_mail_is_sent_for_an_invitation_that_was_not_saved(ada, rita):
    with pytest.raises(ValidationError):
        invite_user(actor=ada, fields=newcomer(email=rita.email.upper()))
    run_jobs()
    assert mail.outbox == []


def test_an_invitation_is_history(ada):
    priya = invite_user(actor=ada, fields=newcomer())
    event = Event.objects.get(verb="user.invited")
    assert (event.actor, event.subject_type, event.subject_id) == (ada, "user", priya.pk)


def test_a_newcomer_cannot_sign_in_before_they_chose_a_password(ada, client):
    invite_user(actor=ada, fields=newcomer())
    client.post(reverse("account_login"), {"login": "priya@example.com", "password": "!"})
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"email": "nobody"}, "email"),
        ({"email": ""}, "email"),
        ({"full_name": ""}, "full_name"),
        ({"full_name": "N\0L"}, "full_name"),
        ({"role": None}, "role"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"locale": "tlh-QO"}, "locale"),
    ],
)
def test_what_is_wrong_with_a_newcomer_is_named(ada, fields, wrong):
    with pytest.raises(ValidationError) as refusal:
        invite_user(actor=ada, fields=newcomer(**fields))
    assert list(refusal.value.message_dict) == [wrong]
    assert not User.objects.filter(full_name="Priya Rao").exists()


def test_only_those_who_may_create_users_invite(nadia):
    with pytest.raises(PermissionDenied):
        invite_user(actor=nadia, fields=newcomer())


def test_who_looks_after_one_team_invites_into_that_team_only(lead_of_north, south):
    invite_user(actor=lead_of_north, fields=newcomer(team=lead_of_north.team))
    with pytest.raises(PermissionDenied):
        invite_user(actor=lead_of_north, fields=newcomer(email="a@example.com", team=south))
    with pytest.raises(PermissionDenied):
        invite_user(actor=lead_of_north, fields=newcomer(email="b@example.com"))


def test_nobody_gives_a_role_that_reaches_further_than_their_own(lead_of_north, rita):
    with pytest.raises(PermissionDenied):
        update_user(user=rita, changes={"role": role("admin")}, actor=lead_of_north)
    with pytest.raises(PermissionDenied):
        update_user(user=lead_of_north, changes={"role": role("admin")}, actor=lead_of_north)


def test_who_looks_after_one_team_cannot_touch_a_mightier_member(lead_of_north, leo):
    with pytest.raises(PermissionDenied):
        update_user(user=leo, changes={"email": "mine@example.com"}, actor=lead_of_north)


def test_who_looks_after_one_team_keeps_its_people(lead_of_north, rita, soren, south):
    update_user(user=rita, changes={"full_name": "Rita O"}, actor=lead_of_north)
    with pytest.raises(PermissionDenied):
        update_user(user=soren, changes={"full_name": "S"}, actor=lead_of_north)
    with pytest.raises(PermissionDenied):
        update_user(user=rita, changes={"team": south}, actor=lead_of_north)


def test_an_invitation_can_be_sent_again_until_it_is_accepted(ada):
    rita = UserFactory(password="!")
    invite_again(user=rita, actor=ada)
    rita.set_password("moss-and-fern")
    rita.save()
    with pytest.raises(DomainError, match="needs no invitation"):
        invite_again(user=rita, actor=ada)


def test_a_change_says_what_was_before(ada, rita, south):
    update_user(user=rita, changes={"team": south, "full_name": rita.full_name}, actor=ada)
    event = Event.objects.get(verb="user.edited")
    assert event.changes == {"team": [rita.team_id, south.pk]}


def test_nothing_changed_is_no_history(ada, rita):
    update_user(user=rita, changes={"full_name": rita.full_name}, actor=ada)
    assert not Event.objects.exists()


def test_the_old_address_no_longer_signs_in(ada, rita):
    EmailAddress.objects.create(user=rita, email=rita.email, primary=True, verified=True)
    update_user(user=rita, changes={"email": "Rita.Ono@example.com"}, actor=ada)
    rita.refresh_from_db()
    assert rita.email == "rita.ono@example.com"
    assert not EmailAddress.objects.filter(user=rita).exists()


def test_the_last_administrator_cannot_be_demoted(ada):
    with pytest.raises(LastAdministrator):
        update_user(user=ada, changes={"role": role("sdr")}, actor=ada)
    ada.refresh_from_db()
    assert ada.role.key == "admin"


def test_a_second_administrator_can_be_demoted(ada):
    other = UserFactory(role="admin")
    update_user(user=other, changes={"role": role("sdr")}, actor=ada)
    other.refresh_from_db()
    assert other.role.key == "sdr"


@pytest.mark.django_db(transaction=True)
def test_two_administrators_who_demote_each_other_at_once_leave_one(ada):
    other = UserFactory(role="admin")
    outcomes = collide_at_lock(
        DIRECTORY_LOCK,
        lambda: update_user(user=other, changes={"role": role("sdr")}, actor=ada),
        lambda: update_user(user=ada, changes={"role": role("sdr")}, actor=other),
    )
    assert {type(outcome) for outcome in outcomes} == {User, LastAdministrator}
    assert User.objects.filter(role__key="admin").count() == 1


def test_nobody_deactivates_themselves(ada):
    UserFactory(role="admin")
    with pytest.raises(CannotLeaveAlone):
        deactivate_user(user=ada, actor=ada)


def test_an_administrator_who_left_does_not_count(ada):
    UserFactory(role="admin", is_active=False)
    with pytest.raises(LastAdministrator):
        update_user(user=ada, changes={"role": role("sdr")}, actor=ada)


def test_who_is_deactivated_sees_nothing_any_more(ada, rita):
    deactivate_user(user=rita, actor=ada)
    rita.refresh_from_db()
    assert not rita.can("lead", "view")


def test_deactivating_twice_is_one_event(ada, rita):
    deactivate_user(user=rita, actor=ada)
    assert deactivate_user(user=rita, actor=ada) == {}
    assert Event.objects.filter(verb="user.deactivated").count() == 1


def test_only_those_who_administer_deactivate_and_reactivate(nadia, rita):
    with pytest.raises(PermissionDenied):
        deactivate_user(user=rita, actor=nadia)
    with pytest.raises(PermissionDenied):
        reactivate_user(user=rita, actor=nadia)


def test_who_comes_back_has_their_role_and_team_again(ada, rita, north):
    deactivate_user(user=rita, actor=ada)
    reactivate_user(user=rita, actor=ada)
    rita.refresh_from_db()
    assert (rita.is_active, rita.team) == (True, north)
    assert Event.objects.filter(verb="user.reactivated", subject_id=rita.pk).exists()


def test_people_change_their_own_profile(rita):
    update_profile(user=rita, changes={"theme": "dark", "time_zone": "Asia/Tokyo"})
    rita.refresh_from_db()
    assert (rita.theme, rita.time_zone) == ("dark", "Asia/Tokyo")
    assert Event.objects.get().changes["theme"] == ["system", "dark"]


@pytest.mark.parametrize("field", ["role", "team", "email", "is_active"])
def test_a_profile_cannot_raise_rights(rita, field):
    with pytest.raises(KeyError):
        update_profile(user=rita, changes={field: None})


def test_a_profile_refuses_what_is_no_theme(rita):
    with pytest.raises(ValidationError):
        update_profile(user=rita, changes={"theme": "pink"})


def test_a_new_installation_gets_its_first_administrator_by_command(db, monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "long-enough-for-anybody")
    call_command(
        "createsuperuser",
        email="Rosa@Example.com",
        full_name="Rosa Lind",
        interactive=False,
        verbosity=0,
    )
    rosa = User.objects.get()
    assert (rosa.email, rosa.role.key) == ("rosa@example.com", "admin")
    assert rosa.check_password("long-enough-for-anybody")
