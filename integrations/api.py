"""API tokens and imports, as resources of the API."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from crm.parsers import BodyTooLarge
from crm.permissions import ADMIN
from crm.viewsets import ApiViewSet, CreateMixin
from integrations.downloads import refused_file
from integrations.models import ApiToken, Import, Scope
from integrations.serializers import (
    ImportChangesSerializer,
    ImportSerializer,
    NewImportSerializer,
    NewTokenSerializer,
    TokenSerializer,
    WholeImportSerializer,
)
from integrations.services import (
    OPTIONS,
    change_import,
    create_import,
    create_token,
    discard_import,
    go_on,
    revoke_token,
    start_check,
    start_import,
    start_undo,
    within,
)
from integrations.tables import MAX_BYTES


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


class CsvRenderer(JSONRenderer):
    """For a file of rows, which its view writes itself. A problem is JSON all the same."""

    media_type = "text/csv"
    format = "csv"


class ImportViewSet(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    CreateMixin,
    mixins.DestroyModelMixin,
    ApiViewSet,
):
    """
    Files of leads: uploaded, matched, checked, imported and taken back, as on the pages.

    Checking and importing go on in the background; reading the import tells how far it is.
    """

    def get_queryset(self):
        return Import.objects.visible_to(self.actor).for_list()

    def get_serializer_class(self):
        shapes = {"list": ImportSerializer, "create": NewImportSerializer}
        return shapes.get(self.action, WholeImportSerializer)

    def get_parsers(self) -> list[BaseParser]:
        """Only an upload is a form."""
        # While a description of the API is made, there is no request at first.
        method = str(self.request.method).lower() if self.request else ""
        is_upload = self.action_map.get(method) == "create"
        return [MultiPartParser()] if is_upload else super().get_parsers()

    def perform_create(self, serializer: BaseSerializer) -> None:
        upload = serializer.validated_data["file"]
        if upload.size > MAX_BYTES:
            raise BodyTooLarge(f"The file is larger than {MAX_BYTES // 1024**2} MB.")
        with within("file"):
            serializer.instance = create_import(
                actor=self.actor, data=upload.read(), name=upload.name
            )

    @extend_schema(request=ImportChangesSerializer, responses={200: WholeImportSerializer})
    def partial_update(self, request: Request, pk: int) -> Response:
        """
        Match columns and values, choose what happens in cases of doubt, correct rows.

        What is left out stays. Afterwards the import has to be checked anew.
        """
        batch = self.get_object()
        context = self.get_serializer_context()
        shape = ImportChangesSerializer(data=request.data, context=context)
        shape.is_valid(raise_exception=True)
        changes = shape.validated_data
        batch = change_import(
            batch=batch,
            actor=self.actor,
            mapping=changes.get("mapping", {}),
            corrections=changes.get("corrections", {}),
            options={name: changes[name] for name in OPTIONS if name in changes},
            values=changes.get("values", {}),
        )
        return Response(self.get_serializer(batch).data)

    def perform_destroy(self, instance: Import) -> None:
        discard_import(batch=instance, actor=self.actor)

    @extend_schema(request=None, responses={202: WholeImportSerializer})
    @action(detail=True, methods=["post"])
    def check(self, request: Request, pk: int) -> Response:
        """
        Try every row without making a lead. `state` is `checked` in the end.

        The counts then say what importing would do, and `problems` what to correct.
        """
        return self.accepted(start_check(batch=self.get_object(), actor=self.actor))

    @extend_schema(request=None, responses={202: WholeImportSerializer})
    @action(detail=True, methods=["post"])
    def run(self, request: Request, pk: int) -> Response:
        """Make leads of the rows, and new sources where they were chosen. `done` in the end."""
        return self.accepted(start_import(batch=self.get_object(), actor=self.actor))

    @extend_schema(request=None, responses={202: WholeImportSerializer})
    @action(detail=True, methods=["post"], url_path="go-on")
    def go_on(self, request: Request, pk: int) -> Response:
        """Go on with what has stopped (`is_stalled`), where it stopped; nothing is done twice."""
        return self.accepted(go_on(batch=self.get_object(), actor=self.actor))

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.STR})
    @action(detail=True, renderer_classes=[CsvRenderer])
    def errors(self, request: Request, pk: int) -> HttpResponse:
        """The rows that are left out, each with its reason, to be corrected and imported again."""
        return refused_file(self.get_object())

    @extend_schema(request=None, responses={202: WholeImportSerializer})
    @action(detail=True, methods=["post"])
    def revert(self, request: Request, pk: int) -> Response:
        """
        Delete the leads of an import with which nothing was done since; once, within 7 days.

        It goes on in the background: `state` is `undone` in the end, and `undone_count` says
        how many were deleted.
        """
        return self.accepted(start_undo(batch=self.get_object(), actor=self.actor))

    def accepted(self, batch: Import) -> Response:
        return Response(self.get_serializer(batch).data, status=status.HTTP_202_ACCEPTED)
