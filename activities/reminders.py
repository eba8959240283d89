"""Tasks that somebody wanted to be reminded of."""

import datetime as dt

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from activities.models import Activity, Event
from activities.services import record_about

REMINDED = "activity.reminded"


def remind_of_tasks(*, now: dt.datetime) -> int:
    """
    Notify the owners of the open tasks whose reminder has come, and say how many there were.

    Once for each time that was set, and each in its own transaction.
    """
    return sum(remind(pk, now) for pk in due(now).order_by("pk").values_list("pk", flat=True))


def due(now: dt.datetime) -> QuerySet:
    """The tasks to remind of: open, their time come, and nobody told since."""
    reminded = Event.objects.filter(
        subject_type="activity",
        subject_id=OuterRef("pk"),
        verb=REMINDED,
        at__gte=OuterRef("remind_at"),
    )
    return Activity.objects.open_tasks().filter(~Exists(reminded), remind_at__lte=now)


@transaction.atomic
def remind(pk: int, now: dt.datetime) -> bool:
    """Whether it was due: one that is being changed just now is left to the next run."""
    task = (
        due(now)
        .filter(pk=pk)
        .select_related("owner")
        .select_for_update(of=("self",), no_key=True, skip_locked=True)
        .first()
    )
    if task is not None:
        record_about(REMINDED, task, actor=None, notify=[task.owner])
    return task is not None
