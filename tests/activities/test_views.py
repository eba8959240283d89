"""Logging, tasks, notifications, timelines and files, as people use them."""

import datetime as dt

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from activities.events import record
from activities.models import Activity, Event, Notification
from activities.queries import open_tasks, unread_notifications
from activities.services import log_activity
from leads.models import LeadMember
from tests.activities.test_markdown import PAYLOADS, elements
from tests.factories import (
    ActivityFactory,
    EventFactory,
    LeadFactory,
    NotificationFactory,
    OpportunityFactory,
)

pytestmark = pytest.mark.django_db

TASKS = "/tasks/"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def deal(leo):
    return OpportunityFactory(account__owner=leo)


def log(client, record=None, **fields):
    key = f"{record._meta.model_name}-{record.pk}" if record else ""
    return client.post(reverse("activities:log"), {"record": key, "next": TASKS, **fields})


def page(client, address, **headers):
    answer = client.get(address, **headers)
    assert answer.status_code == 200
    return answer.content.decode()


# --- The composer ---


@pytest.mark.parametrize(
    ("fields", "stored"),
    [
        ({"kind": "note", "body": "Wants a quote"}, {"kind": "note", "body": "Wants a quote"}),
        (
            {"kind": "call", "outcome": "connected", "minutes": "26", "direction": "inbound"},
            {"outcome": "connected", "duration_seconds": 1560, "direction": "inbound"},
        ),
        ({"kind": "email", "subject": "Quote"}, {"subject": "Quote", "direction": "outbound"}),
        (
            {"kind": "meeting", "subject": "Demo", "at": "2026-11-20T10:00", "location": "Room 3"},
            {"at": dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC), "location": "Room 3"},
        ),
        (
            {"kind": "task", "subject": "Call", "due_on": "2026-11-20", "priority": "high"},
            {"due_at": dt.datetime(2026, 11, 20, 22, 59, tzinfo=dt.UTC), "priority": "high"},
        ),
    ],
)
def test_each_kind_is_logged_with_its_own_fields_in_the_reader_s_time(
    browse, leo, deal, fields, stored
):
    leo.time_zone = "Europe/Paris"
    leo.save()
    # What another tab of the composer holds is sent along, and left out.
    answer = log(browse(leo), deal, **{"location": "", "minutes": "", "due_on": "", **fields})
    assert (answer.status_code, answer["Location"]) == (302, TASKS)
    activity = Activity.objects.get()
    assert activity.opportunity == deal
    assert {name: getattr(activity, name) for name in stored} == stored


def test_a_file_needs_no_words(browse, leo, deal):
    log(browse(leo), deal, kind="note", files=SimpleUploadedFile("q.pdf", b"%PDF-1.7"))
    activity = Activity.objects.get()
    assert activity.kind == "file"
    assert [each.name for each in activity.attachments.all()] == ["q.pdf"]


def test_a_refused_form_keeps_what_was_typed_and_says_what_is_wrong(browse, leo, deal):
    answer = log(browse(leo), deal, kind="meeting", body="A long <story>")
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "A long &lt;story&gt;" in text
    assert "Say what the meeting is about." in text
    assert f'value="opportunity-{deal.pk}"' in text
    assert not Activity.objects.exists()


def test_htmx_gets_only_the_composer_back(browse, leo, deal):
    client = browse(leo)
    client.defaults["HTTP_HX_REQUEST"] = "true"
    refused = log(client, deal, kind="note")
    assert "<html" not in refused.content.decode()
    accepted = log(client, deal, kind="note", body="Hello")
    assert accepted["HX-Redirect"] == TASKS


@pytest.mark.parametrize(
    "key", ["lead-0", "lead-x", "user-1", "lead", "lead-²", "lead-" + "9" * 30]
)
def test_a_record_that_is_none_is_not_found(browse, leo, key):
    answer = browse(leo).post(
        reverse("activities:log"), {"record": key, "kind": "note", "body": "x"}
    )
    assert answer.status_code == 404


@pytest.mark.parametrize(
    "next_", ["https://evil.example/", "//evil.example", "javascript:alert(1)"]
)
def test_the_way_back_never_leaves_our_site(browse, leo, deal, next_):
    answer = log(browse(leo), deal, kind="note", body="Hello", next=next_)
    assert answer["Location"] == deal.get_absolute_url()


def test_an_edit_changes_what_was_said(browse, leo, deal):
    call = ActivityFactory(owner=leo, opportunity=deal, kind="call", duration_seconds=60)
    client, address = browse(leo), reverse("activities:edit", args=[call.pk])
    form = page(client, address)
    assert 'value="1"' in form
    at = timezone.localtime(call.at).strftime("%Y-%m-%dT%H:%M")
    answer = client.post(
        address,
        {
            "body": "Better",
            "minutes": "5",
            "direction": "inbound",
            "at": at,
            "owner": leo.pk,
        },
    )
    call.refresh_from_db()
    assert answer["Location"] == deal.get_absolute_url()
    assert (call.body, call.duration_seconds, call.direction) == ("Better", 300, "inbound")
    event = Event.objects.get()
    assert set(event.changes) == {"kind", "subject", "body", "duration_seconds", "direction"}


