"""The lists of accounts and contacts: tabs, search, filters, order, pages."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from accounts.views.kinds import Kind, Tab
from crm.chips import active_chips, what_costs_most
from crm.counts import capped_counts
from crm.http import Request, render_page
from crm.keyset import InvalidCursor, Keyset
from crm.listing import address, headings, in_words, kept
from people.reach import Action, ReachLevel

PAGE_SIZE = 50
NOT_FILTERS = ("q", "ordering")


@require_GET
def record_list(request: Request, kind: Kind) -> HttpResponse:
    """One page of the records of a tab that match the search and the filters."""
    rows = kind.rows(request.user)
    tab = chosen_tab(request, kind)
    filterset = kind.filterset(
        request.GET, queryset=tab.narrow(rows, request.user), request=request
    )
    try:
        page = Keyset(filterset.qs, size=PAGE_SIZE).page(request.GET.get("cursor"))
    except InvalidCursor:
        # The order has changed since the link was made.
        return redirect(f"{request.path}?{address(request)}")
    counts = capped_counts(
        {each.key: each.narrow(rows, request.user) for each in kind.tabs}
        | ({"": filterset.qs} if filterset.narrows else {})
    )
    total = counts["" if filterset.narrows else tab.key]
    chips = active_chips(filterset, leave_out=NOT_FILTERS)
    context = {
        "kind": kind,
        "tab": tab,
        "tabs": [(each, *counts[each.key]) for each in kind.tabs],
        "filter": filterset,
        "chips": chips,
        **what_costs_most(filterset, chips, found=page.rows),
        "page": page,
        "total": total,
        "shown": in_words(page, *total),
        "columns": headings(request, kind.columns),
        "next": page.next and f"?{address(request)}&cursor={page.next}",
        "previous": page.previous and f"?{address(request)}&cursor={page.previous}",
        "here": address(request),
        "kept": kept(request, but=("q",)),
        "any_records": counts["all"][0] > 0,
        **rights(request, kind),
    }
    return render_page(request, "accounts/list.html", context, partial="results")


@require_GET
def record_filter(request: Request, kind: Kind) -> HttpResponse:
    """Every filter of the list, as one form."""
    nothing = kind.model.objects.none()
    filterset = kind.filterset(request.GET, queryset=nothing, request=request, whole=True)
    hidden = (*NOT_FILTERS, *kind.by_link)
    fields = [filterset.form[name] for name in filterset.filters if name not in hidden]
    asked = {parameter for field in fields for parameter in parameters_of(field)}
    context = {"kind": kind, "fields": fields, "kept": kept(request, but=asked)}
    return render_page(request, "accounts/filter.html", context, partial="dialog")


def parameters_of(field: Any) -> list[str]:
    """The names under which a field is sent: a range has two."""
    suffixes = getattr(field.field.widget, "suffixes", None) or [""]
    return [f"{field.name}_{suffix}" if suffix else field.name for suffix in suffixes]


def chosen_tab(request: Request, kind: Kind) -> Tab:
    """The tab in the address; else one's own records, or all for those who can have none."""
    level = request.user.reach.level(kind.model.record_type, Action.EDIT)
    usual = "mine" if level == ReachLevel.OWN else "all"
    tabs = {tab.key: tab for tab in kind.tabs}
    return tabs.get(request.GET.get("view", ""), tabs[usual])


def rights(request: Request, kind: Kind) -> dict[str, bool]:
    """What the person's role allows with records of this kind."""
    return {
        f"may_{action}": request.user.can(kind.model.record_type, action)
        for action in (Action.CREATE, Action.ASSIGN)
    }
