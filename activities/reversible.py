"""What people may take back of what they did: which changes, for how long, and until when."""

import datetime as dt

from django.utils import timezone

from activities.events import this_request
from activities.models import Event
from people.models import User
from people.reach import Action

UNDO_FOR = dt.timedelta(hours=24)
# Each with the right that taking it back needs. Apps above this one write their verbs here.
REVERSIBLE = {
    "lead.assigned": Action.ASSIGN,
    "lead.disqualified": Action.EDIT,
    "lead.edited": Action.EDIT,
    "lead.qualified": Action.EDIT,
    "lead.status_changed": Action.EDIT,
}


def reversible_by(user: User):
    """What the user did of late and may take back, the latest first."""
    since = timezone.now() - UNDO_FOR
    return Event.objects.filter(actor=user, at__gt=since, verb__in=REVERSIBLE).order_by("-pk")


def is_reversible_by(user: User, event: Event) -> bool:
    """Whether it is of those: `reversible_by` for an event that has been read already."""
    return (
        event.actor_id == user.pk
        and event.verb in REVERSIBLE
        and timezone.now() - event.at < UNDO_FOR
    )


def is_change(event: Event) -> bool:
    """Whether it changed its record. What is logged on a record leaves it as it is."""
    return not event.verb.startswith("activity.")


def change_after(event: Event) -> Event | None:
    """The latest change since of the lead that it changed, which the caller holds."""
    later = Event.objects.filter(lead=event.lead_id, pk__gt=event.pk)
    changes = later.exclude(verb__startswith="activity.")
    return changes.select_related("actor").order_by("-pk").first()


def done_now_by(user: User):
    """What the user has done in the request that is being answered, and may take back."""
    request_id = this_request()
    return reversible_by(user).filter(request_id=request_id) if request_id else Event.objects.none()