def test_an_edit_without_what_its_kind_needs_is_refused(browse, leo, deal):
    task = ActivityFactory(owner=leo, opportunity=deal, kind="task", subject="Call")
    answer = browse(leo).post(reverse("activities:edit", args=[task.pk]), {"subject": ""})
    assert answer.status_code == 422
    task.refresh_from_db()
    assert task.subject == "Call"


def test_an_edit_form_offers_only_what_its_kind_has(browse, leo, deal):
    note = ActivityFactory(owner=leo, opportunity=deal)
    form = page(browse(leo), reverse("activities:edit", args=[note.pk]))
    assert 'name="body"' in form
    assert 'name="due_on"' not in form
    assert 'name="minutes"' not in form


def test_about_nothing_only_a_task_is_offered(browse, leo):
    client = browse(leo)
    kinds = [attributes.get("value") for tag, attributes in elements(page(client, TASKS))
             if attributes.get("name") == "kind"]  # fmt: skip
    assert kinds == ["task"]
    assert log(client, kind="note", body="To myself").status_code == 422
    assert log(client, kind="task", subject="Water the plants").status_code == 302


# --- Tasks ---


def test_tasks_stand_under_how_urgent_they_are(browse, rita):
    now = timezone.now()
    due = {
        "late": now - dt.timedelta(days=1),
        "soon": timezone.localtime().replace(hour=23, minute=59, second=59, microsecond=0),
        "later": now + dt.timedelta(days=3),
        "whenever": None,
    }
    for subject, due_at in due.items():
        ActivityFactory(owner=rita, kind="task", subject=subject, due_at=due_at)
    ActivityFactory(owner=rita, kind="task", subject="finished", done_at=now)
    ActivityFactory(kind="task", subject="somebody else's")
    groups = browse(rita).get(TASKS).context["groups"]
    assert [(title, [task.subject for task in tasks]) for title, tasks in groups] == [
        ("Overdue", ["late"]),
        ("Today", ["soon"]),
        ("Upcoming", ["later", "whenever"]),
    ]
    assert open_tasks(rita).count() == 2
    assert "finished" in page(browse(rita), f"{TASKS}?view=done")


def test_today_is_the_reader_s_today(browse, rita):
    rita.time_zone = "Pacific/Kiritimati"
    rita.save()
    with timezone.override(rita.time_zone):
        tonight = timezone.localtime().replace(hour=23, minute=59, second=59)
    ActivityFactory(owner=rita, kind="task", due_at=tonight)
    assert browse(rita).get(TASKS).context["groups"][0][0] == "Today"


def test_done_can_be_undone(browse, rita):
    task = ActivityFactory(owner=rita, kind="task", subject="Call")
    client = browse(rita)
    answer = client.post(reverse("activities:done", args=[task.pk]), follow=True)
    undo = reverse("activities:reopen", args=[task.pk])
    assert f'hx-post="{undo}"' in answer.content.decode()
    client.post(undo)
    task.refresh_from_db()
    assert task.done_at is None


def test_done_tasks_come_page_by_page(browse, rita):
    for number in range(51):
        ActivityFactory(
            owner=rita,
            kind="task",
            subject=f"Task {number:02}",
            done_at=timezone.now() - dt.timedelta(minutes=number),
        )
    client = browse(rita)
    first = client.get(f"{TASKS}?view=done")
    assert "Task 50" not in first.content.decode()
    assert "Task 50" in page(client, f"{TASKS}{first.context['next']}")
    assert client.get(f"{TASKS}?view=done&cursor=x").status_code == 404


def test_tasks_cost_the_same_for_one_as_for_twenty(
    browse, leo, django_assert_num_queries, django_assert_max_num_queries
):
    client = browse(leo)

    def fill(count):
        for _ in range(count):
            ActivityFactory(
                owner=leo, kind="task", opportunity=OpportunityFactory(account__owner=leo)
            )

    fill(1)
    # session, user, reach, tasks with links, colleagues, and the counts of the sidebar
    with django_assert_max_num_queries(9) as one:
        client.get(TASKS)
    fill(19)
    with django_assert_num_queries(len(one)):
        client.get(TASKS)


# --- Notifications ---


def test_notifications_are_grouped_by_record_and_read_group_by_group(browse, leo, nadia, deal):
    other = OpportunityFactory(account__owner=leo)
    for about in (deal, other, deal):
        record("opportunity.assigned", actor=nadia, opportunity=about, notify=[leo])
    client = browse(leo)
    groups = client.get(reverse("activities:notifications")).context["groups"]
    assert [(group["name"], len(group["rows"])) for group in groups] == [
        (deal.name, 2),
        (other.name, 1),
    ]
    assert unread_notifications(leo).count() == 3
    client.post(reverse("activities:read"), {"id": groups[0]["unread"]})
    assert unread_notifications(leo).count() == 1
    client.post(reverse("activities:read"))
    assert unread_notifications(leo).count() == 0


def test_looking_marks_nothing_read(browse, leo, deal):
    NotificationFactory(user=leo, event=EventFactory(opportunity=deal))
    page(browse(leo), reverse("activities:notifications"))
    assert unread_notifications(leo).count() == 1


