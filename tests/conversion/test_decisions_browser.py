"""Deciding a request in a real browser: what the page then shows, and what the database has."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from activities.models import Event, Reason
from conversion.models import ConversionRequest
from conversion.services import approve, dispute, reject
from crm.templatetags.relay import day
from tests.browser import violations

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def disputed(asked, rita, leo):
    reason = Reason.objects.get(kind="reject", code="no_budget")
    reject(request=asked, actor=leo, reason=reason, outcome="disqualify", note="Not now.")
    return dispute(request=asked, actor=rita, statement="They have 60 thousand.")


def opened(page: Page, request) -> Page:
    page.goto(request.get_absolute_url())
    expect(page.get_by_role("heading", level=2, name="Dana Whitfield")).to_be_visible()
    return page


def choose(page: Page, decision: str) -> None:
    page.get_by_role("radio", name=decision).check()


def now(request) -> ConversionRequest:
    request.refresh_from_db()
    return request


def last_step(request):
    step = request.transitions.order_by("pk").last()
    return step.action, step.actor, step.note


def test_an_ae_sends_back_with_a_note(asked, rita, leo, browser_of):
    page = opened(browser_of(leo), asked)
    choose(page, "Send back")
    button = page.get_by_role("button", name="Send back")
    expect(button).to_be_visible()
    page.get_by_label("Message to Rita Ono").fill("Which budget, and who said so?")
    button.click()
    expect(page.get_by_text("Sent back to Rita Ono.")).to_be_visible()
    expect(page.get_by_text("Nothing waits for you")).to_be_visible()
    assert (now(asked).state, asked.decision_note) == (
        "sent_back", "Which budget, and who said so?",
    )  # fmt: skip
    assert last_step(asked) == ("send_back", leo, "Which budget, and who said so?")
    hers = opened(browser_of(rita), asked)
    expect(hers.get_by_text("Which budget, and who said so?").first).to_be_visible()
    expect(hers.get_by_role("link", name="Edit and resubmit")).to_be_visible()


def test_an_ae_rejects_with_a_reason_and_says_what_happens_to_the_lead(
    asked, rita, leo, browser_of
):
    spring = timezone.localdate() + dt.timedelta(days=40)
    page = opened(browser_of(leo), asked)
    expect(page.locator("#decision-reason")).to_be_hidden()
    choose(page, "Reject")
    page.locator("#decision-reason").select_option(label="No budget")
    expect(page.get_by_label("Comes back on")).to_be_hidden()
    page.locator("#decision-outcome").select_option(label="Recycle on a date")
    page.get_by_label("Comes back on").fill(spring.isoformat())
    page.get_by_label("Message to Rita Ono").fill("Their year begins in spring.")
    page.get_by_role("button", name="Reject").click()
    expect(page.get_by_text("Rejected. Rita Ono has been told.")).to_be_visible()
    assert (now(asked).state, asked.reason.code, asked.decided_by) == ("rejected", "no_budget", leo)
    lead = asked.lead
    assert (lead.status_kind, lead.wake_up_on, lead.owner) == ("nurturing", spring, rita)
    hers = opened(browser_of(rita), asked)
    expect(hers.get_by_text("Rejected: No budget")).to_be_visible()
    expect(hers.get_by_text(f"The lead: recycle on {day(spring)}.")).to_be_visible()


def test_an_ae_who_is_slower_reads_who_decided_and_what_they_wrote(asked, leo, nadia, browser_of):
    page = opened(browser_of(leo, refusals=[409]), asked)
    approve(request=asked, actor=nadia)
    choose(page, "Send back")
    page.get_by_label("Message to Rita Ono").fill("Which budget?")
    page.get_by_role("button", name="Send back").click()
    note = page.get_by_role("alert")
    expect(note).to_contain_text("Nadia Berg approved it")
    expect(note).to_contain_text("Which budget?")
    expect(page.get_by_role("button", name="Convert")).to_be_visible()
    assert violations(page) == []
    assert (now(asked).state, asked.decided_by) == ("approved", nadia)
    assert last_step(asked) == ("approve", nadia, "")


def test_an_ae_lets_somebody_else_decide(asked, leo, ines, browser_of):
    page = opened(browser_of(leo), asked)
    page.get_by_text("Let somebody else decide…").click()
    page.get_by_label("Approver").select_option(label="Inês Prado")
    page.locator("#reassign-note").fill("Hers is the Iberian market.")
    page.get_by_role("button", name="Reassign").click()
    expect(page.get_by_text("Reassigned to Inês Prado.")).to_be_visible()
    expect(page.get_by_text("Nothing waits for you")).to_be_visible()
    due = asked.due_at
    assert (now(asked).approver, asked.state, asked.due_at) == (ines, "pending", due)
    assert last_step(asked) == ("reassign", leo, "Hers is the Iberian market.")
    hers = browser_of(ines)
    hers.goto(reverse("conversion:approvals"))
    expect(hers.get_by_text("She wants a plan by Tuesday.").first).to_be_visible()
    expect(hers.get_by_role("button", name="Approve and convert")).to_be_visible()


def test_a_manager_reassigns_a_request_of_their_team(asked, nadia, ines, browser_of):
    page = browser_of(nadia)
    page.goto(reverse("conversion:approvals"))
    expect(page.get_by_text("0 waiting for you")).to_be_visible()
    page.get_by_role("navigation", name="Requests").get_by_text("Dana Whitfield").click()
    page.wait_for_url(f"**{asked.get_absolute_url()}*")
    page.get_by_text("Let somebody else decide…").click()
    page.get_by_label("Approver").select_option(label="Inês Prado")
    page.get_by_role("button", name="Reassign").click()
    expect(page.get_by_text("Reassigned to Inês Prado.")).to_be_visible()
    assert now(asked).approver == ines
    assert asked.approver_because == "Reassigned by Nadia Berg"
    assert Event.objects.get(verb="request.reassigned").actor == nadia


def test_a_manager_takes_over_and_decides(asked, nadia, browser_of):
    page = opened(browser_of(nadia), asked)
    page.get_by_role("button", name="Take over").click()
    expect(page.get_by_text("Reassigned to you.")).to_be_visible()
    assert now(asked).approver == nadia
    choose(page, "Approve only")
    page.get_by_role("button", name="Approve", exact=False).click()
    expect(page.get_by_text("Approved. Rita Ono has been told.")).to_be_visible()
    assert (now(asked).state, asked.decided_by) == ("approved", nadia)


def test_a_manager_decides_a_dispute_that_the_sidebar_counts(
    disputed, rita, leo, nadia, browser_of
):
    page = browser_of(nadia)
    page.goto(reverse("home"))
    badge = page.get_by_role("navigation").get_by_role("link", name="Approvals").first
    expect(badge).to_contain_text("1")
    badge.click()
    page.wait_for_url(f"**{reverse('conversion:approvals')}*")
    page.get_by_role("link", name="Disputes").click()
    expect(page.get_by_text("They have 60 thousand.").first).to_be_visible()
    page.get_by_role("radio", name="Overturn the rejection").check()
    page.get_by_label("Your reason").fill("She is right, I asked them.")
    page.get_by_role("button", name="Decide the dispute").click()
    expect(page.get_by_text("Decided. Both sides have been told.")).to_be_visible()
    assert (now(disputed).state, disputed.approver) == ("pending", nadia)
    assert disputed.dispute_decision == "She is right, I asked them."
    assert disputed.dispute_decided_by == nadia
    assert disputed.lead.status_kind == "working"
    his = browser_of(leo)
    his.goto(reverse("activities:notifications"))
    expect(his.get_by_text("overturned", exact=False).first).to_be_visible()
    expect(his.get_by_text("She is right, I asked them.").first).to_be_visible()


def test_a_manager_upholds_a_rejection(disputed, rita, nadia, browser_of):
    page = opened(browser_of(nadia), disputed)
    page.get_by_role("radio", name="Uphold the rejection").check()
    page.get_by_label("Your reason").fill("Nobody could name the budget.")
    page.get_by_role("button", name="Decide the dispute").click()
    expect(page.get_by_text("Decided. Both sides have been told.")).to_be_visible()
    assert (now(disputed).state, disputed.lead.status_kind) == ("upheld", "disqualified")
    hers = opened(browser_of(rita), disputed)
    expect(hers.get_by_text("Nobody could name the budget.").first).to_be_visible()
    expect(hers.get_by_role("button", name="Dispute the rejection")).to_have_count(0)
