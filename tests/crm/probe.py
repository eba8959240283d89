"""
A small resource over accounts, on which the tests try what every resource gets from the kernel.

It lives here only; its service is what a real one's would be.
"""

import django_filters
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404
from django.urls import include, path
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.routers import SimpleRouter

from accounts.models import Account
from crm.errors import DomainError
from crm.filters import StableOrderingFilter, StrictFilterSet
from crm.records import apply_changes, lock_record, save_changes, soft_delete
from crm.serializers import MoneyField, RelaySerializer, ShapeSerializer
from crm.viewsets import RecordViewSet
from people.models import User

ACCOUNTS = "/api/v1/accounts/"


class OwnerSerializer(RelaySerializer):
    class Meta:
        model = User
        fields = ("id", "full_name")


class AccountSerializer(RelaySerializer):
    revenue = MoneyField(amount="annual_revenue", required=False, allow_null=True)

    class Meta:
        model = Account
        fields = ("id", "name", "type", "employees", "revenue", "owner", "parent", "version")
        read_only_fields = ("id", "version")
        expandable = {"owner": OwnerSerializer}


class AccountFilter(StrictFilterSet):
    name = django_filters.CharFilter()
    owner = django_filters.ModelChoiceFilter(
        queryset=lambda request: User.objects.visible_to(request.user)
    )
    created = django_filters.DateFromToRangeFilter(field_name="created_at")
    ordering = StableOrderingFilter(fields={"employees": "employees", "name": "name"})


class RuleBroken(DomainError):
    code = "rule_broken"


class AccountViewSet(RecordViewSet):
    serializer_class = AccountSerializer
    filterset_class = AccountFilter

    def get_queryset(self):
        return Account.objects.visible_to(self.request.user).for_list()

    def perform_create(self, serializer):
        serializer.instance = Account.objects.create(**serializer.validated_data)

    @transaction.atomic
    def perform_update(self, serializer):
        account = self.lock(serializer.instance.pk)
        changes = serializer.validated_data
        apply_changes(account, changes, allowed=changes)
        save_changes(account, actor=self.request.user, fields=changes)
        serializer.instance = account

    @transaction.atomic
    def perform_destroy(self, account):
        soft_delete(self.lock(account.pk), actor=self.request.user)

    def lock(self, pk):
        return lock_record(
            Account.objects.all(), pk=pk, actor=self.request.user, version=self.expected_version
        )

    @action(detail=False, methods=["post"], serializer_class=ShapeSerializer)
    def fail(self, request):
        raise FAILURES[request.data["how"]]


FAILURES = {
    "domain": RuleBroken("It is closed.", extra={"receipt": "/x/", "status": "ours wins"}),
    "rules": ValidationError(
        {
            "name": ValidationError("Too plain.", code="plain"),
            "plan.account.name": ["Missing.", "Odd."],
            "__all__": ["Not together."],
        }
    ),
    "rule": ValidationError("Just no."),
    "hidden": Http404("No Account matches the given query."),
    "forbidden": PermissionDenied("Only its manager may."),
    "bug": RuntimeError("a secret detail"),
    "shape": serializers.ValidationError(
        {"rows": [{}, {"name": ["Missing.", "Odd."]}], "non_field_errors": ["No."]}
    ),
}

router = SimpleRouter(use_regex_path=False)
router.register("accounts", AccountViewSet, basename="account")
urlpatterns = [
    path("api/v1/", include((router.urls, "probe"))),
    path("", include("crm.urls")),
]


def address(account):
    return f"{ACCOUNTS}{account.pk}/"
