"""Filters of the lists about people."""

import django_filters
from django.db.models import Q, QuerySet

from crm.filters import StableOrderingFilter, StrictFilterSet, YesNoFilter
from people.models import Role, Team, User


def visible_roles(request):
    return Role.objects.visible_to(request.user)


def visible_teams(request):
    return Team.objects.visible_to(request.user)


class UserFilter(StrictFilterSet):
    """Narrows people by text, role, team and whether they have access."""

    q = django_filters.CharFilter(method="search", label="Part of a name or an email address.")
    role = django_filters.ModelChoiceFilter(queryset=visible_roles, label="Id of a role.")
    team = django_filters.ModelChoiceFilter(queryset=visible_teams, label="Id of a team.")
    is_active = YesNoFilter(label="Whether they have access.")
    ordering = StableOrderingFilter(fields=["full_name", "email", "created_at"])

    class Meta(StrictFilterSet.Meta):
        model = User

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(Q(full_name__icontains=value) | Q(email__icontains=value))
