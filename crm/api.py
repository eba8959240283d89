"""The table of contents of the REST API: one line for each resource."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import include, path, re_path
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import DefaultRouter

from accounts.api import AccountViewSet, ContactViewSet
from activities.api import ActivityViewSet, EventViewSet
from conversion.api import (
    ConversionRequestViewSet,
    ConversionViewSet,
    LeadConversionViewSet,
)
from crm.problems import plain_problem
from integrations.api import ImportViewSet, TokenViewSet
from leads.api import LeadViewSet, OpportunityQualificationViewSet
from leads.configuration_api import (
    CampaignViewSet,
    LeadSourceViewSet,
    LeadStatusViewSet,
    PlaybookViewSet,
    QueueViewSet,
    ReasonViewSet,
)
from opportunities.api import (
    OpportunityViewSet,
    PipelineViewSet,
    ProductViewSet,
    StageViewSet,
)
from people.api import MeViewSet, RoleViewSet, TeamViewSet, UserViewSet
from reporting.api import (
    FunnelReportViewSet,
    HandoffReportViewSet,
    PipelineReportViewSet,
    SearchViewSet,
)

app_name = "api"

router = DefaultRouter(use_regex_path=False)
router.include_format_suffixes = False
router.register("accounts", AccountViewSet, basename="account")
router.register("activities", ActivityViewSet, basename="activity")
router.register("campaigns", CampaignViewSet, basename="campaign")
router.register("contacts", ContactViewSet, basename="contact")
router.register("conversion-requests", ConversionRequestViewSet, basename="conversion-request")
router.register("conversions", ConversionViewSet, basename="conversion")
router.register("events", EventViewSet, basename="event")
router.register("imports", ImportViewSet, basename="import")
router.register("lead-sources", LeadSourceViewSet, basename="lead-source")
router.register("lead-statuses", LeadStatusViewSet, basename="lead-status")
router.register("leads", LeadViewSet, basename="lead")
router.register("leads", LeadConversionViewSet, basename="lead-conversion")
router.register("opportunities", OpportunityViewSet, basename="opportunity")
router.register(
    "opportunities", OpportunityQualificationViewSet, basename="opportunity-qualification"
)
router.register("pipelines", PipelineViewSet, basename="pipeline")
router.register("playbooks", PlaybookViewSet, basename="playbook")
router.register("products", ProductViewSet, basename="product")
router.register("queues", QueueViewSet, basename="queue")
router.register("reasons", ReasonViewSet, basename="reason")
router.register("roles", RoleViewSet, basename="role")
router.register("stages", StageViewSet, basename="stage")
router.register("teams", TeamViewSet, basename="team")
router.register("tokens", TokenViewSet, basename="token")
router.register("users", UserViewSet, basename="user")


@csrf_exempt
@login_not_required
def unknown_address(request: HttpRequest) -> HttpResponse:
    """
    404 for every other address under /api/.

    It also keeps Django from redirecting addresses without their last slash, which would
    turn a POST into a GET.
    """
    return plain_problem(404)


reports = {
    "funnel": FunnelReportViewSet,
    "handoff": HandoffReportViewSet,
    "pipeline": PipelineReportViewSet,
}

urlpatterns = [
    path("v1/", include(router.urls)),
    path("v1/me/", MeViewSet.as_view({"get": "retrieve", "patch": "partial_update"}), name="me"),
    *(
        path(f"v1/reports/{name}/", report.as_view({"get": "retrieve"}), name=f"report-{name}")
        for name, report in reports.items()
    ),
    path("v1/search/", SearchViewSet.as_view({"get": "retrieve"}), name="search"),
    path("v1/schema/", SpectacularAPIView.as_view(), name="schema"),
    path(
        "v1/docs/",
        SpectacularSwaggerSplitView.as_view(url_name="api:schema", template_name="api/docs.html"),
        name="docs",
    ),
    re_path("", unknown_address, name="unknown_address"),
]
