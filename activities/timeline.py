"""One timeline per record: what people did and what changed, merged by time."""

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.core import signing
from django.db import models
from django.db.models import Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html
from django.utils.safestring import SafeString

from activities.models import (
    Activity,
    ActivityKind,
    Attachment,
    Direction,
    Event,
)
from activities.permissions import can_edit
from activities.reversible import REVERSIBLE, is_change, is_reversible_by
from activities.sentences import Change, Narrator
from crm.addresses import address_of
from crm.keyset import InvalidCursor, beyond, order_terms
from people.models import User

PAGE_SIZE = 30
# The kind of the entries that are no activities.
CHANGES = "change"
KINDS = {
    ActivityKind.NOTE: "Notes",
    ActivityKind.CALL: "Calls",
    ActivityKind.EMAIL: "Emails",
    ActivityKind.MEETING: "Meetings",
    ActivityKind.TASK: "Tasks",
    ActivityKind.FILE: "Files",
    CHANGES: "Changes",
}
ICONS = {
    ActivityKind.NOTE: "message-square-text",
    ActivityKind.CALL: "phone",
    ActivityKind.EMAIL: "mail",
    ActivityKind.MEETING: "calendar-days",
    ActivityKind.TASK: "square-check-big",
    ActivityKind.FILE: "paperclip",
}
UNSAID = (ActivityKind.TASK, ActivityKind.FILE)
# The records that are qualified, and the page on which words become evidence for a check.
EVIDENCE_PAGES = {"lead": "leads:evidence", "opportunity": "leads:opportunity_evidence"}
SYSTEM = "Relay"


@dataclass(frozen=True)
class Entry:
    """
    One line of a timeline: an activity, an event, or several edits in a row (its `parts`).

    `text` follows the name of `who`. `undo` is the event that the reader may take back.
    """

    at: dt.datetime
    kind: str
    icon: str
    who: str
    who_id: int | None
    text: SafeString | str
    changes: list[Change] = field(default_factory=list)
    note: str = ""
    activity: Activity | None = None
    can_edit: bool = False
    # Where words said with the lead or the deal itself become evidence for a check.
    evidence_url: str = ""
    is_edit: bool = False
    undo: Event | None = None
    parts: list["Entry"] = field(default_factory=list)


@dataclass(frozen=True)
class Day:
    """What happened on one day of the reader's calendar, the latest first."""

    date: dt.date
    entries: list[Entry]


@dataclass(frozen=True)
class TimelinePage:
    """A part of a record's timeline; `next` is the cursor of the older part, if there is one."""

    record: models.Model
    days: list[Day]
    kinds: tuple[str, ...]
    next: str | None

    @cached_property
    def url(self) -> str:
        """Where the whole timeline stands by itself."""
        return reverse("activities:timeline", args=[self.record._meta.model_name, self.record.pk])

    @property
    def here(self) -> str:
        """Where it stands as it is shown, of these kinds only."""
        return f"{self.url}?{urlencode([('kind', kind) for kind in self.kinds])}"

    @property
    def next_url(self) -> str:
        """Where the older part is; empty at the end."""
        if self.next is None:
            return ""
        query = [*(("kind", kind) for kind in self.kinds), ("cursor", self.next)]
        return f"{self.url}?{urlencode(query)}"

    @property
    def choices(self) -> list[tuple[str, str]]:
        """What the reader may narrow it to."""
        return list(KINDS.items())


def timeline(
    record: models.Model,
    user: User,
    kinds: Collection[str] | None = None,
    cursor: str | None = None,
    *,
    may: Collection[str] = (),
) -> TimelinePage:
    """
    A page of a record's activities and events, the latest first.

    The caller has fetched `record` visibly; whatever is about it is then visible too. `kinds`
    are of KINDS, by default all; `may` is what the reader may do with the record, of which it
    depends whether the latest change can be taken back. Four queries at most. Raises InvalidCursor.
    """
    chosen = tuple(kind for kind in KINDS if kind in kinds) if kinds else ()
    place = read_cursor(cursor) if cursor else None
    rows = [
        *page_of(activities_about(record, chosen), source=1, place=place),
        *page_of(events_about(record, chosen), source=0, place=place),
    ]
    rows.sort(key=place_of, reverse=True)
    more = len(rows) > PAGE_SIZE
    del rows[PAGE_SIZE:]
    narrator = Narrator(user, record)
    events = [row for row in rows if isinstance(row, Event)]
    narrator.prepare(events)
    noun = str(record._meta.model_name)
    changes = (event for event in events if is_change(event, noun))
    latest = next(changes, None) if place is None else None
    if latest and not (is_reversible_by(user, latest) and REVERSIBLE[latest.verb] in may):
        latest = None
    entries = fold([entry_of(row, narrator, undo=latest) for row in rows])
    return TimelinePage(
        record=record,
        days=[Day(date, list(some)) for date, some in groupby(entries, key=local_date)],
        kinds=chosen,
        next=write_cursor(rows[-1]) if more else None,
    )


