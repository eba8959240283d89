"""The list of leads: tabs, filters, search, order, pages, and a preview beside it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from crm.chips import active_chips, what_costs_most
from crm.clock import midnight
from crm.counts import daily_counts
from crm.http import Request, get_visible_or_404, render_page, wants_fragment
from crm.keyset import InvalidCursor, Keyset
from crm.listing import address, headings, in_words, kept
from crm.text import key_of
from leads.filters import LeadFilter
from leads.models import HandoffState, Lead
from leads.views.panels import qualification_of
from leads.work_queue import others_claim
from people.models import User
from people.reach import Action, ReachLevel, RecordType

PAGE_SIZE = 50
NOT_FILTERS = ("q", "ordering")
OWNER = "Owner"
# What a column sorts by, where it does, and what it says.
COLUMNS = {
    "last_name": "Lead",
    "company": "Company",
    "": "Status",
    "score": "Score",
    " ": "Qualified",
    "next_step_on": "Next step",
    "  ": OWNER,
}
# What the filter form offers, in its order; the address takes every filter.
OFFERED = (
    "owner", "status", "handoff_state", "score", "rating", "source", "campaign", "team", "queue",
    "next_step_on", "created", "country", "industry",
)  # fmt: skip
FEW = 8


@dataclass(frozen=True)
class Tab:
    """A predefined view of the leads a person sees."""

    key: str
    label: str
    narrow: Callable[[QuerySet, User], QuerySet]
    is_warning: bool = False


def new_today(leads: QuerySet, user: User) -> QuerySet:
    return leads.filter(created_at__gte=midnight())


TABS = {
    tab.key: tab
    for tab in [
        Tab("mine", "My open leads", lambda leads, user: leads.filter(owner=user).open()),
        Tab("team", "My team's leads", lambda leads, user: leads.owned_by_team_of(user).open()),
        Tab("today", "New today", new_today),
        Tab(
            "sent_back",
            "Sent back",
            lambda leads, user: leads.filter(handoff_state=HandoffState.SENT_BACK),
            is_warning=True,
        ),
        Tab(
            "awaiting",
            "Awaiting approval",
            lambda leads, user: leads.filter(handoff_state=HandoffState.PENDING),
        ),
        Tab(
            "unassigned",
            "Unassigned",
            lambda leads, user: leads.filter(owner__isnull=True).open(),
        ),
        Tab("all", "All leads", lambda leads, user: leads),
    ]
}


def tabs_for(user: User) -> dict[str, Tab]:
    """The views that make sense for a person: that of a team for who sees more than their own."""
    has_team = len(user.reach.team_mates_seen(RecordType.LEAD)) > 1
    return {key: tab for key, tab in TABS.items() if key != "team" or has_team}


def chosen_tab(request: Request) -> Tab:
    """The tab in the address; else one's own leads, or everything for who sees more than those."""
    level = request.user.reach.level(RecordType.LEAD, Action.VIEW)
    usual = "mine" if level == ReachLevel.OWN else "all"
    return tabs_for(request.user).get(request.GET.get("view", ""), TABS[usual])


def columns_of(user: User, tab: Tab) -> dict[str, str]:
    """The columns of a list: whose a lead is where it may hold more than one's own."""
    level = user.reach.level(RecordType.LEAD, Action.VIEW)
    is_own = tab.key == "mine" or level == ReachLevel.OWN
    return {key: label for key, label in COLUMNS.items() if label != OWNER or not is_own}


