"""People, teams and roles as resources of the API."""

from drf_spectacular.utils import extend_schema
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from crm.api_schema import MAY_MATCH
from crm.concurrency import etag_of_shown, shown_if_named
from crm.errors import require
from crm.permissions import ADMIN
from crm.viewsets import ApiViewSet, CreateMixin
from people import services
from people.filters import UserFilter
from people.handover import held_by
from people.models import Role, Team, User
from people.serializers import (
    DeactivationSerializer,
    HandedOverSerializer,
    HeldSerializer,
    MeSerializer,
    RoleSerializer,
    TeamSerializer,
    UserSerializer,
)
from people.services.users import can_administer, shown_user


class PatchMixin(mixins.UpdateModelMixin):
    """PATCH, for what carries no version."""

    def update(self, request: Request, *args, **kwargs) -> Response:
        return super().update(request, *args, **{**kwargs, "partial": True})


class UserViewSet(
    mixins.ListModelMixin,
    CreateMixin,
    ApiViewSet,
):
    """
    People. POST invites somebody, who gets a mail with a link to choose a password.

    Nobody is deleted: `deactivate` takes their access away and hands over what they hold.
    """

    serializer_class = UserSerializer
    filterset_class = UserFilter
    required_scopes = {
        "create": ADMIN,
        "partial_update": ADMIN,
        "deactivate": ADMIN,
        "reactivate": ADMIN,
    }

    def get_queryset(self):
        return User.objects.visible_to(self.request.user).for_list()

    def perform_create(self, serializer: BaseSerializer) -> None:
        serializer.instance = services.invite_user(
            actor=self.request.user, fields=serializer.validated_data
        )

    @extend_schema(responses={200: UserSerializer})
    def retrieve(self, request: Request, pk: int) -> Response:
        """One person, with the ETag of what can be changed."""
        return self.show(self.get_object())

    @extend_schema(parameters=[MAY_MATCH], responses={200: UserSerializer})
    def partial_update(self, request: Request, pk: int) -> Response:
        """Change somebody; with If-Match, only as long as they are as they were read."""
        user = self.get_object()
        serializer = self.get_serializer(user, data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        user = services.update_user(
            user=user,
            changes=serializer.validated_data,
            actor=request.user,
            shown=shown_if_named(request, user, shown_user(user)),
        )
        return self.show(user)

    def show(self, user: User) -> Response:
        tag = etag_of_shown(user, shown_user(user))
        return Response(self.get_serializer(user).data, headers={"ETag": tag})

    @extend_schema(responses={200: HeldSerializer})
    @action(detail=True)
    def holdings(self, request: Request, pk: int) -> Response:
        """What somebody would have to hand over before they can be deactivated."""
        user = self.get_object()
        require(can_administer(request.user, user))
        held = {str(each.holding.record_type): each.count for each in held_by(user)}
        return Response({"held": held})

    @extend_schema(request=DeactivationSerializer, responses={200: HandedOverSerializer})
    @action(detail=True, methods=["post"], serializer_class=DeactivationSerializer)
    def deactivate(self, request: Request, pk: int) -> Response:
        """Take somebody's access away at once; others take over what they hold."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        counts = services.deactivate_user(
            user=self.get_object(), actor=request.user, **serializer.validated_data
        )
        return Response({"handed_over": counts})

    @extend_schema(request=None, responses={200: UserSerializer})
    @action(detail=True, methods=["post"])
    def reactivate(self, request: Request, pk: int) -> Response:
        """Give somebody access again, with the role and team they had."""
        user = services.reactivate_user(user=self.get_object(), actor=request.user)
        return Response(self.get_serializer(user).data)


class TeamViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ApiViewSet):
    """The tree of teams. It is changed in the settings."""

    serializer_class = TeamSerializer

    def get_queryset(self):
        return Team.objects.visible_to(self.request.user).for_list()


class RoleViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ApiViewSet):
    """The roles and what they allow. They are changed in the settings."""

    serializer_class = RoleSerializer

    def get_queryset(self):
        return Role.objects.visible_to(self.request.user).for_list()


class MeViewSet(mixins.RetrieveModelMixin, PatchMixin, ApiViewSet):
    """Whoever asks: their profile, and what they may do."""

    serializer_class = MeSerializer

    def get_object(self) -> User:
        return self.actor

    def perform_update(self, serializer: BaseSerializer) -> None:
        serializer.instance = services.update_profile(
            user=serializer.instance, changes=serializer.validated_data
        )
