"""Whom an activity concerns: those who have to do it, are named in it, or were there."""

import pytest
from django.core.exceptions import ValidationError

from activities.services import log_activity, update_activity
from people.models import User
from tests.activities.conftest import told
from tests.factories import ContactFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_a_task_tells_whoever_has_to_do_it(nadia, rita, lead):
    log_activity(kind="task", actor=nadia, owner=rita, fields={"subject": "Call"}, lead=lead)
    assert told(rita) == ["activity.logged"]
    assert told(nadia) == []


def test_a_task_goes_to_nobody_who_could_not_open_what_it_is_about(nadia, soren, lead):
    with pytest.raises(ValidationError, match="may not see"):
        log_activity(kind="task", actor=nadia, owner=soren, fields={"subject": "Call"}, lead=lead)


def test_a_task_goes_to_nobody_who_has_left(nadia, lead):
    gone = UserFactory(is_active=False)
    with pytest.raises(ValidationError, match="no longer works here"):
        log_activity(kind="task", actor=nadia, owner=gone, fields={"subject": "Call"}, lead=lead)


@pytest.mark.parametrize("name", ["@Nadia Berg", "@nadia", "Hi @NADIA, look"])
def test_a_colleague_named_with_an_at_is_told(rita, nadia, lead, name):
    note = log_activity(kind="note", actor=rita, fields={"body": name}, lead=lead)
    assert list(note.mentions.all()) == [nadia]
    assert told(nadia) == ["activity.logged"]


@pytest.mark.parametrize("text", ["nadia@berg.example", "@nadi", "@", "@@nadia", "@nadian"])
def test_other_text_with_an_at_names_nobody(rita, nadia, lead, text):
    note = log_activity(kind="note", actor=rita, fields={"body": text}, lead=lead)
    assert not note.mentions.exists()
    assert told(nadia) == []


def test_a_first_name_that_two_people_have_names_neither(rita, nadia, lead, north):
    User.objects.filter(pk=nadia.pk).update(email="berg@example.com")
    UserFactory(full_name="Nadia Nowak", role="manager", team=north)
    note = log_activity(kind="note", actor=rita, fields={"body": "@nadia see"}, lead=lead)
    assert not note.mentions.exists()


def test_whoever_may_not_see_the_record_is_not_named(rita, soren, lead):
    note = log_activity(kind="note", actor=rita, fields={"body": "@soren see"}, lead=lead)
    assert not note.mentions.exists()
    assert told(soren) == []


def test_an_edit_tells_only_those_it_newly_names(rita, nadia, ada, lead):
    note = log_activity(kind="note", actor=rita, fields={"body": "@nadia"}, lead=lead)
    update_activity(activity=note, changes={"body": "@nadia @ada"}, actor=rita)
    assert told(nadia) == ["activity.logged"]
    assert told(ada) == ["activity.edited"]


def test_attendees_are_recognized_by_their_address(leo, rita):
    contact = ContactFactory(owner=leo, email="Dana@Halcyon.example")
    meeting = log_activity(
        kind="meeting",
        actor=leo,
        fields={"subject": "Demo"},
        contact=contact,
        attendees=["dana@halcyon.example", rita.email, "x@elsewhere.example", " "],
    )
    people = {each.email: (each.contact, each.user) for each in meeting.attendees.all()}
    assert people == {
        "dana@halcyon.example": (contact, None),
        rita.email: (None, rita),
        "x@elsewhere.example": (None, None),
    }
