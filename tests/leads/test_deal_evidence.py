"""Evidence from the timeline of a deal: what was said becomes the reason for an answer there."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from conversion.services import convert_lead
from leads.models import Answer, Criterion
from leads.services import answer_deal_criterion
from opportunities.models import Stage
from opportunities.services import move_stage
from tests.browser import PHONE, violations
from tests.conversion.conftest import make_lead, plan_of
from tests.factories import ActivityFactory, OpportunityFactory
from tests.leads.pages import mark_first

pytestmark = pytest.mark.django_db
committed = pytest.mark.django_db(transaction=True)

SAID = "It costs us 20,000 a month. Nobody likes it."


@pytest.fixture
def deal(leo):
    return OpportunityFactory(owner=leo, team=leo.team, account__owner=leo, name="Fernhill rollout")


@pytest.fixture
def call(deal, leo):
    return ActivityFactory(opportunity=deal, owner=leo, kind="call", body=SAID)


def criterion(key="metrics"):
    return Criterion.objects.get(playbook__name="MEDDIC", key=key)


def url_of(deal, activity):
    return reverse("leads:opportunity_evidence", args=[deal.pk, activity.pk])


def test_what_was_said_is_offered_whole_and_kept_as_it_was_cut(browse, leo, deal, call):
    client = browse(leo)
    page = client.get(url_of(deal, call))
    assert page.context["form"]["evidence"].value() == SAID
    assert "Back to Fernhill rollout" in page.content.decode()
    body = {"criterion": criterion().pk, "evidence": "It costs us 20,000 a month."}
    assert client.post(url_of(deal, call), body).url == deal.get_absolute_url()
    answer = Answer.objects.get()
    assert (answer.opportunity, answer.criterion, answer.state) == (deal, criterion(), "assumed")
    assert (answer.evidence, answer.evidence_activity) == (body["evidence"], call)
    assert answer.answered_by == leo


def test_an_answer_stays_what_it_is(browse, leo, deal, call):
    facts = {"state": "confirmed", "value": "20,000", "evidence": "Mail of May"}
    answer_deal_criterion(opportunity=deal, criterion=criterion(), actor=leo, **facts)
    browse(leo).post(url_of(deal, call), {"criterion": criterion().pk, "evidence": SAID})
    answer = Answer.objects.get()
    assert (answer.state, answer.value, answer.evidence) == ("confirmed", "20,000", SAID)


@pytest.mark.parametrize("body", [{}, {"criterion": 0, "evidence": SAID}, {"evidence": "\x00"}])
def test_what_is_missing_is_named_and_nothing_is_written(browse, leo, deal, call, body):
    page = browse(leo).post(url_of(deal, call), body)
    assert page.status_code == 422
    assert "criterion" in page.context["form"].errors
    assert not Answer.objects.exists()


def test_only_what_was_said_in_this_deal_is_evidence(browse, leo, deal):
    others = ActivityFactory(opportunity=OpportunityFactory(owner=leo), owner=leo, kind="call")
    task = ActivityFactory(opportunity=deal, owner=leo, kind="task", subject="Call")
    for activity in (others, task):
        assert browse(leo).get(url_of(deal, activity)).status_code == 404


def test_a_closed_deal_takes_no_evidence(browse, leo, deal, call):
    deal.stage.exit_requirements.all().delete()
    move_stage(opportunity=deal, stage=Stage.objects.get(kind="won"), actor=leo)
    body = {"criterion": criterion().pk, "evidence": SAID}
    assert browse(leo).post(url_of(deal, call), body).status_code == 403
    assert "data-quotes=" not in browse(leo).get(deal.get_absolute_url()).content.decode()


def test_the_timeline_offers_it_to_those_who_may_answer_only(browse, leo, rita, deal, call):
    ActivityFactory(opportunity=deal, owner=leo, kind="task", subject="Call")
    timeline = reverse("activities:timeline", args=["opportunity", deal.pk])
    for address in (deal.get_absolute_url(), timeline):
        assert browse(leo).get(address).content.decode().count("data-quotes=") == 1
        assert "data-quotes=" not in browse(rita).get(address).content.decode()


@committed
def test_what_was_said_before_the_conversion_is_evidence_too(browse, leo):
    lead = make_lead(leo)
    said = ActivityFactory(lead=lead, owner=leo, kind="call", body=SAID)
    deal = convert_lead(lead=lead, plan=plan_of(), actor=leo).opportunity
    client = browse(leo)
    assert url_of(deal, said) in client.get(deal.get_absolute_url()).content.decode()
    body = {"criterion": criterion("pain").pk, "evidence": SAID}
    assert client.post(url_of(deal, said), body).status_code == 302
    assert Answer.objects.get(opportunity=deal).evidence_activity == said


# --- In a browser


def dialog_of(page):
    return page.get_by_role("dialog", name="Use as evidence")


@committed
def test_marked_words_become_the_evidence(browser_of, leo, deal, call):
    page = browser_of(leo)
    page.goto(deal.get_absolute_url())
    mark_first(27, page.locator(f"[data-said='{call.pk}'] p"))
    page.locator("button.quote").click()
    words = dialog_of(page).get_by_label("What was said")
    expect(words).to_have_value("It costs us 20,000 a month.")
    assert violations(page) == []
    dialog_of(page).get_by_label("Metrics").check()
    dialog_of(page).get_by_role("button", name="Use as evidence").click()
    expect(page.locator("#toasts")).to_contain_text("This is the evidence for Metrics now.")
    expect(page.locator("#q-metrics summary")).to_contain_text("It costs us 20,000 a month.")


@committed
def test_without_scripts_the_activity_is_chosen(browser_of, leo, deal, call):
    page = browser_of(leo, java_script_enabled=False, viewport=PHONE)
    page.goto(deal.get_absolute_url())
    page.get_by_role("link", name="Use as evidence").click()
    page.get_by_label("Metrics").check()
    page.get_by_role("button", name="Use as evidence").click()
    page.wait_for_url(f"**{deal.get_absolute_url()}")
    expect(page.get_by_text("This is the evidence for Metrics now.")).to_be_visible()
    assert Answer.objects.get().evidence == SAID
