"""The shape of credit for a later opportunity."""

from rest_framework import serializers

from crm.serializers import ShapeSerializer, VisibleRelatedField
from opportunities.models import Opportunity


class CreditSerializer(ShapeSerializer):
    """A later opportunity that counts for a conversion."""

    opportunity = VisibleRelatedField(
        queryset=Opportunity.objects.all(), help_text="Of the account of the conversion."
    )
    linked_by = serializers.IntegerField(
        source="linked_by_id", read_only=True, help_text="Who linked it."
    )
    linked_at = serializers.DateTimeField(read_only=True, help_text="When.")
