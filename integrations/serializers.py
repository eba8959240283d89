"""Shapes of tokens and imports."""

from rest_framework import serializers

from crm.serializers import (
    CleanCharField,
    RelaySerializer,
    StrictDateTimeField,
    VisibleRelatedField,
)
from integrations.models import ApiToken, Import, Scope
from people.models import User


class TokenSerializer(RelaySerializer):
    """A token as its owner sees it afterwards: without its secret."""

    user = VisibleRelatedField(queryset=User.objects.all(), required=False)
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=Scope.choices), allow_empty=False, max_length=4
    )
    expires_at = StrictDateTimeField(source="expiry", required=False, allow_null=True)
    created_at = serializers.DateTimeField(source="created", read_only=True)
    starts_with = serializers.CharField(source="token_key", read_only=True)

    class Meta:
        model = ApiToken
        fields: tuple[str, ...] = (
            "id",
            "name",
            "scopes",
            "user",
            "starts_with",
            "expires_at",
            "created_at",
            "last_used_at",
        )
        read_only_fields = ("id", "last_used_at")


class NewTokenSerializer(TokenSerializer):
    """A token just made, with its secret, this once."""

    token = CleanCharField(read_only=True)

    class Meta(TokenSerializer.Meta):
        fields = (*TokenSerializer.Meta.fields, "token")


class ImportSerializer(RelaySerializer):
    """A file of leads, and what came of it."""

    kept_count = serializers.IntegerField(
        read_only=True, help_text="Leads of it that are not deleted by undoing it."
    )

    class Meta:
        model = Import
        fields = (
            "id",
            "file_name",
            "state",
            "row_count",
            "good_count",
            "refused_count",
            "alike_count",
            "undone_count",
            "kept_count",
            "created_at",
            "created_by",
            "finished_at",
        )
        read_only_fields = fields
