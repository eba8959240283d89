"""The handoff and the conversion in the REST API. The services are those of the pages."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from conversion import serializers, services
from conversion.errors import PlanInvalid
from conversion.filters import ConversionFilter, ConversionRequestFilter
from conversion.models import Conversion, ConversionRequest
from conversion.plans import ConversionPlan, read_plan
from conversion.preview import preview_conversion
from conversion.receipts import handoff, receipt
from conversion.services.conversion import require_convertible
from crm.concurrency import VersionedRetrieveMixin, etag
from crm.errors import DomainError
from crm.idempotency import Idempotency, fingerprint
from crm.permissions import CONVERT, READ
from crm.problems import problem_exception_handler
from crm.viewsets import ApiViewSet
from leads.models import Lead
from people.reach import Action, RecordType

PLAN_REQUEST = {"application/json": serializers.PLAN_SCHEMA}
PLAN_EXAMPLES = [
    OpenApiExample("All three new", value=serializers.PLAN_EXAMPLE, request_only=True),
    OpenApiExample(
        "An existing account, no opportunity",
        value={
            "account": {"action": "existing", "id": 12, "take_from_lead": ["website"]},
            "contact": {"action": "create"},
            "opportunity": {"action": "none"},
        },
        request_only=True,
    ),
]


@contextmanager
def plan_is_a_part() -> Iterator[None]:
    """Let the problems of a plan point into the body of which it is a part."""
    try:
        yield
    except PlanInvalid as refusal:
        raise refusal.below("/plan") from None


def plan_within(values: dict[str, Any]) -> ConversionPlan:
    """The plan inside a body. Raises PlanInvalid with pointers into that body."""
    with plan_is_a_part():
        return read_plan(values["plan"])


def receipt_response(conversion: Conversion) -> Response:
    body = receipt(conversion)
    return Response(body, status=HTTPStatus.CREATED, headers={"Location": body["url"]})


class LeadConversionViewSet(ApiViewSet):
    """What leads to, and is, the conversion of one lead."""

    serializer_class = serializers.SubmitSerializer
    required_scopes = {"conversion_preview": READ, "convert": CONVERT}

    def get_queryset(self):
        return Lead.objects.visible_to(self.request.user).select_related(
            "status", "owner", "source", "campaign", "partner_account"
        )

    @extend_schema(
        request=PLAN_REQUEST,
        responses={200: serializers.PreviewSerializer},
        examples=PLAN_EXAMPLES,
    )
    @action(detail=True, methods=["post"], url_path="conversion-preview")
    def conversion_preview(self, request: Request, pk: int) -> Response:
        """
        Say what converting would do, what it may duplicate, and what is in the way.

        Writes nothing. The token makes the conversion do exactly this, or nothing.
        """
        lead, plan = self.get_object(), read_plan(request.data)
        require_convertible(lead, plan)
        preview = preview_conversion(
            lead=lead,
            plan=plan,
            actor=self.actor,
            # Whoever may only request needs not be able to change the chosen records.
            for_execution=self.actor.can(RecordType.LEAD, Action.CONVERT),
        )
        return Response(preview.as_json())

    @extend_schema(
        request=PLAN_REQUEST,
        responses={201: serializers.ReceiptSerializer},
        examples=PLAN_EXAMPLES,
    )
    @action(detail=True, methods=["post"])
    def convert(self, request: Request, pk: int) -> Response:
        """
        Convert the lead, once and for ever; the Idempotency-Key is required.

        Everything happens or nothing. With the same key a retry gets the first answer, with
        another key 409 `already_converted` and the address of the receipt. Problems of the
        plan come all at once as 422; 503 with Retry-After asks to send the same again.
        """
        idempotency = Idempotency.of(request, required=True)
        try:
            # The service reads the lead itself, locked and only if it is visible.
            conversion = services.convert_lead(
                lead=Lead(pk=pk),
                plan=read_plan(request.data),
                actor=self.actor,
                idempotency=idempotency,
            )
        except PermissionDenied:
            self.get_object()  # Raises 404 for whoever may not even see it.
            raise
        return receipt_response(conversion)

    convert.is_idempotent = True

    @extend_schema(
        request=serializers.SubmitSerializer,
        responses={201: serializers.RequestSerializer},
        examples=[
            OpenApiExample(
                "To the owner of the account",
                value={
                    "path": 1,
                    "plan": serializers.PLAN_EXAMPLE,
                    "message": "She wants a plan by Tuesday.",
                },
                request_only=True,
            )
        ],
    )
    @action(
        detail=True,
        methods=["post"],
        url_path="conversion-requests",
        serializer_class=serializers.SubmitSerializer,
    )
    def conversion_requests(self, request: Request, pk: int) -> Response:
        """Ask that an AE accept the lead: freezes plan and evidence, and starts the clock."""
        idempotency = Idempotency.of(request)
        body = self.get_serializer(data=request.data)
        body.is_valid(raise_exception=True)
        values = dict(body.validated_data)
        with plan_is_a_part():
            asked = services.submit_request(
                lead=self.get_object(),
                actor=self.actor,
                idempotency=idempotency,
                **(values | {"plan": read_plan(values["plan"])}),
            )
        shown = handoff(asked)
        return Response(
            shown,
            status=HTTPStatus.CREATED,
            headers={"Location": shown["url"], "ETag": etag(asked)},
        )

    conversion_requests.is_idempotent = True


class ConversionRequestViewSet(mixins.ListModelMixin, VersionedRetrieveMixin, ApiViewSet):
    """Requests to convert a lead, and every step of their handoff."""

    serializer_class = serializers.RequestSerializer
    filterset_class = ConversionRequestFilter

    def get_queryset(self):
        return (
            ConversionRequest.objects.visible_to(self.request.user)
            .for_list()
            .select_related("decided_by", "dispute_decided_by")
        )

    @extend_schema(
        request=serializers.ApproveSerializer,
        responses={200: serializers.RequestSerializer, 201: serializers.ReceiptSerializer},
    )
    @action(detail=True, methods=["post"], serializer_class=serializers.ApproveSerializer)
    def approve(self, request: Request, pk: int) -> Response:
        """
        Give the go-ahead; with `convert`, approve and convert in one transaction (201).

        Converting needs the scope `convert` and an Idempotency-Key. 409 `request_lapsed` if
        what was asked for has changed since.
        """
        values, asked = self.read(request), self.get_object()
        if not values["convert"]:
            return self.shown(
                services.approve(request=asked, actor=self.actor, note=values.get("note", ""))
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
                idempotency=idempotency,
            )
        return receipt_response(conversion)

    approve.is_idempotent = True

    @extend_schema(
        request=serializers.SendBackSerializer, responses={200: serializers.RequestSerializer}
    )
    @action(
        detail=True,
        methods=["post"],
        url_path="send-back",
        serializer_class=serializers.SendBackSerializer,
    )
    def send_back(self, request: Request, pk: int) -> Response:
        """Return it to its requester, with a message or the criteria that are doubted."""
        return self.step(services.send_back, request)

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
        request=serializers.RejectSerializer, responses={200: serializers.RequestSerializer}
    )
    @action(detail=True, methods=["post"], serializer_class=serializers.RejectSerializer)
    def reject(self, request: Request, pk: int) -> Response:
        """Refuse it for a coded reason, and say what happens to the lead."""
        return self.step(services.reject, request)

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
        """Contest a rejection of one's own request, once."""
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


class ConversionViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ApiViewSet):
    """Receipts of conversions. They never change."""

    serializer_class = serializers.ReceiptSerializer
    filterset_class = ConversionFilter
    required_scopes = {"bulk": CONVERT}

    def get_queryset(self):
        return (
            Conversion.objects.visible_to(self.request.user).for_list().select_related("sourced_by")
        )

    @extend_schema(
        request=serializers.BulkConvertSerializer,
        responses={200: serializers.BulkConvertAnswerSerializer},
        examples=[
            OpenApiExample(
                "Two leads of one company",
                value={
                    "rows": [
                        {"lead": 7, "plan": serializers.PLAN_EXAMPLE, "reuse_account": True},
                        {"lead": 8, "plan": serializers.PLAN_EXAMPLE, "reuse_account": True},
                    ]
                },
                request_only=True,
            )
        ],
    )
    @action(
        detail=False,
        methods=["post"],
        serializer_class=serializers.BulkConvertSerializer,
        filter_backends=[],
    )
    def bulk(self, request: Request) -> Response:
        """
        Convert up to 100 leads, each in a transaction of its own and answered by itself.

        With an Idempotency-Key, a retry gets the receipts of the rows that were done, and
        tries the others again.
        """
        idempotency = Idempotency.of(request)
        call = self.get_serializer(data=request.data)
        call.is_valid(raise_exception=True)
        results: list[dict[str, Any]] = []
        rows: list[tuple[int, services.BulkRow]] = []
        for place, values in enumerate(call.validated_data["rows"]):
            try:
                rows.append((place, self.read_row(place, values, request, idempotency)))
            except (APIException, DomainError) as error:
                results.append(self.problem_of(place, error))
        outcomes = services.convert_many(rows=[row for _, row in rows], actor=self.actor)
        for (place, _), outcome in zip(rows, outcomes, strict=True):
            results.append(self.result_of(place, outcome))
        return Response({"results": sorted(results, key=lambda result: result["row"])})

    bulk.is_idempotent = True

    def read_row(
        self,
        place: int,
        values: dict[str, Any],
        request: Request,
        idempotency: Idempotency | None,
    ) -> services.BulkRow:
        body = serializers.BulkRowSerializer(data=values, context=self.get_serializer_context())
        body.is_valid(raise_exception=True)
        row = dict(body.validated_data)
        key = None
        if idempotency is not None:
            # A key for each row, since each is a transaction of its own.
            name = hashlib.sha256(f"{idempotency.key}\n{place}".encode()).hexdigest()
            key = Idempotency(
                user_id=idempotency.user_id,
                key=f"bulk-{name}",
                fingerprint=fingerprint(request),
            )
        return services.BulkRow(
            lead=row["lead"],
            plan=plan_within(row),
            reuse_account=row["reuse_account"],
            idempotency=key,
        )

    def result_of(self, place: int, outcome: services.BulkOutcome) -> dict[str, Any]:
        if outcome.conversion is not None:
            body = receipt(outcome.conversion)
            return {"row": place, "status": int(HTTPStatus.CREATED), "receipt": body}
        if outcome.answered is not None:
            body = json.loads(outcome.answered.body)
            return {"row": place, "status": outcome.answered.status, "receipt": body}
        if isinstance(outcome.error, PlanInvalid):
            return self.problem_of(place, outcome.error.below("/plan"))
        return self.problem_of(place, outcome.error)

    def problem_of(self, place: int, error: Any) -> dict[str, Any]:
        answer = problem_exception_handler(error, self.get_renderer_context())
        if not isinstance(answer, Response):
            raise error
        return {"row": place, "status": answer.status_code, "problem": answer.data}
