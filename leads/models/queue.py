"""Queues: leads that wait for somebody to take them."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from people.reach import Action, ReachLevel, RecordType


class QueueQuerySet(models.QuerySet):
    def visible_to(self, user, action=Action.VIEW):
        """The queues a person belongs to, and those of the teams within their reach."""
        if not user.is_authenticated:
            return self.none()
        level = user.reach.level(RecordType.LEAD, action)
        if level == ReachLevel.NONE:
            return self.none()
        if level == ReachLevel.ALL:
            return self
        return self.filter(
            Q(pk__in=QueueMember.objects.filter(user=user).values("queue_id"))
            | Q(team_id__in=user.reach.team_ids(level))
        )


class Queue(models.Model):
    """A named queue; its members take leads from it one at a time."""

    name = models.CharField(max_length=80)
    team = models.ForeignKey(
        "people.Team",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="queues",
    )
    members = models.ManyToManyField(
        settings.AUTH_USER_MODEL, through="leads.QueueMember", related_name="queues"
    )
    is_default = models.BooleanField(
        default=False, help_text="Takes the leads for which no owner is known."
    )
    is_active = models.BooleanField(default=True)

    objects = QueueQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("name"), name="queue_name_unique"),
            models.UniqueConstraint(
                fields=["is_default"],
                name="queue_one_default",
                condition=Q(is_default=True),
            ),
        ]

    def __str__(self):
        return self.name


class QueueMember(models.Model):
    """Somebody who may take leads from a queue."""

    queue = models.ForeignKey(Queue, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "queue"], name="queuemember_once"),
        ]

    def __str__(self):
        return f"{self.user_id} in queue {self.queue_id}"
