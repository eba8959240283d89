"""API tokens, as a resource of the API."""

from typing import Any

from rest_framework import mixins
from rest_framework.serializers import BaseSerializer

from crm.permissions import ADMIN
from crm.viewsets import ApiViewSet, CreateMixin
from integrations.models import ApiToken, Scope
from integrations.serializers import NewTokenSerializer, TokenSerializer
from integrations.services import create_token, revoke_token


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
