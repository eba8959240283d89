"""What narrows requests and receipts, in lists and in the API."""

from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.db.models.functions import Now

from accounts.filters import visible_teams
from conversion.models import Conversion, ConversionRequest, Mode, RequestState
from crm.filters import StableOrderingFilter, StrictFilterSet, YesNoFilter
from crm.forms import DayRangeInput
from crm.text import key_of

ME = "me"


class PersonField(forms.Field):
    """A user's id, or "me"."""

    def clean(self, value: Any) -> Any:
        value = super().clean(value)
        if value in self.empty_values or value == ME:
            return value or None
        pk = key_of(value)
        if pk is None:
            raise ValidationError("Give the id of a user, or “me”.", code="invalid")
        return pk


class PersonFilter(django_filters.Filter):
    """Rows in which somebody has a part, named by id or as "me"."""

    field_class = PersonField

    def filter(self, qs: QuerySet, value: Any) -> QuerySet:
        if value == ME:
            value = self.parent.request.user.pk
        return super().filter(qs, value)


class IdFilter(django_filters.NumberFilter):
    """Rows that point to one record, by its id."""

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, min_value=1, max_value=2**63 - 1, decimal_places=0, **options)


class ConversionRequestFilter(StrictFilterSet):
    """Narrows conversion requests."""

    state = django_filters.MultipleChoiceFilter(choices=RequestState.choices)
    approver = PersonFilter(field_name="approver_id")
    requester = PersonFilter(field_name="requester_id")
    lead = IdFilter(field_name="lead_id")
    team = django_filters.ModelMultipleChoiceFilter(
        queryset=visible_teams, field_name="lead__team", label="Team"
    )
    submitted = django_filters.DateFromToRangeFilter(
        field_name="submitted_at", label="Submitted", widget=DayRangeInput
    )
    overdue = YesNoFilter(method="filter_overdue")
    ordering = StableOrderingFilter(fields=["due_at", "submitted_at"])

    class Meta:
        model = ConversionRequest
        fields: list[str] = []

    def filter_overdue(self, requests: QuerySet, name: str, value: bool) -> QuerySet:
        late = {"state": RequestState.PENDING, "due_at__lt": Now()}
        return requests.filter(**late) if value else requests.exclude(**late)


class ConversionFilter(StrictFilterSet):
    """Narrows receipts."""

    lead = IdFilter(field_name="lead_id")
    account = IdFilter(field_name="account_id")
    contact = IdFilter(field_name="contact_id")
    opportunity = IdFilter(field_name="opportunity_id")
    converted_by = PersonFilter(field_name="converted_by_id")
    requested_by = PersonFilter(field_name="requested_by_id")
    mode = django_filters.ChoiceFilter(choices=Mode.choices)
    team = django_filters.ModelMultipleChoiceFilter(
        queryset=visible_teams, field_name="lead__team", label="Team"
    )
    converted = django_filters.IsoDateTimeFromToRangeFilter(field_name="converted_at")
    converted_on = django_filters.DateFromToRangeFilter(
        field_name="converted_at", label="Converted", widget=DayRangeInput
    )

    class Meta:
        model = Conversion
        fields: list[str] = []
