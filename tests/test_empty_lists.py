"""A list that is empty because of its filters says which of them costs most."""

import pytest
from django.urls import reverse

from tests.factories import AccountFactory, ContactFactory, LeadFactory, OpportunityFactory

pytestmark = pytest.mark.django_db

# Of every list: a filter that hides all rows, and one that none of them passes either.
LISTS = [
    ("leads:list", LeadFactory, {"score_min": "90", "rating": "hot"}, "Score"),
    ("accounts:list", AccountFactory, {"type": "vendor", "country": "Chile"}, "Type"),
    ("accounts:contacts", ContactFactory, {"country": "Chile"}, "Country"),
    ("opportunities:list", OpportunityFactory, {"amount_min": "900000000"}, "Amount"),
]


@pytest.mark.parametrize(("name", "factory", "filters", "label"), LISTS)
def test_one_filter_is_named_and_can_be_taken_away(browse, leo, name, factory, filters, label):
    [costly, *others] = filters
    for _ in range(2):
        factory(owner=leo, **{other: filters[other] for other in others})
    client = browse(leo)
    page = client.get(reverse(name), filters | {"view": "all"})
    text = page.content.decode()
    assert f"Without “{label}” there are 2." in text
    assert f"Remove “{label}”" in text
    without = client.get(f"{reverse(name)}{page.context['costly'].remove}")
    assert f"Remove “{label}”" not in without.content.decode()
    assert costly not in without.wsgi_request.GET


@pytest.mark.parametrize(("name", "factory", "filters", "label"), LISTS)
def test_a_list_that_is_empty_without_filters_too_names_none(
    browse, leo, name, factory, filters, label
):
    page = browse(leo).get(reverse(name), filters | {"view": "all"})
    assert "costly" not in page.context
    assert "Without “" not in page.content.decode()


def test_the_address_of_a_layout_leads_to_the_board(browse, leo):
    page = browse(leo).get(reverse("opportunities:list"), {"layout": "board", "view": "open"})
    assert page["Location"] == reverse("opportunities:board", query={"view": "open"})
