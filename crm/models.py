"""What the kernel itself keeps: answers to requests that may be sent again, runs of jobs."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class IdempotencyKey(models.Model):
    """A request that named itself, and the answer it got, kept for its retries."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    # Empty only inside the transaction that claimed the key: it answers or leaves nothing.
    status = models.PositiveSmallIntegerField(null=True)
    # Text, not JSON: a replay is the same answer to the last byte.
    body = models.TextField(blank=True)
    headers = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="idempotencykey_once_per_user")
        ]

    def __str__(self):
        return f"{self.key} of user {self.user_id}"


class JobRun(models.Model):
    """When a periodic job last ran, and what came of it: one row for each job."""

    name = models.SlugField(max_length=40, unique=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    succeeded = models.BooleanField(null=True)
    result = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="jobrun_finished_with_an_outcome",
                condition=models.Q(finished_at__isnull=True, succeeded__isnull=True)
                | models.Q(finished_at__isnull=False, succeeded__isnull=False),
            ),
        ]

    def __str__(self):
        return self.name
