"""Everything that changes an activity. Each service writes one event in its own transaction."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import models, transaction
from django.utils import timezone

from activities.clocks import touch
from activities.events import record
from activities.files import attach, store_file
from activities.linking import hold_links, links_of, lock_links, require_owner
from activities.mentions import find_mentioned
from activities.models import (
    Activity,
    ActivityKind,
    Attachment,
    Attendee,
    Direction,
    Notification,
)
from crm.errors import DomainError, require
from crm.hooks import Hook
from crm.records import apply_changes, clean_texts, lock_record, validate_columns
from people.models import User
from people.reach import Action, RecordType

COMMON = frozenset({"subject", "body", "at"})
FIELDS: dict[str, frozenset[str]] = {
    ActivityKind.NOTE: COMMON,
    ActivityKind.FILE: COMMON,
    ActivityKind.CALL: COMMON | {"direction", "outcome", "duration_seconds"},
    ActivityKind.MEETING: COMMON | {"ends_at", "location"},
    ActivityKind.EMAIL: COMMON | {"direction", "sender", "recipients", "message_id", "thread_id"},
    ActivityKind.TASK: COMMON | {"due_at", "remind_at", "priority"},
}
NEEDED: dict[str, tuple[str, str]] = {
    ActivityKind.NOTE: ("body", "Write something."),
    ActivityKind.TASK: ("subject", "Say what has to be done."),
    ActivityKind.MEETING: ("subject", "Say what the meeting is about."),
    ActivityKind.EMAIL: ("subject", "Give the email a subject."),
}
DEFAULTS: dict[str, dict[str, Any]] = {
    ActivityKind.CALL: {"direction": Direction.OUTBOUND},
    ActivityKind.EMAIL: {"direction": Direction.OUTBOUND},
}
# What may be entered ahead of its time.
PLANNED = {ActivityKind.MEETING, ActivityKind.TASK}
# Clocks differ a little between machines.
CLOCK_TOLERANCE = dt.timedelta(minutes=5)

# Apps above follow up here what comes of a record's activities; they get the activity.
ACTIVITY_CHANGED = Hook()


class NotATask(DomainError):
    """Only a task can be done."""

    code = "not_a_task"

    def __init__(self, activity: Activity):
        super().__init__(f"{activity} is no task and cannot be completed.")


@transaction.atomic
def log_activity(
    *,
    kind: str,
    actor: User,
    owner: User | None = None,
    fields: Mapping[str, Any],
    lead: models.Model | None = None,
    account: models.Model | None = None,
    contact: models.Model | None = None,
    opportunity: models.Model | None = None,
    attendees: Iterable[str] = (),
    files: Sequence[UploadedFile] = (),
) -> Activity:
    """
    Write down a note, call, meeting, email, task or file about one or more records.

    `owner` is who did it or has to do it, by default the actor. The account of a contact or
    opportunity is linked as well. Colleagues named with an @ are told, and so is the owner of
    a task. `attendees` are e-mail addresses. Moves the records' last activity, and a lead's
    first response. Raises PermissionDenied, LeadIsConverted, or ValidationError; locks the
    lead and the opportunity.
    """
    require(actor.can(RecordType.ACTIVITY, Action.CREATE))
    require_files(kind, files)
    stored = [store_file(upload) for upload in files]
    links = lock_links(
        {"lead": lead, "account": account, "contact": contact, "opportunity": opportunity},
        actor=actor,
    )
    if not links and kind != ActivityKind.TASK:
        raise ValidationError("Say which record this is about.")
    owner = owner or actor
    require_owner(owner, actor=actor, links=links)
    activity = Activity(kind=kind, owner=owner, created_by=actor)
    for name, linked in links.items():
        setattr(activity, f"{name}_id", linked.pk)
    set_fields(activity, {**DEFAULTS.get(kind, {}), **fields})
    activity.save(force_insert=True)
    add_attendees(activity, attendees, actor=actor)
    for each in stored:
        attach(activity.pk, each)
    mentioned = mention(activity, author=actor)
    touch(activity)
    ACTIVITY_CHANGED.run(activity)
    told = [*mentioned, owner] if kind == ActivityKind.TASK else mentioned
    record(
        "activity.logged",
        actor=actor,
        changes={"kind": kind, "subject": activity.subject, "owner": owner.pk},
        notify=told,
        activity=activity,
        **links,
    )
    return activity


@transaction.atomic
def update_activity(
    *, activity: Activity, changes: Mapping[str, Any], actor: User, version: int | None = None
) -> Activity:
    """
    Change what an activity says, or who has to do it (`owner`).

    What it is about stays. Raises PermissionDenied, StaleVersion, or ValidationError.
    """
    activity = lock_activity(activity, actor=actor, version=version)
    changes = dict(changes)
    before = activity.owner
    diff = {}
    if owner := changes.pop("owner", None):
        require_owner(owner, actor=actor, links=links_of(activity))
        diff = apply_changes(activity, {"owner": owner}, allowed={"owner"})
    diff |= set_fields(activity, changes)
    if not diff:
        return activity
    save(activity, diff)
    told = mention(activity, author=actor) if "body" in diff else []
    if activity.owner != before and activity.kind == ActivityKind.TASK:
        told = [*told, activity.owner]
    record_about("activity.edited", activity, actor=actor, changes=diff, notify=told)
    return activity


@transaction.atomic
def complete_task(*, activity: Activity, actor: User, version: int | None = None) -> Activity:
    """
    Tick a task off. One that is done already stays as it is.

    Raises PermissionDenied, NotATask or StaleVersion.
    """
    hold_links(activity)
    activity = lock_task(activity, actor=actor, version=version)
    if activity.done_at is None:
        activity.done_at, activity.done_by = timezone.now(), actor
        save(activity, ["done_at", "done_by"])
        touch(activity)
        record_about("activity.completed", activity, actor=actor, notify=[activity.created_by])
    return activity


@transaction.atomic
def reopen_task(*, activity: Activity, actor: User, version: int | None = None) -> Activity:
    """
    Take the tick off a task again. One that is open stays as it is.

    Raises PermissionDenied, NotATask or StaleVersion.
    """
    activity = lock_task(activity, actor=actor, version=version)
    if activity.done_at is not None:
        activity.done_at = activity.done_by = None
        save(activity, ["done_at", "done_by"])
        record_about("activity.reopened", activity, actor=actor)
    return activity


@transaction.atomic
def delete_activity(*, activity: Activity, actor: User, version: int | None = None) -> None:
    """
    Take an activity away from everybody; its row and its history stay.

    Raises PermissionDenied or StaleVersion.
    """
    activity = lock_activity(activity, actor=actor, action=Action.DELETE, version=version)
    activity.deleted_at = timezone.now()
    save(activity, ["deleted_at"])
    record_about("activity.deleted", activity, actor=actor)


@transaction.atomic
def attach_file(*, activity: Activity, file: UploadedFile, actor: User) -> Attachment:
    """
    Add a file to an activity.

    Raises PermissionDenied, or ValidationError for a file that is empty or too large.
    """
    activity = lock_activity(activity, actor=actor)
    attachment = attach(activity.pk, store_file(file))
    save(activity, [])
    record_about("activity.file_attached", activity, actor=actor, note=attachment.name)
    return attachment


@transaction.atomic
def mark_read(*, notifications: models.QuerySet[Notification], actor: User) -> int:
    """Mark those of the notifications that are the actor's and unread. Says how many."""
    unread = notifications.filter(user=actor, read_at__isnull=True)
    return unread.update(read_at=timezone.now())


