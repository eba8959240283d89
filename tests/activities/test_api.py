"""Activities and the feed of events over REST."""

import datetime as dt
import json
import uuid

import pytest
from django.db import transaction
from django.utils import timezone

from activities.events import record
from activities.models import Activity, Event
from leads.models import LeadMember
from tests.answers import ids
from tests.concurrency import wait_until
from tests.factories import (
    AccountFactory,
    ActivityFactory,
    ContactFactory,
    EventFactory,
    LeadFactory,
    OpportunityFactory,
)
from tests.odd_text import ODD_TEXTS

pytestmark = pytest.mark.django_db

ACTIVITIES, EVENTS = "/api/v1/activities/", "/api/v1/events/"


def address(activity):
    return f"{ACTIVITIES}{activity.pk}/"


def tag(activity):
    activity.refresh_from_db()
    return {"HTTP_IF_MATCH": f'"{activity.pk}-{activity.version}"'}


def pointers(answer):
    return {
        error.get("pointer", "").removeprefix("#") or error.get("parameter")
        for error in answer.json()["errors"]
    }


# --- Create, read, change, delete ---


def test_a_call_is_logged_with_its_tag_and_place(api, rita, lead):
    answer = api(rita).post(
        ACTIVITIES,
        {"kind": "call", "lead": lead.pk, "outcome": "connected", "duration_seconds": 300},
    )
    call = Activity.objects.get()
    assert answer.status_code == 201, answer.json()
    assert answer["ETag"] == f'"{call.pk}-1"'
    assert answer["Location"].endswith(address(call))
    body = answer.json()
    assert (body["owner"], body["lead"], body["direction"]) == (rita.pk, lead.pk, "outbound")
    assert (body["attachments"], body["mentions"], body["attendees"]) == ([], [], [])


def test_a_meeting_shows_who_was_there_and_a_note_whom_it_names(api, leo, rita):
    contact = ContactFactory(owner=leo, email="ana@halcyon.example")
    client = api(leo)
    meeting = client.post(
        ACTIVITIES,
        {
            "kind": "meeting",
            "subject": "Demo",
            "contact": contact.pk,
            "attendees": ["ana@halcyon.example"],
        },
    ).json()
    assert meeting["attendees"] == [
        {"email": "ana@halcyon.example", "user": None, "contact": contact.pk}
    ]
    assert meeting["account"] == contact.account_id


