"""Addresses that are put together without the resolver are those that it would give."""

import pytest
from django.urls import NoReverseMatch, reverse

from crm.addresses import address_of


@pytest.mark.parametrize(
    ("name", "ids"),
    [("leads:detail", [1]), ("leads:evidence", [12, 7]), ("leads:evidence", [7, 10**17])],
)
def test_an_address_is_what_reverse_gives(name, ids):
    assert address_of(name, *ids) == reverse(name, args=ids)


@pytest.mark.parametrize(("name", "ids"), [("leads:nowhere", [1]), ("leads:detail", [1, 2])])
def test_there_is_none_where_reverse_finds_none(name, ids):
    with pytest.raises(NoReverseMatch):
        address_of(name, *ids)
