"""What lists of leads can be narrowed by: on pages, in the API and in exports."""

import django_filters
from django.apps import apps
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.filters import RecordFilter, visible_accounts, visible_people
from crm.filters import PeopleFilter, StableOrderingFilter, YesNoFilter
from crm.http import Request
from leads.models import HandoffState, Lead, LeadStatus, Queue, Rating, StatusKind
from leads.search import matching_leads
from opportunities.models import Opportunity, StageKind
from people.models import User


def visible_queues(request: Request) -> QuerySet:
    return Queue.objects.visible_to(request.user).order_by("name", "pk")


def is_converted() -> Q:
    """The condition of leads that are converted."""
    return Q(status_kind=StatusKind.CONVERTED)


def requests() -> QuerySet:
    """Every conversion request, of an app above this one."""
    return apps.get_model("conversion", "ConversionRequest").objects.all()


def was_requested() -> Q:
    """The condition of leads with a conversion request, whatever became of it."""
    return Q(pk__in=requests().values("lead"))


def became_won(user: User) -> Q:
    """The condition of leads that became a deal in a person's sight that is won."""
    deals = Opportunity.objects.visible_to(user).filter(stage_kind=StageKind.WON)
    credited = deals.filter(credit__isnull=False).values("credit__conversion__lead")
    won = Q(converted_opportunity__in=deals.values("pk")) | Q(pk__in=credited)
    # Only those can be; PostgreSQL asks the cheap question first.
    return is_converted() & won


class LeadFilter(RecordFilter):
    """Narrows leads."""

    matching = staticmethod(matching_leads)

    owner = PeopleFilter(
        queryset=visible_people, label="Owner", help_text="Ids of people; `me` is whoever asks."
    )
    queue = django_filters.ModelMultipleChoiceFilter(
        queryset=visible_queues, label="Queue", help_text="Waiting in one of these queues."
    )
    unassigned = YesNoFilter(field_name="owner", lookup_expr="isnull", label="Without an owner")
    status = django_filters.ModelMultipleChoiceFilter(
        queryset=LeadStatus.objects.in_order(), label="Status"
    )
    kind = django_filters.MultipleChoiceFilter(
        field_name="status_kind",
        choices=StatusKind.choices,
        label="Kind of status",
        help_text="What the status means, whatever it is called.",
    )
    rating = django_filters.MultipleChoiceFilter(choices=Rating.choices, label="Rating")
    score = django_filters.RangeFilter(label="Score", help_text="From 0 to 100.")
    next_step_on = django_filters.DateFromToRangeFilter(
        label="Next step due", help_text="The day of the next step."
    )
    handoff_state = django_filters.MultipleChoiceFilter(
        choices=[choice for choice in HandoffState.choices if choice[0]],
        label="Handoff",
        help_text="Where the latest conversion request stands.",
    )
    converted = YesNoFilter(
        method="by_conversion", label="Converted", help_text="Only, or no, converted leads."
    )
    requested = YesNoFilter(
        method="by_request",
        label="Conversion requested",
        help_text="Only, or no, leads with a conversion request, whatever became of it.",
    )
    won = YesNoFilter(
        method="by_deal_won",
        label="Won",
        help_text="Only, or no, leads that became a deal that is won.",
    )
    industry = django_filters.CharFilter(lookup_expr="iexact", label="Industry")
    partner_account = django_filters.ModelChoiceFilter(
        queryset=visible_accounts, label="Partner account"
    )
    ordering = StableOrderingFilter(
        fields={
            "created_at": "created_at",
            "score": "score",
            "last_name": "last_name",
            "company": "company",
            "next_step_on": "next_step_on",
        },
        label="Order",
    )

    def by_conversion(self, queryset: QuerySet, name: str, value: bool) -> QuerySet:
        return queryset.filter(is_converted() if value else ~is_converted())

    def by_request(self, queryset: QuerySet, name: str, value: bool) -> QuerySet:
        # "Not in" would read the requests again and again where they are too many to remember.
        never = ~Exists(requests().filter(lead=OuterRef("pk")))
        return queryset.filter(was_requested() if value else never)

    def by_deal_won(self, queryset: QuerySet, name: str, value: bool) -> QuerySet:
        won = became_won(self.request.user)
        # "Not in" over what may be NULL would be unknown, and leave those leads out.
        return queryset.filter(won if value else ~Q(pk__in=Lead.objects.filter(won).values("pk")))
