"""API tokens and imports, as resources of the API."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from crm.permissions import ADMIN
from crm.viewsets import ApiViewSet, CreateMixin
from integrations.models import ApiToken, Import, Scope
from integrations.serializers import ImportSerializer, NewTokenSerializer, TokenSerializer
from integrations.services import create_token, revoke_token, start_undo


class TokenViewSet(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    CreateMixin,
    mixins.DestroyModelMixin,
    ApiViewSet,
):
    """Keys for programs. The secret is in the answer that creates one, and nowhere else."""

    serializer_class = TokenSerializer
    secret_fields = ("token",)
    required_scopes = {"create": ADMIN, "destroy": ADMIN}

    def get_queryset(self):
        return ApiToken.objects.visible_to(self.actor).for_list()

    def get_serializer_class(self):
        return NewTokenSerializer if self.action == "create" else TokenSerializer

    def perform_create(self, serializer: BaseSerializer) -> None:
        wish = serializer.validated_data
        presented: Any = self.request.auth
        serializer.instance, secret = create_token(
            user=wish.get("user", self.actor),
            name=wish["name"],
            scopes=wish["scopes"],
            expires_at=wish.get("expiry"),
            actor=self.actor,
            within=presented.scopes if presented else Scope.values,
        )
        serializer.instance.token = secret

    def perform_destroy(self, instance: ApiToken) -> None:
        revoke_token(token=instance, actor=self.actor)


class ImportViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ApiViewSet):
    """Files of leads: how far each is, and what came of it. They are uploaded on a page."""

    serializer_class = ImportSerializer

    def get_queryset(self):
        return Import.objects.visible_to(self.actor).for_list()

    @extend_schema(request=None, responses={202: ImportSerializer})
    @action(detail=True, methods=["post"])
    def revert(self, request: Request, pk: int) -> Response:
        """
        Delete the leads of an import with which nothing was done since; once, within 7 days.

        It goes on in the background: `state` is `undone` in the end, and `undone_count` says
        how many were deleted.
        """
        batch = start_undo(batch=self.get_object(), actor=self.actor)
        return Response(self.get_serializer(batch).data, status=status.HTTP_202_ACCEPTED)
