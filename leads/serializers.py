"""Shapes of leads."""

from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.serializers import ADDRESS, AccountSerializer, ContactSerializer, explained
from activities.models import Reason, ReasonKind
from activities.serializers import ReasonField
from crm.serializers import (
    CleanCharField,
    MoneyField,
    RelatedField,
    RelaySerializer,
    ShapeSerializer,
    VisibleRelatedField,
)
from leads.known import Match
from leads.matching import MatchReason, Strength
from leads.models import (
    Lead,
    LeadClaim,
    LeadStatus,
    Playbook,
    PlaybookSubject,
    Queue,
)
from opportunities.models import Product
from opportunities.serializers import OpportunitySerializer
from people.models import User
from people.serializers import TeamSerializer, UserSerializer

MOST_PRODUCTS = 50
KEPT_BY_THE_SYSTEM = (
    "id",
    "status_kind",
    "handoff_state",
    "score",
    "score_explanation",
    "assigned_at",
    "first_response_at",
    "last_activity_at",
    "converted_at",
    "converted_by",
    "converted_account",
    "converted_contact",
    "converted_opportunity",
    "reengaged_from",
    "version",
    "created_at",
    "created_by",
    "updated_at",
    "updated_by",
)
# A new lead says these of itself; afterwards each has an action of its own.
ONLY_WHEN_NEW = {
    "owner": "assign",
    "queue": "assign",
    "status": "status",
    "disqualified_reason": "status",
    "wake_up_on": "status",
}


class InterestSerializer(ShapeSerializer):
    """A product the lead asked about."""

    product = RelatedField(queryset=Product.objects.live(), help_text="The product's id.")
    quantity = serializers.DecimalField(
        max_digits=12,
        decimal_places=2,
        min_value=Decimal("0.01"),
        default=Decimal(1),
        help_text="How many, 1 unless given.",
    )


class ScoreEntrySerializer(serializers.Serializer):
    """Some points of the score. All entries add up to it."""

    label = serializers.CharField(help_text="The rule that gave them.")
    points = serializers.IntegerField(help_text="How many; they may be negative.")
    detail = serializers.CharField(help_text="What the rule found.")


@extend_schema_field(ScoreEntrySerializer(many=True))
class ScoreExplanationField(serializers.ReadOnlyField):
    """The entries as they are stored, which is how they are shown."""


class LeadSerializer(RelaySerializer):
    """A person or company that showed interest and is not qualified yet."""

    owner = VisibleRelatedField(
        queryset=User.objects.all(),
        required=False,
        allow_null=True,
        help_text="Whose it is: yours unless you name somebody or a queue. Later see `assign`.",
    )
    queue = VisibleRelatedField(
        queryset=Queue.objects.all(),
        required=False,
        allow_null=True,
        help_text="The queue it waits in, when nobody owns it. Later see `assign`.",
    )
    status = RelatedField(
        queryset=LeadStatus.objects.all(),
        required=False,
        help_text="One of `lead-statuses`. Later see `status`.",
    )
    disqualified_reason = ReasonField(
        queryset=Reason.objects.filter(kind=ReasonKind.DISQUALIFY),
        required=False,
        allow_null=True,
        help_text="Why it was disqualified, one of `reasons`.",
    )
    playbook = RelatedField(
        queryset=Playbook.objects.filter(subject=PlaybookSubject.LEAD),
        required=False,
        allow_null=True,
        help_text="How it is qualified; null for its team's usual playbook.",
    )
    annual_revenue = MoneyField(
        amount="annual_revenue",
        currency="currency",
        required=False,
        allow_null=True,
        help_text="Yearly revenue of the company.",
    )
    products = InterestSerializer(
        source="product_interests",
        many=True,
        required=False,
        max_length=MOST_PRODUCTS,
        help_text="What they asked about. The list replaces the one that is there.",
    )
    imported_values = serializers.DictField(
        required=False, help_text="What an import brought along that has no field here."
    )
    score_explanation = ScoreExplanationField(help_text="Where the points of the score come from.")

    class Meta:
        model = Lead
        fields = (
            "id",
            "salutation",
            "first_name",
            "last_name",
            "title",
            "company",
            "email",
            "other_email",
            "phone",
            "mobile",
            "website",
            "industry",
            "employees",
            "annual_revenue",
            *ADDRESS,
            "source",
            "source_detail",
            "campaign",
            "products",
            "rating",
            "description",
            "owner",
            "queue",
            "team",
            "partner_account",
            "do_not_call",
            "do_not_email",
            "next_step",
            "next_step_on",
            "status",
            "status_kind",
            "disqualified_reason",
            "wake_up_on",
            "playbook",
            "handoff_state",
            "score",
            "score_explanation",
            "assigned_at",
            "first_response_at",
            "last_activity_at",
            "converted_at",
            "converted_by",
            "converted_account",
            "converted_contact",
            "converted_opportunity",
            "reengaged_from",
            "external_id",
            "imported_owner",
            "imported_values",
            "version",
            "created_at",
            "created_by",
            "updated_at",
            "updated_by",
        )
        read_only_fields = KEPT_BY_THE_SYSTEM
        expandable = {
            "owner": UserSerializer,
            "team": TeamSerializer,
            "partner_account": AccountSerializer,
            "converted_account": AccountSerializer,
            "converted_contact": ContactSerializer,
            "converted_opportunity": OpportunitySerializer,
        }
        extra_kwargs = explained(
            salutation="Such as Ms or Dr.",
            first_name="Given name.",
            last_name="Family name.",
            title="Job title.",
            company="Their company's name; empty for a person without one.",
            email="Address for mail; leads with the same one are told as duplicates.",
            other_email="A second address.",
            mobile="Mobile number, as people write it.",
            website="Address of the company's site.",
            industry="Line of business.",
            employees="How many people work there.",
            source="How they came to us, one of `lead-sources`.",
            source_detail="More about that, such as which booth or page.",
            rating="How promising they seem: hot, warm, cold, or empty.",
            team="Whose lead it is; the owner's team unless given.",
            partner_account="The partner who brought them.",
            do_not_call="They asked not to be called.",
            do_not_email="They asked not to get mail.",
            next_step="What is to be done next.",
            next_step_on="On which day.",
            wake_up_on="The day on which a nurtured lead returns to work.",
            status_kind="What the status means, whatever it is called.",
            handoff_state="Where its latest conversion request stands; empty before the first.",
            score="Points from 0 to 100.",
            assigned_at="When its owner got it.",
            first_response_at="When one of us first reached out.",
            last_activity_at="When something last happened with it.",
            converted_at="When it was converted; from then on it is final.",
            converted_by="Who converted it.",
            converted_account="The account that came out of it.",
            converted_contact="The contact that came out of it.",
            converted_opportunity="The opportunity that came out of it, if any.",
            reengaged_from="The converted lead whose person came back.",
            imported_owner="Who owned it elsewhere, when they are no user here.",
        )

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        if (interests := values.pop("product_interests", None)) is not None:
            values["products"] = [(wish["product"], wish["quantity"]) for wish in interests]
        if self.instance is None:
            return values
        # A PATCH that repeats what it has read changes nothing.
        misplaced = {
            name: serializers.ErrorDetail(f"Use the action {action}.", code=f"use_{action}")
            for name, action in ONLY_WHEN_NEW.items()
            if name in values and values.pop(name) != getattr(self.instance, name)
        }
        if misplaced:
            raise serializers.ValidationError(misplaced)
        return values


