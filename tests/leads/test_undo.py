"""Taking back what was done to leads: all that one request did, or the latest change of one."""

import datetime as dt
from urllib.parse import parse_qs

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import Campaign, LeadSource
from activities.models import Event
from activities.reversible import RecordHasChanged
from activities.services import log_activity
from activities.timeline import timeline
from conversion.plans import read_plan
from conversion.services import convert_lead
from leads.models import Lead, LeadStatus, StatusKind
from leads.services import (
    LeadIsFinal,
    assign_lead,
    set_status,
    undo_change,
    update_lead,
)
from tests.browser import faults, press
from tests.concurrency import collide
from tests.factories import LeadFactory, ProductFactory, QueueFactory
from tests.leads.pages import at

pytestmark = pytest.mark.django_db

HERE = "/leads/?view=all"
STEP = {"next_step": "Send the offer", "next_step_on": ""}


@pytest.fixture
def working(db):
    return LeadStatus.objects.default_for(StatusKind.WORKING)


def change_many(client, act, leads, **posted):
    """What the Undo button of a bulk change's message posts."""
    data = {"act": act, "lead": [lead.pk for lead in leads], "back": HERE}
    page = client.post(at("bulk"), data | posted, follow=True)
    assert page.redirect_chain == [(HERE, 302)]
    (message,) = page.context["messages"]
    return {name: value for name, (value,) in parse_qs(message.extra_tags).items()}


def undo(client, **posted):
    return client.post(reverse("undo"), posted, follow=True)


def latest(lead):
    return Event.objects.filter(lead=lead).latest("pk")


def said(page):
    return [str(message) for message in page.context["messages"]]


# --- All that one request did ---


def test_a_bulk_change_goes_back_as_a_whole(browse, nadia, rita, leo):
    queue = QueueFactory(members=[rita], team=rita.team)
    leads = [
        *LeadFactory.create_batch(2, owner=rita),
        LeadFactory(owner=None, queue=queue, team=rita.team),
    ]
    client = browse(nadia)
    button = change_many(client, "assign", leads, owner=leo.pk, queue="")
    assert set(Lead.objects.values_list("owner", flat=True)) == {leo.pk}
    back = undo(client, **{name: button[name] for name in ("change", "back")})
    assert back.redirect_chain == [(HERE, 302)]
    assert said(back) == ["3 leads are as they were before."]
    places = [(lead.owner, lead.queue) for lead in Lead.objects.order_by("pk")]
    assert places == [(rita, None), (rita, None), (None, queue)]


def test_each_lead_has_one_event_of_the_change_and_one_of_its_undoing(browse, rita):
    leads = LeadFactory.create_batch(2, owner=rita)
    client = browse(rita)
    undo(client, **change_many(client, "next_step", leads, **STEP))
    for lead in leads:
        events = Event.objects.filter(lead=lead).order_by("pk")
        assert [(event.verb, event.changes) for event in events] == [
            ("lead.edited", {"next_step": ["", "Send the offer"]}),
            ("lead.edited", {"next_step": ["Send the offer", ""]}),
        ]


def test_what_somebody_changed_since_is_kept_and_named(browse, rita, nadia, working):
    leads = LeadFactory.create_batch(3, owner=rita, kind="new")
    client = browse(rita)
    button = change_many(client, "status", leads, status=working.pk)
    update_lead(lead=leads[1], changes={"title": "CFO"}, actor=nadia)
    page = undo(client, **button)
    assert page.status_code == 200
    assert [result.problem for result in page.context["kept"]] == [
        f"{leads[1]} was changed by Nadia Berg in the meantime."
    ]
    assert "1 of 3 leads not undone" in page.content.decode()
    kinds = list(Lead.objects.order_by("pk").values_list("status_kind", flat=True))
    assert kinds == ["new", "working", "new"]


def test_nothing_is_taken_back_twice(browse, rita):
    lead = LeadFactory(owner=rita)
    client = browse(rita)
    button = change_many(client, "next_step", [lead], **STEP)
    undo(client, **button)
    page = undo(client, **button)
    assert [result.problem for result in page.context["kept"]] == [
        f"{lead} was changed by you in the meantime."
    ]


def test_leads_that_were_put_out_of_reach_have_no_way_back(browse, rita, soren):
    leads = LeadFactory.create_batch(2, owner=rita)
    assert change_many(browse(rita), "assign", leads, owner=soren.pk, queue="") == {}


