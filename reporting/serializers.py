"""Reports in JSON."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from reporting.funnel import Counting
from reporting.rows import Figure
from reporting.search import KINDS, Hit

CENT = Decimal("0.01")


class TeamParametersSerializer(serializers.Serializer):
    """Whose figures a report tells."""

    team = serializers.IntegerField(required=False, help_text="A team; those below it count too.")


class PeriodParametersSerializer(TeamParametersSerializer):
    """Also of which time."""

    period = serializers.CharField(
        required=False,
        help_text="A quarter (2026Q4) or year (2026) of the fiscal year, or a month (2026-11).",
    )
    after = serializers.DateField(required=False, help_text="Instead: any days, from this one on.")
    before = serializers.DateField(required=False, help_text="Up to this day, which counts too.")


class FunnelParametersSerializer(PeriodParametersSerializer):
    """Also what the funnel counts."""

    funnel = serializers.ChoiceField(
        choices=Counting.choices,
        required=False,
        help_text="Leads created in the period and what became of them, or what happened in it.",
    )


class SumSerializer(serializers.Serializer):
    """An amount in the company's currency."""

    amount = serializers.DecimalField(max_digits=None, decimal_places=2)
    currency = serializers.CharField()


class FigureSerializer(serializers.Serializer):
    """A count, and the address that lists exactly the rows it counts."""

    count = serializers.IntegerField()
    rows = serializers.URLField(read_only=True)


class DealsSerializer(FigureSerializer):
    """A count of deals, and what they come to in the company's currency."""

    amount = SumSerializer(read_only=True)
    weighted = SumSerializer(read_only=True)


@extend_schema_field(FigureSerializer)
class FigureField(serializers.Field):
    """
    A figure. A report has a hundred of them, too many for a serializer of two fields each.
    """

    def to_representation(self, figure: Figure) -> dict[str, Any]:
        rows = self.context["request"].build_absolute_uri(figure.rows.api_url)
        return {"count": figure.count, "rows": rows}


@extend_schema_field(DealsSerializer)
class DealsField(FigureField):
    """A figure of deals."""

    def to_representation(self, figure: Figure) -> dict[str, Any]:
        sums = {"amount": self.money(figure.amount), "weighted": self.money(figure.weighted)}
        return super().to_representation(figure) | sums

    def money(self, amount: Decimal) -> dict[str, str]:
        cents = Decimal(amount).quantize(CENT, ROUND_HALF_UP)
        return {"amount": str(cents), "currency": self.context["currency"]}


class GroupSerializer(serializers.Serializer):
    """The part of the open pipeline that a stage, a person or a team has."""

    id = serializers.IntegerField(source="key", allow_null=True)
    name = serializers.CharField(source="label")
    deals = DealsField(source="figure")


class StepSerializer(serializers.Serializer):
    """A step of the funnel."""

    step = serializers.ChoiceField(source="key", choices=["leads", "requested", "converted", "won"])
    meaning = serializers.CharField()
    percent = serializers.IntegerField(
        source="share", allow_null=True, help_text="Of the leads; null where there are none."
    )
    figure = FigureField()


class HitSerializer(serializers.Serializer):
    """A record that was found."""

    type = serializers.ChoiceField(source="kind.key", choices=list(KINDS))
    id = serializers.IntegerField(source="record.pk")
    name = serializers.CharField(source="title")
    detail = serializers.CharField(help_text="Company, account or city.")
    url = serializers.SerializerMethodField()

    @extend_schema_field({"type": "string", "format": "uri"})
    def get_url(self, hit: Hit) -> str:
        address = reverse(hit.kind.api_name, args=[hit.record.pk])
        return self.context["request"].build_absolute_uri(address)


class FoundSerializer(serializers.Serializer):
    """What a search has found, the likeliest first."""

    is_close = serializers.BooleanField(
        help_text="Nothing matches; these are records with words spelled alike."
    )
    results = HitSerializer(source="hits", many=True)


class SearchParametersSerializer(serializers.Serializer):
    """What to look for."""

    q = serializers.CharField(
        max_length=200,
        default="",
        allow_blank=True,
        help_text="Words that all have to occur, an email address or a phone number.",
    )
    type = serializers.MultipleChoiceField(
        choices=list(KINDS), required=False, help_text="Only records of these types."
    )


class PeriodSerializer(serializers.Serializer):
    """The days that the report is about."""

    name = serializers.CharField(source="label")
    first = serializers.DateField()
    last = serializers.DateField()


class ReportSerializer(serializers.Serializer):
    """When a report was made, and about whom."""

    as_of = serializers.DateTimeField()
    team = serializers.IntegerField(source="team.pk", default=None, allow_null=True)


class PipelineReportSerializer(ReportSerializer):
    """The open pipeline as data."""

    currency = serializers.CharField()
    period = PeriodSerializer()
    open = DealsField()
    closing = DealsField()
    won = DealsField()
    attention = DealsField()
    by_stage = GroupSerializer(many=True)
    by_owner = GroupSerializer(many=True)
    by_team = GroupSerializer(many=True)


class FunnelReportSerializer(ReportSerializer):
    """The funnel as data."""

    period = PeriodSerializer()
    counting = serializers.ChoiceField(choices=Counting.choices)
    steps = StepSerializer(many=True)


class HandoffReportSerializer(ReportSerializer):
    """The requests that wait, as data."""

    waiting = FigureField()
    overdue = FigureField()
