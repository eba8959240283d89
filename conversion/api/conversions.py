"""Receipts, and converting many leads in one call."""

import hashlib
import json
from http import HTTPStatus
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from conversion import serializers, services
from conversion.api.plans import plan_within
from conversion.credit_serializers import CreditSerializer
from conversion.errors import PlanInvalid, PreviewStale
from conversion.filters import ConversionFilter
from conversion.models import Conversion
from conversion.receipts import receipt
from crm.concurrency import etag
from crm.errors import DomainError
from crm.idempotency import Idempotency, fingerprint, idempotent, reads_its_key
from crm.permissions import CONVERT
from crm.problems import problem_exception_handler
from crm.viewsets import ApiViewSet
from leads.serializers import LeadSerializer


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
    @reads_its_key
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

    @extend_schema(
        request=CreditSerializer,
        responses={201: CreditSerializer},
    )
    @action(detail=True, methods=["post"], serializer_class=CreditSerializer, filter_backends=[])
    @idempotent
    def credit(self, request: Request, pk: int) -> Response:
        """
        Count a later opportunity of the account for this conversion, which made none.

        409 `credit_refused` where it made one, where the opportunity is of another account, is
        older or counts already, and once the time for it is over.
        """
        conversion = self.get_object()
        wish = self.get_serializer(data=request.data)
        wish.is_valid(raise_exception=True)
        credit = services.link_for_credit(
            conversion=conversion, actor=self.actor, **wish.validated_data
        )
        return Response(CreditSerializer(credit).data, status=HTTPStatus.CREATED)

    @extend_schema(request=None, responses={201: LeadSerializer})
    @action(
        detail=True,
        methods=["post"],
        url_path="re-engage",
        serializer_class=LeadSerializer,
        filter_backends=[],
    )
    @idempotent
    def re_engage(self, request: Request, pk: int) -> Response:
        """Start a new lead for somebody who came back, linked to the converted one."""
        lead = services.reengage(conversion=self.get_object(), actor=self.actor)
        location = reverse("api:lead-detail", args=[lead.pk], request=request)
        return Response(
            self.get_serializer(lead).data,
            status=HTTPStatus.CREATED,
            headers={"Location": location, "ETag": etag(lead)},
        )

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
        if isinstance(outcome.error, PlanInvalid | PreviewStale):
            return self.problem_of(place, outcome.error.below("/plan"))
        return self.problem_of(place, outcome.error)

    def problem_of(self, place: int, error: Any) -> dict[str, Any]:
        answer = problem_exception_handler(error, self.get_renderer_context())
        if not isinstance(answer, Response):
            raise error
        return {"row": place, "status": answer.status_code, "problem": answer.data}
