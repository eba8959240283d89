"""Shapes of deals, of what is in them, and of pipelines and products."""

import re
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from accounts.models import Account, Contact
from accounts.serializers import AccountSerializer, ContactSerializer, OwnedSerializer, explained
from activities.models import Reason, ReasonKind
from activities.serializers import ReasonField
from crm.serializers import (
    CleanCharField,
    MoneyField,
    RelatedField,
    RelaySerializer,
    ShapeSerializer,
    StrictIntegerField,
    VisibleRelatedField,
)
from opportunities.models import (
    ContactRole,
    ExitRequirement,
    LineItem,
    Opportunity,
    OpportunityRole,
    Pipeline,
    Product,
    Stage,
)
from opportunities.services.stages import REASON_FOR
from people.models import User

CRITERION_ID = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)
CRITERION_KEY = re.compile(r"[-\w]+", re.ASCII)


class OpportunitySerializer(OwnedSerializer):
    """A deal in progress, or one that was won or lost."""

    amount = MoneyField(
        required=False,
        allow_null=True,
        help_text="What it is worth. With line items they make it, and it cannot be set.",
    )
    company_amount = serializers.DecimalField(
        max_digits=18,
        decimal_places=2,
        read_only=True,
        allow_null=True,
        help_text="The amount in the company's currency, at the rate of the day it was set.",
    )
    account = VisibleRelatedField(
        queryset=Account.objects.all(), help_text="Whose deal it is; it cannot change."
    )
    stage = RelatedField(
        queryset=Stage.objects.select_related("pipeline"),
        required=False,
        help_text="Where it stands; by default the first open stage. Later use `move`.",
    )
    probability = StrictIntegerField(
        min_value=0,
        max_value=100,
        required=False,
        allow_null=True,
        help_text="Percent. Null lets it follow the stage.",
    )

    class Meta:
        model = Opportunity
        fields = (
            "id", "name", "account", "primary_contact", "owner", "team", "pipeline", "stage",
            "stage_kind", "stage_since", "amount", "company_amount", "probability",
            "probability_overridden", "forecast_category", "close_date", "close_date_pushes",
            "close_date_is_default", "type", "next_step", "next_step_on", "description",
            "source", "campaign", "competitor", "partner_account", "closed_at", "closed_reason",
            "closed_note", "last_activity_at", "external_id", "version", "created_at",
            "created_by", "updated_at", "updated_by",
        )  # fmt: skip
        read_only_fields = (
            "id", "team", "pipeline", "stage_kind", "stage_since", "probability_overridden",
            "close_date_pushes", "close_date_is_default", "closed_at", "closed_reason",
            "closed_note", "last_activity_at", "version", "created_at", "created_by",
            "updated_at", "updated_by",
        )  # fmt: skip
        expandable = {"account": AccountSerializer, "primary_contact": ContactSerializer}
        extra_kwargs = explained(
            name="What people call it.",
            primary_contact="Whom we talk to first.",
            pipeline="The pipeline of its stage.",
            stage_kind="Open, won or lost: the kind of its stage.",
            stage_since="When it came into its stage.",
            probability_overridden="Somebody has set the probability; the stage does not.",
            close_date_pushes="How often the close date was moved later.",
            close_date_is_default="Nobody has chosen the close date yet.",
            type="New business, expansion or renewal.",
            next_step="What happens next.",
            next_step_on="When that is.",
            competitor="Against whom.",
            partner_account="Who sells it with us.",
            closed_at="When it was won or lost.",
            closed_reason="Why.",
            closed_note="What was said about it.",
            last_activity_at="When somebody last did something about it.",
        ) | {
            "close_date": {
                "required": False,
                "help_text": "The day it should be closed; by default the fiscal quarter's last.",
            },
            "forecast_category": {
                "required": False,
                "help_text": "How the forecast counts it; by default as its stage says.",
            },
        }

    def to_internal_value(self, data: Any) -> Any:
        values = super().to_internal_value(data)
        if self.instance is not None:
            for name, action in (("account", None), ("stage", "move")):
                value = values.pop(name, None)
                if value is not None and value.pk != getattr(self.instance, f"{name}_id"):
                    hint = f"Use the action {action}." if action else "It cannot change."
                    raise serializers.ValidationError({name: [hint]})
        return values


