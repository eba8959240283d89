"""When something last happened to a lead or opportunity, and when a lead was first answered."""

from typing import Any

from django.db.models.functions import Greatest, Least
from django.utils import timezone

from activities.models import Activity, ActivityKind, Direction
from activities.models.links import linked_model

# What has a time of its last activity, in the order in which services lock.
CLOCKED = ("lead", "opportunity")


def touch(activity: Activity) -> None:
    """
    Move the clocks of the lead and the opportunity; a converted lead's stand still.

    An open task is only a plan. The first response to a lead is the first call, email or
    meeting from our side. Neither is a change of the record: its version stays.
    """
    if activity.kind == ActivityKind.TASK and activity.done_at is None:
        return
    moment = min(activity.done_at or activity.at, timezone.now())
    for name in CLOCKED:
        if (pk := getattr(activity, f"{name}_id")) is None:
            continue
        rows = (
            linked_model(name)
            .objects.unscoped(reason="what may be logged on may be touched")
            .live()
        )
        rows = rows.filter(pk=pk)
        news: dict[str, Any] = {"last_activity_at": Greatest("last_activity_at", moment)}
        if name == "lead":
            rows = rows.filter(converted_at__isnull=True)
            if is_response(activity):
                news["first_response_at"] = Least(
                    "first_response_at", Greatest("created_at", moment)
                )
        rows.update(**news)


def is_response(activity: Activity) -> bool:
    match activity.kind:
        case ActivityKind.CALL | ActivityKind.EMAIL:
            return activity.direction == Direction.OUTBOUND
        case _:
            return activity.kind == ActivityKind.MEETING
