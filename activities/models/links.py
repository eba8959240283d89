"""Which records an activity or an event is about, and who may therefore see it."""

from typing import Any, Self

from django.db import models
from django.db.models import Q

from people.reach import ReachLevel

LINKS = {
    "lead": "leads.Lead",
    "account": "accounts.Account",
    "contact": "accounts.Contact",
    "opportunity": "opportunities.Opportunity",
}


class LinkedQuerySet(models.QuerySet):
    """Rows that link to up to four records, visible when any of those is."""

    def visible_to(self, user: Any, action: str = "view") -> Self:
        """The rows about records the user may see, and the user's own."""
        if not user.is_authenticated:
            return self.none()
        levels = {name: user.reach.level(name, "view") for name in LINKS}
        if all(level == ReachLevel.ALL for level in levels.values()):
            return self
        condition = self.own(user)
        for name in LINKS:
            record_model = self.model._meta.get_field(name).related_model
            visible = record_model.objects.visible_to(user)
            condition |= Q(**{f"{name}__in": visible.order_by().values("pk")})
        return self.filter(condition)

    def own(self, user: Any) -> Q:
        """What belongs to the user whatever it is about."""
        raise NotImplementedError

    def about(self, record: models.Model) -> Self:
        """The rows of one record's timeline."""
        return self.filter(**{record._meta.model_name: record.pk})
