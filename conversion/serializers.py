"""
Shapes of plans, previews, receipts and requests.

A plan is read by `conversion.plans`, which answers every problem at once; its shape here
is the description of it. Receipts and requests are written by `conversion.receipts`, so
that a retry gets the very same answer.
"""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from activities.models import Reason, ReasonKind
from activities.serializers import ReasonField
from conversion.mapping import TARGET_FIELDS
from conversion.models import Conversion, ConversionRequest, LeadOutcome, Mode, RequestState
from conversion.plans import ACTIONS
from conversion.receipts import handoff, receipt
from conversion.services.bulk import MAX_ROWS
from conversion.services.decisions import NOTE_NEEDED
from crm.serializers import (
    CleanCharField,
    RelatedField,
    ShapeSerializer,
    StrictBooleanField,
    StrictDateField,
    StrictDateTimeField,
    VisibleRelatedField,
)
from leads.models import Lead, Path
from leads.qualification_serializers import CriterionNameField
from leads.serializers import CandidateSerializer
from opportunities.models import OpportunityRole
from people.models import User

PLAN_EXAMPLE = {
    "account": {"action": "create", "fields": {"name": "Halcyon Robotics"}},
    "contact": {"action": "create"},
    "opportunity": {
        "action": "create",
        "fields": {
            "name": "Halcyon Robotics - 60 seats",
            "amount": "48000.00",
            "currency": "EUR",
            "close_date": "2027-01-31",
        },
    },
    "contact_role": "decision_maker",
}


def target_schema(name: str) -> dict[str, Any]:
    """One part of a plan in OpenAPI."""
    properties: dict[str, Any] = {
        "action": {"type": "string", "enum": list(ACTIONS[name])},
        "id": {"type": "integer", "minimum": 1, "description": "Which one, with `existing`."},
        "fields": {
            "type": "object",
            "additionalProperties": False,
            "description": "Values of a new record, instead of what the lead gives.",
            "properties": {field: {} for field in TARGET_FIELDS[name]},
        },
    }
    if name != "opportunity":
        properties["take_from_lead"] = {
            "type": "array",
            "items": {"type": "string"},
            "description": "Fields of an existing record that take the lead's value.",
        }
    return {
        "type": "object",
        "required": ["action"],
        "additionalProperties": False,
        "properties": properties,
    }


PLAN_SCHEMA = {
    "type": "object",
    "required": list(ACTIONS),
    "additionalProperties": False,
    "properties": {
        **{name: target_schema(name) for name in ACTIONS},
        "contact_role": {
            "type": "string",
            "enum": OpportunityRole.values,
            "description": "The part of the contact in the deal.",
        },
        "owner": {"type": "integer", "description": "Owner of what is new. Default: you."},
        "status": {"type": "integer", "description": "A status for converted leads."},
        "hand_over_tasks": {
            "type": "boolean",
            "default": True,
            "description": "Whether the owner gets the lead's open tasks.",
        },
        "duplicate_override": {
            "type": "object",
            "required": ["reason"],
            "additionalProperties": False,
            "properties": {"reason": {"type": "string", "maxLength": 500}},
            "description": "Why something new is made despite a strong match.",
        },
        "lead_version": {
            "type": "integer",
            "description": "412 if the lead has another version by now.",
        },
        "preview_token": {
            "type": "string",
            "description": "From a preview: 409 if something else would happen by now.",
        },
    },
    "example": PLAN_EXAMPLE,
}


@extend_schema_field(PLAN_SCHEMA)
class PlanField(serializers.JSONField):
    """A plan inside another body; it is read by `read_plan`."""


class PreviewSerializer(serializers.Serializer):
    """What a conversion would do. Nothing has been written."""

    effects = serializers.DictField(
        help_text="What is created, used, filled, replaced, kept, moved, and kept on the lead."
    )
    candidates = CandidateSerializer(
        many=True,
        help_text="Accounts and contacts the lead may already be, with strength and reasons.",
    )
    blockers = serializers.ListField(
        child=serializers.DictField(), help_text="Why it cannot be done like this."
    )
    warnings = serializers.ListField(
        child=serializers.CharField(), help_text="What to look at before."
    )
    preview_token = serializers.CharField(
        help_text="Send it along when converting, so that exactly this happens or nothing."
    )