class BroughtAnswerSerializer(ShapeSerializer):
    """An answer that a move brings along, which confirms its criterion."""

    value = CleanCharField(max_length=500, help_text="What is known.")
    evidence = CleanCharField(
        required=False, allow_blank=True, max_length=10_000, help_text="How it is known."
    )


class BroughtAnswersField(serializers.DictField):
    """Answers by the ids of their criteria, which JSON writes as text, or by their keys."""

    child = BroughtAnswerSerializer()

    def to_internal_value(self, data: Any) -> dict[int | str, Any]:
        answers = super().to_internal_value(data)
        if odd := [name for name in answers if not CRITERION_KEY.fullmatch(name)]:
            hint = ErrorDetail("Name the criterion by its id or key.", code="unknown_field")
            raise serializers.ValidationError({name: [hint] for name in odd})
        return {
            int(name) if CRITERION_ID.fullmatch(name) else name: answer
            for name, answer in answers.items()
        }


class ReopenSerializer(ShapeSerializer):
    """Why a closed deal is open again."""

    reason = ReasonField(
        queryset=Reason.objects.filter(is_active=True),
        kind=ReasonKind.REOPEN,
        help_text="One of the kind `reopen`.",
    )
    stage = RelatedField(
        queryset=Stage.objects.select_related("pipeline"),
        required=False,
        allow_null=True,
        help_text="Where it goes; by default where it was closed from.",
    )
    note = CleanCharField(required=False, allow_blank=True, help_text="More about it.")


class AssignOpportunitySerializer(ShapeSerializer):
    """Who has the deal from now on."""

    owner = VisibleRelatedField(queryset=User.objects.all(), help_text="The new owner.")


class ContactRoleSerializer(RelaySerializer):
    """The part somebody plays in a deal."""

    contact = VisibleRelatedField(queryset=Contact.objects.all(), help_text="Who.")
    role = serializers.ChoiceField(choices=OpportunityRole.choices, help_text="The part.")
    is_primary = serializers.BooleanField(
        required=False, help_text="Whom we talk to first; by default only where nobody is yet."
    )

    class Meta:
        model = ContactRole
        fields = ("id", "contact", "role", "is_primary")
        extra_kwargs = {"id": {"help_text": "The number of this part in the deal."}}


class LineItemSerializer(RelaySerializer):
    """A product in a deal."""

    product = RelatedField(queryset=Product.objects.live(), help_text="What is sold.")
    unit_price = serializers.DecimalField(
        max_digits=18,
        decimal_places=2,
        required=False,
        help_text="In the deal's currency; by default the list price.",
    )
    total = serializers.DecimalField(
        max_digits=18, decimal_places=2, read_only=True, help_text="What the line comes to."
    )

    class Meta:
        model = LineItem
        fields = (
            "id",
            "product",
            "description",
            "quantity",
            "unit_price",
            "discount_percent",
            "total",
        )
        extra_kwargs = explained(
            id="The number of the line.",
            description="What is special about it.",
            quantity="How many; by default one.",
            discount_percent="From 0 to 100; by default none.",
        )


class LineItemsSerializer(ShapeSerializer):
    """All products of a deal: they replace those it had."""

    items = LineItemSerializer(many=True, help_text="In their order; none empties the list.")


