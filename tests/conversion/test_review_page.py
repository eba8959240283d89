"""The page of a request, as people read it."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from activities.models import Reason, ReasonKind
from conversion.services import reject, send_back, submit_request
from leads.services import update_lead
from tests.conversion.conftest import confirm, make_lead, plan_of
from tests.conversion.pages import shown
from tests.factories import AccountFactory, OpportunityFactory, ProductFactory

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_a_rejection_asks_for_is_not_called_optional(asked, leo, browser_of):
    page = browser_of(leo)
    page.goto(asked.get_absolute_url())
    page.get_by_role("radio", name="Reject").check()
    label = page.locator(".when-reject label").first
    expect(label).to_have_text("Reason", use_inner_text=True)


def test_what_becomes_of_the_lead_stands_on_a_line_of_its_own(asked, rita, leo, browse):
    reason = Reason.objects.for_kind(ReasonKind.REJECT).first()
    reject(request=asked, reason=reason, note="No money", outcome="keep_working", actor=leo)
    text = browse(rita).get(asked.get_absolute_url()).content.decode()
    assert "No money<br>The lead: " in text


def test_who_resubmits_a_lapsed_request_sees_what_has_changed(asked, ritas_lead, rita, browse):
    update_lead(lead=ritas_lead, changes={"company": "Halcyon Labs"}, actor=rita)
    for address in (asked.get_absolute_url(), reverse("conversion:resubmit", args=[asked.pk])):
        text = browse(rita).get(address).content.decode()
        assert "<del>Halcyon Robotics</del>" in text
        assert "Halcyon Labs" in text


def test_a_change_of_a_chosen_record_is_told_by_what_differs(ritas_lead, rita, leo, browse):
    account = AccountFactory(owner=leo)
    deal = OpportunityFactory(owner=leo, account=account, amount=100)
    rita.refresh_from_db()
    asked = submit_request(
        lead=ritas_lead,
        path=confirm(ritas_lead, rita),
        plan=plan_of(account=account, opportunity=deal),
        actor=rita,
        approver=leo,
    )
    type(deal).objects.filter(pk=deal.pk).update(amount=900)
    text = browse(leo).get(asked.get_absolute_url()).content.decode()
    assert "Chosen opportunity: amount" in text
    assert "<del>100.00</del>" in text


def test_what_an_approver_writes_goes_along_to_the_conversion(asked, leo, browse):
    client = browse(leo)
    url = reverse("conversion:decide", args=[asked.pk])
    screen = client.post(url, {"decision": "approve", "message": "Well done."}, follow=True)
    assert "Well done." in screen.content.decode()
    client.post(screen.redirect_chain[-1][0], shown(screen) | {"do": "convert"})
    asked.refresh_from_db()
    assert (asked.state, asked.decision_note) == ("converted", "Well done.")


def test_who_resubmits_sees_what_the_approver_doubts(asked, leo, rita, browse):
    doubted = asked.answers[1]
    send_back(request=asked, actor=leo, doubted=[doubted["criterion"]])
    text = browse(rita).get(reverse("conversion:resubmit", args=[asked.pk])).content.decode()
    assert text.count(">Doubted<") == 1
    before, _ = text.split(">Doubted<")
    assert before.rpartition("<b>")[2].startswith(doubted["label"])


def test_the_deal_that_follows_from_the_lead_is_told_with_its_amount(rita, leo, browse):
    product = ProductFactory(name="Team plan", unit_price=900)
    lead = make_lead(rita, products=[(product, 5)])
    asked = submit_request(
        lead=lead, path=confirm(lead, rita), plan=plan_of(), actor=rita, approver=leo
    )
    text = browse(leo).get(asked.get_absolute_url()).content.decode()
    assert "<b>Halcyon Robotics - Team plan</b><small>€4,500</small>" in text
    assert "about €4,500" in text
