"""What the lists of accounts and contacts can be narrowed by, on pages and in the API."""

from collections.abc import Callable

import django_filters
from django.db.models import QuerySet
from django.forms import CheckboxSelectMultiple

from accounts.models import Account, AccountType, Campaign, LeadSource
from accounts.search import matching_accounts, matching_contacts
from crm.filters import StableOrderingFilter, StrictFilterSet, YesNoFilter
from crm.forms import DayRangeInput
from crm.http import Request
from people.models import Team, User


def visible_people(request: Request) -> QuerySet:
    return User.objects.visible_to(request.user).active().order_by("full_name", "pk")


def visible_teams(request: Request) -> QuerySet:
    return Team.objects.visible_to(request.user).order_by("name", "pk")


def visible_accounts(request: Request) -> QuerySet:
    return Account.objects.visible_to(request.user)


class RecordFilter(StrictFilterSet):
    """What accounts and contacts have alike."""

    matching: Callable[[QuerySet, str], QuerySet]

    q = django_filters.CharFilter(
        method="search", label="Search", help_text="Words that all have to occur."
    )
    owner = django_filters.ModelMultipleChoiceFilter(queryset=visible_people, label="Owner")
    team = django_filters.ModelMultipleChoiceFilter(queryset=visible_teams, label="Team")
    source = django_filters.ModelMultipleChoiceFilter(
        queryset=LeadSource.objects.active(), label="Source"
    )
    campaign = django_filters.ModelMultipleChoiceFilter(
        queryset=Campaign.objects.active(), label="Campaign"
    )
    country = django_filters.CharFilter(
        lookup_expr="iexact", label="Country", help_text="As it stands in the record."
    )
    created = django_filters.DateFromToRangeFilter(
        field_name="created_at",
        label="Created",
        widget=DayRangeInput,
    )
    external_id = django_filters.CharFilter(label="Id in another system")

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return type(self).matching(queryset, value)


class AccountFilter(RecordFilter):
    """Narrows accounts."""

    matching = staticmethod(matching_accounts)

    type = django_filters.MultipleChoiceFilter(
        choices=AccountType.choices, label="Type", widget=CheckboxSelectMultiple
    )
    industry = django_filters.CharFilter(lookup_expr="iexact", label="Industry")
    parent = django_filters.ModelChoiceFilter(queryset=visible_accounts, label="Parent account")
    ordering = StableOrderingFilter(
        fields={"created_at": "created_at", "name": "name", "employees": "employees"},
        label="Order",
    )


class ContactFilter(RecordFilter):
    """Narrows contacts."""

    matching = staticmethod(matching_contacts)

    account = django_filters.ModelChoiceFilter(queryset=visible_accounts, label="Account")
    do_not_call = YesNoFilter(label="Do not call")
    do_not_email = YesNoFilter(label="Do not email")
    ordering = StableOrderingFilter(
        fields={
            "created_at": "created_at",
            "last_name": "last_name",
            "first_name": "first_name",
            "account__name": "account_name",
        },
        label="Order",
    )
