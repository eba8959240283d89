"""Who sees an activity: whoever sees anything it is about, and those whose it is."""

import pytest
from django.contrib.auth.models import AnonymousUser

from activities.models import Activity, Event
from leads.models import LeadMember
from people.models import RolePermission
from people.ownership import MemberKind
from tests.factories import (
    AccountFactory,
    ActivityFactory,
    ContactFactory,
    EventFactory,
    LeadFactory,
    OpportunityFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

RECORDS = {
    "lead": LeadFactory,
    "account": AccountFactory,
    "contact": ContactFactory,
    "opportunity": OpportunityFactory,
}


def sees(user, row):
    return type(row).objects.visible_to(user).filter(pk=row.pk).exists()


@pytest.mark.parametrize("name", RECORDS)
@pytest.mark.parametrize("make", [ActivityFactory, EventFactory])
def test_one_visible_record_is_enough(leo, soren, name, make):
    hidden = {other: factory() for other, factory in RECORDS.items() if other != name}
    options = {"account__owner": leo} if name in ("contact", "opportunity") else {"owner": leo}
    row = make(**hidden, **{name: RECORDS[name](**options)})
    assert sees(leo, row)
    assert not sees(soren, row)


@pytest.mark.parametrize("make", [ActivityFactory, EventFactory])
def test_a_deleted_record_shows_nothing_any_more(rita, make):
    lead = LeadFactory(owner=rita)
    row = make(lead=lead)
    type(lead).objects.filter(pk=lead.pk).update(deleted_at="2026-11-20T10:00:00Z")
    assert not sees(rita, row)


def test_an_approver_sees_the_lead_s_whole_timeline(leo):
    lead = LeadFactory()
    note = ActivityFactory(lead=lead)
    assert not sees(leo, note)
    LeadMember.objects.create(record=lead, user=leo, kind=MemberKind.APPROVER)
    assert sees(leo, note)


def test_one_s_own_is_seen_whatever_it_is_about(rita, nadia, soren):
    task = ActivityFactory(owner=rita, kind="task")
    assert sees(rita, task)
    assert sees(nadia, task)
    assert not sees(soren, task)


def test_what_one_gave_to_somebody_stays_in_sight(rita):
    assert sees(rita, ActivityFactory(created_by=rita))


def test_what_one_did_stays_in_one_s_feed(rita):
    assert sees(rita, EventFactory(actor=rita, lead=LeadFactory()))


def test_a_deleted_activity_is_nobody_s(ada):
    assert not sees(ada, ActivityFactory(deleted_at="2026-11-20T10:00:00Z"))


@pytest.mark.parametrize("model", [Activity, Event])
def test_nobody_sees_nothing(model):
    ActivityFactory(lead=LeadFactory())
    EventFactory(lead=LeadFactory())
    for user in (AnonymousUser(), UserFactory(role=None), UserFactory(is_active=False)):
        assert not model.objects.visible_to(user).exists()


def test_a_role_without_activities_sees_none_of_its_own_records(rita):
    note = ActivityFactory(owner=rita, lead=LeadFactory(owner=rita))
    RolePermission.objects.filter(role=rita.role, record_type="activity").delete()
    rita.refresh_from_db()
    assert not sees(rita, note)


@pytest.mark.parametrize(
    ("person", "may"), [("rita", True), ("nadia", True), ("leo", False), ("ada", True)]
)
def test_who_sees_it_may_not_yet_change_it(request, rita, person, may):
    user = request.getfixturevalue(person)
    lead = LeadFactory(owner=rita)
    LeadMember.objects.create(record=lead, user=request.getfixturevalue("leo"))
    note = ActivityFactory(owner=rita, lead=lead)
    assert sees(user, note)
    assert Activity.objects.visible_to(user, "edit").filter(pk=note.pk).exists() == may