def test_nobody_reads_for_somebody_else(browse, leo, soren, deal):
    notification = NotificationFactory(user=leo, event=EventFactory(opportunity=deal))
    browse(soren).post(reverse("activities:read"), {"id": [notification.pk]})
    assert Notification.objects.get().read_at is None


def test_what_one_may_not_see_any_more_is_neither_shown_nor_counted(browse, leo):
    lead = LeadFactory(last_name="Secret")
    membership = LeadMember.objects.create(record=lead, user=leo)
    NotificationFactory(user=leo, event=EventFactory(lead=lead))
    address = reverse("activities:notifications")
    assert browse(leo).get(address).context["navigation"].counts["activities:notifications"] == 1
    membership.delete()
    response = browse(leo).get(address)
    assert response.context["navigation"].counts["activities:notifications"] == 0
    assert "Secret" not in response.content.decode()


def test_a_notification_about_no_record_is_shown(browse, leo, ada):
    log_activity(kind="task", actor=ada, owner=leo, fields={"subject": "Call"})
    assert "gave you a task: Call" in page(browse(leo), reverse("activities:notifications"))
    assert unread_notifications(leo).count() == 1


def test_whoever_is_named_reads_where(browse, leo, deal, ada):
    log_activity(kind="note", actor=ada, fields={"body": "@leo look"}, opportunity=deal)
    assert "named you in a note" in page(browse(leo), reverse("activities:notifications"))


def test_notifications_cost_the_same_for_one_as_for_twenty(
    browse, leo, nadia, django_assert_num_queries, django_assert_max_num_queries
):
    client, address = browse(leo), reverse("activities:notifications")

    def fill(count):
        for _ in range(count):
            deal = OpportunityFactory(account__owner=leo)
            changes = {"owner": [nadia.pk, leo.pk]}
            record(
                "opportunity.assigned",
                actor=nadia,
                opportunity=deal,
                notify=[leo],
                changes=changes,
            )

    fill(1)
    # session, user, reach, notifications, names, and the counts of the sidebar
    with django_assert_max_num_queries(9) as one:
        client.get(address)
    fill(19)
    with django_assert_num_queries(len(one)):
        client.get(address)


# --- Timelines and files ---


def test_the_timeline_stands_by_itself_filtered_and_page_by_page(browse, leo, deal):
    for minutes in range(31):
        ActivityFactory(
            owner=leo,
            opportunity=deal,
            body=f"Note {minutes:02}",
            at=timezone.now() - dt.timedelta(minutes=minutes),
        )
    ActivityFactory(owner=leo, opportunity=deal, kind="call", body="Rang")
    client = browse(leo)
    address = reverse("activities:timeline", args=["opportunity", deal.pk])
    first = client.get(address, {"kind": "note"})
    text = first.content.decode()
    assert "Rang" not in text
    assert "Note 30" not in text
    older = page(client, first.context["page"].next_url, HTTP_HX_REQUEST="true")
    assert "Note 30" in older
    assert "<html" not in older
    assert "Rang" not in older
    assert client.get(address, {"cursor": "x"}).status_code == 404


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_note_breaks_out_of_its_timeline(browse, leo, deal, payload):
    client = browse(leo)
    address = reverse("activities:timeline", args=["opportunity", deal.pk])
    note = ActivityFactory(owner=leo, opportunity=deal, body="harmless", subject="harmless")
    usual = {tag for tag, _ in elements(page(client, address))}
    Activity.objects.filter(pk=note.pk).update(body=payload, subject=payload)
    found = elements(page(client, address))
    formatted = {"code", "pre", "blockquote", "h4", "table", "thead", "tbody", "tr", "th", "td"}
    assert {tag for tag, _ in found} <= usual | formatted
    assert not [name for _, attributes in found for name in attributes if name.startswith("on")]


def test_a_file_is_always_a_download(browse, leo, deal):
    content = b"<script>alert(1)</script>"
    activity = log_activity(
        kind="file",
        actor=leo,
        fields={},
        opportunity=deal,
        files=[SimpleUploadedFile("Übersicht „1“.html", content, content_type="text/html")],
    )
    answer = browse(leo).get(reverse("activities:file", args=[activity.attachments.get().pk]))
    assert b"".join(answer.streaming_content) == content
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_the_file_of_a_deleted_activity_is_gone(browse, leo, deal):
    activity = log_activity(
        kind="file",
        actor=leo,
        fields={},
        opportunity=deal,
        files=[SimpleUploadedFile("q.pdf", b"%PDF-1.7")],
    )
    Activity.objects.update(deleted_at=timezone.now())
    address = reverse("activities:file", args=[activity.attachments.get().pk])
    assert browse(leo).get(address).status_code == 404


def test_deleting_says_so_and_goes_back(browse, leo, deal):
    note = ActivityFactory(owner=leo, opportunity=deal)
    answer = browse(leo).post(reverse("activities:delete", args=[note.pk]))
    assert answer["Location"] == deal.get_absolute_url()
    assert [str(each) for each in get_messages(answer.wsgi_request)] == ["Note deleted"]
