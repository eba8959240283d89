"""What may be logged, by whom, and what follows from it."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from activities.linking import LeadIsConverted
from activities.models import Activity, Event
from activities.services import (
    NotATask,
    complete_task,
    delete_activity,
    log_activity,
    reopen_task,
    update_activity,
)
from crm.records import StaleVersion
from leads.models import Lead, LeadMember, LeadStatus
from people.ownership import MemberKind
from tests.activities.conftest import told
from tests.concurrency import collide
from tests.factories import (
    AccountFactory,
    ActivityFactory,
    ContactFactory,
    LeadFactory,
    OpportunityFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def task(rita, lead):
    return log_activity(kind="task", actor=rita, fields={"subject": "Send the guide"}, lead=lead)


def test_a_logged_call_is_linked_owned_and_in_the_event_log(rita, lead):
    call = log_activity(
        kind="call", actor=rita, fields={"outcome": "connected", "body": "Nice"}, lead=lead
    )
    call.refresh_from_db()
    assert (call.lead, call.owner, call.created_by, call.outcome) == (lead, rita, rita, "connected")
    assert call.direction == "outbound"
    event = Event.objects.get()
    assert (event.verb, event.actor, event.lead) == ("activity.logged", rita, lead)
    assert (event.subject_type, event.subject_id) == ("activity", call.pk)


@pytest.mark.parametrize("linked", ["contact", "opportunity"])
def test_what_is_logged_on_a_person_or_deal_stands_on_the_account_too(leo, linked):
    records = {"contact": ContactFactory, "opportunity": OpportunityFactory}
    record = records[linked](owner=leo)
    note = log_activity(kind="note", actor=leo, fields={"body": "Hello"}, **{linked: record})
    assert note.account_id == record.account_id
    assert Event.objects.get().account_id == record.account_id


def test_records_of_two_accounts_cannot_share_an_activity(leo):
    with pytest.raises(ValidationError, match="belongs to another account"):
        log_activity(
            kind="note",
            actor=leo,
            fields={"body": "Mixed up"},
            account=AccountFactory(owner=leo),
            contact=ContactFactory(owner=leo),
        )
    assert not Activity.objects.exists()


def test_a_stranger_cannot_log_on_a_lead(soren, lead):
    with pytest.raises(PermissionDenied):
        log_activity(kind="note", actor=soren, fields={"body": "Mine now"}, lead=lead)
    assert not Activity.objects.exists()


def test_somebody_without_a_role_logs_nothing_at_all(lead):
    nobody = UserFactory(role=None)
    LeadMember.objects.create(record=lead, user=nobody)
    with pytest.raises(PermissionDenied):
        log_activity(kind="note", actor=nobody, fields={"body": "Hi"}, lead=lead)


def test_an_approver_may_write_on_the_lead_they_were_asked_about(leo, lead):
    LeadMember.objects.create(record=lead, user=leo, kind=MemberKind.APPROVER)
    note = log_activity(kind="note", actor=leo, fields={"body": "Who decides?"}, lead=lead)
    assert note.lead == lead


def test_only_a_task_may_be_about_nothing(rita):
    with pytest.raises(ValidationError, match="Say which record"):
        log_activity(kind="note", actor=rita, fields={"body": "To myself"})
    assert log_activity(kind="task", actor=rita, fields={"subject": "Water the plants"}).pk


@pytest.mark.parametrize(
    ("kind", "fields", "field"),
    [
        ("note", {"body": ""}, "body"),
        ("note", {"body": "x", "due_at": timezone.now()}, "due_at"),
        ("task", {"body": "x"}, "subject"),
        ("meeting", {}, "subject"),
        ("email", {"body": "x"}, "subject"),
        ("file", {"subject": "x"}, "files"),
        ("rumor", {"body": "x"}, "kind"),
        ("call", {"outcome": "shouted"}, "outcome"),
        ("call", {"direction": "sideways"}, "direction"),
        ("call", {"at": timezone.now() + dt.timedelta(days=1)}, "at"),
        ("note", {"body": "x", "subject": "s" * 251}, "subject"),
        (
            "meeting",
            {"subject": "x", "ends_at": timezone.now() - dt.timedelta(days=1)},
            "ends_at",
        ),
    ],
)
def test_what_makes_no_sense_is_refused_by_the_name_of_its_field(rita, lead, kind, fields, field):
    with pytest.raises(ValidationError) as refusal:
        log_activity(kind=kind, actor=rita, fields=fields, lead=lead)
    assert field in refusal.value.message_dict
    assert not Activity.objects.exists()


def test_the_same_email_is_logged_once(rita, lead):
    email = {"subject": "Hello", "message_id": "<1@example.com>"}
    log_activity(kind="email", actor=rita, fields=email, lead=lead)
    with pytest.raises(ValidationError, match="logged already"):
        log_activity(kind="email", actor=rita, fields=email, lead=lead)


# --- Clocks ---


@pytest.mark.parametrize(
    ("kind", "fields", "is_response"),
    [
        ("call", {}, True),
        ("email", {"subject": "Hello"}, True),
        ("meeting", {"subject": "Demo"}, True),
        ("call", {"direction": "inbound"}, False),
        ("email", {"subject": "Hello", "direction": "inbound"}, False),
        ("note", {"body": "Thinking"}, False),
    ],
)
def test_the_first_touch_from_our_side_is_the_first_response(rita, lead, kind, fields, is_response):
    log_activity(kind=kind, actor=rita, fields=fields, lead=lead)
    lead.refresh_from_db()
    assert (lead.first_response_at is not None) == is_response
    assert lead.last_activity_at is not None


def test_a_later_call_moves_the_last_activity_and_leaves_the_first_response(rita, lead):
    now = timezone.now()
    Lead.objects.filter(pk=lead.pk).update(created_at=now - dt.timedelta(days=3))
    first, second = now - dt.timedelta(days=2), now - dt.timedelta(days=1)
    for at in (second, first):
        log_activity(kind="call", actor=rita, fields={"at": at}, lead=lead)
    lead.refresh_from_db()
    assert (lead.first_response_at, lead.last_activity_at) == (first, second)


def test_nobody_answers_a_lead_before_it_came(rita, lead):
    earlier = lead.created_at - dt.timedelta(hours=1)
    log_activity(kind="call", actor=rita, fields={"at": earlier}, lead=lead)
    lead.refresh_from_db()
    assert lead.first_response_at == lead.created_at


def test_a_meeting_next_week_counts_from_when_it_was_booked(rita, lead):
    at = timezone.now() + dt.timedelta(days=7)
    log_activity(kind="meeting", actor=rita, fields={"subject": "Demo", "at": at}, lead=lead)
    lead.refresh_from_db()
    assert lead.last_activity_at <= timezone.now()


def test_an_open_task_is_only_a_plan(rita, lead, task):
    lead.refresh_from_db()
    assert lead.last_activity_at is None
    complete_task(activity=task, actor=rita)
    lead.refresh_from_db()
    assert lead.last_activity_at is not None


def test_logging_is_no_edit_of_the_record(rita, lead):
    lead.refresh_from_db()
    before = (lead.version, lead.updated_at)
    log_activity(kind="call", actor=rita, fields={}, lead=lead)
    lead.refresh_from_db()
    assert (lead.version, lead.updated_at) == before


def test_an_opportunity_remembers_its_last_activity(leo):
    deal = OpportunityFactory(owner=leo)
    log_activity(kind="note", actor=leo, fields={"body": "Hello"}, opportunity=deal)
    deal.refresh_from_db()
    assert deal.last_activity_at is not None


# --- Converted leads ---


@pytest.fixture
def converted_lead(lead, task):
    """
    A lead in a status of the converted kind, with a task from before.

    It has no conversion, which the database notices at COMMIT: so it is taken back before.
    """
    status = LeadStatus.objects.default_for("converted")
    with transaction.atomic():
        Lead.objects.filter(pk=lead.pk).update(
            status=status, status_kind="converted", converted_at=timezone.now()
        )
        lead.refresh_from_db()
        yield lead
        transaction.set_rollback(True)


def test_nothing_new_is_logged_on_a_converted_lead(rita, converted_lead):
    with pytest.raises(LeadIsConverted, match="on the contact instead"):
        log_activity(kind="note", actor=rita, fields={"body": "Late"}, lead=converted_lead)
    assert Activity.objects.count() == 1


def test_a_task_is_completed_after_conversion_and_the_lead_stays_as_it_was(
    rita, converted_lead, task
):
    complete_task(activity=task, actor=rita)
    converted_lead.refresh_from_db()
    assert converted_lead.last_activity_at is None


# --- Changes ---


def test_an_edit_is_history_with_old_and_new(rita, task):
    update_activity(activity=task, changes={"subject": "Send the SSO guide"}, actor=rita)
    event = Event.objects.get(verb="activity.edited")
    assert event.changes["subject"] == ["Send the guide", "Send the SSO guide"]
    assert event.lead_id == task.lead_id


def test_an_edit_that_changes_nothing_is_none(rita, task):
    update_activity(activity=task, changes={"subject": "Send the guide"}, actor=rita)
    task.refresh_from_db()
    assert task.version == 1
    assert not Event.objects.filter(verb="activity.edited").exists()


def test_an_edit_of_an_older_version_is_refused(rita, task):
    update_activity(activity=task, changes={"subject": "Once"}, actor=rita, version=1)
    with pytest.raises(StaleVersion):
        update_activity(activity=task, changes={"subject": "Twice"}, actor=rita, version=1)


def test_seeing_an_activity_is_not_changing_it(rita, leo, task):
    LeadMember.objects.create(record=task.lead, user=leo)
    assert Activity.objects.visible_to(leo).filter(pk=task.pk).exists()
    for service in (complete_task, delete_activity):
        with pytest.raises(PermissionDenied):
            service(activity=task, actor=leo)
    with pytest.raises(PermissionDenied):
        update_activity(activity=task, changes={"subject": "Mine"}, actor=leo)


def test_a_task_handed_on_tells_the_next_person(nadia, rita, lead):
    task = log_activity(kind="task", actor=nadia, fields={"subject": "Call"}, lead=lead)
    task = update_activity(activity=task, changes={"owner": rita}, actor=nadia)
    assert task.owner == rita
    assert told(rita) == ["activity.edited"]


def test_a_task_is_completed_once_and_reopened(rita, task):
    done = complete_task(activity=task, actor=rita)
    again = complete_task(activity=task, actor=rita)
    assert done.done_at == again.done_at
    assert done.done_by == rita
    assert Event.objects.filter(verb="activity.completed").count() == 1
    reopened = reopen_task(activity=task, actor=rita)
    assert (reopened.done_at, reopened.done_by) == (None, None)


def test_whoever_gave_a_task_hears_that_it_is_done(nadia, rita, lead):
    task = log_activity(kind="task", actor=nadia, owner=rita, fields={"subject": "Call"}, lead=lead)
    complete_task(activity=task, actor=rita)
    assert told(nadia) == ["activity.completed"]


def test_only_a_task_can_be_done(rita, lead):
    note = ActivityFactory(owner=rita, lead=lead)
    with pytest.raises(NotATask):
        complete_task(activity=note, actor=rita)


def test_a_deleted_activity_is_gone_for_everybody_and_its_row_stays(rita, ada, task):
    delete_activity(activity=task, actor=rita)
    assert not Activity.objects.visible_to(ada).exists()
    assert Activity.objects.filter(pk=task.pk).exists()
    assert Event.objects.filter(verb="activity.deleted", lead=task.lead).exists()


# --- Races ---


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", ["conversion", "task"])
def test_a_task_and_a_conversion_at_once_do_not_wait_for_each_other(rita, first):
    lead = LeadFactory(owner=rita)
    task = ActivityFactory(owner=rita, lead=lead, kind="task")

    def lock_as_a_conversion_does():
        with transaction.atomic():
            Lead.objects.select_for_update(no_key=True).get(pk=lead.pk)
            Activity.objects.filter(lead=lead).update(location="moved")

    def complete():
        complete_task(activity=task, actor=rita)

    calls = [lock_as_a_conversion_does, complete]
    outcomes = collide(lead, *(calls if first == "conversion" else reversed(calls)))
    assert outcomes == [None, None]
    task.refresh_from_db()
    assert (task.location, task.done_at is not None) == ("moved", True)


@pytest.mark.django_db(transaction=True)
def test_a_task_is_done_once_by_two_at_once(rita, nadia):
    task = ActivityFactory(owner=rita, kind="task")
    outcomes = collide(
        task,
        lambda: complete_task(activity=task, actor=rita),
        lambda: complete_task(activity=task, actor=nadia),
    )
    assert len({outcome.done_at for outcome in outcomes}) == 1
    assert Event.objects.filter(verb="activity.completed").count() == 1
