"""The receipt: the immutable record of a lead's one conversion, and later credit for it."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from leads.models import Lead
from people.ownership import EqualsAny, id_array
from people.reach import Action, ReachLevel, RecordType


class Outcome(models.TextChoices):
    CREATED = "created", "Created"
    EXISTING = "existing", "Existing"
    NONE = "none", "None"


class Mode(models.TextChoices):
    DIRECT = "direct", "Directly"
    REQUESTED = "requested", "On request"


class ConversionQuerySet(models.QuerySet):
    def visible_to(self, user: Any, action: str = Action.VIEW) -> Self:
        """Those in which somebody within the reach had a part, or whose lead the user sees."""
        if not user.is_authenticated:
            return self.none()
        level = user.reach.level(RecordType.CONVERSION, action)
        if level == ReachLevel.NONE:
            return self.none()
        if level == ReachLevel.ALL:
            return self
        people = id_array(user.reach.user_ids(level))
        condition = Q(lead__in=Lead.objects.visible_to(user).order_by().values("pk"))
        for part in (
            "sourced_by_id",
            "requested_by_id",
            "approved_by_id",
            "converted_by_id",
        ):
            condition |= Q(EqualsAny(F(part), people))
        return self.filter(condition)

    def for_list(self) -> Self:
        return self.select_related(
            "lead",
            "account",
            "contact",
            "opportunity",
            "converted_by",
            "requested_by",
            "approved_by",
        ).order_by("-converted_at", "-pk")


class Conversion(models.Model):
    """
    The one conversion of a lead: what it made, used, filled and moved, and who had a part.

    Rows are never changed or removed; the database refuses it. The foreign keys without
    `db_constraint` are written in SQL (migration 0002): those of contact, opportunity and
    request take a second column along, so that all parts belong to one account and one lead.
    """

    lead = models.OneToOneField(
        "leads.Lead",
        on_delete=models.PROTECT,
        db_constraint=False,
        related_name="conversion",
    )
    account = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="+")
    contact = models.ForeignKey(
        "accounts.Contact",
        on_delete=models.PROTECT,
        db_constraint=False,
        related_name="conversions",
    )
    opportunity = models.ForeignKey(
        "opportunities.Opportunity",
        on_delete=models.PROTECT,
        db_constraint=False,
        null=True,
        related_name="conversions",
    )
    account_outcome = models.CharField(max_length=8, choices=Outcome)
    contact_outcome = models.CharField(max_length=8, choices=Outcome)
    opportunity_outcome = models.CharField(max_length=8, choices=Outcome)
    mode = models.CharField(max_length=9, choices=Mode)
    request = models.OneToOneField(
        "conversion.ConversionRequest",
        on_delete=models.PROTECT,
        db_constraint=False,
        null=True,
        related_name="conversion",
    )
    converted_at = models.DateTimeField(default=timezone.now)
    converted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    sourced_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    plan = models.JSONField(help_text="The plan that was executed.")
    effects = models.JSONField(help_text="What was filled, kept, moved and not carried over.")
    lead_snapshot = models.JSONField(help_text="How the lead looked.")
    answers = models.JSONField(default=list, help_text="The qualification answers at that time.")
    duplicate_reason = models.TextField(
        blank=True, help_text="Why something new was created despite a strong match."
    )

    objects = ConversionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="conversion_opportunity_matches_outcome",
                condition=Q(opportunity__isnull=True, opportunity_outcome=Outcome.NONE)
                | (Q(opportunity__isnull=False) & ~Q(opportunity_outcome=Outcome.NONE)),
            ),
            models.CheckConstraint(
                name="conversion_outcomes_known",
                condition=Q(
                    account_outcome__in=[Outcome.CREATED, Outcome.EXISTING],
                    contact_outcome__in=[Outcome.CREATED, Outcome.EXISTING],
                    opportunity_outcome__in=Outcome.values,
                ),
            ),
            models.CheckConstraint(
                name="conversion_requested_matches_mode",
                condition=Q(mode=Mode.DIRECT, request__isnull=True)
                | Q(mode=Mode.REQUESTED, request__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["-converted_at", "-id"], name="conversion_recent"),
        ]

    def __str__(self):
        return f"Conversion {self.pk} of lead {self.lead_id}"

    def get_absolute_url(self):
        return reverse("conversion:receipt", args=[self.pk])


class ConversionCredit(models.Model):
    """
    A later opportunity counted for a conversion that made none ("sourced by this conversion").

    Never changed or removed: a correction is a new row that says so.
    """

    conversion = models.ForeignKey(Conversion, on_delete=models.PROTECT, related_name="credits")
    opportunity = models.OneToOneField(
        "opportunities.Opportunity", on_delete=models.PROTECT, related_name="credit"
    )
    linked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    linked_at = models.DateTimeField(default=timezone.now)

    def __str__(self):
        return f"opportunity {self.opportunity_id} sourced by conversion {self.conversion_id}"
