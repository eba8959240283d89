"""Taking back what was just done: by the button of the message, through the same service."""

import datetime as dt
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from activities.models import Event, Reason, ReasonKind
from leads.models import Lead, LeadStatus, StatusKind
from leads.services import update_lead
from opportunities.models import Opportunity, Stage
from tests.browser import press
from tests.factories import ActivityFactory, LeadFactory, OpportunityFactory, QueueFactory

pytestmark = pytest.mark.django_db


def do(client, name, record, **posted):
    """The page that a form leads to, and the undo form in its message, if it has one."""
    address = reverse(name, args=[record.pk])
    page = client.post(address, posted, follow=True)
    assert page.status_code == 200
    text = page.content.decode()
    toasts = text[text.index('<div id="toasts"') : text.index('id="offline"')]
    found = [message for message in page.context["messages"] if message.extra_tags]
    assert ("Undo</button>" in toasts) == bool(found)
    return toasts, undo_in(toasts)


def undo_in(text):
    """The form with the Undo button as a browser would send it; None where there is none."""
    if "Undo</button>" not in text:
        return None
    form = text[text.index('<form method="post"') :].partition("</form>")[0]
    action = form.partition('action="')[2].partition('"')[0].replace("&amp;", "&")
    inputs = [part.partition('"')[::2] for part in form.split(' name="')[1:]]
    fields = {name: rest.partition('value="')[2].partition('"')[0] for name, rest in inputs}
    return SimpleNamespace(action=action, fields=fields)


def send(client, undo):
    return client.post(undo.action, undo.fields, follow=True)


def verbs(**about):
    return list(Event.objects.filter(**about).order_by("pk").values_list("verb", flat=True))


def test_a_status_goes_back_with_all_that_belongs_to_it(browse, rita):
    reason = Reason.objects.for_kind(ReasonKind.DISQUALIFY)[0]
    status = LeadStatus.objects.default_for(StatusKind.DISQUALIFIED)
    lead = LeadFactory(owner=rita, status=status, disqualified_reason=reason)
    client = browse(rita)
    working = LeadStatus.objects.default_for(StatusKind.WORKING)
    _, undo = do(client, "leads:status", lead, status=working.pk)
    assert send(client, undo).status_code == 200
    lead.refresh_from_db()
    assert (lead.status, lead.disqualified_reason) == (status, reason)
    assert verbs(lead=lead) == ["lead.status_changed", "lead.disqualified"]


def test_a_nurtured_lead_goes_back_to_its_day(browse, rita):
    day = timezone.localdate() + dt.timedelta(days=30)
    lead = LeadFactory(owner=rita, kind="nurturing", wake_up_on=day)
    client = browse(rita)
    working = LeadStatus.objects.default_for(StatusKind.WORKING)
    _, undo = do(client, "leads:status", lead, status=working.pk)
    send(client, undo)
    lead.refresh_from_db()
    assert (lead.status_kind, lead.wake_up_on) == (StatusKind.NURTURING, day)


def test_a_next_step_goes_back_to_none(browse, rita):
    lead = LeadFactory(owner=rita)
    client = browse(rita)
    step = {"next_step": "Call", "next_step_on": timezone.localdate().isoformat()}
    _, undo = do(client, "leads:next_step", lead, **step)
    assert "is as it was before" in send(client, undo).content.decode()
    lead.refresh_from_db()
    assert (lead.next_step, lead.next_step_on) == ("", None)


def test_a_next_step_is_still_asked_for_where_nothing_is_undone(browse, rita):
    lead = LeadFactory(owner=rita)
    address = reverse("leads:next_step", args=[lead.pk])
    assert browse(rita).post(address, {"next_step": ""}).status_code == 422


def test_a_lead_goes_back_to_its_queue(browse, nadia, rita):
    queue = QueueFactory(members=[rita, nadia], team=nadia.team)
    lead = LeadFactory(owner=None, queue=queue)
    client = browse(nadia)
    _, undo = do(client, "leads:assign", lead, owner=rita.pk, queue="")
    send(client, undo)
    lead.refresh_from_db()
    assert (lead.owner, lead.queue) == (None, queue)
    assert verbs(lead=lead) == ["lead.assigned", "lead.assigned"]


def test_who_gave_a_lead_out_of_reach_is_offered_nothing(browse, rita, soren):
    lead = LeadFactory(owner=rita)
    toasts, undo = do(browse(rita), "leads:assign", lead, owner=soren.pk, queue="")
    assert "belongs to" in toasts
    assert undo is None


@pytest.mark.parametrize(("who", "told"), [("nadia", "by Nadia Berg"), ("rita", "by you")])
def test_nothing_is_undone_once_somebody_changed_the_record(browse, rita, nadia, who, told):
    lead = LeadFactory(owner=rita, kind="new")
    client = browse(rita)
    working = LeadStatus.objects.default_for(StatusKind.WORKING)
    _, undo = do(client, "leads:status", lead, status=working.pk)
    update_lead(lead=lead, changes={"title": "CFO"}, actor={"rita": rita, "nadia": nadia}[who])
    assert f"{lead} was changed {told} in the meantime" in send(client, undo).content.decode()
    lead.refresh_from_db()
    assert (lead.status, lead.title) == (working, "CFO")


def test_what_changed_nothing_has_nothing_to_undo(browse, rita):
    lead = LeadFactory(owner=rita, kind="working")
    _, undo = do(browse(rita), "leads:status", lead, status=lead.status_id)
    assert undo is None


