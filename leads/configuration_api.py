"""The lists that leads are described with, as resources of the API: read here, kept in settings."""

import django_filters
from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Campaign, LeadSource
from activities.models import Reason, ReasonKind
from crm.concurrency import etag
from crm.filters import StrictFilterSet, YesNoFilter
from crm.serializers import RelaySerializer, ShapeSerializer
from crm.viewsets import ApiViewSet
from leads import services
from leads.models import (
    Criterion,
    LeadStatus,
    Path,
    PathCriterion,
    Playbook,
    PlaybookSubject,
    Queue,
    StatusKind,
)
from leads.serializers import LeadSerializer


class ConfigurationFilter(StrictFilterSet):
    """What every list of configuration can be narrowed by."""

    is_active = YesNoFilter(help_text="Only what may still be chosen, or not.")


class StatusFilter(ConfigurationFilter):
    """Narrows statuses."""

    kind = django_filters.MultipleChoiceFilter(choices=StatusKind.choices, help_text="Its kind.")


class ReasonFilter(ConfigurationFilter):
    """Narrows reasons."""

    kind = django_filters.MultipleChoiceFilter(
        choices=ReasonKind.choices, help_text="What it is a reason for."
    )


class PlaybookFilter(ConfigurationFilter):
    """Narrows playbooks."""

    subject = django_filters.MultipleChoiceFilter(
        choices=PlaybookSubject.choices, help_text="What it qualifies."
    )


class LeadStatusSerializer(RelaySerializer):
    """A status of leads. Programs go by its kind: people may rename it."""

    class Meta:
        model = LeadStatus
        fields = ("id", "name", "kind", "position", "is_default", "is_active")


class LeadSourceSerializer(RelaySerializer):
    """How leads come to us."""

    class Meta:
        model = LeadSource
        fields = ("id", "name", "position", "is_active")


class CampaignSerializer(RelaySerializer):
    """A marketing effort that leads are counted for."""

    class Meta:
        model = Campaign
        fields = ("id", "name", "position", "is_active")


class ReasonSerializer(RelaySerializer):
    """A coded reason: for disqualifying a lead, rejecting a request, losing a deal."""

    class Meta:
        model = Reason
        fields = ("id", "kind", "code", "label", "position", "is_active")


class QueueSerializer(RelaySerializer):
    """A queue of leads."""

    is_member = serializers.SerializerMethodField(help_text="Whether you may take leads from it.")

    class Meta:
        model = Queue
        fields = ("id", "name", "team", "is_default", "is_active", "is_member")

    def get_is_member(self, queue: Queue) -> bool:
        return self.context["request"].user in queue.members.all()


class CriterionSerializer(RelaySerializer):
    """One thing to find out."""

    class Meta:
        model = Criterion
        fields = ("id", "key", "label", "question", "position", "is_active")


class PathSerializer(RelaySerializer):
    """One accepted way to qualify."""

    required = serializers.SerializerMethodField(help_text="Keys of what must be confirmed.")
    optional = serializers.SerializerMethodField(help_text="Keys of what is asked besides.")

    class Meta:
        model = Path
        fields = (
            "id",
            "key",
            "name",
            "description",
            "position",
            "is_active",
            "approval",
            "approver_rule",
            "allows_self_approval",
            "required",
            "optional",
        )

    def get_required(self, path: Path) -> list[str]:
        return [each.criterion.key for each in path.path_criteria.all() if each.is_required]

    def get_optional(self, path: Path) -> list[str]:
        return [each.criterion.key for each in path.path_criteria.all() if not each.is_required]


class PlaybookSerializer(RelaySerializer):
    """Qualification criteria, and the paths that accept them."""

    criteria = CriterionSerializer(many=True)
    paths = PathSerializer(many=True)

    class Meta:
        model = Playbook
        fields = (
            "id",
            "name",
            "subject",
            "description",
            "team",
            "is_default",
            "is_active",
            "criteria",
            "paths",
        )


class ConfigurationViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ApiViewSet):
    """A list that everybody who is signed in may read."""

    http_method_names = ["get", "head"]
    filterset_class = ConfigurationFilter


class LeadStatusViewSet(ConfigurationViewSet):
    """The statuses of leads, in their order."""

    serializer_class = LeadStatusSerializer
    filterset_class = StatusFilter
    queryset = LeadStatus.objects.order_by("position", "pk")


class LeadSourceViewSet(ConfigurationViewSet):
    """The sources of leads, in their order."""

    serializer_class = LeadSourceSerializer
    queryset = LeadSource.objects.order_by("position", "pk")


class CampaignViewSet(ConfigurationViewSet):
    """The campaigns, in their order."""

    serializer_class = CampaignSerializer
    queryset = Campaign.objects.order_by("position", "pk")


class ReasonViewSet(ConfigurationViewSet):
    """The reasons, in their order."""

    serializer_class = ReasonSerializer
    filterset_class = ReasonFilter
    queryset = Reason.objects.order_by("kind", "position", "pk")


class PlaybookViewSet(ConfigurationViewSet):
    """The playbooks, with their criteria and paths."""

    serializer_class = PlaybookSerializer
    filterset_class = PlaybookFilter
    queryset = Playbook.objects.order_by("name", "pk").prefetch_related(
        Prefetch("criteria", Criterion.objects.order_by("position", "pk")),
        Prefetch("paths", Path.objects.order_by("position", "pk")),
        Prefetch(
            "paths__path_criteria",
            PathCriterion.objects.select_related("criterion").order_by("criterion__position", "pk"),
        ),
    )


class QueueViewSet(ConfigurationViewSet):
    """The queues you belong to, and those of your teams."""

    http_method_names = ["get", "head", "post"]
    serializer_class = QueueSerializer

    def get_queryset(self) -> QuerySet:
        visible = Queue.objects.visible_to(self.request.user)
        return visible.order_by("name", "pk").prefetch_related("members")

    @extend_schema(request=None, responses={200: LeadSerializer})
    @action(detail=True, methods=["post"], url_path="take-next", serializer_class=ShapeSerializer)
    def take_next(self, request: Request, pk: int) -> Response:
        """Take the best waiting lead, never the one somebody else is taking. 409 if none waits."""
        lead = services.take_next(queue=self.get_object(), actor=self.actor)
        shown = LeadSerializer(lead, context=self.get_serializer_context())
        return Response(shown.data, headers={"ETag": etag(lead)})
