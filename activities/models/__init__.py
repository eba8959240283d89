from activities.models.activity import (
    Activity,
    ActivityKind,
    ActivityQuerySet,
    Attachment,
    Attendee,
    CallOutcome,
    Direction,
    Priority,
)
from activities.models.event import Event, EventQuerySet, Notification
from activities.models.reason import Reason, ReasonKind

__all__ = [
    "Activity",
    "ActivityKind",
    "ActivityQuerySet",
    "Attachment",
    "Attendee",
    "CallOutcome",
    "Direction",
    "Event",
    "EventQuerySet",
    "Notification",
    "Priority",
    "Reason",
    "ReasonKind",
]
