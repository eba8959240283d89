"""The lists of requests and of conversions: what reports count, row by row."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET

from conversion.filters import ConversionFilter, ConversionRequestFilter
from conversion.models import Conversion, ConversionRequest
from crm.chips import active_chips
from crm.counts import capped_count
from crm.filters import StrictFilterSet
from crm.http import Request, render_page
from crm.keyset import InvalidCursor, Keyset
from crm.listing import address, in_words

PAGE_SIZE = 50
TABS = [
    ("Waiting", "state=pending"),
    ("Overdue", "overdue=true"),
    ("Sent back", "state=sent_back"),
    ("Approved", "state=approved"),
    ("All requests", ""),
]


@require_GET
def request_list(request: Request) -> HttpResponse:
    """Every request the person may know of, by due time, narrowed by the filters."""
    rows = ConversionRequest.objects.visible_to(request.user).for_list()
    more = {"tabs": TABS, "now": timezone.now(), "query": request.GET.urlencode()}
    return render_list(request, "conversion/requests.html", rows, ConversionRequestFilter, more)


@require_GET
def conversion_list(request: Request) -> HttpResponse:
    """Every conversion the person may see, the latest first, narrowed by the filters."""
    rows = Conversion.objects.visible_to(request.user).for_list()
    return render_list(request, "conversion/conversions.html", rows, ConversionFilter, {})


def render_list(
    request: Request,
    template: str,
    rows: QuerySet,
    filters: type[StrictFilterSet],
    context: dict[str, Any],
) -> HttpResponse:
    """One page of a list, with the filters that are on and how many rows they leave."""
    filterset = filters(request.GET, queryset=rows, request=request)
    try:
        page = Keyset(filterset.qs, size=PAGE_SIZE).page(request.GET.get("cursor"))
    except InvalidCursor:
        return redirect(f"{request.path}?{address(request)}")
    count, is_capped = capped_count(filterset.qs)
    context |= {
        "page": page,
        "count": count,
        "chips": active_chips(filterset),
        "shown": in_words(page, count, is_capped),
        "next_url": page.next and f"?{address(request, cursor=page.next)}",
        "previous_url": page.previous and f"?{address(request, cursor=page.previous)}",
    }
    return render_page(request, template, context, partial="results")
