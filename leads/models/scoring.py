"""Points for fit and behavior, as data."""

from django.db import models
from django.db.models import Q


class ScoreKind(models.TextChoices):
    FIT = "fit", "Fit"
    BEHAVIOR = "behavior", "Behavior"


class ScoreOperator(models.TextChoices):
    FILLED = "filled", "is filled"
    EQUALS = "equals", "is"
    CONTAINS = "contains", "contains"
    AT_LEAST = "at_least", "is at least"


class ScoreRule(models.Model):
    """
    Points for a lead.

    Fit: `field` of the lead compared with `value`. Behavior: each activity of kind `field`
    (with outcome or direction `value`, when given) counts, halving every `half_life_days`.
    """

    kind = models.CharField(max_length=8, choices=ScoreKind)
    label = models.CharField(max_length=120, help_text="What people read beside the points.")
    field = models.CharField(max_length=40)
    operator = models.CharField(max_length=8, choices=ScoreOperator, default=ScoreOperator.FILLED)
    value = models.CharField(max_length=200, blank=True)
    points = models.SmallIntegerField()
    half_life_days = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        help_text="Behavior only: the points halve in this many days.",
    )
    is_active = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="scorerule_kind_known", condition=Q(kind__in=ScoreKind.values)
            ),
            models.CheckConstraint(
                name="scorerule_operator_known",
                condition=Q(operator__in=ScoreOperator.values),
            ),
            models.CheckConstraint(
                name="scorerule_points_in_range",
                condition=Q(points__range=(-100, 100)),
                violation_error_message="Points are between -100 and 100.",
            ),
            models.CheckConstraint(
                name="scorerule_half_life_positive",
                condition=Q(half_life_days__isnull=True) | Q(half_life_days__gt=0),
                violation_error_message="A half-life is at least one day.",
            ),
        ]

    def __str__(self):
        return self.label