def activities_about(record: models.Model, kinds: Collection[str]) -> QuerySet[Activity] | None:
    wanted = [kind for kind in kinds if kind != CHANGES]
    if kinds and not wanted:
        return None
    files = Prefetch("attachments", Attachment.objects.order_by("pk"), to_attr="files")
    rows = Activity.objects.about(record).live().select_related("owner", "done_by")
    rows = rows.prefetch_related(files)
    return rows.filter(kind__in=wanted) if wanted else rows


def events_about(record: models.Model, kinds: Collection[str]) -> QuerySet[Event] | None:
    if kinds and CHANGES not in kinds:
        return None
    # What was logged stands there itself.
    return Event.objects.about(record).exclude(verb="activity.logged").select_related("actor")


# --- Paging two tables as one ---

Place = tuple[dt.datetime, int, int]


def place_of(row: Activity | Event) -> Place:
    """Where a row stands: by time, then activities before events, then by key."""
    return (row.at, int(isinstance(row, Activity)), row.pk)


def page_of(rows: QuerySet | None, *, source: int, place: Place | None) -> Iterable[Any]:
    """The first rows of one table that lie beyond a place, one more than a page."""
    if rows is None:
        return []
    if place is not None:
        rows = rows.filter(beyond_place(rows, source, place))
    return rows.order_by("-at", "-pk")[: PAGE_SIZE + 1]


def beyond_place(rows: QuerySet, source: int, place: Place) -> Any:
    at, place_source, pk = place
    if source == place_source:
        return beyond(order_terms(rows, ["-at", "-pk"]), [at, pk], backward=False)
    return Q(at__lte=at) if source < place_source else Q(at__lt=at)


def signer() -> signing.Signer:
    return signing.Signer(salt="relay.timeline")


def write_cursor(row: Activity | Event) -> str:
    at, source, pk = place_of(row)
    return signer().sign_object([at.isoformat(), source, pk])


def read_cursor(cursor: str) -> Place:
    try:
        at, source, pk = signer().unsign_object(cursor)
    except (signing.BadSignature, ValueError) as error:
        raise InvalidCursor from error
    moment = parse_datetime(at)
    if moment is None:
        raise InvalidCursor
    return moment, source, pk


# --- Putting it into words ---


def local_date(entry: Entry) -> dt.date:
    return timezone.localtime(entry.at).date()


def entry_of(row: Activity | Event, narrator: Narrator, undo: Event | None) -> Entry:
    if isinstance(row, Activity):
        return Entry(
            at=row.at,
            kind=row.kind,
            icon=ICONS[ActivityKind(row.kind)],
            who=row.owner.full_name,
            who_id=row.owner_id,
            text=headline(row),
            activity=row,
            can_edit=can_edit(narrator.labels.user, row),
            evidence_url=evidence_url(row, narrator.record),
        )
    sentence = narrator.tell(row)
    return Entry(
        at=row.at,
        kind=CHANGES,
        icon=sentence.icon,
        who=row.actor.full_name if row.actor else SYSTEM,
        who_id=row.actor_id,
        text=sentence.text,
        changes=sentence.changes,
        note=row.note,
        is_edit=sentence.is_edit,
        undo=row if row is undo else None,
    )


def evidence_url(activity: Activity, record: models.Model | None) -> str:
    """Where what was said with a record becomes evidence; empty where it is none, or of another."""
    kind = record._meta.model_name if record else None
    if record is None or kind not in EVIDENCE_PAGES or not activity.body:
        return ""
    if activity.kind in UNSAID or getattr(activity, f"{kind}_id") != record.pk:
        return ""
    return address_of(EVIDENCE_PAGES[kind], record.pk, activity.pk)


def headline(activity: Activity) -> SafeString | str:
    """What an activity was, as it follows its owner's name."""
    inbound = activity.direction == Direction.INBOUND
    match activity.kind:
        case ActivityKind.CALL:
            text = "took a call" if inbound else "called"
            if activity.duration_seconds:
                text += f", {max(1, round(activity.duration_seconds / 60))} min"
            if activity.outcome:
                text += f": {activity.get_outcome_display().lower()}"
        case ActivityKind.EMAIL:
            text = "received an email" if inbound else "sent an email"
        case ActivityKind.MEETING:
            text = "has a meeting" if activity.at > timezone.now() else "had a meeting"
        case ActivityKind.TASK:
            text = "did a task" if activity.done_at else "has a task"
        case ActivityKind.FILE:
            text = "added a file"
        case _:
            text = "wrote a note"
    if activity.subject:
        return format_html("{}: <b>{}</b>", text, activity.subject)
    return text


def fold(entries: Iterable[Entry]) -> list[Entry]:
    """Edits that one person made in a row on one day become one entry, but for one to undo."""
    folded: list[Entry] = []
    for (is_edit, *_), some in groupby(entries, key=run_of):
        run = list(some)
        folded += [together(run)] if is_edit and len(run) > 1 else run
    return folded


def run_of(entry: Entry) -> tuple[bool, int | None, dt.date]:
    return entry.is_edit and entry.undo is None, entry.who_id, local_date(entry)


def together(run: list[Entry]) -> Entry:
    return replace(run[0], text=f"made {len(run)} changes", changes=[], note="", parts=run)
