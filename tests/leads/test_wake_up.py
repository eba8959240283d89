from datetime import date, timedelta

import pytest
from django.core.management import call_command

from activities.models import Event, Notification
from leads.models import Lead
from leads.services import wake_up_leads
from tests.factories import LeadFactory, QueueFactory

pytestmark = pytest.mark.django_db

TODAY = date(2030, 5, 6)


def nurtured(until, **fields):
    return LeadFactory(kind="nurturing", wake_up_on=until, **fields)


def test_on_its_day_a_nurtured_lead_is_work_again(rita):
    lead = nurtured(TODAY, owner=rita)
    assert wake_up_leads(today=TODAY) == 1
    lead.refresh_from_db()
    assert (lead.status_kind, lead.wake_up_on, lead.owner) == ("working", None, rita)
    assert (lead.next_step, lead.next_step_on) == ("Get in touch again", TODAY)
    event = Event.objects.get(verb="lead.status_changed")
    assert (event.actor, event.note) == (None, "Its wake-up day has come.")
    assert Notification.objects.get().user == rita


def test_what_was_planned_for_it_stays(rita):
    lead = nurtured(TODAY - timedelta(days=3), owner=rita, next_step="Ask about the budget")
    wake_up_leads(today=TODAY)
    lead.refresh_from_db()
    assert (lead.next_step, lead.next_step_on) == ("Ask about the budget", TODAY)


def test_in_a_queue_it_waits_to_be_taken_again(rita):
    queue = QueueFactory(members=[rita])
    lead = nurtured(TODAY, owner=None, queue=queue)
    wake_up_leads(today=TODAY)
    lead.refresh_from_db()
    assert (lead.status_kind, lead.owner, lead.queue) == ("working", None, queue)


def test_nobody_is_woken_early_or_twice_or_from_the_dead(rita):
    nurtured(TODAY + timedelta(days=1), owner=rita)
    deleted = nurtured(TODAY, owner=rita)
    Lead.objects.filter(pk=deleted.pk).update(deleted_at=deleted.created_at)
    LeadFactory(owner=rita, kind="working")
    assert wake_up_leads(today=TODAY) == 0


def test_the_command_says_how_many(rita, capsys):
    nurtured(date(2020, 1, 1), owner=rita)
    call_command("wake_up_leads")
    assert capsys.readouterr().out == "1 leads woken up.\n"
