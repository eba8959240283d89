"""Shapes of people, teams and roles."""

from rest_framework import serializers

from crm.serializers import RelaySerializer, ShapeSerializer, VisibleRelatedField
from people.models import Role, Team, User


class TeamSerializer(RelaySerializer):
    """A team, and the hours in which its clocks run."""

    workdays = serializers.ListField(
        child=serializers.IntegerField(),
        read_only=True,
        help_text="ISO weekdays on which it works; Monday is 1.",
    )

    class Meta:
        model = Team
        fields = (
            "id",
            "name",
            "parent",
            "time_zone",
            "workdays",
            "workday_start",
            "workday_end",
            "request_sla_hours",
        )
        read_only_fields = fields
        extra_kwargs = {
            "parent": {"help_text": "The team above it."},
            "time_zone": {"help_text": "IANA name, such as Europe/Berlin."},
            "workday_start": {"help_text": "When its working day begins, on its own clock."},
            "workday_end": {"help_text": "When its working day ends."},
        }


class RoleSerializer(RelaySerializer):
    """A role, and how far each of its actions reaches."""

    permissions = serializers.DictField(
        source="levels",
        child=serializers.CharField(),
        read_only=True,
        help_text='{"lead:view": "team"}: record type, action and reach (own, team, subtree, '
        "all). What is not there is not allowed.",
    )

    class Meta:
        model = Role
        fields = ("id", "key", "name", "description", "permissions")
        read_only_fields = fields
        extra_kwargs = {
            "key": {"help_text": "A name for programs, which never changes."},
            "name": {"help_text": "What people call it."},
            "description": {"help_text": "What it is for."},
        }


PERSON: dict[str, dict[str, object]] = {
    "email": {"help_text": "The address they sign in with, in lower case."},
    "full_name": {"help_text": "What colleagues read."},
    "role": {"help_text": "What they may do, and to whose records.", "allow_null": False},
    "team": {"help_text": "The team they belong to."},
    "time_zone": {"help_text": "IANA name, such as Europe/Berlin."},
    "is_active": {"help_text": "Whether they have access; see deactivate and reactivate."},
    "created_at": {"help_text": "When they were invited."},
}


class UserSerializer(RelaySerializer):
    """Somebody who signs in, or a program."""

    class Meta:
        model = User
        fields = (
            "id",
            "email",
            "full_name",
            "role",
            "team",
            "time_zone",
            "locale",
            "is_active",
            "created_at",
        )
        read_only_fields = ("id", "is_active", "created_at")
        extra_kwargs = {**PERSON, "email": {**PERSON["email"], "validators": []}}
        expandable = {"role": RoleSerializer, "team": TeamSerializer}


class MeSerializer(RelaySerializer):
    """Oneself: what the profile page shows, and what one may do."""

    permissions = serializers.SerializerMethodField(
        help_text='{"lead:view": "team"}: what the role allows, and how far it reaches.'
    )

    class Meta:
        model = User
        fields = (
            "id",
            "email",
            "full_name",
            "role",
            "team",
            "time_zone",
            "locale",
            "theme",
            "density",
            "keyboard_shortcuts",
            "permissions",
        )
        read_only_fields = ("id", "email", "role", "team")
        extra_kwargs = {
            **PERSON,
            "theme": {"help_text": "Colors of the pages."},
            "density": {"help_text": "How much fits into a list."},
            "keyboard_shortcuts": {"help_text": "Whether single letters are shortcuts."},
        }

    def get_permissions(self, user: User) -> dict[str, str]:
        return user.reach.levels


class DeactivationSerializer(ShapeSerializer):
    """Who takes over from somebody who leaves."""

    to = VisibleRelatedField(
        queryset=User.objects.active(),
        required=False,
        allow_null=True,
        help_text="Who gets the records and open tasks; needed if there are any.",
    )
    approver = VisibleRelatedField(
        queryset=User.objects.active(),
        required=False,
        allow_null=True,
        help_text="Who decides the open requests; `to` if it is left out.",
    )


class HandedOverSerializer(serializers.Serializer):
    """How much changed hands."""

    handed_over = serializers.DictField(
        child=serializers.IntegerField(), help_text='{"lead": 12, "request": 2}.'
    )


class HeldSerializer(serializers.Serializer):
    """What somebody holds that others would have to take over."""

    held = serializers.DictField(
        child=serializers.IntegerField(), help_text='{"lead": 12, "request": 2}.'
    )