class PersonSerializer(serializers.Serializer):
    """A colleague by id and name."""

    id = serializers.IntegerField()
    name = serializers.CharField()


class RecordSerializer(serializers.Serializer):
    """A record by its address and name."""

    id = serializers.IntegerField()
    url = serializers.CharField()
    name = serializers.CharField()


class TargetSerializer(RecordSerializer):
    """A target of a conversion, and whether it was made or used."""

    outcome = serializers.ChoiceField(choices=["created", "existing"])


class ReceiptSerializer(serializers.Serializer):
    """A conversion: what it made, used, filled and moved, and who had a part. It never changes."""

    id = serializers.IntegerField()
    url = serializers.CharField(help_text="Of this receipt in the API.")
    page = serializers.CharField(help_text="Of this receipt for people.")
    lead = RecordSerializer()
    account = TargetSerializer()
    contact = TargetSerializer()
    opportunity = TargetSerializer(allow_null=True, help_text="Null where none was wanted.")
    mode = serializers.ChoiceField(choices=Mode.choices)
    request = serializers.IntegerField(allow_null=True, help_text="The request it came from.")
    converted_at = serializers.DateTimeField()
    converted_by = PersonSerializer()
    sourced_by = PersonSerializer(allow_null=True)
    requested_by = PersonSerializer(allow_null=True)
    approved_by = PersonSerializer(allow_null=True)
    effects = serializers.DictField(help_text="What was filled, replaced, kept and moved.")
    lead_snapshot = serializers.DictField(help_text="How the lead looked.")
    answers = serializers.ListField(
        child=serializers.DictField(), help_text="The qualification answers at that time."
    )
    duplicate_reason = serializers.CharField(
        help_text="Why something new was made despite a strong match."
    )

    def to_representation(self, instance: Conversion) -> dict[str, Any]:
        return receipt(instance)


class RequestSerializer(serializers.Serializer):
    """A request that an AE accept a lead, with its frozen evidence and how it was decided."""

    id = serializers.IntegerField()
    url = serializers.CharField(help_text="Of this request in the API.")
    page = serializers.CharField(help_text="Of this request for people.")
    lead = RecordSerializer()
    path = PersonSerializer(help_text="The way in which the lead qualifies.")
    state = serializers.ChoiceField(choices=RequestState.choices)
    plan = PlanField(help_text="The plan that is asked for.")
    answers = serializers.ListField(
        child=serializers.DictField(), help_text="The evidence as it was when submitted."
    )
    message = serializers.CharField()
    next_meeting_at = serializers.DateTimeField(allow_null=True)
    requester = PersonSerializer()
    approver = PersonSerializer()
    approver_because = serializers.CharField(help_text="Why this approver.")
    submitted_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(help_text="When it should be decided.")
    decided_at = serializers.DateTimeField(allow_null=True)
    decided_by = PersonSerializer(allow_null=True)
    reason = serializers.CharField(allow_null=True, help_text="The code of a rejection's reason.")
    decision_note = serializers.CharField()
    doubted = serializers.ListField(
        child=serializers.IntegerField(), help_text="Criteria whose evidence is doubted."
    )
    lead_outcome = serializers.CharField(help_text="What happened to a rejected lead.")
    resubmissions = serializers.IntegerField()
    dispute_statement = serializers.CharField()
    dispute_decision = serializers.CharField()
    dispute_decided_by = PersonSerializer(allow_null=True)
    version = serializers.IntegerField()

    def to_representation(self, instance: ConversionRequest) -> dict[str, Any]:
        return handoff(instance)


# --- bodies of actions ---


class SubmitSerializer(ShapeSerializer):
    """A request for one lead."""

    path = RelatedField(
        queryset=Path.objects.filter(is_active=True),
        help_text="The way in which the lead qualifies; what it requires must be confirmed.",
    )
    plan = PlanField(help_text="What should be made of the lead.")
    approver = VisibleRelatedField(
        queryset=User.objects.active(),
        required=False,
        allow_null=True,
        help_text="Who decides. Without it the path's rule finds somebody.",
    )
    message = CleanCharField(
        required=False, allow_blank=True, max_length=4000, help_text="To the approver."
    )
    next_meeting_at = StrictDateTimeField(
        required=False, allow_null=True, help_text="The next meeting, if one is agreed."
    )


