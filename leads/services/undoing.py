"""Taking back what was done to a lead, by what the event log says was there before."""

from decimal import Decimal
from typing import Any

from django.db import models, transaction

from activities.models import Event
from activities.reversible import REVERSIBLE, is_reversible_by, require_unchanged
from activities.sentences import pairs
from crm.errors import require
from leads.models import Lead
from leads.services.assignment import assign_lead
from leads.services.leads import update_lead
from leads.services.locking import lock_open_lead
from leads.services.status import set_status
from opportunities.models import Product
from people.models import User


@transaction.atomic
def undo_change(*, event: Event, actor: User) -> Lead:
    """
    The lead as it was before a change of the actor's: the same services, the other way round.

    Locks the lead. Raises PermissionDenied, also once the change is too old; LeadIsFinal,
    RecordHasChanged, RequestIsOpen, or ValidationError where what was before is no longer
    possible.
    """
    require(is_reversible_by(actor, event))
    lead = lock_open_lead(Lead(pk=event.lead_id), actor=actor, action=REVERSIBLE[event.verb])
    require_unchanged(lead, event, actor=actor)
    old = {name: restored(name, before) for name, (before, _) in pairs(event).items()}
    match event.verb:
        case "lead.edited":
            return update_lead(lead=lead, changes=old, actor=actor)
        case "lead.assigned":
            to, queue = old.get("owner", lead.owner), old.get("queue", lead.queue)
            return assign_lead(lead=lead, to=to, queue=queue, actor=actor, why="Taken back.")
        case _:
            return set_status(
                lead=lead,
                status=old.get("status", lead.status),
                reason=old.get("disqualified_reason", lead.disqualified_reason),
                wake_up_on=old.get("wake_up_on", lead.wake_up_on),
                actor=actor,
            )


def restored(name: str, value: Any) -> Any:
    """A value of the event log as services take it: the reverse of `as_json`."""
    if name == "products":
        products = Product.objects.in_bulk(value)
        return [(products[int(pk)], Decimal(quantity)) for pk, quantity in value.items()]
    field: Any = Lead._meta.get_field(name)
    if isinstance(field, models.ForeignKey):
        return None if value is None else field.related_model._default_manager.get(pk=value)
    return field.to_python(value)