# --- What the services share ---


def lock_activity(
    activity: Activity, *, actor: User, action: str = Action.EDIT, version: int | None = None
) -> Activity:
    """The activity as it is now, held until the transaction ends. Raises as lock_record does."""
    return lock_record(
        Activity.objects.select_related("owner", "created_by"),
        pk=activity.pk,
        actor=actor,
        action=action,
        version=version,
    )


def lock_task(activity: Activity, *, actor: User, version: int | None) -> Activity:
    activity = lock_activity(activity, actor=actor, version=version)
    if activity.kind != ActivityKind.TASK:
        raise NotATask(activity)
    return activity


def require_files(kind: str, files: Sequence[UploadedFile]) -> None:
    if kind == ActivityKind.FILE and not files:
        raise ValidationError({"files": "Choose a file."})


def set_fields(activity: Activity, changes: Mapping[str, Any]) -> dict[str, list[Any]]:
    """
    Set fields that this kind of activity has, and check the whole. Returns what differs.

    Raises ValidationError, by field.
    """
    kind = activity.kind
    if kind not in FIELDS:
        raise ValidationError({"kind": f"{kind} is no kind of activity."})
    label = activity.get_kind_display().lower()
    if strange := [name for name in changes if name not in FIELDS[kind]]:
        raise ValidationError(dict.fromkeys(strange, f"Not for this kind of activity: {label}."))
    diff = apply_changes(activity, clean_texts(changes), allowed=FIELDS[kind])
    field, sentence = NEEDED.get(kind, ("", ""))
    errors = {field: sentence} if field and not getattr(activity, field) else {}
    if kind not in PLANNED and "at" in diff and activity.at > timezone.now() + CLOCK_TOLERANCE:
        errors["at"] = "This lies in the future."
    if activity.ends_at and activity.ends_at < activity.at:
        errors["ends_at"] = "It cannot end before it starts."
    if "message_id" in diff and already_logged(activity):
        errors["message_id"] = "This email is logged already."
    if errors:
        raise ValidationError(errors)
    validate_columns(activity)
    return diff