class MoveSerializer(ShapeSerializer):
    """A move to another stage, with what it needs."""

    stage = RelatedField(
        queryset=Stage.objects.select_related("pipeline"), help_text="Where it goes."
    )
    reason = ReasonField(
        queryset=Reason.objects.filter(is_active=True),
        required=False,
        allow_null=True,
        help_text="Why it was lost or won; needed to lose.",
    )
    note = CleanCharField(required=False, allow_blank=True, help_text="More about it.")
    override_reason = CleanCharField(
        required=False,
        allow_blank=True,
        max_length=250,
        help_text="Why it moves without what its stage asks for; for managers.",
    )
    changes = serializers.DictField(
        required=False,
        help_text="Fields of the deal that are set on the way, as PATCH takes them.",
    )
    answers = BroughtAnswersField(
        required=False,
        help_text=(
            "What confirms criteria that the stage asks for, by the criterion's id or key:"
            ' `{"champion": {"value": "Ann Lee", "evidence": "She booked the room."}}`.'
            " The ids are those that `exit_requirements_missing` names."
        ),
    )
    contact_roles = ContactRoleSerializer(
        many=True, required=False, help_text="Who takes part from now on, besides those who do."
    )
    line_items = LineItemSerializer(
        many=True, required=False, help_text="What the deal sells: it replaces what it sold."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A code may be a reason for winning and another one for losing: the stage says which."""
        reason = attrs.get("reason")
        if reason is not None and self.initial_data["reason"] == reason.code:
            meant = Reason.objects.filter(
                is_active=True, code=reason.code, kind=REASON_FOR.get(attrs["stage"].kind)
            )
            attrs["reason"] = meant.first() or reason
        return attrs


class ChangeSerializer(serializers.Serializer):
    """One change of a deal."""

    field = serializers.CharField(help_text="What changed.")
    old = serializers.CharField(allow_null=True, help_text="From what.", source="old_value")
    new = serializers.CharField(allow_null=True, help_text="To what.", source="new_value")
    at = serializers.DateTimeField(help_text="When.")
    by = serializers.IntegerField(
        allow_null=True, source="by_id", help_text="Who; null for changes outside the application."
    )


class VisitSerializer(serializers.Serializer):
    """A stay in a stage."""

    stage = serializers.IntegerField(source="stage.pk", help_text="Where.")
    entered_at = serializers.DateTimeField(help_text="From when.")
    left_at = serializers.DateTimeField(allow_null=True, help_text="Until when; null: still there.")


class HistorySerializer(serializers.Serializer):
    """How a deal came to be what it is."""

    changes = ChangeSerializer(many=True, help_text="Newest first.")
    stages = VisitSerializer(many=True, source="visits", help_text="In their order.")


class ProductSerializer(RelaySerializer):
    """Something on the price list."""

    unit_price = MoneyField(
        amount="unit_price", currency="currency", required=False, help_text="The list price."
    )

    class Meta:
        model = Product
        fields = ("id", "name", "code", "description", "unit_price", "is_active", "version")
        read_only_fields = ("version",)
        extra_kwargs = explained(
            name="What people call it.",
            code="Its number in the price list.",
            is_active="Whether it can be sold.",
        )


class ExitRequirementSerializer(RelaySerializer):
    """What a deal needs to leave a stage."""

    class Meta:
        model = ExitRequirement
        fields = ("label", "field", "criterion")
        extra_kwargs = {
            "label": {"help_text": "What people read."},
            "field": {"help_text": "A field of the deal, or empty."},
            "criterion": {"help_text": "A playbook criterion that must be confirmed, or null."},
        }


class StageSerializer(RelaySerializer):
    """One step of a pipeline."""

    exit_requirements = ExitRequirementSerializer(
        many=True, read_only=True, help_text="What a deal needs to leave it."
    )

    class Meta:
        model = Stage
        fields = (
            "id",
            "pipeline",
            "name",
            "kind",
            "position",
            "probability",
            "forecast_category",
            "rotting_days",
            "is_active",
            "exit_requirements",
        )
        extra_kwargs = explained(
            id="The stage's number.",
            pipeline="Whose step it is.",
            name="What people call it.",
            kind="Whether deals in it are open, won or lost.",
            position="Its place in the pipeline.",
            probability="Percent that a deal in it is won.",
            forecast_category="How the forecast counts deals in it.",
            rotting_days="After how many days a deal in it counts as stuck.",
            is_active="Whether deals may still go there.",
        )


class PipelineSerializer(RelaySerializer):
    """An ordered list of stages."""

    class Meta:
        model = Pipeline
        fields = ("id", "name", "is_default", "is_active", "position")
        extra_kwargs = explained(
            id="The pipeline's number.",
            name="What people call it.",
            is_default="Where new deals go.",
            is_active="Whether it is in use.",
            position="Its place among the pipelines.",
        )
