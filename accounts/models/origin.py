"""Where records come from: sources and campaigns."""

from django.db import models
from django.db.models.functions import Lower


class OriginQuerySet(models.QuerySet):
    def active(self):
        return self.filter(is_active=True).order_by("position", "name", "pk")


class LeadSource(models.Model):
    """How somebody came to us, such as web form, event or cold call."""

    name = models.CharField(max_length=80)
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    objects = OriginQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("name"), name="leadsource_name_unique")]

    def __str__(self):
        return self.name


class Campaign(models.Model):
    """A marketing effort that leads and opportunities are counted for."""

    name = models.CharField(max_length=120)
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    objects = OriginQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("name"), name="campaign_name_unique")]

    def __str__(self):
        return self.name
