"""The work queue: what comes first, why, and what one turn of it writes."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from activities.models import Activity, ActivityKind, Reason, ReasonKind
from leads.models import HandoffState, Lead, StatusKind
from leads.work_queue import entries, left_today, work_queue, worked_today
from tests.factories import ActivityFactory, LeadFactory, QueueFactory

URL = reverse("leads:queue")
TODAY = dt.date(2026, 11, 25)
YESTERDAY, TOMORROW = TODAY - dt.timedelta(days=1), TODAY + dt.timedelta(days=1)


def working(owner, **fields):
    return LeadFactory(owner=owner, kind="working", **fields)


def test_the_order_of_the_queue(rita):
    unplanned = working(rita)
    late = working(rita, next_step_on=YESTERDAY, next_step="Follow-up")
    due = working(rita, next_step_on=TODAY, next_step="Call")
    hot = working(rita, score=75)
    awake = LeadFactory(owner=rita, kind="nurturing", wake_up_on=TODAY)
    sent_back = working(rita, handoff_state=HandoffState.SENT_BACK, next_step_on=TOMORROW)
    new = LeadFactory(owner=rita)
    found = entries(work_queue(rita, TODAY), TODAY)
    assert [(entry.lead, entry.why) for entry in found] == [
        (new, "New, no reply yet"),
        (sent_back, "Sent back to you"),
        (awake, "Back from nurturing"),
        (hot, "Hot: score 75"),
        (due, "Call, due today"),
        (late, "Follow-up, 1 day late"),
        (unplanned, "No next step yet"),
    ]


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "working", "next_step_on": TOMORROW},
        {"kind": "nurturing", "wake_up_on": TOMORROW},
        {"kind": "qualified", "handoff_state": HandoffState.PENDING},
        {"kind": "qualified", "handoff_state": HandoffState.APPROVED},
    ],
)
def test_what_waits_for_another_day_or_person_is_not_in_the_queue(rita, fields):
    LeadFactory(owner=rita, **fields)
    assert list(work_queue(rita, TODAY)) == []


def test_the_queue_is_ones_own(rita, soren, nadia):
    working(rita)
    assert [work_queue(user).count() for user in (rita, soren, nadia)] == [1, 0, 0]


def test_a_lead_worked_twice_today_counts_once(rita):
    lead = working(rita)
    for _ in range(2):
        ActivityFactory(owner=rita, lead=lead, kind=ActivityKind.CALL)
    ActivityFactory(owner=rita, lead=lead, at=timezone.now() - dt.timedelta(days=2))
    assert worked_today(rita) == 1


def test_no_answer_then_the_next_lead(browse, rita):
    first, second = working(rita, score=90), working(rita, score=80)
    data = {"lead": first.pk, "outcome": "no_answer", "plan": "next_day", "next_step": "Call again"}
    response = browse(rita).post(URL, data)
    assert response["Location"] == f"{URL}?lead={second.pk}"
    first.refresh_from_db()
    assert first.next_step == "Call again"
    assert first.next_step_on > timezone.localdate()
    assert first.next_step_on.weekday() < 5
    call = Activity.objects.get()
    assert (call.kind, call.outcome, call.lead) == (ActivityKind.CALL, "no_answer", first)


def test_a_new_lead_that_was_called_is_a_working_one(browse, rita):
    lead = LeadFactory(owner=rita)
    browse(rita).post(URL, {"lead": lead.pk, "outcome": "connected", "plan": "week"})
    lead.refresh_from_db()
    assert lead.status_kind == StatusKind.WORKING
    assert lead.first_response_at is not None


def test_disqualifying_from_the_queue_needs_a_reason_and_keeps_the_note(browse, rita):
    lead = working(rita)
    data = {
        "lead": lead.pk,
        "outcome": "not_interested",
        "note": "Never again",
        "plan": "disqualify",
    }
    client = browse(rita)
    refused = client.post(URL, data)
    assert refused.status_code == 422
    assert "Never again" in refused.content.decode()
    assert Activity.objects.count() == 0
    reason = Reason.objects.for_kind(ReasonKind.DISQUALIFY).first()
    client.post(URL, data | {"reason": reason.pk})
    lead.refresh_from_db()
    assert lead.disqualified_reason == reason
    assert Activity.objects.get().body == "Never again"


def test_nurturing_until_a_day_that_has_passed_writes_nothing(browse, rita):
    lead = working(rita)
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    data = {"lead": lead.pk, "outcome": "connected", "plan": "nurture", "on": yesterday}
    response = browse(rita).post(URL, data)
    assert response.status_code == 422
    assert Activity.objects.count() == 0


def test_saving_may_stay_with_the_lead(browse, rita):
    lead, _ = working(rita, score=90), working(rita)
    data = {"lead": lead.pk, "note": "Wrote to them", "plan": "week", "stay": "1"}
    response = browse(rita).post(URL, data)
    assert response["Location"] == f"{URL}?lead={lead.pk}"
    assert Activity.objects.get().kind == ActivityKind.NOTE


def test_the_best_lead_of_a_queue_is_taken(browse, rita):
    queue = QueueFactory(members=[rita])
    LeadFactory(owner=None, queue=queue, score=10)
    best = LeadFactory(owner=None, queue=queue, score=60)
    response = browse(rita).post(reverse("leads:take_next"), {"queue": queue.pk})
    assert response["Location"] == f"{URL}?lead={best.pk}"
    best.refresh_from_db()
    assert best.owner == rita


def test_an_empty_queue_is_said_so(browse, rita):
    queue = QueueFactory(members=[rita], name="Inbound")
    response = browse(rita).post(reverse("leads:take_next"), {"queue": queue.pk}, follow=True)
    assert "No lead is waiting in Inbound." in response.content.decode()


def test_a_queue_of_others_is_not_found(browse, rita, soren):
    queue = QueueFactory(members=[soren])
    response = browse(rita).post(reverse("leads:take_next"), {"queue": queue.pk})
    assert response.status_code == 404


def test_a_clear_queue_says_what_was_done(browse, rita):
    page = browse(rita).get(URL).content.decode()
    assert "Queue is clear" in page


def test_how_much_of_the_day_is_done(browse, rita, soren):
    """Worked and put off, worked and still waiting, not worked, and worked by somebody else."""
    put_off, again, untouched, of_others = (working(rita) for _ in range(4))
    Lead.objects.filter(pk=put_off.pk).update(next_step_on=TODAY + dt.timedelta(days=99))
    for lead in (put_off, again, again):
        ActivityFactory(lead=lead, created_by=rita, owner=rita)
    ActivityFactory(lead=of_others, created_by=soren, owner=soren)
    long_ago = timezone.now() - dt.timedelta(days=2)
    ActivityFactory(lead=untouched, created_by=rita, owner=rita, at=long_ago)
    assert (worked_today(rita), left_today(rita)) == (2, 2)
    page = browse(rita).get(URL)
    assert "2 of 4 done today" in page.content.decode()
    assert page.context["percent"] == 50


def test_a_day_without_any_work_is_no_division_by_zero(browse, rita):
    assert "0 of 0 done today" in browse(rita).get(URL).content.decode()


def test_somebody_elses_lead_is_not_opened_in_the_queue(browse, rita, soren):
    lead = working(soren)
    assert browse(rita).get(URL, {"lead": lead.pk}).status_code == 404
