"""Pipelines and the stages a deal goes through."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower


class StageKind(models.TextChoices):
    OPEN = "open", "Open"
    WON = "won", "Won"
    LOST = "lost", "Lost"


class ForecastCategory(models.TextChoices):
    PIPELINE = "pipeline", "Pipeline"
    BEST_CASE = "best_case", "Best case"
    COMMIT = "commit", "Commit"
    OMITTED = "omitted", "Omitted"
    CLOSED = "closed", "Closed"


class Pipeline(models.Model):
    """An ordered list of stages; teams may sell in different ones."""

    name = models.CharField(max_length=80)
    is_default = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("name"), name="pipeline_name_unique"),
            models.UniqueConstraint(
                fields=["is_default"],
                name="pipeline_one_default",
                condition=Q(is_default=True),
            ),
        ]

    def __str__(self):
        return self.name


class StageQuerySet(models.QuerySet):
    def in_order(self):
        return self.filter(is_active=True).order_by("pipeline", "position", "pk")


class Stage(models.Model):
    """One step of a pipeline. Its kind says whether deals in it are open, won or lost."""

    pipeline = models.ForeignKey(Pipeline, on_delete=models.PROTECT, related_name="stages")
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=4, choices=StageKind, default=StageKind.OPEN)
    position = models.PositiveSmallIntegerField()
    probability = models.PositiveSmallIntegerField(validators=[MaxValueValidator(100)])
    forecast_category = models.CharField(
        max_length=10, choices=ForecastCategory, default=ForecastCategory.PIPELINE
    )
    rotting_days = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        help_text="After how many days a deal in it counts as stuck.",
    )
    is_active = models.BooleanField(default=True)

    objects = StageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("pipeline", Lower("name"), name="stage_name_unique"),
            models.UniqueConstraint(fields=["id", "pipeline", "kind"], name="stage_with_kind"),
            models.CheckConstraint(name="stage_kind_known", condition=Q(kind__in=StageKind.values)),
            models.CheckConstraint(
                name="stage_probability_is_percent",
                condition=Q(probability__range=(0, 100)),
                violation_error_message="A probability is between 0 and 100.",
            ),
            models.CheckConstraint(
                name="stage_category_known",
                condition=Q(forecast_category__in=ForecastCategory.values),
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def is_open(self) -> bool:
        return self.kind == StageKind.OPEN


class ExitRequirement(models.Model):
    """What must be there before a deal leaves a stage: a field, or an answer of a playbook."""

    stage = models.ForeignKey(Stage, on_delete=models.CASCADE, related_name="exit_requirements")
    field = models.CharField(
        max_length=40,
        blank=True,
        help_text="A field of the opportunity, such as amount.",
    )
    criterion = models.ForeignKey(
        "leads.Criterion",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
    )
    label = models.CharField(max_length=120, help_text="What people read, such as Quote sent.")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="exitrequirement_is_one_thing",
                condition=(Q(criterion__isnull=True) & ~Q(field=""))
                | Q(criterion__isnull=False, field=""),
                violation_error_message="Choose a field or an answer, not both.",
            ),
        ]

    def __str__(self):
        return self.label
