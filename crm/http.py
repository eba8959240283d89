"""What every view uses: the request as we know it, pages with htmx parts, rows one may see."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.middleware import HtmxDetails

from people.models import User


class Request(HttpRequest):
    """A request that has been through our middleware: signed in, and htmx-aware."""

    user: User
    htmx: HtmxDetails
    # The address under which the sidebar finds the page, where its own would mislead.
    found_under: str


def render_page(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    *,
    partial: str,
    status: int = 200,
) -> HttpResponse:
    """
    Render the whole page, or only `partial` of it when htmx asked.

    A boosted link and a restored history entry are htmx requests too, but they
    replace the page, so they get the whole of it.
    """
    if wants_fragment(request):
        template = f"{template}#{partial}"
    response = render(request, template, context, status=status)
    # One URL, two bodies: without this a browser may show a bare fragment on "back".
    patch_vary_headers(response, ["HX-Request"])
    return response


def wants_fragment(request: HttpRequest) -> bool:
    """Whether the answer goes into a part of the page that is already there."""
    htmx: HtmxDetails = request.htmx  # type: ignore[attr-defined]  # set by its middleware
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def own_address(request: HttpRequest, address: str, *, default: str) -> str:
    """An address that was sent along, if it is a page of ours; else the default."""
    is_ours = url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return address if is_ours else default


def get_visible_or_404(
    request: Request, queryset: Any, *, action: str = "view", **lookup: Any
) -> Any:
    """Fetch a row the user may see. One they may not is as absent as one never made."""
    return get_object_or_404(queryset.visible_to(request.user, action), **lookup)
