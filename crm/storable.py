"""Text that PostgreSQL can keep: no NUL character, no half of a surrogate pair."""

import re
from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def is_storable(text: str) -> bool:
    """Whether the text can be written to the database as it is."""
    return UNSTORABLE.search(text) is None


class StorableAddressMiddleware:
    """
    Answer 400 to an address that holds a NUL character, in its path or its query.

    No address of ours has one, and PostgreSQL refuses it only when the view has begun.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            return HttpResponse(
                "The address holds a character that cannot be used.\n",
                content_type="text/plain",
                status=HTTPStatus.BAD_REQUEST,
            )
        return self.get_response(request)
