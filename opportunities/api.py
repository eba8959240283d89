"""Deals, products and pipelines as resources of the API."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from crm.api_schema import MAY_MATCH
from crm.bulk import BulkMixin
from crm.concurrency import etag, version_if_named
from crm.idempotency import idempotent
from crm.permissions import ADMIN
from crm.viewsets import ApiViewSet, RecordViewSet
from opportunities import services
from opportunities.display import people_of
from opportunities.filters import OpportunityFilter, ProductFilter, StageFilter
from opportunities.history import History
from opportunities.models import Opportunity, Pipeline, Product, Stage
from opportunities.serializers import (
    AssignOpportunitySerializer,
    ContactRoleSerializer,
    HistorySerializer,
    LineItemSerializer,
    LineItemsSerializer,
    MoveSerializer,
    OpportunitySerializer,
    PipelineSerializer,
    ProductSerializer,
    ReopenSerializer,
    StageSerializer,
)


class OpportunityViewSet(BulkMixin, RecordViewSet):
    """Deals. The stage and the owner change by actions of their own. DELETE hides a deal."""

    serializer_class = OpportunitySerializer
    filterset_class = OpportunityFilter

    def get_queryset(self):
        return Opportunity.objects.visible_to(self.request.user).for_list()

    def perform_create(self, serializer: BaseSerializer) -> None:
        fields = dict(serializer.validated_data)
        serializer.instance = services.create_opportunity(
            actor=self.request.user, account=fields.pop("account"), fields=fields
        )
        # What the database works out, such as the amount in the company's currency.
        serializer.instance.refresh_from_db(fields=["company_amount"])

    def perform_update(self, serializer: BaseSerializer) -> None:
        serializer.instance = services.update_opportunity(
            opportunity=serializer.instance,
            changes=serializer.validated_data,
            actor=self.request.user,
            version=self.expected_version,
        )
        serializer.instance.refresh_from_db(fields=["company_amount"])

    def perform_destroy(self, opportunity: Opportunity) -> None:
        services.delete_opportunity(
            opportunity=opportunity, actor=self.request.user, version=self.expected_version
        )

    @extend_schema(
        request=MoveSerializer, parameters=[MAY_MATCH], responses={200: OpportunitySerializer}
    )
    @action(detail=True, methods=["post"], serializer_class=MoveSerializer)
    def move(self, request: Request, pk: int) -> Response:
        """
        Take the deal to another stage: forward, back, won or lost.

        409 `exit_requirements_missing` lists what the stage it leaves still asks for: fields,
        which `changes` may bring along, criteria, which `answers` may, and the people and
        products that `contact_roles` and `line_items` may.
        """
        opportunity = self.get_object()
        wish = dict(self.read(request))
        changes = self.read_changes(opportunity, wish.pop("changes", {}))
        return self.shown(
            services.move_stage(
                opportunity=opportunity,
                actor=request.user,
                changes=changes,
                version=version_if_named(request, opportunity),
                **wish,
            )
        )

    @extend_schema(
        request=ReopenSerializer, parameters=[MAY_MATCH], responses={200: OpportunitySerializer}
    )
    @action(detail=True, methods=["post"], serializer_class=ReopenSerializer)
    def reopen(self, request: Request, pk: int) -> Response:
        """Open a closed deal again; for managers."""
        wish, opportunity = self.read(request), self.get_object()
        version = version_if_named(request, opportunity)
        return self.shown(
            services.reopen_opportunity(
                opportunity=opportunity, actor=request.user, version=version, **wish
            )
        )

    @extend_schema(
        request=AssignOpportunitySerializer,
        parameters=[MAY_MATCH],
        responses={200: OpportunitySerializer},
    )
    @action(detail=True, methods=["post"], serializer_class=AssignOpportunitySerializer)
    def assign(self, request: Request, pk: int) -> Response:
        """Give the deal to another owner."""
        to, opportunity = self.read(request)["owner"], self.get_object()
        version = version_if_named(request, opportunity)
        return self.shown(
            services.assign_opportunity(
                opportunity=opportunity, to=to, actor=request.user, version=version
            )
        )

    @extend_schema(
        methods=["get"], responses={200: ContactRoleSerializer(many=True)}, filters=False
    )
    @extend_schema(
        methods=["post"],
        request=ContactRoleSerializer,
        responses={201: ContactRoleSerializer},
    )
    @action(
        detail=True,
        methods=["get", "post"],
        url_path="contact-roles",
        serializer_class=ContactRoleSerializer,
        pagination_class=None,
        filter_backends=[],
    )
    def contact_roles(self, request: Request, pk: int) -> Response:
        """Who takes part in the deal. POST adds somebody, or changes their part."""
        opportunity = self.get_object()
        if request.method == "POST":
            return self.add_contact_role(request, opportunity=opportunity)
        people = people_of(opportunity, request.user)
        return Response(self.get_serializer(people, many=True).data)

    @idempotent
    def add_contact_role(self, request: Request, *, opportunity: Opportunity) -> Response:
        wish = self.read(request)
        role = services.add_contact_role(
            opportunity=opportunity,
            contact=wish["contact"],
            role=wish["role"],
            primary=wish.get("is_primary"),
            actor=request.user,
        )
        return Response(self.get_serializer(role).data, status=201)

    @extend_schema(methods=["get"], responses={200: LineItemSerializer(many=True)}, filters=False)
    @extend_schema(
        methods=["post"],
        request=LineItemsSerializer,
        parameters=[MAY_MATCH],
        responses={200: LineItemSerializer(many=True)},
    )
    @action(
        detail=True,
        methods=["get", "post"],
        url_path="line-items",
        serializer_class=LineItemsSerializer,
        pagination_class=None,
        filter_backends=[],
    )
    def line_items(self, request: Request, pk: int) -> Response:
        """The products of the deal, which make its amount. POST replaces them all."""
        opportunity = self.get_object()
        if request.method == "POST":
            opportunity = services.set_line_items(
                opportunity=opportunity,
                items=self.read(request)["items"],
                actor=request.user,
                version=version_if_named(request, opportunity),
            )
        items = opportunity.line_items.order_by("position", "pk")
        shown = LineItemSerializer(items, many=True, context=self.get_serializer_context())
        return Response(shown.data, headers={"ETag": etag(opportunity)})

    @extend_schema(responses={200: HistorySerializer}, filters=False)
    @action(
        detail=True,
        methods=["get"],
        serializer_class=HistorySerializer,
        pagination_class=None,
        filter_backends=[],
    )
    def history(self, request: Request, pk: int) -> Response:
        """Every change of stage, amount, close date, owner and forecast, however it came about."""
        return Response(HistorySerializer(History(self.get_object())).data)

    def read_changes(self, opportunity: Opportunity, changes: dict[str, Any]) -> dict[str, Any]:
        """Fields of the deal as PATCH reads them; what is wrong points below `changes`."""
        serializer = OpportunitySerializer(
            opportunity, data=changes, partial=True, context=self.get_serializer_context()
        )
        if not serializer.is_valid():
            raise ValidationError({"changes": serializer.errors})
        return serializer.validated_data

    def read(self, request: Request) -> dict[str, Any]:
        """The body of an action, in its shape."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data

    def shown(self, opportunity: Opportunity) -> Response:
        opportunity.refresh_from_db(fields=["company_amount"])
        shape = OpportunitySerializer(opportunity, context=self.get_serializer_context())
        return Response(shape.data, headers={"ETag": etag(opportunity)})


