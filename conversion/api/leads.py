"""What leads to, and is, the conversion of one lead."""

from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from conversion import serializers, services
from conversion.api.plans import plan_is_a_part, receipt_response
from conversion.errors import RequestIsOpen
from conversion.plans import read_plan
from conversion.preview import preview_conversion
from conversion.queries import approved_request
from conversion.receipts import handoff
from conversion.services.conversion import require_convertible
from conversion.services.transitions import with_related
from crm.concurrency import etag
from crm.idempotency import Idempotency, reads_its_key
from crm.permissions import CONVERT, READ
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


class LeadConversionViewSet(ApiViewSet):
    """What leads to, and is, the conversion of one lead."""

    serializer_class = serializers.SubmitSerializer
    required_scopes = {"conversion_preview": READ, "convert": CONVERT}

    def get_queryset(self):
        return with_related(Lead.objects.visible_to(self.actor))

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
        require_convertible(lead, plan, actor=self.actor)
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
    @reads_its_key
    def convert(self, request: Request, pk: int) -> Response:
        """
        Convert the lead, once and for ever; the Idempotency-Key is required.

        A request that was approved is carried out by it; one that still waits is approved and
        converted by its own action `approve`. Everything happens or nothing. With the same key
        a retry gets the first answer, with another key 409 `already_converted` and the address
        of the receipt. Problems of the plan come all at once as 422; 503 with Retry-After asks
        to send the same again.
        """
        # The service reads the lead itself, locked and only if it is visible.
        wish: dict[str, Any] = {
            "lead": Lead(pk=pk),
            "actor": self.actor,
            "idempotency": Idempotency.of(request, required=True),
            "plan": read_plan(request.data),
        }
        try:
            conversion = services.convert_lead(**wish)
        except RequestIsOpen:
            approved = approved_request(pk, self.actor)
            if approved is None:
                raise
            conversion = services.convert_lead(**wish, request=approved)
        except PermissionDenied:
            self.get_object()  # Raises 404 for whoever may not even see it.
            raise
        return receipt_response(conversion)

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
    @reads_its_key
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
