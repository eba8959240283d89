"""Shapes of activities and events."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from activities.models import Activity, Event, Reason
from activities.models.links import LINKS
from crm.serializers import (
    CleanCharField,
    CleanEmailField,
    RelatedField,
    RelaySerializer,
    VisibleRelatedField,
)
from people.models import User

FIXED = ("kind", *LINKS)
MAX_ATTENDEES = 100


class ReasonField(RelatedField):
    """
    A coded reason, which people choose from a list and programs name by its id or its code.

    The same code may stand for a reason of each kind: `kind` says of which it is meant.
    """

    default_error_messages = {"incorrect_type": "Give the id or the code of a reason."}

    def __init__(self, *, kind: str | None = None, help_text: str, **options: Any):
        self.kind = kind
        super().__init__(help_text=f"{help_text} Named by its id or code.", **options)

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            return super().to_internal_value(data)
        reasons = self.get_queryset().filter(code=data)
        if self.kind is not None:
            reasons = reasons.filter(kind=self.kind)
        reason: Reason | None = reasons.order_by("pk").first()
        if reason is None:
            self.fail("does_not_exist")
        return reason


class AttachedFileSerializer(serializers.Serializer):
    """A file of an activity."""

    id = serializers.IntegerField(help_text="The file's number.")
    name = serializers.CharField(help_text="What people called it.")
    size = serializers.IntegerField(help_text="In bytes.")
    content_type = serializers.CharField(help_text="As its first bytes say.")
    url = serializers.SerializerMethodField(help_text="Where it is downloaded.")

    def get_url(self, row: dict[str, Any]) -> str:
        return reverse("activities:file", args=[row["id"]], request=self.context["request"])


class AttendeesField(serializers.ListField):
    """Takes e-mail addresses; shows each with the colleague or contact it belongs to."""

    child = CleanEmailField()

    def get_attribute(self, activity: Activity) -> list[dict[str, Any]]:
        return activity.attendee_list  # from with_parts()

    def to_representation(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return rows


class ActivitySerializer(RelaySerializer):
    """
    A note, call, meeting, email, task or file. Each kind takes its own fields; those of
    another kind are refused. What it is about cannot change afterwards.
    """

    owner = VisibleRelatedField(
        queryset=User.objects.all(),
        required=False,
        help_text="Who did it or has to do it: you, unless you name somebody.",
    )
    recipients = serializers.ListField(
        child=CleanCharField(max_length=254),
        max_length=MAX_ATTENDEES,
        required=False,
        help_text="Addresses an email went to.",
    )
    attendees = extend_schema_field(
        {
            "type": "array",
            "items": {
                "oneOf": [
                    {"type": "string", "format": "email"},
                    {
                        "type": "object",
                        "required": ["email", "user", "contact"],
                        "properties": {
                            "email": {"type": "string"},
                            "user": {"type": ["integer", "null"]},
                            "contact": {"type": ["integer", "null"]},
                        },
                    },
                ]
            },
            "maxItems": MAX_ATTENDEES,
        }
    )(AttendeesField)(
        required=False,
        max_length=MAX_ATTENDEES,
        help_text="People at a meeting: send addresses, get each with its colleague or contact.",
    )
    attachments = AttachedFileSerializer(
        source="attachment_list", many=True, read_only=True, help_text="Its files."
    )
    mentions = serializers.ListField(
        source="mention_list",
        child=serializers.IntegerField(),
        read_only=True,
        help_text="The colleagues its text names with an @.",
    )

    class Meta:
        model = Activity
        fields = (
            "id",
            "kind",
            "subject",
            "body",
            "at",
            "owner",
            "lead",
            "account",
            "contact",
            "opportunity",
            "due_at",
            "remind_at",
            "priority",
            "done_at",
            "done_by",
            "direction",
            "outcome",
            "duration_seconds",
            "ends_at",
            "location",
            "attendees",
            "sender",
            "recipients",
            "message_id",
            "thread_id",
            "attachments",
            "mentions",
            "version",
            "created_at",
            "created_by",
            "updated_at",
        )
        read_only_fields = (
            "id",
            "done_at",
            "done_by",
            "version",
            "created_at",
            "created_by",
            "updated_at",
        )
        extra_kwargs = {
            name: {"help_text": text}
            for name, text in {
                "id": "The activity's number, which never changes.",
                "kind": "What it is.",
                "subject": "One line.",
                "body": "Markdown. @name tells a colleague.",
                "at": "When it happened, or will; now, unless you say.",
                "lead": "The lead it is about. A converted one takes nothing new.",
                "account": "The account it is about; that of the contact or opportunity is added.",
                "contact": "The contact it is about.",
                "opportunity": "The opportunity it is about.",
                "due_at": "When a task has to be done.",
                "remind_at": "When to remind its owner of a task.",
                "priority": "Of a task.",
                "done_at": "When a task was done: use the actions complete and reopen.",
                "done_by": "Who did it.",
                "direction": "Of a call or email: from us, unless you say.",
                "outcome": "How a call ended.",
                "duration_seconds": "How long a call was.",
                "ends_at": "When a meeting ends.",
                "location": "Where a meeting is.",
                "sender": "Address an email came from.",
                "message_id": "Of an email; the same one is logged once.",
                "thread_id": "What ties emails of one conversation together.",
                "version": "Counts the changes; the ETag is made of it.",
                "created_at": "When it was written down.",
                "created_by": "Who wrote it down.",
                "updated_at": "When it was last changed.",
            }.items()
        }

    def to_internal_value(self, data: Any) -> Any:
        values = super().to_internal_value(data)
        if self.instance is None:
            return values
        errors = {
            name: "This cannot change afterwards."
            for name in (*FIXED, "attendees")
            if name in values and values[name] != getattr(self.instance, name)
        }
        if errors:
            raise serializers.ValidationError(errors)
        # A PATCH that repeats what it has read changes nothing.
        return {name: value for name, value in values.items() if name not in FIXED}


class EventSerializer(RelaySerializer):
    """Something that happened."""

    id = serializers.UUIDField(
        source="event_id", read_only=True, help_text="The event's own number, for ever the same."
    )

    class Meta:
        model = Event
        fields = (
            "id",
            "at",
            "verb",
            "actor",
            "lead",
            "account",
            "contact",
            "opportunity",
            "subject_type",
            "subject_id",
            "changes",
            "note",
            "request_id",
        )
        read_only_fields = fields
        extra_kwargs = {
            name: {"help_text": text}
            for name, text in {
                "at": "When it happened.",
                "verb": "What happened, such as lead.assigned.",
                "actor": "Who did it; null for Relay itself.",
                "lead": "The lead it is about.",
                "account": "The account it is about.",
                "contact": "The contact it is about.",
                "opportunity": "The opportunity it is about.",
                "subject_type": "What else it is about, such as user or request.",
                "subject_id": "The number of that.",
                "changes": "{field: [old, new]}, and other facts.",
                "note": "What the person wrote about it.",
                "request_id": "The request that caused it, as in the answer's X-Request-ID.",
            }.items()
        }
