"""Writing the event log: one call per change, in the change's own transaction."""

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import Q
from structlog.contextvars import get_contextvars

from activities.models import Event, Notification
from activities.models.links import LINKS
from people.models import User


def record(
    verb: str,
    *,
    actor: User | None,
    changes: dict[str, Any] | None = None,
    note: str = "",
    notify: Iterable[User] = (),
    into: list[Event] | None = None,
    **subjects: models.Model | None,
) -> Event:
    """
    Write down what happened, and tell the people in `notify` (except the actor).

    With `into`, only add the event to that list: for a caller that writes several at once
    with `record_all`, and tells people itself.

    `verb` is noun.past, such as "lead.assigned". Subjects are given by name
    (`lead=`, `account=`, `contact=`, `opportunity=`); one more of another kind may be given,
    under its own name (`request=`, `user=`).
    """
    event = compose(verb, actor=actor, changes=changes, note=note, **subjects)
    if into is None:
        record_all([(event, notify)])
    else:
        into.append(event)
    return event


def last_editor(**subject: models.Model) -> User | None:
    """
    Who edited the subject last, or None where no event says so.

    It is given as to `record`, by a name that is none of a record's.
    """
    ((name, row),) = subject.items()
    edits = Event.objects.filter(
        Q(verb__endswith=".edited") | Q(verb__endswith=".moved"),
        subject_type=name,
        subject_id=row.pk,
    )
    last = edits.select_related("actor").order_by("-pk").first()
    return last.actor if last else None


def compose(
    verb: str,
    *,
    actor: User | None,
    changes: dict[str, Any] | None = None,
    note: str = "",
    **subjects: models.Model | None,
) -> Event:
    """An event as `record` would write it, not written yet."""
    links = {name: subject for name, subject in subjects.items() if name in LINKS and subject}
    others = [(name, s.pk) for name, s in subjects.items() if name not in LINKS and s]
    subject_type, subject_id = others[0] if others else ("", None)
    return Event(
        verb=verb,
        actor=actor,
        changes=changes or {},
        note=note,
        request_id=this_request(),
        subject_type=subject_type,
        subject_id=subject_id,
        **{f"{name}_id": subject.pk for name, subject in links.items()},
    )


def this_request() -> str:
    """The id of the request that is being answered, as its events keep it; empty outside of one."""
    return str(get_contextvars().get("request_id", ""))[:64]


def record_all(entries: Iterable[tuple[Event, Iterable[User]]]) -> None:
    """Write composed events, each with the people to tell (except its actor), all at once."""
    entries = list(entries)
    Event.objects.bulk_create(event for event, _ in entries)
    Notification.objects.bulk_create(
        Notification(user_id=user_id, event=event)
        for event, notify in entries
        for user_id in sorted({user.pk for user in notify} - {event.actor_id})
    )
