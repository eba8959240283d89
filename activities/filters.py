"""What activities can be narrowed by."""

import django_filters
from django.db.models import QuerySet

from activities.models import ActivityKind
from activities.models.links import linked_model
from crm.filters import StableOrderingFilter, StrictFilterSet, YesNoFilter
from crm.http import Request
from people.models import User


def visible_people(request: Request) -> QuerySet:
    return User.objects.visible_to(request.user)


class VisibleRecordFilter(django_filters.ModelChoiceFilter):
    """The key of a visible record of an app above this one."""

    def __init__(self, name: str):
        super().__init__(queryset=self.visible, label=name.capitalize(), field_name=name)
        self.name = name

    def visible(self, request: Request) -> QuerySet:
        return linked_model(self.name).objects.visible_to(request.user)


class ActivityFilter(StrictFilterSet):
    """Narrows activities."""

    kind = django_filters.MultipleChoiceFilter(choices=ActivityKind.choices, label="Kind")
    owner = django_filters.ModelMultipleChoiceFilter(
        queryset=visible_people, label="Owner", help_text="Who did it or has to do it."
    )
    lead = VisibleRecordFilter("lead")
    account = VisibleRecordFilter("account")
    contact = VisibleRecordFilter("contact")
    opportunity = VisibleRecordFilter("opportunity")
    done = YesNoFilter(
        label="Done",
        help_text="Tasks only: true for those that are done, false for the others.",
        method="by_done",
    )
    due = django_filters.DateFromToRangeFilter(field_name="due_at", label="Due")
    at = django_filters.DateFromToRangeFilter(field_name="at", label="When")
    ordering = StableOrderingFilter(fields={"at": "at", "due_at": "due_at"}, label="Order")

    def by_done(self, queryset: QuerySet, name: str, value: bool) -> QuerySet:
        return queryset.filter(kind=ActivityKind.TASK, done_at__isnull=not value)
