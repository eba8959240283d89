"""How the open pipeline stood on every day since the first."""

from typing import Any, Self

from django.db import models
from django.utils import timezone

from crm.fields import CurrencyField, MoneyField
from opportunities.models import ForecastCategory, Opportunity


class SnapshotDay(models.Model):
    """A day whose snapshot is there, whole. Never changed or removed."""

    day = models.DateField(primary_key=True)
    taken_at = models.DateTimeField(default=timezone.now)

    def __str__(self):
        return self.day.isoformat()


class OpportunitySnapshotQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        """Those of the deals that a person sees now."""
        deals = Opportunity.objects.visible_to(user).order_by()
        return self.filter(opportunity__in=deals.values("pk"))


class OpportunitySnapshot(models.Model):
    """
    An open deal as it stood at the end of a day. Never changed or removed.

    The records that it names are those of that day, so no foreign key checks them.
    """

    day = models.ForeignKey(SnapshotDay, on_delete=models.PROTECT, related_name="deals")
    opportunity = models.ForeignKey(
        "opportunities.Opportunity", models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    owner = models.ForeignKey(
        "people.User", models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    team = models.ForeignKey(
        "people.Team",
        models.DO_NOTHING,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    pipeline = models.ForeignKey(
        "opportunities.Pipeline",
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    stage = models.ForeignKey(
        "opportunities.Stage",
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    amount = MoneyField(null=True)
    currency = CurrencyField()
    company_amount = MoneyField(null=True)
    probability = models.PositiveSmallIntegerField()
    forecast_category = models.CharField(max_length=10, choices=ForecastCategory)
    close_date = models.DateField()

    objects = OpportunitySnapshotQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["day", "opportunity"], name="snapshot_once_a_day"),
        ]

    def __str__(self):
        return f"opportunity {self.opportunity_id} on {self.day_id}"
