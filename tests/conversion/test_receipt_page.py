"""What a receipt tells people, in words that are true and readable."""

import datetime as dt

import pytest
from django.urls import reverse

from conversion.services import convert_lead
from tests.conversion.conftest import make_lead, plan_of

pytestmark = pytest.mark.django_db


def receipt(client, conversion) -> str:
    return client.get(reverse("conversion:receipt", args=[conversion.pk])).content.decode()


def test_what_stays_on_the_lead_reads_as_on_the_lead(leo, browse):
    lead = make_lead(leo, rating="hot", next_step="Call", next_step_on=dt.date(2031, 2, 3))
    conversion = convert_lead(lead=lead, plan=plan_of(opportunity="none"), actor=leo)
    text = receipt(browse(leo), conversion)
    assert "<td>Hot</td>" in text
    assert "<td>Feb 3, 2031</td>" in text
    assert "2031-02-03" not in text


@pytest.mark.parametrize("opportunity", ["create", "none"])
def test_only_what_is_possible_is_advised(lead, leo, browse, opportunity):
    """A contact that was converted stays at its account, and so does its opportunity."""
    conversion = convert_lead(lead=lead, plan=plan_of(opportunity=opportunity), actor=leo)
    text = receipt(browse(leo), conversion)
    assert "Make a new contact there" in text
    assert ("with a new opportunity" in text) is (opportunity == "create")
    assert "merge" not in text
