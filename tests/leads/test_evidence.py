"""Evidence from the timeline: what was said in a call becomes the reason for an answer."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from leads.models import Answer
from leads.services import answer_criterion, qualification
from tests.browser import DESKTOP, PHONE, press, violations
from tests.factories import ActivityFactory, LeadFactory
from tests.leads.pages import mark_first

SAID = "We have 20,000 for it. Nobody else is asked."


@pytest.fixture
def call(rita, lead):
    return ActivityFactory(lead=lead, owner=rita, kind="call", body=SAID)


def url_of(lead, activity):
    return reverse("leads:evidence", args=[lead.pk, activity.pk])


def criterion_of(lead, key="budget"):
    items = qualification(lead).items
    return next(item.criterion for item in items if item.criterion.key == key)


def test_what_was_said_is_offered_whole_and_kept_as_it_was_cut(browse, rita, lead, call):
    client = browse(rita)
    form = client.get(url_of(lead, call)).context["form"]
    assert form["evidence"].value() == SAID
    assert [label for _, label in form.fields["criterion"].choices][:2] == ["Budget", "Authority"]
    body = {"criterion": criterion_of(lead).pk, "evidence": "We have 20,000 for it."}
    assert client.post(url_of(lead, call), body).url == lead.get_absolute_url()
    answer = Answer.objects.get()
    assert (answer.criterion.key, answer.state) == ("budget", "assumed")
    assert (answer.evidence, answer.evidence_activity) == ("We have 20,000 for it.", call)
    assert answer.answered_by == rita


def test_an_answer_stays_what_it_is_and_older_evidence_is_spoken_of(browse, rita, lead, call):
    facts = {"state": "confirmed", "value": "20,000", "evidence": "Mail of May"}
    answer_criterion(lead=lead, criterion=criterion_of(lead), actor=rita, **facts)
    client = browse(rita)
    form = client.get(url_of(lead, call)).context["form"]
    assert form.fields["criterion"].choices[0][1] == "Budget (replaces what is there)"
    client.post(url_of(lead, call), {"criterion": criterion_of(lead).pk, "evidence": SAID})
    answer = Answer.objects.get()
    assert (answer.state, answer.value, answer.evidence) == ("confirmed", "20,000", SAID)


@pytest.mark.parametrize("body", [{}, {"criterion": 0, "evidence": SAID}, {"evidence": "\x00"}])
def test_what_is_missing_is_named_and_nothing_is_written(browse, rita, lead, call, body):
    page = browse(rita).post(url_of(lead, call), body)
    assert page.status_code == 422
    assert "criterion" in page.context["form"].errors
    assert not Answer.objects.exists()


def test_only_what_was_said_to_this_lead_is_evidence(browse, rita, lead):
    others = ActivityFactory(lead=LeadFactory(owner=rita), owner=rita, kind="call")
    task = ActivityFactory(lead=lead, owner=rita, kind="task", subject="Call")
    for activity in (others, task):
        assert browse(rita).get(url_of(lead, activity)).status_code == 404


def test_the_timeline_offers_it_to_those_who_may_answer_only(browse, rita, leo, lead, call):
    ActivityFactory(lead=lead, owner=rita, kind="task", subject="Call")
    lead.members.create(user=leo, kind="approver")
    timeline = reverse("activities:timeline", args=["lead", lead.pk])
    for address in (lead.get_absolute_url(), timeline):
        assert browse(rita).get(address).content.decode().count("data-quotes=") == 1
        assert "data-quotes=" not in browse(leo).get(address).content.decode()


# --- In a browser

in_a_browser = pytest.mark.django_db(transaction=True)


def dialog_of(page):
    return page.get_by_role("dialog", name="Use as evidence")


@in_a_browser
def test_marked_words_become_the_evidence(browser_of, rita, lead, call):
    page = browser_of(rita)
    page.goto(lead.get_absolute_url())
    mark_first(22, page.locator(f"[data-said='{call.pk}'] p"))
    page.locator("button.quote").click()
    expect(dialog_of(page).get_by_label("What was said")).to_have_value("We have 20,000 for it.")
    dialog_of(page).get_by_label("Budget").check()
    dialog_of(page).get_by_role("button", name="Use as evidence").click()
    expect(page.locator("#toasts")).to_contain_text("This is the evidence for Budget now.")
    expect(page.locator("#q-budget summary")).to_contain_text("Evidence: We have 20,000 for it.")


@in_a_browser
@pytest.mark.parametrize(("size", "theme"), [(DESKTOP, "light"), (PHONE, "dark")])
def test_the_keyboard_does_it_too(browser_of, rita, lead, call, size, theme):
    page = browser_of(rita, viewport=size, color_scheme=theme)
    page.goto(lead.get_absolute_url())
    page.get_by_role("link", name="Use as evidence").focus()
    press(page, "Enter")
    expect(dialog_of(page)).to_be_visible()
    assert violations(page) == []
    dialog_of(page).get_by_label("Need").focus()
    press(page, "Space", "Control+Enter")
    expect(page.locator("#toasts")).to_contain_text("This is the evidence for Need now.")
    assert Answer.objects.get().evidence == SAID


@in_a_browser
def test_without_scripts_the_activity_is_chosen(browser_of, rita, lead, call):
    page = browser_of(rita, java_script_enabled=False)
    page.goto(lead.get_absolute_url())
    page.get_by_role("link", name="Use as evidence").click()
    page.get_by_label("Budget").check()
    page.get_by_role("button", name="Use as evidence").click()
    expect(page.locator("#q-budget summary")).to_contain_text("Evidence: We have 20,000")


@in_a_browser
@pytest.mark.parametrize(("size", "theme"), [(DESKTOP, "light"), (PHONE, "dark")])
def test_how_we_know_is_asked_for_where_it_is_opened(browser_of, rita, lead, call, size, theme):
    page = browser_of(rita, viewport=size, color_scheme=theme)
    page.goto(lead.get_absolute_url())
    budget = page.locator("#q-budget")
    budget.get_by_text("Add evidence").click()
    budget.get_by_label("How we know").fill("She wrote it.")
    assert violations(page) == []
    budget.get_by_label("Said in").select_option(index=1)
    expect(budget.locator("summary")).to_contain_text("Evidence: She wrote it.")
    expect(budget.get_by_label("How we know")).to_have_count(0)
    answer = Answer.objects.get()
    assert (answer.evidence, answer.evidence_activity) == ("She wrote it.", call)


@in_a_browser
def test_without_scripts_how_we_know_has_a_page(browser_of, rita, lead, call):
    page = browser_of(rita, java_script_enabled=False)
    page.goto(lead.get_absolute_url())
    page.locator("#q-budget summary").click()
    page.locator("#q-budget").get_by_role("link", name="Say how we know").click()
    page.get_by_label("How we know").fill("She wrote it.")
    page.get_by_role("button", name="Save answer").click()
    expect(page.locator("#q-budget summary")).to_contain_text("Evidence: She wrote it.")
