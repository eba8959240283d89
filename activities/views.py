"""Logging, timelines, tasks, notifications and files, as pages."""

import itertools
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import models
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import (
    condition,
    require_GET,
    require_http_methods,
    require_POST,
)

from activities.forms import EditForm, LogForm
from activities.models import Activity, Attachment, Event
from activities.models.links import LINKS, linked_model
from activities.permissions import can_edit
from activities.queries import (
    due_first,
    end_of_today,
    notifications_of,
    tasks_of,
    unread_notifications,
    unread_tag,
)
from activities.sentences import Narrator
from activities.services import (
    complete_task,
    delete_activity,
    log_activity,
    mark_read,
    reopen_task,
    update_activity,
)
from activities.timeline import EVIDENCE_PAGES, timeline
from crm.counts import capped_count
from crm.errors import require
from crm.http import Request, get_visible_or_404, own_address, render_page
from crm.keyset import InvalidCursor, Keyset
from crm.templatetags.components import waiting
from crm.text import key_of
from crm.undo import posted_version, say_undoable
from people.ownership import allowed_actions
from people.reach import Action, RecordType

MOST_OPEN_TASKS = 200
NOTIFICATIONS_SHOWN = 60


# --- Logging ---


@require_POST
def log(request: Request) -> HttpResponse:
    """Log what the composer holds: on the record it names, or a task about nothing."""
    record = named_record(request, request.POST.get("record", ""))
    form = LogForm(request.POST, request.FILES, user=request.user, record=record)
    if form.is_valid():
        try:
            log_activity(
                kind=form.chosen_kind,
                actor=request.user,
                owner=form.cleaned_data["owner"],
                fields=form.values(),
                attendees=form.addresses,
                files=form.cleaned_data["files"],
                **({record._meta.model_name: record} if record else {}),
            )
        except ValidationError as error:
            form.refuse(error)
        else:
            return redirect(next_page(request, default=home_of(record)))
    context = {"form": form, "record": record, "next": request.POST.get("next", "")}
    return render_page(request, "activities/log.html", context, partial="composer", status=422)


@require_GET
def record_timeline(request: Request, record_type: str, pk: int) -> HttpResponse:
    """A record's timeline by itself: filtered, or its older part."""
    record = get_visible_or_404(request, record_model(record_type).objects, pk=pk)
    cursor = request.GET.get("cursor")
    is_final = record_type == RecordType.LEAD and record.is_converted
    asked = [] if is_final else [Action.EDIT, Action.ASSIGN]
    may = allowed_actions(record, request.user, asked)
    kinds = request.GET.getlist("kind")
    try:
        page = timeline(record, request.user, kinds=kinds, cursor=cursor, may=may)
    except InvalidCursor:
        raise Http404 from None
    is_closed = record_type == RecordType.OPPORTUNITY and not record.is_open
    may_quote = Action.EDIT in may and record_type in EVIDENCE_PAGES and not is_closed
    context = {"page": page, "record": record, "may_quote": may_quote}
    partial = "older" if cursor else "timeline"
    return render_page(request, "activities/timeline.html", context, partial=partial)


@require_http_methods(["GET", "POST"])
def edit(request: Request, pk: int) -> HttpResponse:
    """Change what an activity says."""
    activity = get_visible_or_404(request, Activity.objects.select_related("owner", *LINKS), pk=pk)
    require(can_edit(request.user, activity))
    posted = request.POST if request.method == "POST" else None
    form = EditForm(posted, user=request.user, activity=activity)
    if form.is_valid():
        try:
            update_activity(activity=activity, changes=form.values(), actor=request.user)
        except ValidationError as error:
            form.refuse(error)
        else:
            return redirect(next_page(request, default=address_of(activity)))
    context = {
        "activity": activity,
        "form": form,
        "next": next_page(request, default=address_of(activity)),
        "can_delete": can_edit(request.user, activity, Action.DELETE),
    }
    return render(request, "activities/edit.html", context, status=422 if form.errors else 200)


@require_POST
def delete(request: Request, pk: int) -> HttpResponse:
    """Take an activity away."""
    activity = get_visible_or_404(request, Activity.objects.select_related(*LINKS), pk=pk)
    delete_activity(activity=activity, actor=request.user)
    messages.success(request, f"{activity.get_kind_display()} deleted")
    return redirect(next_page(request, default=address_of(activity)))


# --- Tasks ---


@require_GET
def tasks(request: Request) -> HttpResponse:
    """What I have to do: overdue, today, upcoming; or what I have done."""
    mine = tasks_of(request.user).select_related(*LINKS)
    if request.GET.get("view") == "done":
        done = mine.filter(done_at__isnull=False)
        try:
            page = Keyset(done, ["-done_at", "-pk"]).page(request.GET.get("cursor"))
        except InvalidCursor:
            raise Http404 from None
        finished = {
            "page": page,
            "previous": page.previous and f"?view=done&cursor={page.previous}",
            "next": page.next and f"?view=done&cursor={page.next}",
        }
        return render(request, "activities/tasks_done.html", finished)
    rows = list(due_first(mine.filter(done_at__isnull=True))[: MOST_OPEN_TASKS + 1])
    context = {
        "groups": by_urgency(rows[:MOST_OPEN_TASKS]),
        "shown": MOST_OPEN_TASKS if len(rows) > MOST_OPEN_TASKS else 0,
        "can_create": request.user.can(RecordType.ACTIVITY, Action.CREATE),
    }
    return render(request, "activities/tasks.html", context)


