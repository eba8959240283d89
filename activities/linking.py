"""What an activity is about: its records, held while it changes, and who may have it."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from activities.clocks import CLOCKED
from activities.models import (
    Activity,
)
from activities.models.links import LINKS, linked_model
from crm.errors import DomainError, require
from people.models import User


class LeadIsConverted(DomainError):
    """Nothing new is logged on a converted lead: work goes on with the contact."""

    code = "lead_final"

    def __init__(self, lead: models.Model):
        super().__init__(f"{lead} is converted. Log it on the contact instead.")


def lock_links(records: Mapping[str, models.Model | None], *, actor: User) -> dict[str, Any]:
    """
    Read again what an activity will be about, and add the account it belongs to.

    Lead and opportunity are locked, so that a conversion at the same moment either takes
    the activity along or is seen here. Raises PermissionDenied for what the actor cannot
    see, LeadIsConverted, and ValidationError where two records belong to different accounts.
    """
    links: dict[str, Any] = {}
    for name in LINKS:
        if (given := records.get(name)) is None:
            continue
        queryset = linked_model(name).objects.visible_to(actor).filter(pk=given.pk)
        if name in CLOCKED:
            queryset = queryset.select_for_update(of=("self",), no_key=True)
        found = queryset.first()
        require(found is not None)
        links[name] = found
    if (lead := links.get("lead")) and lead.is_converted:
        raise LeadIsConverted(lead)
    for name in ("contact", "opportunity"):
        if linked := links.get(name):
            account = linked_model("account")(pk=linked.account_id)
            if links.setdefault("account", account).pk != account.pk:
                raise ValidationError({name: f"{linked} belongs to another account."})
    return links


def hold_links(activity: Activity) -> None:
    """
    Lock the lead and the opportunity that `touch` will write, before the activity itself.

    A conversion locks its lead first and then adds links to the lead's activities; the other
    way round the two would wait for each other.
    """
    for name, linked in links_of(activity).items():
        if name in CLOCKED:
            rows = linked_model(name).objects.unscoped(reason="locked, not shown")
            rows.select_for_update(no_key=True).filter(pk=linked.pk).values("pk").first()


def links_of(activity: Activity) -> dict[str, Any]:
    """What an activity is about: only the keys, since nothing more is needed of the records."""
    return {
        name: linked_model(name)(pk=pk)
        for name in LINKS
        if (pk := getattr(activity, f"{name}_id")) is not None
    }


def require_owner(owner: User, *, actor: User, links: Mapping[str, Any]) -> None:
    """Nobody is given what they could not open."""
    if owner == actor:
        return
    if not owner.is_active:
        raise ValidationError({"owner": f"{owner} no longer works here."})
    seen = (
        type(linked).objects.visible_to(owner).filter(pk=linked.pk).exists()
        for linked in links.values()
    )
    if links and not any(seen):
        raise ValidationError({"owner": f"{owner} may not see what this is about."})
