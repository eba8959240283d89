"""The whole job in a real browser: an SDR captures and asks, an AE converts, a manager looks."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from conversion.models import Conversion, ConversionRequest
from leads.models import Lead
from tests.browser import press
from tests.conversion.conftest import confirm
from tests.factories import AccountFactory, OpportunityFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("opportunity", "outcome", "effect"),
    [
        ("create", "created", "New business"),
        ("existing", "existing", "Attach to"),
        ("none", "none", "None is created"),
    ],
)
def test_a_captured_lead_becomes_a_trusted_conversion(
    browser_of, rita, leo, nadia, opportunity, outcome, effect
):
    account = AccountFactory(owner=leo, name="Halcyon", domain_key="halcyonrobotics.example")
    deal = OpportunityFactory(account=account, name="Forty seats")
    page = browser_of(rita)
    page.goto(reverse("leads:create"))
    page.get_by_label("Last name").fill("Whitfield")
    page.get_by_label("Company").fill("Halcyon Robotics")
    page.locator("#id_email").fill("dana@halcyonrobotics.example")
    page.get_by_label("Source", exact=True).select_option(index=1)
    page.get_by_role("button", name="Create lead").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Whitfield")
    lead = Lead.objects.get()
    confirm(lead, rita)
    page.reload()
    page.get_by_role("link", name="Request conversion").click()
    page.wait_for_url(f"**{reverse('conversion:submit', args=[lead.pk])}")
    page.get_by_role("button", name="Request conversion").last.click()
    page.wait_for_url(f"**{reverse('conversion:approvals')}*/")
    expect(page.get_by_text("Leo Haddad").first).to_be_visible()
    asked = ConversionRequest.objects.get()
    expect(page).to_have_url(asked.get_absolute_url())
    page = browser_of(leo)
    page.goto(reverse("conversion:approvals"))
    page.get_by_role("link", name="Whitfield").first.click()
    page.wait_for_url(f"**{asked.get_absolute_url()}*")
    press(page, "a", "Control+Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Convert Whitfield")
    page.locator(f"label:has(#f-opportunity_action-{opportunity})").click()
    if opportunity == "existing":
        page.locator(".when-existing label", has_text="Forty seats").click()
    # Whoever converts before this shows what they chose is shown it first.
    expect(page.locator("#summary")).to_contain_text(effect)
    page.get_by_role("button", name="Approve and convert").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("Whitfield is converted")
    page.go_back()
    page.goto(reverse("conversion:convert", args=[lead.pk]))
    expect(page.get_by_role("heading", level=1)).to_have_text("Whitfield is converted")
    receipt = Conversion.objects.get()
    assert (receipt.account, receipt.opportunity_outcome) == (account, outcome)
    assert (receipt.opportunity == deal) is (opportunity == "existing")
    assert (receipt.requested_by, receipt.approved_by, receipt.converted_by) == (rita, leo, leo)
    page = browser_of(nadia)
    page.goto(receipt.get_absolute_url())
    expect(page.get_by_role("heading", level=1)).to_have_text("Whitfield is converted")
    page.goto(reverse("reporting:pipeline"))
    expect(page.get_by_role("heading", level=1)).to_be_visible()
