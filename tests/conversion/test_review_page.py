"""The page of a request, as people read it."""

import pytest
from playwright.sync_api import expect

from activities.models import Reason, ReasonKind
from conversion.services import reject

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
