"""Conversion requests, and every step of their handoff."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from conversion import serializers, services
from conversion.api.plans import plan_is_a_part, plan_within, receipt_response
from conversion.filters import ConversionRequestFilter
from conversion.history_serializers import RequestHistorySerializer
from conversion.models import ConversionRequest, ConversionRequestQuerySet
from conversion.plans import read_plan
from conversion.receipts import handoff
from crm.api_schema import MAY_MATCH
from crm.concurrency import VersionedRetrieveMixin, etag, version_if_named
from crm.idempotency import Idempotency, reads_its_key
from crm.permissions import CONVERT
from crm.viewsets import ApiViewSet


class ConversionRequestViewSet(mixins.ListModelMixin, VersionedRetrieveMixin, ApiViewSet):
    """Requests to convert a lead, and every step of their handoff."""

    serializer_class = serializers.RequestSerializer
    filterset_class = ConversionRequestFilter

    def get_queryset(self):
        return self.shown_of(ConversionRequest.objects.visible_to(self.request.user))

    def shown_of(self, requests: ConversionRequestQuerySet) -> ConversionRequestQuerySet:
        return requests.for_list().select_related("decided_by", "dispute_decided_by")

    def get_object(self) -> ConversionRequest:
        """One request by its key; also one that its requester, who has left, left to the user."""
        try:
            return super().get_object()
        except Http404:
            left = self.shown_of(ConversionRequest.objects.left_to(self.request.user))
            return get_object_or_404(left, pk=self.kwargs["pk"])

    @extend_schema(
        request=serializers.ApproveSerializer,
        parameters=[MAY_MATCH],
        responses={200: serializers.RequestSerializer, 201: serializers.ReceiptSerializer},
    )
    @action(detail=True, methods=["post"], serializer_class=serializers.ApproveSerializer)
    @reads_its_key
    def approve(self, request: Request, pk: int) -> Response:
        """
        Give the go-ahead; with `convert`, approve and convert in one transaction (201).

        Converting needs the scope `convert` and an Idempotency-Key. 409 `request_lapsed` if
        what was asked for has changed since.
        """
        values, asked = self.read(request), self.get_object()
        version, note = version_if_named(request, asked), values.get("note", "")
        if not values["convert"]:
            return self.shown(
                services.approve(request=asked, actor=self.actor, note=note, version=version)
            )
        self.require_convert_scope(request)
        idempotency = Idempotency.of(request, required=True)
        plan = plan_within(values) if "plan" in values else read_plan(asked.plan)
        with plan_is_a_part():
            conversion = services.convert_lead(
                lead=asked.lead,
                plan=plan,
                actor=self.actor,
                request=asked,
                note=note,
                idempotency=idempotency,
            )
        return receipt_response(conversion)

    @extend_schema(
        request=serializers.SendBackSerializer,
        parameters=[MAY_MATCH],
        responses={200: serializers.RequestSerializer},
    )
    @action(
        detail=True,
        methods=["post"],
        url_path="send-back",
        serializer_class=serializers.SendBackSerializer,
    )
    def send_back(self, request: Request, pk: int) -> Response:
        """Return it to its requester, with a message or the criteria that are doubted."""
        return self.decision(services.send_back, request)

    @extend_schema(
        request=serializers.ResubmitSerializer, responses={200: serializers.RequestSerializer}
    )
    @action(detail=True, methods=["post"], serializer_class=serializers.ResubmitSerializer)
    def resubmit(self, request: Request, pk: int) -> Response:
        """Send one's own request, sent back or lapsed, to its approver again as things are now."""
        values, asked = self.read(request), self.get_object()
        plan = plan_within(values) if "plan" in values else read_plan(asked.plan)
        with plan_is_a_part():
            asked = services.resubmit(request=asked, actor=self.actor, **(values | {"plan": plan}))
        return self.shown(asked)

    @extend_schema(
        request=serializers.RejectSerializer,
        parameters=[MAY_MATCH],
        responses={200: serializers.RequestSerializer},
    )
    @action(detail=True, methods=["post"], serializer_class=serializers.RejectSerializer)
    def reject(self, request: Request, pk: int) -> Response:
        """Refuse it for a coded reason, and say what happens to the lead."""
        return self.decision(services.reject, request)

    @extend_schema(
        request=serializers.NoteSerializer, responses={200: serializers.RequestSerializer}
    )
    @action(detail=True, methods=["post"], serializer_class=serializers.NoteSerializer)
    def recall(self, request: Request, pk: int) -> Response:
        """Take one's own open request back."""
        return self.step(services.recall, request)

    @extend_schema(
        request=serializers.ReassignRequestSerializer,
        responses={200: serializers.RequestSerializer},
    )
    @action(detail=True, methods=["post"], serializer_class=serializers.ReassignRequestSerializer)
    def reassign(self, request: Request, pk: int) -> Response:
        """Let somebody else decide; the clock goes on."""
        return self.step(services.reassign, request)

    @extend_schema(
        request=serializers.DisputeSerializer, responses={200: serializers.RequestSerializer}
    )
    @action(detail=True, methods=["post"], serializer_class=serializers.DisputeSerializer)
    def dispute(self, request: Request, pk: int) -> Response:
        """Contest a rejection of one's own request, or of one left by somebody who has gone."""
        return self.step(services.dispute, request)

    @extend_schema(
        request=serializers.DecideDisputeSerializer,
        responses={200: serializers.RequestSerializer},
    )
    @action(
        detail=True,
        methods=["post"],
        url_path="decide-dispute",
        serializer_class=serializers.DecideDisputeSerializer,
    )
    def decide_dispute(self, request: Request, pk: int) -> Response:
        """Overturn a disputed rejection, or uphold it; for whoever may decide for the approver."""
        return self.step(services.decide_dispute, request)

    @extend_schema(responses=RequestHistorySerializer)
    @action(
        detail=True,
        methods=["get"],
        serializer_class=RequestHistorySerializer,
        pagination_class=None,
        filter_backends=[],
    )
    def history(self, request: Request, pk: int) -> Response:
        """
        Every step so far: who, when, from, to and why; and how the lead, or a chosen record,
        differs by now from what was submitted.
        """
        return Response(RequestHistorySerializer(self.get_object()).data)

    def decision(self, service: Any, request: Request) -> Response:
        """A step that judges what was read: with If-Match, only as long as it stands so."""
        values, asked = self.read(request), self.get_object()
        version = version_if_named(request, asked)
        return self.shown(service(request=asked, actor=self.actor, version=version, **values))

    def step(self, service: Any, request: Request) -> Response:
        """Read the body, take the step, and show how the request stands then."""
        values = self.read(request)
        return self.shown(service(request=self.get_object(), actor=self.actor, **values))

    def read(self, request: Request) -> dict[str, Any]:
        body: BaseSerializer = self.get_serializer(data=request.data)
        body.is_valid(raise_exception=True)
        return dict(body.validated_data)

    def shown(self, asked: ConversionRequest) -> Response:
        return Response(handoff(asked), headers={"ETag": etag(asked)})

    def require_convert_scope(self, request: Request) -> None:
        token: Any = request.auth
        if token is not None and CONVERT not in token.scopes:
            raise PermissionDenied(f"This token lacks the scope {CONVERT}.")
