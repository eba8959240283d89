"""What narrows deals, for the list, the board and the API alike."""

import datetime as dt
from typing import Any

import django_filters
from django import forms
from django.db import models
from django.db.models import (
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Value,
)
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import Account, Campaign, Contact, LeadSource
from crm.filters import StableOrderingFilter, StrictFilterSet, YesNoFilter
from crm.forms import AmountRangeInput, DayRangeInput
from opportunities.models import (
    ForecastCategory,
    Opportunity,
    OpportunityType,
    Pipeline,
    Product,
    Stage,
    StageKind,
)
from opportunities.search import matching_opportunities
from people.models import Team, User
from people.reach import Action, ReachLevel, RecordType


class Issue(models.TextChoices):
    ANY = "any", "Any of these"
    CLOSE_DATE_PASSED = "close_date_passed", "Close date passed"
    NO_NEXT_STEP = "no_next_step", "No next step"
    NO_AMOUNT = "no_amount", "No amount"
    STUCK = "stuck", "Too long in its stage"


def has_issue(issue: str, today: dt.date) -> Q:
    """The condition under which an open deal has an issue."""
    allowed = ExpressionWrapper(
        F("stage__rotting_days") * Value(dt.timedelta(days=1)), output_field=DurationField()
    )
    issues = {
        Issue.CLOSE_DATE_PASSED: Q(close_date__lt=today),
        Issue.NO_NEXT_STEP: Q(next_step=""),
        Issue.NO_AMOUNT: Q(amount__isnull=True),
        Issue.STUCK: Q(stage__rotting_days__isnull=False, stage_since__lt=Now() - allowed),
    }
    wanted = list(issues.values()) if issue == Issue.ANY else [issues[Issue(issue)]]
    found = Q()
    for condition in wanted:
        found |= condition
    return Q(stage_kind=StageKind.OPEN) & found


def visible_users(request: Any) -> QuerySet:
    """Colleagues in sight, and whoever owns a deal in sight: the list names them too."""
    user = request.user
    people = User.objects.visible_to(user)
    if user.reach.level(RecordType.USER, Action.VIEW) != ReachLevel.ALL:
        deals = Opportunity.objects.visible_to(user).order_by()
        owners = Exists(deals.filter(owner=OuterRef("pk")))
        people = User.objects.filter(Q(pk__in=people.values("pk")) | owners)
    return people.order_by("full_name", "pk")


def visible_accounts(request: Any) -> QuerySet:
    return Account.objects.visible_to(request.user)


def visible_contacts(request: Any) -> QuerySet:
    return Contact.objects.visible_to(request.user)


TICKS = forms.CheckboxSelectMultiple


def days(**options: Any) -> django_filters.DateFromToRangeFilter:
    """A first and a last day, each optional."""
    return django_filters.DateFromToRangeFilter(widget=DayRangeInput, **options)


class OpportunityFilter(StrictFilterSet):
    """Every filter that lists and programs may use."""

    q = django_filters.CharFilter(method="search", label="Search")
    kind = django_filters.MultipleChoiceFilter(
        field_name="stage_kind", choices=StageKind.choices, label="State", widget=TICKS
    )
    stage = django_filters.ModelMultipleChoiceFilter(
        queryset=Stage.objects.select_related("pipeline").order_by("pipeline", "position", "pk"),
        widget=TICKS,
    )
    pipeline = django_filters.ModelChoiceFilter(queryset=Pipeline.objects.order_by("position"))
    owner = django_filters.ModelMultipleChoiceFilter(queryset=visible_users)
    team = django_filters.ModelMultipleChoiceFilter(
        queryset=Team.objects.order_by("name"), widget=TICKS, null_label="No team"
    )
    account = django_filters.ModelChoiceFilter(queryset=visible_accounts)
    contact = django_filters.ModelChoiceFilter(
        queryset=visible_contacts, field_name="contact_roles__contact"
    )
    close_date = days(label="Close date")
    closed = days(field_name="closed_at", label="Closed")
    created = days(field_name="created_at", label="Created")
    amount = django_filters.RangeFilter(label="Amount", widget=AmountRangeInput)
    forecast_category = django_filters.MultipleChoiceFilter(
        choices=ForecastCategory.choices, label="Forecast", widget=TICKS
    )
    type = django_filters.MultipleChoiceFilter(choices=OpportunityType.choices, widget=TICKS)
    source = django_filters.ModelMultipleChoiceFilter(
        queryset=LeadSource.objects.active(), widget=TICKS
    )
    campaign = django_filters.ModelMultipleChoiceFilter(queryset=Campaign.objects.active())
    from_lead = YesNoFilter(
        method="by_origin",
        label="From a lead",
        help_text="Only, or no, deals that a conversion made, used or was credited with.",
    )
    issue = django_filters.ChoiceFilter(method="with_issue", choices=Issue.choices)
    ordering = StableOrderingFilter(
        fields={
            "name": "name",
            "amount": "amount",
            "close_date": "close_date",
            "stage__position": "stage",
            "stage_since": "stage_since",
            "probability": "probability",
            "created_at": "created_at",
            "updated_at": "updated_at",
        }
    )

    class Meta:
        model = Opportunity
        fields: list[str] = []  # Every filter is written out above.

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return matching_opportunities(queryset, value)

    def by_origin(self, queryset: QuerySet, name: str, value: bool) -> QuerySet:
        deals = Opportunity.objects.filter(pk=OuterRef("pk"))
        converted = Exists(deals.filter(conversions__isnull=False))
        credited = Exists(deals.filter(credit__isnull=False))
        origin = Q(converted) | Q(credited)
        return queryset.filter(origin) if value else queryset.exclude(origin)

    def with_issue(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(has_issue(value, timezone.localdate()))


class ProductFilter(StrictFilterSet):
    """Narrows the price list."""

    q = django_filters.CharFilter(field_name="name", lookup_expr="icontains", label="Search")
    is_active = YesNoFilter()
    code = django_filters.CharFilter()

    class Meta:
        model = Product
        fields: list[str] = []  # Every filter is written out above.


class StageFilter(StrictFilterSet):
    """Narrows stages."""

    pipeline = django_filters.ModelChoiceFilter(queryset=Pipeline.objects.order_by("position"))
    kind = django_filters.ChoiceFilter(choices=StageKind.choices)
    is_active = YesNoFilter()

    class Meta:
        model = Stage
        fields: list[str] = []  # Every filter is written out above.
