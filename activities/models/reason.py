"""Coded reasons, so that why things ended can be counted."""

from django.db import models
from django.db.models import Q


class ReasonKind(models.TextChoices):
    DISQUALIFY = "disqualify", "Disqualifying a lead"
    REJECT = "reject", "Rejecting a conversion request"
    LOST = "lost", "Losing an opportunity"
    WON = "won", "Winning an opportunity"
    REOPEN = "reopen", "Re-opening an opportunity"


class ReasonQuerySet(models.QuerySet):
    def for_kind(self, kind: str):
        """The reasons people may choose from, in their order."""
        return self.filter(kind=kind, is_active=True).order_by("position", "pk")


class Reason(models.Model):
    """One reason from the list an admin keeps; retired, never deleted, once used."""

    kind = models.CharField(max_length=12, choices=ReasonKind)
    code = models.SlugField(max_length=40)
    label = models.CharField(max_length=80)
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    objects = ReasonQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "code"], name="reason_code_unique"),
            models.CheckConstraint(
                name="reason_kind_known", condition=Q(kind__in=ReasonKind.values)
            ),
        ]

    def __str__(self):
        return self.label
