"""People are reminded of what they wanted to be reminded of, once."""

import datetime as dt

import pytest
from django.utils import timezone

from activities.models import Event, Notification
from activities.reminders import remind_of_tasks
from activities.services import complete_task, log_activity, update_activity
from tests.factories import LeadFactory

pytestmark = pytest.mark.django_db

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def task(rita, now):
    return log_activity(
        kind="task",
        actor=rita,
        fields={"subject": "Send the guide", "remind_at": now - HOUR, "due_at": now + HOUR},
        lead=LeadFactory(owner=rita),
    )


def test_the_owner_is_reminded_once(task, rita, now):
    assert remind_of_tasks(now=now) == 1
    assert remind_of_tasks(now=now + HOUR) == 0
    [notification] = Notification.objects.filter(event__verb="activity.reminded")
    assert notification.user == rita
    assert (notification.event.lead, notification.event.actor) == (task.lead, None)


def test_nobody_is_reminded_before_the_time(task, now):
    assert remind_of_tasks(now=now - 2 * HOUR) == 0


def test_another_time_is_another_reminder(task, rita, now):
    remind_of_tasks(now=now)
    later = Event.objects.get(verb="activity.reminded").at + HOUR
    update_activity(activity=task, changes={"remind_at": later}, actor=rita)
    assert remind_of_tasks(now=later) == 1


def test_what_is_done_needs_no_reminder(task, rita, now):
    complete_task(activity=task, actor=rita)
    assert remind_of_tasks(now=now) == 0


def test_a_task_without_a_reminder_reminds_of_nothing(rita, now):
    log_activity(kind="task", actor=rita, fields={"subject": "Some day"})
    assert remind_of_tasks(now=now) == 0


def test_the_reminder_is_read_as_a_sentence(task, browse, rita, now):
    remind_of_tasks(now=now)
    page = browse(rita).get("/notifications/").content.decode()
    assert "reminded of" in page
    assert "Send the guide" in page
