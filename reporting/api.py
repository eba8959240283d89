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
from reporting.forms import PipelineForm
from reporting.pipeline import pipeline_report
from reporting.search import KINDS, search
from reporting.serializers import (
    FoundSerializer,
    PipelineParametersSerializer,
    PipelineReportSerializer,
    SearchParametersSerializer,
)

# Of each type; whoever wants all of them asks its list with the same `q`.
MOST_FOUND = 20


class PipelineReportViewSet(ApiViewSet):
    """The open pipeline, the funnel of a period, and the requests that wait."""

    serializer_class = PipelineReportSerializer
    pagination_class = None
    filter_backends: list[Any] = []
    parameters = tuple(PipelineForm.base_fields)

    @extend_schema(
        parameters=[PipelineParametersSerializer], responses={200: PipelineReportSerializer}
    )
    def retrieve(self, request: Request) -> Response:
        """
        The figures of what you may see, each with the address of the rows it counts.

        Without parameters: all teams, and the present fiscal quarter.
        """
        require(self.actor.can(RecordType.REPORT, Action.VIEW))
        form = PipelineForm(request.query_params, user=self.actor)
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
        asked = form.cleaned_data
        report = pipeline_report(
            self.actor,
            form.workspace,
            period=asked["period"],
            team=asked["team"],
            counting=asked["funnel"],
        )
        context = {**self.get_serializer_context(), "currency": report.currency}
        return Response(PipelineReportSerializer(report, context=context).data)


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
