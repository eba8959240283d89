"""Which records an activity or an event is about, and who may therefore see it."""

from typing import Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q

# In the order in which services lock them.
LINKS = {
    "lead": "leads.Lead",
    "account": "accounts.Account",
    "contact": "accounts.Contact",
    "opportunity": "opportunities.Opportunity",
}


def linked_model(name: str) -> Any:
    """The model behind a link. Asked late: the apps above are loaded after this one."""
    return apps.get_model(LINKS[name])


class LinkedQuerySet(models.QuerySet):
    """Rows that link to up to four records, and are seen by whoever sees any of those."""

    def linked_to_visible(self, user: Any, *, besides: Q) -> Self:
        """The rows about records the user may see, and those that `besides` picks."""
        condition = besides
        for name in LINKS:
            # EXISTS lets PostgreSQL look one row's record up by its key. "IN (all that I may
            # see)" would first collect the tens of thousands that a manager reaches.
            record = linked_model(name).objects.visible_to(user).filter(pk=OuterRef(f"{name}_id"))
            condition |= Q(Exists(record))
        return self.filter(condition)

    def about(self, record: models.Model) -> Self:
        """
        The rows of one record's timeline.

        Whoever may see the record may see all of them, so a page that has fetched the
        record visibly need not ask again.
        """
        return self.filter(**{str(record._meta.model_name): record.pk})