def test_sending_it_again_logs_it_once(api, rita, lead):
    client = api(rita)
    body = {"kind": "note", "lead": lead.pk, "body": "Once"}
    first, second = (client.post(ACTIVITIES, body, HTTP_IDEMPOTENCY_KEY="k") for _ in range(2))
    assert first.content == second.content
    assert second["Idempotent-Replayed"] == "true"
    assert Activity.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"kind": "note", "body": "x", "due_at": "2026-11-20T10:00:00Z"}, "/due_at"),
        ({"kind": "note"}, "/body"),
        ({"kind": "gossip", "body": "x"}, "/kind"),
        ({"kind": "note", "body": "x", "lead": 0}, "/lead"),
        ({"kind": "note", "body": "x", "mood": "good"}, "/mood"),
        ({"kind": "note", "body": 7}, "/body"),
        ({"kind": "meeting", "subject": "x", "attendees": ["nobody"]}, "/attendees/0"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_logged(api, rita, lead, body, pointer):
    answer = api(rita).post(ACTIVITIES, {"lead": lead.pk} | body)
    assert answer.status_code in (400, 422), answer.json()
    assert pointer in pointers(answer)
    assert not Activity.objects.exists()


def test_a_hidden_record_is_as_absent_as_none(api, soren, lead):
    hidden, absent = (
        api(soren).post(ACTIVITIES, {"kind": "note", "body": "x", "lead": pk})
        for pk in (lead.pk, lead.pk + 1)
    )
    assert hidden.status_code == absent.status_code
    assert hidden.json()["errors"] == absent.json()["errors"]


@pytest.mark.parametrize("text", ODD_TEXTS)
def test_odd_text_comes_back_as_it_went_in(api, rita, lead, text):
    client = api(rita)
    answer = client.post(ACTIVITIES, {"kind": "note", "lead": lead.pk, "body": text})
    if answer.status_code == 201:
        stored = Activity.objects.get()
        assert client.get(address(stored)).json()["body"] == stored.body
    else:
        assert "/body" in pointers(answer)


def test_a_change_needs_the_tag_of_the_version_it_is_for(api, rita, lead):
    note = ActivityFactory(owner=rita, lead=lead)
    client = api(rita)
    assert client.patch(address(note), {"body": "New"}).status_code == 428
    seen = tag(note)
    answer = client.patch(address(note), {"body": "New"}, **seen)
    assert (answer.status_code, answer.json()["body"]) == (200, "New")
    assert client.patch(address(note), {"body": "Newer"}, **seen).status_code == 412


@pytest.mark.parametrize("field", ["kind", "lead"])
def test_what_it_is_about_stays(api, rita, lead, field):
    note = ActivityFactory(owner=rita, lead=lead)
    other = {"kind": "call", "lead": LeadFactory(owner=rita).pk}[field]
    answer = api(rita).patch(address(note), {field: other}, **tag(note))
    assert f"/{field}" in pointers(answer)
    same = {"kind": "note", "lead": lead.pk}[field]
    assert api(rita).patch(address(note), {field: same}, **tag(note)).status_code == 200


def test_deleting_hides_it(api, rita, lead):
    note = ActivityFactory(owner=rita, lead=lead)
    client = api(rita)
    assert client.delete(address(note), **tag(note)).status_code == 204
    assert client.get(address(note)).status_code == 404


def test_a_task_is_completed_and_reopened(api, rita, lead):
    task = ActivityFactory(owner=rita, lead=lead, kind="task")
    client = api(rita)
    done = client.post(f"{address(task)}complete/").json()
    assert (done["done_by"], done["done_at"] is not None) == (rita.pk, True)
    assert client.post(f"{address(task)}reopen/").json()["done_at"] is None
    note = ActivityFactory(owner=rita, lead=lead)
    refusal = client.post(f"{address(note)}complete/")
    assert (refusal.status_code, refusal.json()["code"]) == (409, "not_a_task")


def test_seeing_is_not_changing(api, rita, leo, lead):
    LeadMember.objects.create(record=lead, user=leo)
    note = ActivityFactory(owner=rita, lead=lead)
    client = api(leo)
    assert client.get(address(note)).status_code == 200
    assert client.patch(address(note), {"body": "Mine"}, **tag(note)).status_code == 403
    assert client.delete(address(note), **tag(note)).status_code == 403


# --- Filters ---


def test_filter_by_kind(api, rita):
    call = ActivityFactory(owner=rita, kind="call")
    note = ActivityFactory(owner=rita)
    ActivityFactory(owner=rita, kind="task")
    assert ids(api(rita).get(ACTIVITIES, {"kind": ["call", "note"]})) == [note.pk, call.pk]


def test_filter_by_owner(api, nadia, rita, lead):
    ActivityFactory(owner=nadia, lead=lead)
    ritas = ActivityFactory(owner=rita, lead=lead)
    assert ids(api(nadia).get(ACTIVITIES, {"owner": rita.pk})) == [ritas.pk]


@pytest.mark.parametrize("name", ["lead", "account", "contact", "opportunity"])
def test_filter_by_record(api, ada, name):
    factory = {
        "lead": LeadFactory,
        "account": AccountFactory,
        "contact": ContactFactory,
        "opportunity": OpportunityFactory,
    }[name]
    record_, other = factory(), factory()
    wanted = ActivityFactory(**{name: record_})
    ActivityFactory(**{name: other})
    assert ids(api(ada).get(ACTIVITIES, {name: record_.pk})) == [wanted.pk]


def test_filter_by_a_hidden_record_is_refused_like_an_absent_one(api, soren, lead):
    for pk in (lead.pk, lead.pk + 1000):
        answer = api(soren).get(ACTIVITIES, {"lead": pk})
        assert (answer.status_code, pointers(answer)) == (400, {"lead"})


@pytest.mark.parametrize("done", [True, False])
def test_filter_by_done(api, rita, done):
    tasks = {
        True: ActivityFactory(owner=rita, kind="task", done_at=timezone.now()),
        False: ActivityFactory(owner=rita, kind="task"),
    }
    ActivityFactory(owner=rita)
    assert ids(api(rita).get(ACTIVITIES, {"done": str(done).lower()})) == [tasks[done].pk]


def test_filter_by_due(api, rita):
    days = [dt.datetime(2026, 11, day, 12, tzinfo=dt.UTC) for day in (1, 5, 9)]
    tasks = [ActivityFactory(owner=rita, kind="task", due_at=day) for day in days]
    found = api(rita).get(ACTIVITIES, {"due_after": "2026-11-04", "due_before": "2026-11-06"})
    assert ids(found) == [tasks[1].pk]


def test_filter_by_when(api, rita):
    days = [dt.datetime(2026, 11, day, 12, tzinfo=dt.UTC) for day in (1, 5)]
    notes = [ActivityFactory(owner=rita, at=day) for day in days]
    assert ids(api(rita).get(ACTIVITIES, {"at_before": "2026-11-03"})) == [notes[0].pk]


def test_order_by_due_puts_what_has_no_date_last(api, rita):
    later, never, sooner = (
        ActivityFactory(owner=rita, kind="task", due_at=due)
        for due in (timezone.now() + dt.timedelta(days=2), None, timezone.now())
    )
    found = ids(api(rita).get(ACTIVITIES, {"ordering": "due_at"}))
    assert found == [sooner.pk, later.pk, never.pk]


def test_a_list_costs_the_same_for_one_as_for_twenty(api, rita, lead, django_assert_num_queries):
    client = api(rita)

    def fill(count):
        for _ in range(count):
            note = ActivityFactory(owner=rita, lead=lead)
            note.mentions.add(rita)

    fill(1)
    rita.reach  # noqa: B018  # read with the token or session
    with django_assert_num_queries(1):  # the page, with files, attendees and mentions
        client.get(ACTIVITIES)
    fill(19)
    with django_assert_num_queries(1):
        client.get(ACTIVITIES)


# --- The feed ---


def feed(client, after=None, **options):
    answer = client.get(EVENTS, {**({"after": after} if after else {}), **options})
    assert answer.status_code == 200, answer.json()
    return answer.json()


def wait_until_settled():
    """The feed ends before the oldest transaction on the server; other tests have theirs there."""
    wait_until(lambda: Event.objects.settled().count() == Event.objects.count())


@pytest.mark.django_db(transaction=True)
def test_the_feed_goes_on_where_it_stopped(api, rita):
    lead = LeadFactory(owner=rita)
    for _ in range(3):
        record("lead.edited", actor=rita, lead=lead)
    wait_until_settled()
    client = api(rita)
    first = feed(client, page_size=2)
    second = feed(client, first["after"])
    assert [len(page["results"]) for page in (first, second)] == [2, 1]
    assert (first["has_more"], second["has_more"]) == (True, False)
    nothing = feed(client, second["after"])
    assert (nothing["results"], nothing["after"]) == ([], second["after"])


@pytest.mark.django_db(transaction=True)
def test_nothing_that_commits_late_is_missed(api, rita, raw_app_connection):
    """An event that began before others and commits after them is read, once, in its place."""
    lead = LeadFactory(owner=rita)
    client = api(rita)
    late = uuid.uuid4()
    with raw_app_connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO activities_event (event_id, at, request_id, verb, actor_id, lead_id,"
            " subject_type, changes, note) VALUES (%s, now(), '', 'lead.edited', %s, %s, '',"
            " '{}', '')",
            [str(late), rita.pk, lead.pk],
        )
    with transaction.atomic():
        early = record("lead.edited", actor=rita, lead=lead)
    assert Event.objects.count() == 1
    before = feed(client)
    assert before["results"] == []
    raw_app_connection.commit()
    wait_until_settled()
    after = feed(client, before["after"])
    assert [row["id"] for row in after["results"]] == [str(late), str(early.event_id)]
    assert feed(client, after["after"])["results"] == []


@pytest.mark.django_db(transaction=True)
def test_the_feed_holds_only_what_one_may_see(api, rita, soren):
    lead = LeadFactory(owner=rita)
    record("lead.edited", actor=None, lead=lead, changes={"title": ["", "CFO"]})
    wait_until_settled()
    (row,) = feed(api(rita))["results"]
    assert (row["verb"], row["lead"], row["changes"]) == (
        "lead.edited",
        lead.pk,
        {"title": ["", "CFO"]},
    )
    assert feed(api(soren))["results"] == []


@pytest.mark.parametrize("after", ["x", "", "WzEsMV0:abc"])
def test_a_place_that_is_not_ours_is_refused(api, rita, after):
    answer = api(rita).get(EVENTS, {"after": after})
    assert (answer.status_code, pointers(answer)) == (400, {"after"})


def test_events_cannot_be_written(api, ada):
    EventFactory()
    for method in ("post", "patch", "put", "delete"):
        answer = getattr(api(ada), method)(EVENTS, json.dumps({}), content_type="application/json")
        assert answer.status_code == 405