def already_logged(activity: Activity) -> bool:
    same = Activity.objects.filter(message_id=activity.message_id).exclude(pk=activity.pk)
    return bool(activity.message_id) and same.exists()


def save(activity: Activity, fields: Iterable[str]) -> None:
    """Write the named fields of a locked activity and move its version on."""
    activity.version += 1
    activity.save(update_fields=[*fields, "version", "updated_at"])
    ACTIVITY_CHANGED.run(activity)


def add_attendees(activity: Activity, addresses: Iterable[str], *, actor: User) -> None:
    """People at a meeting, each as the colleague or linked contact with that address, if any."""
    wanted = dict.fromkeys(address.strip().lower() for address in addresses)
    wanted.pop("", None)
    if not wanted:
        return
    if activity.kind != ActivityKind.MEETING:
        raise ValidationError({"attendees": "Only a meeting has attendees."})
    colleagues = {
        user.email: user for user in User.objects.visible_to(actor).filter(email__in=wanted)
    }
    contact = activity.contact
    Attendee.objects.bulk_create(
        Attendee(
            activity=activity,
            email=address,
            user=colleagues.get(address),
            contact=contact if contact and contact.email.lower() == address else None,
        )
        for address in wanted
    )


def mention(activity: Activity, *, author: User) -> list[User]:
    """
    Note down the colleagues named with an @ in the text, and return those newly named.

    Somebody who may see nothing of what the activity is about is not named at all.
    """
    named = [
        person
        for person in find_mentioned(activity.body, author=author)
        if Activity.objects.visible_to(person).filter(pk=activity.pk).exists()
    ]
    if not named:
        return []
    known = set(activity.mentions.values_list("pk", flat=True))
    activity.mentions.add(*named)
    return [person for person in named if person.pk not in known]


def record_about(verb: str, activity: Activity, *, actor: User | None, **facts: Any) -> None:
    """An event about an activity and all it links to."""
    facts["changes"] = {
        "kind": activity.kind,
        "subject": activity.subject,
        **facts.get("changes", {}),
    }
    record(verb, actor=actor, activity=activity, **links_of(activity), **facts)