def test_the_others_can_be_taken_back_where_some_were_refused(browse, rita, working):
    free, requested = LeadFactory(owner=rita), LeadFactory(owner=rita, handoff_state="pending")
    nurturing = LeadStatus.objects.default_for(StatusKind.NURTURING)
    data = {
        "act": "status",
        "lead": [free.pk, requested.pk],
        "status": nurturing.pk,
        "wake_up_on": timezone.localdate() + dt.timedelta(days=9),
    }
    client = browse(rita)
    page = client.post(at("bulk"), data)
    assert "Undo the others" in page.content.decode()
    undo(client, **page.context["undo"]["fields"])
    free.refresh_from_db()
    assert free.status_kind == StatusKind.NEW


def test_nobody_takes_back_what_another_did(browse, rita, nadia):
    lead = LeadFactory(owner=rita)
    button = change_many(browse(rita), "next_step", [lead], **STEP)
    for posted in (button, {"event": latest(lead).pk}, {"event": "x"}, {}, {"change": ""}):
        page = undo(browse(nadia), **posted)
        assert said(page) == ["Nothing to undo: a change can be taken back for 24 hours."]
    lead.refresh_from_db()
    assert lead.next_step == "Send the offer"


def test_a_lead_out_of_sight_is_not_named(browse, rita, soren, nadia):
    lead, other = LeadFactory.create_batch(2, owner=rita)
    client = browse(rita)
    button = change_many(client, "next_step", [lead, other], **STEP)
    assign_lead(lead=lead, to=soren, actor=nadia)
    page = undo(client, **button).content.decode()
    assert "One that you cannot open any more" in page
    assert lead.last_name not in page.partition('id="main"')[2]


# --- The latest change of one ---


def entries(lead, user, may=("assign", "edit")):
    return [entry for day in timeline(lead, user, may=may).days for entry in day.entries]


def test_only_the_latest_change_of_one_s_own_can_be_undone(rita, nadia, working):
    lead = LeadFactory(owner=rita, kind="new")
    set_status(lead=lead, status=working, actor=rita)
    update_lead(lead=lead, changes={"next_step": "Call"}, actor=rita)
    update_lead(lead=lead, changes={"next_step": "Meet"}, actor=rita)
    log_activity(kind="note", actor=nadia, fields={"body": "Hello"}, lead=lead)
    assert [entry.undo for entry in entries(lead, rita)] == [None, latest_edit(lead), None, None]
    assert not any(entry.undo for entry in entries(lead, nadia))
    assert not any(entry.undo for entry in entries(lead, rita, may=["assign"]))
    update_lead(lead=lead, changes={"title": "CFO"}, actor=nadia)
    assert not any(entry.undo for entry in entries(lead, rita))


def latest_edit(lead):
    return Event.objects.filter(lead=lead, verb="lead.edited").latest("pk")


def test_the_record_page_offers_it_for_a_day(browse, rita):
    lead = LeadFactory(owner=rita)
    update_lead(lead=lead, changes={"next_step": "Call"}, actor=rita)
    client = browse(rita)
    page = client.get(lead.get_absolute_url()).content.decode()
    assert f'name="event" value="{latest(lead).pk}"' in page
    with time_machine.travel(timezone.now() + dt.timedelta(hours=24, minutes=1)):
        client.force_login(rita)
        assert 'name="event"' not in client.get(lead.get_absolute_url()).content.decode()
        assert said(undo(client, event=latest(lead).pk))[0].startswith("Nothing to undo")
        with pytest.raises(PermissionDenied):
            undo_change(event=latest(lead), actor=rita)
    page = undo(client, event=latest(lead).pk)
    assert page.redirect_chain == [(lead.get_absolute_url(), 302)]
    assert said(page) == [f"{lead} is as it was before."]


def test_every_kind_of_field_goes_back(rita):
    robots, arms = ProductFactory.create_batch(2)
    source = LeadSource.objects.active()[1]
    before = {
        "source": LeadSource.objects.active()[0],
        "campaign": Campaign.objects.create(name="Spring"),
        "annual_revenue": 1_000_000,
        "currency": "EUR",
        "employees": 12,
        "do_not_call": True,
        "next_step_on": timezone.localdate(),
        "imported_values": {"Fax": "1"},
        "products": [(robots, 3)],
    }
    lead = LeadFactory(owner=rita)
    update_lead(lead=lead, changes=before, actor=rita)
    kept = Lead.objects.values().get(pk=lead.pk)
    after = {
        "source": source,
        "campaign": None,
        "annual_revenue": None,
        "currency": "USD",
        "employees": None,
        "do_not_call": False,
        "next_step_on": None,
        "imported_values": {},
        "products": [(arms, 1)],
    }
    update_lead(lead=lead, changes=after, actor=rita)
    undo_change(event=latest(lead), actor=rita)
    now = Lead.objects.values().get(pk=lead.pk)
    assert {name for name in kept if kept[name] != now[name]} <= {"version", "updated_at"}
    assert [(i.product, i.quantity) for i in lead.product_interests.all()] == [(robots, 3)]