def test_an_undo_asks_for_rights_and_for_the_form_s_secret(browse, rita, soren):
    lead = LeadFactory(owner=rita)
    client = browse(rita)
    _, undo = do(client, "leads:next_step", lead, next_step="Call", next_step_on="")
    assert "Nothing to undo" in send(browse(soren), undo).content.decode()
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(rita)
    fields = undo.fields | {"csrfmiddlewaretoken": "x"}
    assert careful.post(undo.action, fields).status_code == 403
    assert client.get(undo.action, undo.fields).status_code == 405
    lead.refresh_from_db()
    assert lead.next_step == "Call"


def test_a_task_is_open_again_on_the_page_where_it_was_done(browse, rita):
    lead = LeadFactory(owner=rita)
    task = ActivityFactory(owner=rita, kind="task", subject="Call", lead=lead)
    client = browse(rita)
    _, undo = do(client, "activities:done", task, next=lead.get_absolute_url())
    back = send(client, undo)
    assert back.redirect_chain[-1][0] == lead.get_absolute_url()
    task.refresh_from_db()
    assert task.done_at is None
    assert verbs(lead=lead) == ["activity.completed", "activity.reopened"]


@pytest.fixture
def deal(leo):
    stage = Stage.objects.get(name="Evaluation", pipeline__is_default=True)
    return OpportunityFactory(owner=leo, stage=stage, next_step="Call", name="Fernhill rollout")


def test_a_deal_goes_back_to_the_stage_it_came_from(browse, leo, deal):
    before, client = deal.stage, browse(leo)
    discovery = Stage.objects.get(name="Discovery", pipeline=deal.pipeline)
    Opportunity.objects.filter(pk=deal.pk).update(stage=discovery)
    _, undo = do(client, "opportunities:move", deal, stage=before.pk)
    send(client, undo)
    deal.refresh_from_db()
    assert deal.stage == discovery
    assert verbs(opportunity=deal) == ["opportunity.stage_changed"] * 2


def test_the_board_offers_to_take_a_card_back(browse, leo, deal):
    discovery = Stage.objects.get(name="Discovery", pipeline=deal.pipeline)
    before, client = deal.stage, browse(leo)
    Opportunity.objects.filter(pk=deal.pk).update(stage=discovery)
    at = reverse("opportunities:board_move", args=[deal.pk], query={"view": "mine"})
    answer = client.post(at, {"stage": before.pk}, headers={"HX-Request": "true"})
    text = answer.content.decode()
    assert "Fernhill rollout is in Evaluation now" in text
    undo = undo_in(text[text.index('hx-swap-oob="beforeend:#toasts"') :])
    assert undo.action == at
    send(client, undo)
    deal.refresh_from_db()
    assert deal.stage == discovery


def test_what_a_way_back_would_ask_for_is_not_asked_by_a_button(browse, leo, deal):
    """Back to an earlier stage needs nothing, forward again what that stage asks for."""
    Opportunity.objects.filter(pk=deal.pk).update(next_step="")
    discovery = Stage.objects.get(name="Discovery", pipeline=deal.pipeline)
    toasts, undo = do(browse(leo), "opportunities:move", deal, stage=discovery.pk)
    assert "is in Discovery now" in toasts
    assert undo is None


def test_a_closed_deal_is_not_opened_by_a_button(browse, leo, deal):
    lost = Stage.objects.get(kind="lost", pipeline=deal.pipeline)
    reason = Reason.objects.for_kind(ReasonKind.LOST)[0]
    posted = {"stage": lost.pk, "asked": "yes", "reason": reason.pk}
    _, undo = do(browse(leo), "opportunities:move", deal, **posted)
    assert undo is None


# --- In a browser ---


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("by", ["key", "button"])
def test_the_keyboard_reaches_undo(browser_of, rita, by):
    lead = LeadFactory(owner=rita)
    page = browser_of(rita)
    page.goto(reverse("leads:next_step", args=[lead.pk]))
    page.get_by_role("textbox", name="Next step").fill("Send the offer")
    page.get_by_role("button", name="Set next step").click()
    undo = page.locator("#toasts").get_by_role("button", name="Undo")
    expect(undo).to_be_visible()
    if by == "key":
        press(page, "Control+z")
    else:
        undo.focus()
        press(page, "Enter")
    expect(page.locator("#toasts")).to_contain_text("is as it was before")
    assert Lead.objects.get().next_step == ""


@pytest.mark.django_db(transaction=True)
def test_undo_needs_no_scripts(browser_of, rita):
    task = ActivityFactory(owner=rita, kind="task", subject="Call")
    page = browser_of(rita, java_script_enabled=False)
    page.goto(reverse("activities:tasks"))
    page.get_by_role("button", name="Mark done: Call").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Mark done: Call")).to_be_visible()
    task.refresh_from_db()
    assert task.done_at is None


@pytest.mark.django_db(transaction=True)
def test_a_dragged_card_leaves_a_toast_with_undo(browser_of, leo, deal):
    discovery = Stage.objects.get(name="Discovery", pipeline=deal.pipeline)
    Opportunity.objects.filter(pk=deal.pk).update(stage=discovery)
    page = browser_of(leo)
    page.goto(reverse("opportunities:board"))
    page.get_by_role("link", name="Fernhill rollout").focus()
    press(page, "Space", "ArrowRight", "Space")
    page.get_by_role("button", name="Undo").click()
    lane = page.get_by_role("list", name="Discovery")
    expect(lane.get_by_role("link", name="Fernhill rollout")).to_be_visible()
