"""Addresses of records, which stand on a page by the hundred."""

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.urls import get_urlconf, reverse

# No record has such an id, nor any address of ours such digits.
STAND_IN = 10**17


def address_of(name: str, *ids: Any) -> str:
    """
    What `reverse(name, args=ids)` gives, in a tenth of the time.

    The address may take nothing but ids. Raises NoReverseMatch where there is none.
    """
    return _shape(name, len(ids), get_urlconf() or settings.ROOT_URLCONF).format(*ids)


@lru_cache(maxsize=512)
def _shape(name: str, places: int, urls: str) -> str:
    shape = reverse(name, urls, [STAND_IN + place for place in range(places)])
    for place in range(places):
        shape = shape.replace(str(STAND_IN + place), f"{{{place}}}")
    return shape
