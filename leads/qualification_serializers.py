"""Shapes of what is known of leads and opportunities."""

from typing import Any

from django.core.validators import slug_re
from rest_framework import serializers

from activities.models import Activity
from crm.serializers import (
    CleanCharField,
    ShapeSerializer,
    VisibleRelatedField,
)
from leads.models import Answer, AnswerState
from leads.services import PathStatus

MOST_ANSWERS = 50


class CriterionNameField(serializers.Field):
    """A criterion by its id, a number, or by its key, which is unique in its playbook."""

    default_error_messages = {"invalid": "Give the id or the key of a criterion."}

    def to_internal_value(self, data: Any) -> int | str:
        is_id = type(data) is int and data > 0
        is_key = isinstance(data, str) and slug_re.fullmatch(data)
        if not (is_id or is_key):
            self.fail("invalid")
        return data


class AnswerSerializer(ShapeSerializer):
    """What is known of one criterion."""

    criterion = serializers.SlugField(
        source="criterion.key", max_length=40, help_text="The criterion's key, such as `budget`."
    )
    label = serializers.CharField(source="criterion.label", read_only=True)
    question = serializers.CharField(source="criterion.question", read_only=True)
    state = serializers.ChoiceField(choices=AnswerState.choices, help_text="How sure it is.")
    value = CleanCharField(
        source="answer.value",
        default="",
        allow_blank=True,
        max_length=500,
        help_text="What they said, in short.",
    )
    evidence = CleanCharField(
        source="answer.evidence",
        default="",
        allow_blank=True,
        max_length=10_000,
        help_text="How we know.",
    )
    evidence_activity = VisibleRelatedField(
        source="answer.evidence_activity",
        queryset=Activity.objects.all(),
        default=None,
        allow_null=True,
        help_text="The call, mail or meeting in which they said it.",
    )
    answered_by = serializers.IntegerField(
        source="answer.answered_by_id", default=None, allow_null=True, read_only=True
    )
    answered_at = serializers.DateTimeField(
        source="answer.answered_at", default=None, allow_null=True, read_only=True
    )


class PathStatusSerializer(serializers.Serializer):
    """How far the lead is on one path."""

    id = serializers.IntegerField(source="path.pk")
    key = serializers.CharField(source="path.key")
    name = serializers.CharField(source="path.name")
    met = serializers.BooleanField(help_text="Whether every required criterion is confirmed.")
    confirmed = serializers.IntegerField(help_text="How many of the required criteria are.")
    total = serializers.IntegerField(help_text="How many are required.")
    missing = serializers.SerializerMethodField(help_text="The keys of those that are not.")

    def get_missing(self, path_status: PathStatus) -> list[str]:
        return [criterion.key for criterion in path_status.missing]


class QualificationSerializer(serializers.Serializer):
    """The lead's playbook as a checklist, and how far it is on each path."""

    playbook = serializers.IntegerField(
        source="playbook.pk", default=None, allow_null=True, help_text="One of `playbooks`."
    )
    answers = AnswerSerializer(source="items", many=True)
    paths = PathStatusSerializer(many=True)


class CarriedAnswerSerializer(serializers.ModelSerializer):
    """What was known of a criterion when the opportunity was a lead; it never changes."""

    criterion = serializers.SlugField(source="criterion.key", help_text="The criterion's key.")
    label = serializers.CharField(source="criterion.label")

    class Meta:
        model = Answer
        fields = (
            "lead", "criterion", "label", "state", "value", "evidence", "answered_by",
            "answered_at",
        )  # fmt: skip
        read_only_fields = fields


class DealQualificationSerializer(serializers.Serializer):
    """The opportunity's playbook as a checklist, and the answers of the leads it came from."""

    playbook = serializers.IntegerField(
        source="playbook.pk", default=None, allow_null=True, help_text="One of `playbooks`."
    )
    answers = AnswerSerializer(source="items", many=True)
    carried = CarriedAnswerSerializer(many=True)


class AnswersSerializer(ShapeSerializer):
    """Answers to write, all or none. Criteria that are not named keep theirs."""

    answers = AnswerSerializer(many=True, allow_empty=False, max_length=MOST_ANSWERS)
