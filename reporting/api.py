"""Reports as resources of the API: the same numbers as the pages."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ErrorDetail
from rest_framework.request import Request
from rest_framework.response import Response

from crm.errors import require
from crm.problems import InvalidParameters
from crm.viewsets import ApiViewSet
from people.reach import Action, RecordType
from reporting.forms import FunnelForm, PeriodForm, TeamForm
from reporting.funnel import funnel_report
from reporting.handoff import handoff_report
from reporting.pipeline import pipeline_report
from reporting.search import KINDS, search
from reporting.serializers import (
    FoundSerializer,
    FunnelParametersSerializer,
    FunnelReportSerializer,
    HandoffReportSerializer,
    PeriodParametersSerializer,
    PipelineReportSerializer,
    SearchParametersSerializer,
    TeamParametersSerializer,
)

# Of each type; whoever wants all of them asks its list with the same `q`.
MOST_FOUND = 20


class ReportViewSet(ApiViewSet):
    """Figures of what you may see, each with the address of the rows it counts."""

    pagination_class = None
    filter_backends: list[Any] = []
    form_class: type[TeamForm]

    @property
    def parameters(self) -> tuple[str, ...]:
        return tuple(self.form_class.base_fields)

    def asked(self) -> Any:
        """The form of what is asked for, filled in and valid."""
        require(self.actor.can(RecordType.REPORT, Action.VIEW))
        form = self.form_class(self.request.query_params, user=self.actor)
        if not form.is_valid():
            raise InvalidParameters(
                {
                    name: [
                        ErrorDetail(" ".join(error.messages), code=error.code or "invalid")
                        for error in errors
                    ]
                    for name, errors in form.errors.as_data().items()
                }
            )
        return form


class PipelineReportViewSet(ReportViewSet):
    """The open pipeline, and what was won in a period."""

    serializer_class = PipelineReportSerializer
    form_class = PeriodForm

    @extend_schema(
        parameters=[PeriodParametersSerializer], responses={200: PipelineReportSerializer}
    )
    def retrieve(self, request: Request) -> Response:
        """
        The open pipeline by stage, owner and team: count, amount and weighted amount.

        Without parameters: all teams, and the present fiscal quarter.
        """
        form = self.asked()
        asked = form.cleaned_data
        report = pipeline_report(
            self.actor, form.workspace, period=asked["period"], team=asked["team"]
        )
        context = {**self.get_serializer_context(), "currency": report.currency}
        return Response(PipelineReportSerializer(report, context=context).data)


class FunnelReportViewSet(ReportViewSet):
    """How leads become deals that are won."""

    serializer_class = FunnelReportSerializer
    form_class = FunnelForm

    @extend_schema(parameters=[FunnelParametersSerializer], responses={200: FunnelReportSerializer})
    def retrieve(self, request: Request) -> Response:
        """
        How many leads were created, requested, converted and won.

        Without parameters: all teams, and the leads created in the present fiscal quarter.
        """
        asked = self.asked().cleaned_data
        report = funnel_report(
            self.actor, period=asked["period"], team=asked["team"], counting=asked["funnel"]
        )
        return Response(self.get_serializer(report).data)


class HandoffReportViewSet(ReportViewSet):
    """The requests that wait for a decision."""

    serializer_class = HandoffReportSerializer
    form_class = TeamForm

    @extend_schema(parameters=[TeamParametersSerializer], responses={200: HandoffReportSerializer})
    def retrieve(self, request: Request) -> Response:
        """How many requests wait for a decision now, and how many are overdue."""
        report = handoff_report(self.actor, team=self.asked().cleaned_data["team"])
        return Response(self.get_serializer(report).data)


class SearchViewSet(ApiViewSet):
    """Leads, accounts, contacts and opportunities at once."""

    serializer_class = FoundSerializer
    pagination_class = None
    filter_backends: list[Any] = []
    parameters = tuple(SearchParametersSerializer().fields)

    @extend_schema(parameters=[SearchParametersSerializer], responses={200: FoundSerializer})
    def retrieve(self, request: Request) -> Response:
        """The records you may see that match, at most 20 of each type, the likeliest first."""
        asked = SearchParametersSerializer(data=request.query_params)
        if not asked.is_valid():
            raise InvalidParameters(asked.errors)
        text, kinds = asked.validated_data["q"], asked.validated_data.get("type") or KINDS
        chosen = [key for key in KINDS if key in kinds]
        return Response(
            self.get_serializer(search(self.actor, text, most=MOST_FOUND, kinds=chosen)).data
        )
