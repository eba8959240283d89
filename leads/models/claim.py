"""Claims: who is working on a lead just now."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone


class LeadClaimQuerySet(models.QuerySet):
    def running(self):
        return self.filter(until__gt=timezone.now())


class LeadClaim(models.Model):
    """
    Somebody has opened the lead to work it, until they leave it or the time has passed.

    Others see it and wait. A claim that has run out binds nobody and stays until the next.
    """

    lead = models.OneToOneField(
        "leads.Lead", on_delete=models.CASCADE, primary_key=True, related_name="claim"
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    until = models.DateTimeField()
    # Each opening has its own, so that a page which closes late does not end what came after.
    token = models.UUIDField(default=uuid.uuid4, editable=False)

    objects = LeadClaimQuerySet.as_manager()

    def __str__(self):
        return f"{self.user_id} on lead {self.lead_id}"

    @property
    def is_running(self) -> bool:
        return self.until > timezone.now()
