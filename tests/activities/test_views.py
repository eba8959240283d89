"""Logging, timelines and files, as people use them."""

import datetime as dt

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from activities.models import Activity, Event
from activities.services import log_activity
from tests.activities.conftest import TASKS, page
from tests.activities.test_markdown import PAYLOADS, elements
from tests.factories import ActivityFactory

pytestmark = pytest.mark.django_db


def log(client, record=None, **fields):
    key = f"{record._meta.model_name}-{record.pk}" if record else ""
    return client.post(reverse("activities:log"), {"record": key, "next": TASKS, **fields})


# --- The composer ---


def test_what_was_typed_for_another_kind_is_forgiven(leo, deal, browse):
    other = {"minutes": "-5", "ends_at": "never", "due_on": "soon", "attendees": "x" * 2001}
    answer = log(browse(leo), deal, kind="note", body="Wants a quote", **other)
    assert answer.status_code == 302
    assert Activity.objects.get().kind == "note"
    refused = log(browse(leo), deal, kind="call", **other)
    assert refused.status_code == 422
    assert list(refused.context["form"].errors) == ["minutes"]


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
        (
            {"kind": "task", "subject": "Call", "remind_at": "2026-11-20T09:00"},
            {"remind_at": dt.datetime(2026, 11, 20, 8, tzinfo=dt.UTC), "due_at": None},
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


# --- Timelines and files ---


def test_the_timeline_stands_by_itself_filtered_and_page_by_page(browse, leo, deal):
    for minutes in range(31):
        ActivityFactory(
            owner=leo,
            opportunity=deal,
            body=f"Said {minutes:02}",
            at=timezone.now() - dt.timedelta(minutes=minutes),
        )
    ActivityFactory(owner=leo, opportunity=deal, kind="call", body="Rang")
    client = browse(leo)
    address = reverse("activities:timeline", args=["opportunity", deal.pk])
    first = client.get(address, {"kind": "note"})
    text = first.content.decode()
    assert "Rang" not in text
    assert "Said 30" not in text
    older = page(client, first.context["page"].next_url, HTTP_HX_REQUEST="true")
    assert "Said 30" in older
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
