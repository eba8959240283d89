"""Many activities in one call to the API."""

import pytest

from activities.models import Activity, Event
from tests.answers import pointers
from tests.factories import AccountFactory, ActivityFactory, LeadFactory

pytestmark = pytest.mark.django_db

BULK = "/api/v1/activities/bulk/"


@pytest.fixture
def task(rita, lead):
    return ActivityFactory(kind="task", subject="Call back", owner=rita, lead=lead)


def statuses(answer):
    return [result["status"] for result in answer.json()["results"]]


def test_in_bulk_each_row_stands_for_itself(api, rita, soren, lead, task):
    strangers = ActivityFactory(owner=soren, lead=LeadFactory(owner=soren))
    rows = [
        {"kind": "call", "lead": lead.pk, "outcome": "connected"},
        {"id": task.pk, "subject": "Write"},
        {"id": task.pk, "version": 1, "subject": "Call"},
        {"id": strangers.pk, "subject": "Mine"},
        {"kind": "note", "lead": lead.pk},
        {"kind": "gossip", "lead": lead.pk, "body": "x"},
        {"kind": "note", "lead": strangers.lead_id, "body": "x"},
        {"id": task.pk, "kind": "note"},
    ]
    answer = api(rita).post(BULK, {"rows": rows})
    assert statuses(answer) == [201, 200, 412, 404, 422, 400, 400, 400]
    made, changed, *_ = answer.json()["results"]
    assert changed == {"row": 1, "status": 200, "id": task.pk, "version": 2}
    call = Activity.objects.get(pk=made["id"])
    assert (call.kind, call.lead_id, call.owner_id) == ("call", lead.pk, rita.pk)
    task.refresh_from_db()
    assert (task.subject, task.kind) == ("Write", "task")
    lead.refresh_from_db()
    assert lead.last_activity_at is not None
    assert Activity.objects.count() == 3


def test_who_sees_an_activity_of_somebody_else_does_not_change_it_in_bulk(api, leo, rita):
    account = AccountFactory(owner=rita)
    task = ActivityFactory(kind="task", subject="Call back", owner=rita, account=account)
    answer = api(leo).post(BULK, {"rows": [{"id": task.pk, "subject": "Mine"}]})
    assert statuses(answer) == [403]
    task.refresh_from_db()
    assert task.subject == "Call back"


def test_each_row_that_succeeds_tells_what_happened(api, rita, lead, task):
    rows = [
        {"kind": "note", "lead": lead.pk, "body": "Hi"},
        {"id": task.pk, "subject": "Write"},
        {"kind": "note", "lead": lead.pk},
    ]
    api(rita).post(BULK, {"rows": rows})
    assert list(Event.objects.order_by("pk").values_list("verb", flat=True)) == [
        "activity.logged",
        "activity.edited",
    ]


def test_sending_many_again_logs_them_once(api, rita, lead):
    body = {"rows": [{"kind": "note", "lead": lead.pk, "body": "Once"}]}
    first, second = (api(rita).post(BULK, body, HTTP_IDEMPOTENCY_KEY="k") for _ in range(2))
    assert first.content == second.content
    assert Activity.objects.count() == 1


@pytest.mark.parametrize("count", [0, 201])
def test_a_call_has_one_to_two_hundred_rows(api, rita, lead, count):
    rows = [{"kind": "note", "lead": lead.pk, "body": "Hi"}] * count
    answer = api(rita).post(BULK, {"rows": rows})
    assert (answer.status_code, pointers(answer)) == (400, {"#/rows"})
    assert not Activity.objects.exists()
