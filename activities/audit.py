"""The event log, for those who have to know who did what."""

from dataclasses import dataclass

import django_filters
from django import forms
from django.db import models
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from activities.models import Event
from crm.access import needs
from crm.filters import StrictFilterSet
from crm.http import Request
from crm.keyset import InvalidCursor, Keyset
from people.models import Role, Team, User
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


# What an event may be about besides records, where a name says more than a number.
NAMED: dict[str, type[models.Model]] = {"user": User, "team": Team, "role": Role}


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


@dataclass(frozen=True)
class Entry:
    """An event, and the name of what it is about."""

    event: Event
    about: str


def named(events: list[Event]) -> list[Entry]:
    """The events with names: a record's, a person's, or what the event itself says."""
    names: dict[tuple[str, int], str] = {}
    for subject_type, model in NAMED.items():
        ids = {event.subject_id for event in events if event.subject_type == subject_type}
        if ids:
            found = model._default_manager.filter(pk__in=ids)
            names |= {(subject_type, each.pk): str(each) for each in found}
    return [Entry(event, name_of_subject(event, names)) for event in events]


def name_of_subject(event: Event, names: dict[tuple[str, int], str]) -> str:
    record = event.lead or event.opportunity or event.contact or event.account
    if record is not None:
        return str(record)
    if "entry" in event.changes:
        return str(event.changes["entry"])
    known = names.get((event.subject_type, event.subject_id or 0))
    return known or f"{event.subject_type} {event.subject_id or ''}".strip()


@needs(RecordType.SETTINGS, Action.EDIT)
@require_GET
def audit_log(request: Request) -> HttpResponse:
    """Every event the viewer may see, latest first: in the order of ids, which is indexed."""
    events = Event.objects.visible_to(request.user).select_related(
        "actor", "lead", "account", "contact", "opportunity"
    )
    filterset = AuditFilter(request.GET, queryset=events, request=request, whole=True)
    keyset = Keyset(filterset.qs, ["-pk"])
    try:
        page = keyset.page(request.GET.get("cursor"))
    except InvalidCursor:
        page = keyset.page()
    context = {"filter": filterset, "page": page, "entries": named(page.rows)}
    return render(request, "settings/audit.html", context)
