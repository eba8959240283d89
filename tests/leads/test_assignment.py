import threading
from collections import Counter

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connections, transaction

from activities.models import Event, Notification, Reason
from crm.records import StaleVersion
from leads.models import Lead, LeadMember
from leads.services import LeadIsFinal, QueueIsEmpty, assign_lead, take_next, update_lead
from tests.factories import LeadFactory, QueueFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def queue(rita, nadia):
    return QueueFactory(name="Inbound", members=[rita], team=rita.team)


def latest(verb):
    return Event.objects.filter(verb=verb).latest("pk")


def waiting(queue, **fields):
    return LeadFactory(owner=None, queue=queue, **fields)


# --- Assigning


def test_a_lead_goes_to_another_person_who_is_told_why(lead, rita, soren):
    assign_lead(lead=lead, to=soren, actor=rita, why="Speaks Danish.")
    lead.refresh_from_db()
    assert (lead.owner, lead.queue, lead.team, lead.version) == (soren, None, soren.team, 2)
    assert lead.assigned_at
    event = latest("lead.assigned")
    assert event.changes["owner"] == [rita.pk, soren.pk]
    assert event.note == "Speaks Danish."
    assert Notification.objects.get().user == soren


def test_whoever_gave_a_lead_away_may_not_take_it_back(lead, rita, soren):
    assign_lead(lead=lead, to=soren, actor=rita)
    with pytest.raises(PermissionDenied):
        assign_lead(lead=lead, to=rita, actor=rita)


def test_a_lead_in_a_queue_belongs_to_nobody_but_its_members_see_it(lead, rita, nadia, leo, queue):
    assign_lead(lead=lead, queue=queue, actor=rita)
    lead.refresh_from_db()
    assert (lead.owner, lead.queue, lead.assigned_at) == (None, queue, None)
    assert lead in Lead.objects.visible_to(rita)
    assert lead in Lead.objects.visible_to(nadia)
    assert lead not in Lead.objects.visible_to(leo)


@pytest.mark.parametrize("neither_or_both", [False, True])
def test_it_is_a_person_or_a_queue(lead, rita, soren, queue, neither_or_both):
    wish = {"to": soren, "queue": queue} if neither_or_both else {}
    with pytest.raises(ValidationError):
        assign_lead(lead=lead, actor=rita, **wish)


@pytest.mark.parametrize("fields", [{"is_active": False}, {"role": None}])
def test_nobody_gets_a_lead_they_cannot_work_on(lead, rita, fields):
    with pytest.raises(ValidationError) as error:
        assign_lead(lead=lead, to=UserFactory(**fields), actor=rita)
    assert set(error.value.message_dict) == {"owner"}


def test_a_queue_out_of_use_takes_no_leads(lead, rita):
    with pytest.raises(ValidationError) as error:
        assign_lead(lead=lead, queue=QueueFactory(is_active=False), actor=rita)
    assert set(error.value.message_dict) == {"queue"}


def test_assigning_to_its_owner_changes_nothing(lead, rita):
    assign_lead(lead=lead, to=rita, actor=rita)
    lead.refresh_from_db()
    assert lead.version == 1
    assert not Event.objects.exists()


def test_an_old_version_is_not_assigned(lead, rita, soren):
    update_lead(lead=lead, changes={"city": "Köln"}, actor=rita)
    with pytest.raises(StaleVersion):
        assign_lead(lead=lead, to=soren, actor=rita, version=1)


def test_an_approver_sees_a_lead_but_does_not_hand_it_on(lead, leo, soren):
    LeadMember.objects.create(record=lead, user=leo, kind="approver")
    assert lead in Lead.objects.visible_to(leo)
    with pytest.raises(PermissionDenied):
        assign_lead(lead=lead, to=soren, actor=leo)


def test_of_a_converted_lead_only_the_owner_changes(converted_lead, leo, ines, queue):
    with pytest.raises(LeadIsFinal) as refusal:
        assign_lead(lead=converted_lead, queue=queue, actor=leo)
    assert refusal.value.extra["receipt"] == converted_lead.conversion.get_absolute_url()
    assigned_at = converted_lead.assigned_at
    assign_lead(lead=converted_lead, to=ines, actor=leo)
    converted_lead.refresh_from_db()
    assert (converted_lead.owner, converted_lead.team) == (ines, ines.team)
    assert converted_lead.assigned_at == assigned_at


# --- Taking the next one


def test_the_best_and_then_the_longest_waiting_is_taken(queue, rita):
    first, second, best = waiting(queue), waiting(queue), waiting(queue, score=90)
    taken = [take_next(queue=queue, actor=rita) for _ in range(3)]
    assert taken == [best, first, second]
    best.refresh_from_db()
    assert (best.owner, best.queue) == (rita, None)
    assert "Inbound" in latest("lead.taken").note


@pytest.mark.parametrize("kind", ["nurturing", "disqualified"])
def test_who_does_not_want_to_be_called_is_not_taken(queue, rita, kind):
    reason = Reason.objects.for_kind("disqualify").first()
    waiting(queue, kind=kind, wake_up_on="2999-01-01", disqualified_reason=reason)
    with pytest.raises(QueueIsEmpty):
        take_next(queue=queue, actor=rita)


def test_only_members_take(queue, nadia, soren):
    waiting(queue)
    for stranger in (nadia, soren):
        with pytest.raises(PermissionDenied):
            take_next(queue=queue, actor=stranger)


def alone(call):
    """Run a call on a connection of its own, and return what it returned or raised."""
    outcome = []

    def run():
        try:
            outcome.append(call())
        except Exception as error:
            outcome.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(10)
    return outcome[0]


@pytest.mark.django_db(transaction=True)
def test_two_members_at_once_never_get_the_same_lead(rita, leo):
    queue = QueueFactory(members=[rita, leo])
    best, next_best = waiting(queue, score=90), waiting(queue, score=80)
    with transaction.atomic():
        assert take_next(queue=queue, actor=rita) == best
        # Rita's transaction is still open; Leo neither waits for it nor gets her lead.
        assert alone(lambda: take_next(queue=queue, actor=leo)) == next_best
        assert isinstance(alone(lambda: take_next(queue=queue, actor=leo)), QueueIsEmpty)


@pytest.mark.django_db(transaction=True)
def test_eight_who_empty_a_queue_share_it_without_overlap(rita):
    members = [rita, *(UserFactory() for _ in range(7))]
    queue = QueueFactory(members=members)
    leads = [waiting(queue) for _ in range(24)]
    taken = Counter()

    def take_until_empty(member):
        try:
            while True:
                taken[take_next(queue=queue, actor=member).pk] += 1
        except QueueIsEmpty:
            pass
        finally:
            connections.close_all()

    threads = [threading.Thread(target=take_until_empty, args=[each]) for each in members]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert taken == Counter(lead.pk for lead in leads)
