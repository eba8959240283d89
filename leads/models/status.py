"""The configurable list of lead statuses. Code looks at a status's kind, never at its label."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower


class StatusKind(models.TextChoices):
    NEW = "new", "New"
    WORKING = "working", "Working"
    NURTURING = "nurturing", "Nurturing"
    QUALIFIED = "qualified", "Qualified"
    DISQUALIFIED = "disqualified", "Disqualified"
    CONVERTED = "converted", "Converted"


CLOSED_KINDS = (StatusKind.DISQUALIFIED, StatusKind.CONVERTED)


class LeadStatusQuerySet(models.QuerySet):
    def in_order(self):
        return self.filter(is_active=True).order_by("position", "pk")

    def choosable(self):
        """What people may set: every status but those only conversion can enter."""
        return self.in_order().exclude(kind=StatusKind.CONVERTED)

    def default_for(self, kind: str) -> "LeadStatus":
        """The status used when only the kind is known. Raises DoesNotExist."""
        usual_first = self.filter(kind=kind, is_active=True).order_by(
            "-is_default", "position", "pk"
        )
        return usual_first[:1].get()


class LeadStatus(models.Model):
    """One status; several may be of one kind, one of each kind is its default."""

    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=12, choices=StatusKind)
    position = models.PositiveSmallIntegerField(default=0)
    is_default = models.BooleanField(default=False, help_text="The usual status of its kind.")
    is_active = models.BooleanField(default=True)

    objects = LeadStatusQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("name"), name="leadstatus_name_unique"),
            models.UniqueConstraint(
                fields=["kind"],
                name="leadstatus_one_default",
                condition=Q(is_default=True),
            ),
            models.UniqueConstraint(fields=["id", "kind"], name="leadstatus_with_kind"),
            models.CheckConstraint(
                name="leadstatus_kind_known", condition=Q(kind__in=StatusKind.values)
            ),
        ]

    def __str__(self):
        return self.name
