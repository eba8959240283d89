"""Leads as a resource of the API."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from crm.api_schema import MAY_MATCH
from crm.bulk import BulkMixin
from crm.concurrency import etag, version_if_named
from crm.viewsets import ApiViewSet, RecordViewSet
from leads import services
from leads.filters import LeadFilter
from leads.known import find_matches
from leads.matching import similar_leads
from leads.models import Lead
from leads.qualification_serializers import (
    AnswersSerializer,
    DealQualificationSerializer,
    QualificationSerializer,
)
from leads.serializers import (
    AssignLeadSerializer,
    ClaimSerializer,
    LeadSerializer,
    MatchesSerializer,
    StatusSerializer,
)
from opportunities.models import Opportunity


class LeadViewSet(BulkMixin, RecordViewSet):
    """
    People and companies that showed interest. A converted lead is final: only `assign` is left.

    DELETE hides a lead.
    """

    http_method_names = [*ApiViewSet.http_method_names, "put"]  # of qualification
    serializer_class = LeadSerializer
    filterset_class = LeadFilter

    def get_queryset(self):
        rows = Lead.objects.visible_to(self.actor).for_list()
        if self.action == "list":
            # Rows name what they belong to by id, which needs no join.
            rows = rows.select_related(None)
        return rows.prefetch_related("product_interests")

    def perform_create(self, serializer: BaseSerializer) -> None:
        fields = dict(serializer.validated_data)
        serializer.instance = services.create_lead(
            actor=self.actor,
            owner=fields.pop("owner", None),
            queue=fields.pop("queue", None),
            fields=fields,
        )

    def perform_update(self, serializer: BaseSerializer) -> None:
        serializer.instance = services.update_lead(
            lead=serializer.instance,
            changes=serializer.validated_data,
            actor=self.actor,
            version=self.expected_version,
        )

    def perform_destroy(self, lead: Lead) -> None:
        services.delete_lead(lead=lead, actor=self.actor, version=self.expected_version)

    @extend_schema(parameters=[MAY_MATCH], responses={200: LeadSerializer})
    @action(detail=True, methods=["post"], serializer_class=AssignLeadSerializer)
    def assign(self, request: Request, pk: int) -> Response:
        """Give the lead to another owner, or to a queue."""
        wish, lead = self.read_body(), self.get_object()
        return self.show(
            services.assign_lead(
                lead=lead,
                to=wish.get("owner"),
                queue=wish.get("queue"),
                why=wish.get("why", ""),
                actor=self.actor,
                version=version_if_named(request, lead),
            )
        )

    @extend_schema(parameters=[MAY_MATCH], responses={200: LeadSerializer})
    @action(detail=True, methods=["post"], serializer_class=StatusSerializer)
    def status(self, request: Request, pk: int) -> Response:
        """Move the lead to another status; `converted` is reached by conversion only."""
        wish, lead = self.read_body(), self.get_object()
        version = version_if_named(request, lead)
        return self.show(services.set_status(lead=lead, actor=self.actor, version=version, **wish))

    @extend_schema(request=None, responses={200: ClaimSerializer})
    @action(detail=True, methods=["post"], serializer_class=ClaimSerializer)
    def claim(self, request: Request, pk: int) -> Response:
        """
        Have the lead to yourself for ten minutes, or for ten more; your other claims end.

        409 `lead_claimed` while somebody else is on it.
        """
        claim = services.claim_lead(lead=self.get_object(), actor=self.actor)
        if claim.user != self.actor:
            raise services.LeadIsClaimed(claim)
        return Response(self.get_serializer(claim).data)

    @extend_schema(responses={204: None})
    @claim.mapping.delete
    def release(self, request: Request, pk: int) -> Response:
        """Let go of the lead; nothing happens where you have no claim."""
        services.release_lead(lead=self.get_object(), actor=self.actor)
        return Response(status=204)

    @action(detail=True, methods=["get"], serializer_class=MatchesSerializer)
    def matches(self, request: Request, pk: int) -> Response:
        """The leads that may be the same one, and the accounts and contacts it may already be."""
        lead = self.get_object()
        known = find_matches(lead, self.actor)
        found = {
            "matches": similar_leads(lead, self.actor),
            "candidates": [*known.accounts, *known.contacts],
        }
        return Response(self.get_serializer(found).data)

    @action(detail=True, methods=["get"], serializer_class=QualificationSerializer)
    def qualification(self, request: Request, pk: int) -> Response:
        """What is known of the lead, and which paths that meets."""
        return Response(self.get_serializer(services.qualification(self.get_object())).data)

    @extend_schema(request=AnswersSerializer, responses={200: QualificationSerializer})
    @qualification.mapping.put
    def answer(self, request: Request, pk: int) -> Response:
        """Write answers, all or none; the criteria that are not named keep theirs."""
        lead = self.get_object()
        known = services.answer_criteria(lead=lead, answers=sent_answers(self), actor=self.actor)
        return Response(self.get_serializer(known).data)

    def read_body(self) -> dict[str, Any]:
        serializer = self.get_serializer(data=self.request.data)
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data

    def show(self, lead: Lead) -> Response:
        """A lead after an action, with the ETag of what it is now."""
        shown = LeadSerializer(lead, context=self.get_serializer_context())
        return Response(shown.data, headers={"ETag": etag(lead)})


class OpportunityQualificationViewSet(ApiViewSet):
    """What is known of an opportunity by its playbook."""

    http_method_names = [*ApiViewSet.http_method_names, "put"]
    serializer_class = DealQualificationSerializer

    def get_queryset(self):
        return Opportunity.objects.visible_to(self.actor)

    @action(detail=True, methods=["get"])
    def qualification(self, request: Request, pk: int) -> Response:
        """What is known of the opportunity, and what was known when it was a lead."""
        known = services.deal_qualification(self.get_object())
        return Response(self.get_serializer(known).data)

    @extend_schema(request=AnswersSerializer, responses={200: DealQualificationSerializer})
    @qualification.mapping.put
    def answer(self, request: Request, pk: int) -> Response:
        """Write answers, all or none; the criteria that are not named keep theirs."""
        opportunity = self.get_object()
        known = services.answer_deal_criteria(
            opportunity=opportunity, answers=sent_answers(self), actor=self.actor
        )
        return Response(self.get_serializer(known).data)


def sent_answers(view: ApiViewSet) -> list[dict[str, Any]]:
    """The answers in the body, as the services take them."""
    body = AnswersSerializer(data=view.request.data, context=view.get_serializer_context())
    body.is_valid(raise_exception=True)
    return [
        {"criterion": wish["criterion"]["key"], "state": wish["state"], **wish["answer"]}
        for wish in body.validated_data["answers"]
    ]