class ProductViewSet(BulkMixin, RecordViewSet):
    """
    The price list. A product that is not sold any more is not active.

    DELETE hides one that neither deals nor leads name; otherwise it is a 409 `entry_in_use`.
    """

    serializer_class = ProductSerializer
    filterset_class = ProductFilter
    required_scopes = dict.fromkeys(("create", "partial_update", "destroy", "bulk"), ADMIN)

    def get_queryset(self):
        return Product.objects.live().order_by("name", "pk")

    def perform_create(self, serializer: BaseSerializer) -> None:
        serializer.instance = services.create_product(
            actor=self.request.user, fields=serializer.validated_data
        )

    def perform_update(self, serializer: BaseSerializer) -> None:
        serializer.instance = services.update_product(
            product=serializer.instance,
            changes=serializer.validated_data,
            actor=self.request.user,
            version=self.expected_version,
        )

    def perform_destroy(self, product: Product) -> None:
        services.delete_product(
            product=product, actor=self.request.user, version=self.expected_version
        )


class PipelineViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ApiViewSet):
    """The pipelines that deals go through."""

    serializer_class = PipelineSerializer

    def get_queryset(self):
        return Pipeline.objects.order_by("position", "pk")


class StageViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ApiViewSet):
    """The stages of all pipelines, with what a deal needs to leave them."""

    serializer_class = StageSerializer
    filterset_class = StageFilter

    def get_queryset(self):
        return Stage.objects.prefetch_related("exit_requirements").order_by(
            "pipeline__position", "position", "pk"
        )
