"""The open tasks of somebody who leaves."""

from django.db.models import F, QuerySet
from django.utils import timezone

from activities.models import Activity
from people.handover import Holding
from people.models import User
from people.reach import RecordType


def open_tasks_of(user: User) -> QuerySet:
    return Activity.objects.open_tasks().filter(owner=user)


def hand_over_tasks(*, leaver: User, to: User, actor: User) -> int:
    """Make `to` the one who has to do what `leaver` still had to do."""
    rows = open_tasks_of(leaver).order_by("pk").select_for_update(of=("self",), no_key=True)
    ids = list(rows.values_list("pk", flat=True))
    return Activity.objects.filter(pk__in=ids).update(
        owner=to, version=F("version") + 1, updated_at=timezone.now()
    )


OPEN_TASKS = Holding(RecordType.ACTIVITY, "Open tasks", open_tasks_of, hand_over_tasks)
