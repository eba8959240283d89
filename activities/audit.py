"""The event log, for those who have to know who did what."""

import django_filters
from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from activities.models import Event
from crm.access import needs
from crm.filters import StrictFilterSet
from crm.http import Request
from crm.keyset import InvalidCursor, Keyset
from people.models import User
from people.reach import Action, RecordType

# The first word of a verb, and what people call what it is about.
SUBJECTS = {
    "lead": "Leads",
    "request": "Conversion requests",
    "account": "Accounts",
    "contact": "Contacts",
    "opportunity": "Opportunities",
    "activity": "Activities",
    "user": "Users",
    "role": "Roles",
    "team": "Teams",
    "settings": "Settings",
    "token": "API tokens",
    "import": "Imports",
}


def visible_people(request: Request):
    return User.objects.visible_to(request.user).order_by("full_name", "pk")


class AuditFilter(StrictFilterSet):
    """Narrows the log by what it is about, by whom, and when."""

    about = django_filters.ChoiceFilter(
        label="About",
        choices=list(SUBJECTS.items()),
        method="filter_about",
        empty_label="Everything",
    )
    actor = django_filters.ModelChoiceFilter(
        label="By", queryset=visible_people, empty_label="Anybody"
    )
    since = django_filters.DateFilter(
        label="From",
        field_name="at",
        lookup_expr="date__gte",
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    until = django_filters.DateFilter(
        label="To",
        field_name="at",
        lookup_expr="date__lte",
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    class Meta(StrictFilterSet.Meta):
        model = Event

    def filter_about(self, queryset, name, value):
        return queryset.filter(verb__startswith=f"{value}.")


@needs(RecordType.SETTINGS, Action.EDIT)
@require_GET
def audit_log(request: Request) -> HttpResponse:
    """Every event the viewer may see, latest first: in the order of ids, which is indexed."""
    events = Event.objects.visible_to(request.user).select_related(
        "actor", "lead", "account", "contact", "opportunity"
    )
    filterset = AuditFilter(request.GET, queryset=events, request=request)
    keyset = Keyset(filterset.qs, ["-pk"])
    try:
        page = keyset.page(request.GET.get("cursor"))
    except InvalidCursor:
        page = keyset.page()
    context = {"filter": filterset, "page": page}
    return render(request, "settings/audit.html", context)
