"""What every resource of the REST API has in common. Viewsets name the mixins they want."""

from collections.abc import Iterator
from http import HTTPStatus
from itertools import chain
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from rest_framework import mixins
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from crm.concurrency import (
    VersionedDestroyMixin,
    VersionedRetrieveMixin,
    VersionedUpdateMixin,
    etag,
)
from crm.filters import refuse_unknown_parameters
from crm.idempotency import idempotent
from crm.problems import InvalidParameters
from people.models import User


class ApiViewSet(GenericViewSet):
    """
    A resource that refuses query parameters it does not know, and can expand relations.

    `parameters` names what an action takes beside the filters and the paging of its list;
    `@action(parameters=(...))` sets it for one action. `required_scopes` names the token
    scope by action or by method, where it is not `read` for reading and `write` otherwise.
    """

    http_method_names = ["get", "post", "patch", "delete", "head"]
    lookup_value_converter = "int"
    parameters: tuple[str, ...] = ()
    required_scopes: dict[str, str] = {}
    expand: frozenset[str] = frozenset()

    @property
    def actor(self) -> User:
        """Who is asking: somebody signed in, since permissions come before everything."""
        return cast(User, self.request.user)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        # Puts back afterwards whatever `initial` sets.
        with timezone.override(timezone.get_current_timezone()):
            return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        # Days begin when they begin for whoever asks, by token as in a session.
        timezone.activate(ZoneInfo(self.actor.time_zone))
        if self.action is not None:  # None: a method that is not allowed, which is a 405.
            refuse_unknown_parameters(request, self.known_parameters())
            self.expand = self.read_expand(request)

    def known_parameters(self) -> Iterator[str]:
        yield from self.parameters
        if self.expandable:
            yield "expand"
        if self.action == "list":
            yield from getattr(self.paginator, "parameters", ())
            if filterset_class := getattr(self, "filterset_class", None):
                yield from chain.from_iterable(filterset_class.parameters().values())

    @property
    def expandable(self) -> dict[str, Any]:
        """{field: serializer class}, from the serializer's Meta."""
        meta = getattr(self.get_serializer_class(), "Meta", None)
        return getattr(meta, "expandable", {})

    def read_expand(self, request: Request) -> frozenset[str]:
        names = frozenset(filter(None, request.query_params.get("expand", "").split(",")))
        if unknown := names - set(self.expandable):
            choices = ", ".join(sorted(self.expandable))
            raise InvalidParameters(
                {"expand": [f"Cannot expand {', '.join(sorted(unknown))}. Choose from {choices}."]}
            )
        return names

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "expand": self.expand}


class CreateMixin:
    """
    POST of a new record; with an Idempotency-Key a retry gets the first answer.

    `perform_create(serializer)` calls the service and leaves the new record in
    `serializer.instance`.
    """

    @idempotent
    def create(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        self.perform_create(serializer)
        record = serializer.instance
        headers = {"Location": self.reverse_action("detail", args=[record.pk])}
        if hasattr(record, "version"):
            headers["ETag"] = etag(record)
        return Response(serializer.data, status=HTTPStatus.CREATED, headers=headers)


class RecordViewSet(
    mixins.ListModelMixin,
    VersionedRetrieveMixin,
    CreateMixin,
    VersionedUpdateMixin,
    VersionedDestroyMixin,
    ApiViewSet,
):
    """Records that people work on: listed, made, and by their version read, changed, deleted."""
