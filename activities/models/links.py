"""Which records an activity or an event is about, and who may therefore see it."""

from typing import Any, Self

from django.apps import apps
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


def linked_model(name: str) -> Any:
    """The model behind a link. Asked late: the apps above are loaded after this one."""
    return apps.get_model(LINKS[name])


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
            # EXISTS lets PostgreSQL look one row's record up by its key. "IN (all that I may
            # see)" would first collect the tens of thousands that a manager reaches.
            record = linked_model(name).objects.visible_to(user).filter(pk=OuterRef(f"{name}_id"))
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
        return self.filter(**{str(record._meta.model_name): record.pk})
