"""Which records an activity or an event is about, and who may therefore see it."""

from typing import Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from people.reach import ReachLevel

# In the order in which services lock them.
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
            # Asked per row, by primary key: "IN (all that I may see)" would first collect the
            # tens of thousands of records that a manager reaches, for a page of fifty rows.
            record = record_model.objects.visible_to(user).filter(pk=OuterRef(f"{name}_id"))
            condition |= Q(Exists(record))
        return self.filter(condition)

    def own(self, user: Any) -> Q:
        """What belongs to the user whatever it is about."""
        raise NotImplementedError

    def about(self, record: models.Model) -> Self:
        """
        The rows of one record's timeline.

        Whoever may see the record may see all of them, so a page that has fetched the
        record visibly need not ask again.
        """
        return self.filter(**{record._meta.model_name: record.pk})