@require_GET
def lead_list(request: Request) -> HttpResponse:
    """One page of the leads of a tab that match the filters."""
    visible = Lead.objects.visible_to(request.user)
    tabs, tab = tabs_for(request.user), chosen_tab(request)
    leads = tab.narrow(visible, request.user)
    filterset = LeadFilter(request.GET, queryset=leads.for_rows().with_checks(), request=request)
    try:
        page = Keyset(filterset.qs, size=PAGE_SIZE).page(request.GET.get("cursor"))
    except InvalidCursor:
        # The order has changed since the link was made.
        return redirect(f"{request.path}?{address(request)}")
    chips = active_chips(filterset, leave_out=NOT_FILTERS)
    counts = daily_counts(
        request.user,
        "tabs of leads",
        tuple(tabs),
        lambda key: tabs[key].narrow(visible, request.user),
        besides={"shown": filterset.qs} if filterset.narrows else {},
    )
    columns = columns_of(request.user, tab)
    total = counts["shown" if filterset.narrows else tab.key]
    context = {
        "tabs": [(each, *counts[each.key]) for each in tabs.values()],
        "tab": tab,
        "filter": filterset,
        "chips": chips,
        "page": page,
        "total": total,
        "next_url": page.next and f"?{address(request, cursor=page.next)}",
        "previous_url": page.previous and f"?{address(request, cursor=page.previous)}",
        "shown": in_words(page, *total),
        "columns": headings(request, columns),
        "has_owners": OWNER in columns.values(),
        "here": address(request, cursor=request.GET.get("cursor")),
        "any_leads": any(count for count, _ in counts.values()),
        **{
            f"may_{action}": request.user.can(RecordType.LEAD, action)
            for action in (Action.CREATE, Action.EDIT, Action.ASSIGN, Action.REQUEST)
        },
        "may_import": request.user.can(RecordType.IMPORT, Action.CREATE),
        "kept": kept(request, but=["q"]),
        **previewed(request),
        **what_costs_most(filterset, chips, found=page.rows),
    }
    return render_page(request, "leads/list.html", context, partial="results")


@require_GET
def lead_preview(request: Request, pk: int) -> HttpResponse:
    """A lead beside the list; the whole list with it for a browser without scripts."""
    lead = get_visible_or_404(request, Lead.objects.for_list().select_related("claim__user"), pk=pk)
    if not wants_fragment(request):
        return redirect(f"{reverse('leads:list')}?{address(request, preview=pk)}")
    context = {"here": address(request), **preview_of(request, lead)}
    return render(request, "leads/_preview.html", context)


@require_GET
def lead_filter(request: Request) -> HttpResponse:
    """Every filter of the list, as one form."""
    filterset = LeadFilter(request.GET, queryset=Lead.objects.none(), request=request, whole=True)
    context = {
        "fields": filter_fields(filterset.form),
        "kept": [(n, request.GET[n]) for n in ("view", *NOT_FILTERS) if request.GET.get(n)],
    }
    return render_page(request, "leads/filter.html", context, partial="dialog")


def filter_fields(form: forms.Form) -> list[forms.BoundField]:
    """The filters with the inputs that suit them: ticks for a few choices, both ends of a range."""
    for name in OFFERED:
        field = form.fields[name]
        if isinstance(field.widget, django_filters.widgets.RangeWidget):
            kind = "number" if name == "score" else "date"
            for widget, end in zip(field.widget.widgets, ("from", "to"), strict=True):
                widget.input_type = kind
                widget.attrs |= {"aria-label": f"{field.label} {end}"}
        elif isinstance(field.widget, forms.SelectMultiple) and len(field.choices) <= FEW:
            choices = field.choices
            field.widget = forms.CheckboxSelectMultiple()
            field.widget.choices = choices
    return [form[name] for name in OFFERED if getattr(form.fields[name], "choices", None) != []]


def previewed(request: Request) -> dict[str, Any]:
    """The lead named in the address, if it is one the person sees."""
    pk = key_of(request.GET.get("preview"))
    if pk is None:
        return {}
    seen = Lead.objects.visible_to(request.user).for_list().select_related("claim__user")
    lead = seen.filter(pk=pk).first()
    return preview_of(request, lead) if lead else {}


def preview_of(request: Request, lead: Lead) -> dict[str, Any]:
    timeline = lead.activities.live().select_related("owner").order_by("-at", "-pk")[:5]
    return {
        "previewed": lead,
        "activities": timeline,
        "claim": others_claim(lead, request.user),
        **qualification_of(request.user, lead),
    }