def test_a_lead_whose_day_to_return_is_over_stays_as_it_is(browse, rita, working):
    lead = LeadFactory(owner=rita, kind="nurturing", wake_up_on=timezone.localdate())
    set_status(lead=lead, status=working, actor=rita)
    page = undo(browse(rita), event=latest(lead).pk)
    assert "Choose a day after today." in page.content.decode()
    lead.refresh_from_db()
    assert lead.status == working


def test_a_converted_lead_is_never_touched(browse, leo, needed, working):
    lead = LeadFactory(owner=leo, company="Halcyon", email="z@halcyon.example")
    set_status(lead=lead, status=working, actor=leo)
    changed = latest(lead)
    parts = {"account": "create", "contact": "create", "opportunity": "none"}
    plan = read_plan({part: {"action": action} for part, action in parts.items()})
    convert_lead(lead=Lead.objects.get(pk=lead.pk), plan=plan, actor=leo)
    with pytest.raises(LeadIsFinal):
        undo_change(event=changed, actor=leo)
    page = undo(browse(leo), event=changed.pk)
    assert "has been converted" in page.content.decode()


def test_an_owner_of_a_converted_lead_who_was_changed_has_no_undo(browse, converted_lead, ada, leo):
    client = browse(ada)
    address = at("assign", converted_lead.pk)
    page = client.post(address, {"owner": ada.pk, "queue": ""}, follow=True)
    assert "Undo</button>" not in page.content.decode()
    assert 'name="event"' not in page.content.decode()


@pytest.mark.django_db(transaction=True)
def test_an_undo_and_a_change_at_once_lose_nothing(rita, nadia):
    lead = LeadFactory(owner=rita)
    update_lead(lead=lead, changes={"next_step": "Call"}, actor=rita)
    event = latest(lead)
    taken, changed = collide(
        lead,
        lambda: undo_change(event=event, actor=rita),
        lambda: update_lead(lead=lead, changes={"title": "CFO"}, actor=nadia),
    )
    assert isinstance(changed, Lead)
    lead.refresh_from_db()
    assert lead.title == "CFO"
    assert lead.next_step == ("Call" if isinstance(taken, RecordHasChanged) else "")


# --- In a browser ---


@pytest.mark.django_db(transaction=True)
def test_a_bulk_change_is_taken_back_by_keyboard(browser_of, rita):
    LeadFactory.create_batch(3, owner=rita)
    page = browser_of(rita)
    page.goto(at("list"))
    press(page, "j", "x", "j", "x", "n")
    page.get_by_role("textbox", name="Next step").fill("Send the offer")
    press(page, "Control+Enter")
    expect(page.locator("#toasts")).to_contain_text("2 leads changed")
    assert Lead.objects.filter(next_step="Send the offer").count() == 2
    press(page, "Control+z")
    expect(page.locator("#toasts")).to_contain_text("2 leads are as they were before")
    assert Lead.objects.filter(next_step="").count() == 3


@pytest.mark.django_db(transaction=True)
def test_a_bulk_change_is_taken_back_without_scripts(browser_of, rita, nadia):
    leads = LeadFactory.create_batch(2, owner=rita)
    page = browser_of(rita, java_script_enabled=False)
    keys = "&".join(f"lead={lead.pk}" for lead in leads)
    page.goto(f"{at('bulk')}?act=next_step&{keys}")
    page.get_by_role("textbox", name="Next step").fill("Send the offer")
    page.get_by_role("button", name="Set next step of 2 leads").click()
    page.wait_for_url(f"**{at('list')}")
    update_lead(lead=leads[0], changes={"title": "CFO"}, actor=nadia)
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", name="1 of 2 leads not undone")).to_be_visible()
    page.get_by_role("link", name="Back").click()
    page.wait_for_url(f"**{at('list')}")
    assert Lead.objects.filter(next_step="").count() == 1


@pytest.mark.django_db(transaction=True)
def test_undo_stands_in_the_timeline_and_everything_is_accessible(browser_of, rita, nadia):
    lead = LeadFactory(owner=rita)
    page = browser_of(rita)
    update_lead(lead=lead, changes={"next_step": "Call"}, actor=rita)
    page.goto(reverse("leads:detail", args=[lead.pk]))
    assert faults(page) == []
    page.locator("#timeline").get_by_role("button", name="Undo").click()
    expect(page.locator("#toasts")).to_contain_text("is as it was before")
    lead.refresh_from_db()
    assert lead.next_step == ""
