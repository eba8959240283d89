"""Activities and the feed of events, as resources of the API."""

from typing import Any

from django.core import signing
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from activities import services
from activities.filters import ActivityFilter
from activities.models import Activity, Event
from activities.models.links import LINKS
from activities.serializers import ActivitySerializer, EventSerializer
from crm.bulk import BulkMixin
from crm.concurrency import etag
from crm.keyset import beyond, order_terms
from crm.pagination import MAX_PAGE_SIZE, PAGE_SIZE, page_size
from crm.problems import InvalidParameters
from crm.serializers import ShapeSerializer
from crm.viewsets import ApiViewSet, RecordViewSet


class ActivityViewSet(BulkMixin, RecordViewSet):
    """What people did and have to do. DELETE hides one; its history stays."""

    serializer_class = ActivitySerializer
    filterset_class = ActivityFilter

    def get_queryset(self) -> QuerySet[Activity]:
        return Activity.objects.visible_to(self.request.user).with_parts().order_by("-at", "-pk")

    def perform_create(self, serializer: BaseSerializer) -> None:
        fields = dict(serializer.validated_data)
        activity = services.log_activity(
            kind=fields.pop("kind"),
            actor=self.request.user,
            owner=fields.pop("owner", None),
            attendees=fields.pop("attendees", ()),
            **{name: fields.pop(name, None) for name in LINKS},
            fields=fields,
        )
        serializer.instance = self.whole(activity)

    def perform_update(self, serializer: BaseSerializer) -> None:
        activity = services.update_activity(
            activity=serializer.instance,
            changes=serializer.validated_data,
            actor=self.request.user,
            version=self.expected_version,
        )
        serializer.instance = self.whole(activity)

    def perform_destroy(self, activity: Activity) -> None:
        services.delete_activity(
            activity=activity, actor=self.request.user, version=self.expected_version
        )

    @extend_schema(request=ShapeSerializer, responses={200: ActivitySerializer})
    @action(detail=True, methods=["post"], serializer_class=ShapeSerializer)
    def complete(self, request: Request, pk: int) -> Response:
        """Tick a task off. One that is done already stays as it is."""
        return self.answer(services.complete_task(activity=self.get_object(), actor=request.user))

    @extend_schema(request=ShapeSerializer, responses={200: ActivitySerializer})
    @action(detail=True, methods=["post"], serializer_class=ShapeSerializer)
    def reopen(self, request: Request, pk: int) -> Response:
        """Take the tick off again. A task that is open stays as it is."""
        return self.answer(services.reopen_task(activity=self.get_object(), actor=request.user))

    def answer(self, activity: Activity) -> Response:
        shown = ActivitySerializer(self.whole(activity), context=self.get_serializer_context())
        return Response(shown.data, headers={"ETag": etag(activity)})

    def whole(self, activity: Activity) -> Activity:
        """The activity with its files, attendees and mentions as they are now."""
        return Activity.objects.with_parts().get(pk=activity.pk)


class FeedPagination(BasePagination):
    """
    `?after=`: what came after a place in the log.

    Every answer names the place to go on from, also when nothing is new yet, so that a
    reader keeps one text and asks again later.
    """

    parameters = ("after", "page_size")
    after: str | None
    has_more: bool

    def paginate_queryset(
        self, queryset: QuerySet, request: Request, view: Any = None
    ) -> list[Event]:
        size = page_size(request.query_params.get("page_size"))
        self.after = request.query_params.get("after")
        if self.after is not None:
            terms = order_terms(queryset, ["transaction_id", "pk"])
            queryset = queryset.filter(beyond(terms, self.read(self.after), backward=False))
        rows = list(queryset[: size + 1])
        self.has_more = len(rows) > size
        del rows[size:]
        if rows:
            self.after = self.write(rows[-1])
        return rows

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"after": self.after, "has_more": self.has_more, "results": data})

    def write(self, event: Event) -> str:
        return self.signer().sign_object([event.transaction_id, event.pk])

    def read(self, after: str) -> list[int]:
        try:
            return self.signer().unsign_object(after)
        except (signing.BadSignature, ValueError):
            raise InvalidParameters(
                {"after": ["Take it from the `after` of an answer of this address."]}
            ) from None

    def signer(self) -> signing.Signer:
        return signing.Signer(salt="relay.events")

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["after", "has_more", "results"],
            "properties": {
                "after": {
                    "type": ["string", "null"],
                    "description": "Where to go on; null while there has been nothing at all.",
                },
                "has_more": {
                    "type": "boolean",
                    "description": "Whether there is more to fetch right now.",
                },
                "results": {**schema, "maxItems": MAX_PAGE_SIZE},
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [
            {
                "name": "after",
                "in": "query",
                "required": False,
                "description": "The `after` of the last answer; without it from the beginning.",
                "schema": {"type": "string"},
            },
            {
                "name": "page_size",
                "in": "query",
                "required": False,
                "description": "How many events at most.",
                "schema": {
                    "type": "integer",
                    "minimum": 1,
                    "maximum": MAX_PAGE_SIZE,
                    "default": PAGE_SIZE,
                },
            },
        ]


class EventViewSet(mixins.ListModelMixin, ApiViewSet):
    """
    What happened, in the order in which it became certain: nothing is missed, nothing repeats.

    An event appears once no running transaction can still come before it. It is about
    something you may see at the time you ask, or was done by you.
    """

    serializer_class = EventSerializer
    pagination_class = FeedPagination

    def get_queryset(self) -> QuerySet[Event]:
        return Event.objects.visible_to(self.request.user).settled()
