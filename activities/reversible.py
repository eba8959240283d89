"""What people may take back of what they did: which changes, for how long, and until when."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils import timezone

from activities.events import this_request
from activities.models import Event
from activities.models.links import linked_model
from activities.sentences import noun_of, pairs, subject_id
from crm.errors import DomainError, require
from crm.records import lock_record
from people.models import User
from people.reach import Action

UNDO_FOR = dt.timedelta(hours=24)
# Each with the right that taking it back needs. Apps above this one write their verbs here.
REVERSIBLE = {
    "account.assigned": Action.ASSIGN,
    "contact.assigned": Action.ASSIGN,
    "lead.assigned": Action.ASSIGN,
    "lead.disqualified": Action.EDIT,
    "lead.edited": Action.EDIT,
    "lead.qualified": Action.EDIT,
    "lead.status_changed": Action.EDIT,
    "opportunity.assigned": Action.ASSIGN,
}


class RecordHasChanged(DomainError):
    """What was done to the record is not its latest change any more, so it stays."""

    code = "record_has_changed"

    def __init__(self, record: Any, *, by: User | None, actor: User):
        who = " by you" if by == actor else f" by {by.full_name}" if by else ""
        super().__init__(f"{record} was changed{who} in the meantime.")


@transaction.atomic
def undo_assignment(*, event: Event, actor: User, assign: Callable[..., Any]) -> Any:
    """
    A record with the owner it had before the actor gave it away, through the service `assign`.

    Locks the record. Raises PermissionDenied, also once the change is too old;
    RecordHasChanged, or ValidationError where the one before cannot own it any more.
    """
    require(is_reversible_by(actor, event))
    noun, (before, _) = noun_of(event), pairs(event)["owner"]
    records = linked_model(noun).objects.all()
    record = lock_record(
        records, pk=subject_id(event) or 0, actor=actor, action=REVERSIBLE[event.verb]
    )
    require_unchanged(record, event, actor=actor)
    return assign(**{noun: record}, to=User.objects.get(pk=before), actor=actor)


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


def is_change(event: Event, noun: str) -> bool:
    """
    Whether it changed the record of this kind that it is about.

    What is logged on a record leaves it as it is, and so does what becomes of the contacts and
    deals of an account. A lead is also changed by its conversion and requests for it.
    """
    by = noun_of(event)
    return by == noun or (noun == "lead" and by != "activity")


def require_unchanged(record: Any, event: Event, *, actor: User) -> None:
    """Raise RecordHasChanged unless the event is the latest change of the record, which is held."""
    noun = noun_of(event)
    later = Event.objects.filter(**{noun: record.pk}, pk__gt=event.pk)
    for each in later.select_related("actor").order_by("-pk"):
        if is_change(each, noun):
            raise RecordHasChanged(record, by=each.actor, actor=actor)


def done_now_by(user: User):
    """What the user has done in the request that is being answered, and may take back."""
    request_id = this_request()
    return reversible_by(user).filter(request_id=request_id) if request_id else Event.objects.none()