@require_POST
def done(request: Request, pk: int) -> HttpResponse:
    """Tick a task off, with the chance to undo it."""
    task = get_visible_or_404(request, Activity.objects.all(), pk=pk)
    changed = complete_task(activity=task, actor=request.user)
    back = next_page(request, default=reverse("activities:tasks"))
    reopening = reverse("activities:reopen", args=[task.pk])
    say_undoable(
        request, f"Done: {task}", changed=changed, was=task.version, at=reopening, next=back
    )
    return redirect(back)


@require_POST
def reopen(request: Request, pk: int) -> HttpResponse:
    """Take the tick off again."""
    task = get_visible_or_404(request, Activity.objects.all(), pk=pk)
    reopen_task(activity=task, actor=request.user, version=posted_version(request))
    messages.success(request, f"Open again: {task}")
    return redirect(next_page(request, default=reverse("activities:tasks")))


def by_urgency(rows: list[Activity]) -> list[tuple[str, list[Activity]]]:
    """Open tasks under the headings of the page; empty headings are left out."""
    now, tonight = timezone.now(), end_of_today()

    def heading(task: Activity) -> str:
        if task.due_at is None or task.due_at >= tonight:
            return "Upcoming"
        return "Overdue" if task.due_at < now else "Today"

    return [(title, list(some)) for title, some in itertools.groupby(rows, key=heading)]


# --- Notifications ---


@require_GET
def notifications(request: Request) -> HttpResponse:
    """What I was told, grouped by record, unread first shown as such."""
    rows = list(notifications_of(request.user).select_related("event__actor")[:NOTIFICATIONS_SHOWN])
    narrator = Narrator(request.user)
    subjects = [subject_of(row.event) for row in rows]
    for known in filter(None, subjects):
        narrator.labels.want(*known)
    narrator.prepare([row.event for row in rows])
    groups: dict[Any, list[Any]] = {}
    for row, subject in zip(rows, subjects, strict=True):
        row.sentence = narrator.tell(row.event)
        groups.setdefault(subject, []).append(row)
    context = {
        "groups": [
            {
                "name": narrator.labels.name(*subject) if subject else "Not about a record",
                "url": narrator.labels.url(*subject) if subject else "",
                "rows": some,
                "unread": [row.pk for row in some if row.read_at is None],
            }
            for subject, some in groups.items()
        ],
        "has_unread": any(row.read_at is None for row in rows),
    }
    return render(request, "activities/notifications.html", context)


def bell_tag(request: Request) -> str:
    return f'"{unread_tag(request.user)}"'


@require_GET
@condition(etag_func=bell_tag)
def bell(request: Request) -> HttpResponse:
    """The number beside the bell, asked for again and again; 304 while nothing has changed."""
    count, _ = capped_count(unread_notifications(request.user))
    return HttpResponse(waiting(count))


@require_POST
def read(request: Request) -> HttpResponse:
    """Mark notifications read: those named, or all."""
    rows = notifications_of(request.user)
    if ids := request.POST.getlist("id"):
        rows = rows.filter(pk__in=[pk for pk in map(key_of, ids) if pk][:1000])
    mark_read(notifications=rows, actor=request.user)
    return redirect(next_page(request, default=reverse("activities:notifications")))


def subject_of(event: Event) -> tuple[type[models.Model], int] | None:
    """The record a notification is filed under: the most particular one."""
    for name in ("opportunity", "lead", "contact", "account"):
        if pk := getattr(event, f"{name}_id"):
            return record_model(name), pk
    return None


# --- Files ---


@require_GET
def file(request: Request, pk: int) -> FileResponse:
    """A file, always as a download: nothing that people upload is shown by our address."""
    attachment = get_object_or_404(Attachment.objects.visible_to(request.user), pk=pk)
    response = FileResponse(
        attachment.file.open(),
        as_attachment=True,
        filename=attachment.name,
        content_type=attachment.content_type,
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


# --- What the views share ---


def record_model(record_type: str) -> Any:
    """The model behind a name such as "lead". Raises Http404."""
    if record_type not in LINKS:
        raise Http404
    return linked_model(record_type)


def named_record(request: Request, key: str) -> Any:
    """The visible record that a form names as "lead-12"; None for no name. Raises Http404."""
    if not key:
        return None
    record_type, _, pk = key.partition("-")
    return get_visible_or_404(request, record_model(record_type).objects, pk=key_of(pk))


def home_of(record: Any) -> str:
    return record.get_absolute_url() if record else reverse("activities:tasks")


def address_of(activity: Activity) -> str:
    """The page on which one would look for an activity."""
    return home_of(next(iter(activity.linked), None))


def next_page(request: Request, *, default: str) -> str:
    """Where the form wants to go next, if that is a page of ours."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    return own_address(request, asked, default=default)
