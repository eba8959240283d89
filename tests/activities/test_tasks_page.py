"""The page of one's tasks."""

import datetime as dt

import pytest
from django.utils import timezone

from activities.queries import open_tasks
from tests.activities.conftest import TASKS, page
from tests.factories import ActivityFactory, OpportunityFactory

pytestmark = pytest.mark.django_db


def test_tasks_stand_under_how_urgent_they_are(browse, rita):
    now = timezone.now()
    due = {
        "late": now - dt.timedelta(days=1),
        "soon": timezone.localtime().replace(hour=23, minute=59, second=59, microsecond=0),
        "later": now + dt.timedelta(days=3),
        "whenever": None,
    }
    for subject, due_at in due.items():
        ActivityFactory(owner=rita, kind="task", subject=subject, due_at=due_at)
    ActivityFactory(owner=rita, kind="task", subject="finished", done_at=now)
    ActivityFactory(kind="task", subject="somebody else's")
    groups = browse(rita).get(TASKS).context["groups"]
    assert [(title, [task.subject for task in tasks]) for title, tasks in groups] == [
        ("Overdue", ["late"]),
        ("Today", ["soon"]),
        ("Upcoming", ["later", "whenever"]),
    ]
    assert open_tasks(rita).count() == 2
    assert "finished" in page(browse(rita), f"{TASKS}?view=done")


def test_today_is_the_reader_s_today(browse, rita):
    rita.time_zone = "Pacific/Kiritimati"
    rita.save()
    with timezone.override(rita.time_zone):
        tonight = timezone.localtime().replace(hour=23, minute=59, second=59)
    ActivityFactory(owner=rita, kind="task", due_at=tonight)
    assert browse(rita).get(TASKS).context["groups"][0][0] == "Today"


def test_done_tasks_come_page_by_page(browse, rita):
    for number in range(51):
        ActivityFactory(
            owner=rita,
            kind="task",
            subject=f"Task {number:02}",
            done_at=timezone.now() - dt.timedelta(minutes=number),
        )
    client = browse(rita)
    first = client.get(f"{TASKS}?view=done")
    assert "Task 50" not in first.content.decode()
    assert "Task 50" in page(client, f"{TASKS}{first.context['next']}")
    assert client.get(f"{TASKS}?view=done&cursor=x").status_code == 404


def test_tasks_cost_the_same_for_one_as_for_twenty(
    browse, leo, django_assert_num_queries, django_assert_max_num_queries
):
    client = browse(leo)

    def fill(count):
        for _ in range(count):
            ActivityFactory(
                owner=leo, kind="task", opportunity=OpportunityFactory(account__owner=leo)
            )

    fill(1)
    # session, user, reach, tasks with links, colleagues, and the counts of the sidebar
    with django_assert_max_num_queries(9) as one:
        client.get(TASKS)
    fill(19)
    with django_assert_num_queries(len(one)):
        client.get(TASKS)