class ResubmitSerializer(ShapeSerializer):
    """The same request again, as things are now."""

    plan = PlanField(required=False, help_text="Another plan. Default: the one it has.")
    message = CleanCharField(
        required=False, allow_blank=True, max_length=4000, help_text="To the approver."
    )
    next_meeting_at = StrictDateTimeField(
        required=False, allow_null=True, help_text="The next meeting, if one is agreed."
    )


class ApproveSerializer(ShapeSerializer):
    """The go-ahead, or the conversion at once."""

    note = CleanCharField(
        required=False, allow_blank=True, max_length=4000, help_text="To the requester."
    )
    convert = StrictBooleanField(
        required=False,
        default=False,
        help_text="Approve and convert in one transaction; needs an Idempotency-Key.",
    )
    plan = PlanField(
        required=False, help_text="With `convert`: another plan than the one asked for."
    )


class SendBackSerializer(ShapeSerializer):
    """What has to be improved: a message, or criteria whose evidence is doubted."""

    message = CleanCharField(
        required=False, allow_blank=True, max_length=4000, help_text="To the requester."
    )
    doubted = serializers.ListField(
        child=CriterionNameField(),
        required=False,
        max_length=100,
        help_text="Ids or keys of the criteria whose evidence is not convincing.",
    )


class RejectSerializer(ShapeSerializer):
    """Why not, and what happens to the lead."""

    reason = ReasonField(
        queryset=Reason.objects.for_kind(ReasonKind.REJECT),
        help_text="Why, such as `no_budget`.",
    )
    outcome = serializers.ChoiceField(
        choices=LeadOutcome.choices, help_text="What happens to the lead."
    )
    note = CleanCharField(
        max_length=4000,
        help_text="Why in words, to the requester.",
        error_messages={"required": NOTE_NEEDED, "blank": NOTE_NEEDED},
    )
    recycle_on = StrictDateField(
        required=False, allow_null=True, help_text="With `recycle`: the day it comes back."
    )
    reassign_to = VisibleRelatedField(
        queryset=User.objects.active(),
        required=False,
        allow_null=True,
        help_text="With `reassign`: who gets the lead.",
    )


class NoteSerializer(ShapeSerializer):
    """A word about why."""

    note = CleanCharField(
        required=False, allow_blank=True, max_length=1000, help_text="Why, if you like."
    )


class ReassignRequestSerializer(NoteSerializer):
    """Who decides instead."""

    to = VisibleRelatedField(queryset=User.objects.active(), help_text="The new approver.")


class DisputeSerializer(ShapeSerializer):
    """Why a rejection is wrong."""

    statement = CleanCharField(max_length=4000, help_text="For the manager who decides.")


class DecideDisputeSerializer(DisputeSerializer):
    """What becomes of a disputed rejection."""

    overturn = StrictBooleanField(help_text="True: it is open again. False: the rejection stands.")
    approver = VisibleRelatedField(
        queryset=User.objects.active(),
        required=False,
        allow_null=True,
        help_text="Who decides anew. Default: you.",
    )


class BulkRowSerializer(ShapeSerializer):
    """One lead of a bulk conversion."""

    lead = VisibleRelatedField(queryset=Lead.objects.all(), help_text="Which lead.")
    plan = PlanField(help_text="What should be made of it.")
    reuse_account = StrictBooleanField(
        required=False,
        default=False,
        help_text=(
            "Use the account that an earlier row of the same company made, or the only strong "
            "match, instead of creating one."
        ),
    )


class BulkConvertSerializer(ShapeSerializer):
    """Up to 100 leads, each converted by itself."""

    rows = serializers.ListField(
        child=serializers.DictField(),
        allow_empty=False,
        max_length=MAX_ROWS,
        help_text="`lead`, `plan`, and optionally `reuse_account` of each.",
    )


class BulkConvertResultSerializer(serializers.Serializer):
    """What became of one row."""

    row = serializers.IntegerField(help_text="Its place in the call, from 0.")
    status = serializers.IntegerField(help_text="As the answer of a call for this row alone.")
    receipt = ReceiptSerializer(required=False)
    problem = serializers.DictField(required=False, help_text="Why not, as a problem (RFC 9457).")


class BulkConvertAnswerSerializer(serializers.Serializer):
    """The rows' results, in the order of the call."""

    results = BulkConvertResultSerializer(many=True)