class AssignLeadSerializer(ShapeSerializer):
    """Whom to give the lead to: a person or a queue."""

    owner = VisibleRelatedField(
        queryset=User.objects.all(), required=False, help_text="Its new owner, who is told."
    )
    queue = VisibleRelatedField(
        queryset=Queue.objects.all(), required=False, help_text="The queue it shall wait in."
    )
    why = CleanCharField(
        required=False, max_length=500, help_text="Kept in the history beside the change."
    )


class StatusSerializer(ShapeSerializer):
    """The status a lead shall have."""

    status = RelatedField(
        queryset=LeadStatus.objects.all(),
        help_text="One of `lead-statuses`, but never a converted one.",
    )
    reason = ReasonField(
        queryset=Reason.objects.filter(kind=ReasonKind.DISQUALIFY),
        required=False,
        help_text="Why, needed to disqualify.",
    )
    wake_up_on = serializers.DateField(
        required=False, help_text="The day on which it returns, needed for nurturing."
    )


class ClaimSerializer(RelaySerializer):
    """Who is working on the lead just now."""

    class Meta:
        model = LeadClaim
        fields = ("lead", "user", "until")
        read_only_fields = fields


class MatchReasonSerializer(serializers.Serializer):
    """Why two leads may be the same."""

    code = serializers.ChoiceField(choices=[each.value for each in MatchReason], source="value")
    label = serializers.CharField(help_text="The reason in words.")


class MatchSerializer(serializers.Serializer):
    """A lead that may be the same. Of one you may not see, only its team is told."""

    lead = serializers.IntegerField(
        source="lead.pk",
        default=None,
        allow_null=True,
        read_only=True,
        help_text="Its id; null where you may not see it.",
    )
    name = serializers.SerializerMethodField(help_text="Its name; empty where you may not see it.")
    company = serializers.SerializerMethodField(help_text="Its company, likewise.")
    team = serializers.CharField(help_text="The team that has it.")
    strength = serializers.ChoiceField(
        choices=[each.value for each in Strength], help_text="How sure it is."
    )
    reasons = MatchReasonSerializer(many=True)

    def get_name(self, match: Any) -> str:
        return match.lead.name if match.lead else ""

    def get_company(self, match: Any) -> str:
        return match.lead.company if match.lead else ""


class CandidateReasonSerializer(serializers.Serializer):
    """Why a record may be the same as the lead, with both values."""

    code = serializers.CharField(help_text="Such as `same_email`.")
    label = serializers.CharField(help_text="The reason in words.")
    lead_value = serializers.CharField(help_text="What the lead has.")
    record_value = serializers.CharField(help_text="What the record has.")


class CandidateSerializer(serializers.Serializer):
    """
    An account or contact that the lead may already be.

    Of one you may not see, only `detail` and how strong it is are told.
    """

    target = serializers.ChoiceField(choices=["account", "contact"])
    id = serializers.IntegerField(allow_null=True, help_text="Null where you may not see it.")
    strength = serializers.ChoiceField(choices=[each.value for each in Strength])
    hidden = serializers.BooleanField(help_text="Whether you may not see it.")
    detail = serializers.CharField(required=False, help_text="Which team has a hidden one.")
    name = serializers.CharField(required=False)
    url = serializers.CharField(required=False, help_text="Of its page.")
    owner = serializers.CharField(required=False, help_text="The owner's name.")
    score = serializers.IntegerField(required=False, help_text="How alike, up to 99.")
    editable = serializers.BooleanField(required=False, help_text="Whether you may edit it.")
    reasons = CandidateReasonSerializer(many=True, required=False)

    def to_representation(self, instance: Match) -> dict[str, Any]:
        return instance.as_json()


class MatchesSerializer(serializers.Serializer):
    """What a lead may be the same as, the surest first."""

    matches = MatchSerializer(many=True, help_text="Other leads.")
    candidates = CandidateSerializer(
        many=True, help_text="Accounts and contacts, as `conversion-preview` offers them."
    )
