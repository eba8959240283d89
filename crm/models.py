"""What the kernel itself keeps: the answers to requests that may be sent again."""

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
