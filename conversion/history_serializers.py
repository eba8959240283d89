"""Shapes of the history of a request, and of what has changed since it was submitted."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from conversion.models import ConversionRequest, RequestState, RequestTransition
from conversion.queries import steps_of
from conversion.receipts import person
from conversion.serializers import PersonSerializer
from conversion.since_submitted import changes


class TransitionSerializer(serializers.Serializer):
    """One step of a request."""

    action = serializers.CharField(help_text="Such as `submit`, `send_back` or `lapse`.")
    from_state = serializers.CharField(help_text="Empty for the first step.")
    to_state = serializers.ChoiceField(choices=RequestState.choices)
    at = serializers.DateTimeField()
    actor = serializers.SerializerMethodField(help_text="Null where Relay did it by itself.")
    reason = serializers.CharField(
        source="reason.code", default=None, allow_null=True, help_text="The code of a rejection's."
    )
    note = serializers.CharField()
    facts = serializers.DictField(
        help_text="What else belongs to it, such as the `differences` that let it lapse."
    )

    @extend_schema_field(PersonSerializer(allow_null=True))
    def get_actor(self, step: RequestTransition) -> dict[str, Any] | None:
        return person(step.actor)


class ChangeSinceSerializer(serializers.Serializer):
    """One way in which the lead, or a chosen record, is not what was submitted."""

    field = serializers.CharField(help_text="Of the lead; or `account`, `contact`, `opportunity`.")
    label = serializers.CharField(help_text="What people call it.")
    before = serializers.CharField(help_text="As it was submitted.")
    now = serializers.CharField(help_text="As it is.")
    is_material = serializers.BooleanField(help_text="Whether it makes the request lapse.")


class RequestHistorySerializer(serializers.Serializer):
    """How a request came to be what it is."""

    steps = serializers.SerializerMethodField(help_text="Newest first.")
    changes = serializers.SerializerMethodField(
        help_text="While it is open, and once it has lapsed: the material ones first."
    )

    @extend_schema_field(TransitionSerializer(many=True))
    def get_steps(self, asked: ConversionRequest) -> Any:
        return TransitionSerializer(steps_of(asked), many=True).data

    @extend_schema_field(ChangeSinceSerializer(many=True))
    def get_changes(self, asked: ConversionRequest) -> Any:
        return ChangeSinceSerializer(changes(asked), many=True).data
