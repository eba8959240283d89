"""The list of deals: tabs, filters, search, order, pages, sums."""

import calendar
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from crm.chips import active_chips, what_costs_most
from crm.http import Request, render_page
from crm.keyset import InvalidCursor, Keyset
from crm.listing import address, headings, in_words, kept
from opportunities.display import days_in_stage, issue_of, sums_and_counts
from opportunities.filters import Issue, OpportunityFilter, has_issue
from opportunities.models import Opportunity
from people.models import User
from people.reach import Action, ReachLevel, RecordType

PAGE_SIZE = 50
NOT_FILTERS = ("q", "ordering")
# What a column's heading sorts by; empty where it does not.
COLUMNS = {
    "name": "Opportunity",
    "": "Account",
    "stage": "Stage",
    "amount": "Amount",
    "close_date": "Close date",
    "stage_since": "In stage",
    " ": "Next step",
}


@dataclass(frozen=True)
class Tab:
    """A predefined view of the deals a person sees."""

    key: str
    label: str
    narrow: Callable[[QuerySet, User], QuerySet]
    is_warning: bool = False


def closing_this_month(deals: QuerySet, user: User) -> QuerySet:
    today = timezone.localdate()
    last = calendar.monthrange(today.year, today.month)[1]
    # As a range, which an index can serve.
    days = today.replace(day=1), today.replace(day=last)
    return deals.open().filter(close_date__range=days)


def needing_attention(deals: QuerySet, user: User) -> QuerySet:
    return deals.filter(has_issue(Issue.ANY, timezone.localdate()))


TABS = {
    tab.key: tab
    for tab in [
        Tab("mine", "My deals", lambda deals, user: deals.open().filter(owner=user)),
        Tab("team", "My team's deals", lambda deals, user: deals.owned_by_team_of(user).open()),
        Tab("month", "Closing this month", closing_this_month),
        Tab("attention", "Needs attention", needing_attention, is_warning=True),
        Tab("open", "All open", lambda deals, user: deals.open()),
        Tab("all", "All", lambda deals, user: deals),
    ]
}


def tabs_for(user: User) -> dict[str, Tab]:
    """The views that make sense for a person: that of a team for who sees more than their own."""
    has_team = len(user.reach.team_mates_seen(RecordType.OPPORTUNITY)) > 1
    return {key: tab for key, tab in TABS.items() if key != "team" or has_team}


def chosen_tab(request: Request) -> Tab:
    """The tab in the address; else one's own deals for those who have some, or all open ones."""
    level = request.user.reach.level(RecordType.OPPORTUNITY, Action.EDIT)
    usual = "mine" if level == ReachLevel.OWN else "open"
    return tabs_for(request.user).get(request.GET.get("view", ""), TABS[usual])


@require_GET
def opportunity_list(request: Request) -> HttpResponse:
    """One page of the deals of a tab that match the filters; `?layout=board` is the board."""
    if request.GET.get("layout") == "board":
        return redirect(f"{reverse('opportunities:board')}?{address(request, layout='')}")
    visible = Opportunity.objects.visible_to(request.user)
    tab = chosen_tab(request)
    deals = tab.narrow(visible, request.user)
    filterset = OpportunityFilter(request.GET, queryset=deals.for_list(), request=request)
    try:
        page = Keyset(filterset.qs, size=PAGE_SIZE).page(request.GET.get("cursor"))
    except InvalidCursor:
        # The order has changed since the link was made.
        return redirect(f"{request.path}?{address(request)}")
    head = head_of(request, visible, filterset, tab)
    context = {
        **head,
        **what_costs_most(filterset, head["chips"], found=page.rows),
        "rows": as_rows(page.rows),
        "next_url": page.next and f"?{address(request, cursor=page.next)}",
        "previous_url": page.previous and f"?{address(request, cursor=page.previous)}",
        "shown": in_words(page, head["sums"].count, head["sums"].is_capped),
        "columns": headings(request, COLUMNS),
        "may_assign": request.user.can(RecordType.OPPORTUNITY, Action.ASSIGN),
    }
    return render_page(request, "opportunities/list.html", context, partial="results")


@require_GET
def opportunity_filter(request: Request) -> HttpResponse:
    """Every filter of the list and the board, as one form."""
    nothing = Opportunity.objects.none()
    filterset = OpportunityFilter(request.GET, queryset=nothing, request=request, whole=True)
    hidden = (*NOT_FILTERS, "account", "contact", "pipeline")
    fields = [filterset.form[name] for name in filterset.filters if name not in hidden]
    staying = [
        (name, request.GET[name])
        for name in ("view", "pipeline", *NOT_FILTERS)
        if request.GET.get(name)
    ]
    context = {"fields": fields, "kept": staying}
    return render_page(request, "opportunities/filter.html", context, partial="dialog")


def head_of(
    request: Request, visible: QuerySet, filterset: OpportunityFilter, tab: Tab
) -> dict[str, Any]:
    """What stands above the deals in the list and on the board alike."""
    tabs = tabs_for(request.user).values()
    sums, counts = sums_and_counts(
        filterset.qs, {each.key: each.narrow(visible, request.user) for each in tabs}
    )
    return {
        "tabs": [(each, *counts[each.key], address(request, view=each.key)) for each in tabs],
        "tab": tab,
        "chips": active_chips(filterset, leave_out=NOT_FILTERS),
        "sums": sums,
        "here": address(request),
        "may_create": request.user.can(RecordType.OPPORTUNITY, Action.CREATE),
        "kept": kept(request, but=["q"]),
    }


def as_rows(deals: list[Opportunity]) -> list[dict[str, Any]]:
    """Deals with what is wrong with them and how long they have been where they are."""
    today, now = timezone.localdate(), timezone.now()
    return [
        {"deal": deal, "issue": issue_of(deal, today, now), "days": days_in_stage(deal, now)}
        for deal in deals
    ]
