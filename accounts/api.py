"""Accounts and contacts as resources of the API."""

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from accounts import services
from accounts.filters import AccountFilter, ContactFilter
from accounts.models import Account, Contact
from accounts.serializers import AccountSerializer, AssignSerializer, ContactSerializer
from crm.bulk import BulkMixin
from crm.concurrency import etag
from crm.viewsets import RecordViewSet


class AccountViewSet(BulkMixin, RecordViewSet):
    """Companies and organizations. DELETE hides one; while it has contacts or deals it is 409."""

    serializer_class = AccountSerializer
    filterset_class = AccountFilter

    def get_queryset(self):
        return Account.objects.visible_to(self.request.user).for_list()

    def perform_create(self, serializer: BaseSerializer) -> None:
        serializer.instance = services.create_account(
            actor=self.request.user, fields=serializer.validated_data
        )

    def perform_update(self, serializer: BaseSerializer) -> None:
        serializer.instance = services.update_account(
            account=serializer.instance,
            changes=serializer.validated_data,
            actor=self.request.user,
            version=self.expected_version,
        )

    def perform_destroy(self, account: Account) -> None:
        services.delete_account(
            account=account, actor=self.request.user, version=self.expected_version
        )

    @extend_schema(request=AssignSerializer, responses={200: AccountSerializer})
    @action(detail=True, methods=["post"], serializer_class=AssignSerializer)
    def assign(self, request: Request, pk: int) -> Response:
        """Give the account to another owner."""
        wish = self.get_serializer(data=request.data)
        wish.is_valid(raise_exception=True)
        account = services.assign_account(
            account=self.get_object(), to=wish.validated_data["owner"], actor=request.user
        )
        shown = AccountSerializer(account, context=self.get_serializer_context())
        return Response(shown.data, headers={"ETag": etag(account)})


class ContactViewSet(BulkMixin, RecordViewSet):
    """People at accounts. DELETE hides one; while they have a part in an open deal it is 409."""

    serializer_class = ContactSerializer
    filterset_class = ContactFilter

    def get_queryset(self):
        return Contact.objects.visible_to(self.request.user).for_list().with_further()

    def perform_create(self, serializer: BaseSerializer) -> None:
        fields = dict(serializer.validated_data)
        serializer.instance = services.create_contact(
            actor=self.request.user, account=fields.pop("account"), fields=fields
        )

    def perform_update(self, serializer: BaseSerializer) -> None:
        serializer.instance = services.update_contact(
            contact=serializer.instance,
            changes=serializer.validated_data,
            actor=self.request.user,
            version=self.expected_version,
        )

    def perform_destroy(self, contact: Contact) -> None:
        services.delete_contact(
            contact=contact, actor=self.request.user, version=self.expected_version
        )

    @extend_schema(request=AssignSerializer, responses={200: ContactSerializer})
    @action(detail=True, methods=["post"], serializer_class=AssignSerializer)
    def assign(self, request: Request, pk: int) -> Response:
        """Give the contact to another owner."""
        wish = self.get_serializer(data=request.data)
        wish.is_valid(raise_exception=True)
        contact = services.assign_contact(
            contact=self.get_object(), to=wish.validated_data["owner"], actor=request.user
        )
        shown = ContactSerializer(contact, context=self.get_serializer_context())
        return Response(shown.data, headers={"ETag": etag(contact)})
