"""Editing, deleting and scoring leads."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction

from activities.events import record
from crm.hooks import Hook
from crm.records import apply_changes, save_changes, soft_delete
from leads.cleaning import EDITABLE, KEY_FIELDS, clean_fields
from leads.models import Lead, ProductInterest
from leads.scoring import rescore_lead
from leads.services.creation import Interests, complete, require_partner
from leads.services.locking import lock_open_lead, require_no_open_request
from opportunities.models import Product
from people.models import User, Workspace
from people.reach import Action

# Apps above follow up here what an edit means to them; they get the lead and the actor.
LEAD_EDITED = Hook()


@transaction.atomic
def update_lead(
    *, lead: Lead, changes: Mapping[str, Any], actor: User, version: int | None = None
) -> Lead:
    """
    The lead with some of its EDITABLE fields changed, and its keys and score renewed.

    Raises PermissionDenied, LeadIsFinal, StaleVersion or ValidationError.
    """
    lead = lock_open_lead(lead, actor=actor, version=version)
    cleaned = clean_fields(changes)
    interests = cleaned.pop("products", None)
    diff = apply_changes(lead, cleaned, allowed=EDITABLE)
    before = key_values(lead)
    if "partner_account" in diff:
        require_partner(lead, actor)
    if diff:
        complete(lead, Workspace.load())
    keys = [name for name, value in before.items() if getattr(lead, name) != value]
    if interests is not None:
        diff |= set_interests(lead, interests)
    if diff:
        columns = [name for name in diff if name != "products"]
        save_changes(lead, actor=actor, fields=[*columns, "currency", *keys])
        rescore(lead)
        record("lead.edited", actor=actor, lead=lead, changes=diff)
        LEAD_EDITED.run(lead, actor)
    return lead


@transaction.atomic
def delete_lead(*, lead: Lead, actor: User, version: int | None = None) -> None:
    """
    Hide a lead from everybody; its history stays.

    Raises PermissionDenied, LeadIsFinal, RequestIsOpen or StaleVersion.
    """
    lead = lock_open_lead(lead, actor=actor, action=Action.DELETE, version=version)
    hide_lead(lead=lead, actor=actor)


def hide_lead(*, lead: Lead, actor: User, why: str = "") -> None:
    """
    Hide a locked, open lead, without asking rights: its caller asked its own.

    Raises RequestIsOpen.
    """
    require_no_open_request(lead)
    soft_delete(lead, actor=actor)
    record("lead.deleted", actor=actor, lead=lead, note=why)


@transaction.atomic
def delete_untouched(*, keys: Collection[int], actor: User, why: str) -> int:
    """
    Hide those of these leads with which nothing was done since they were created; how many.

    Asks no rights: its caller asked its own. Locks the leads.
    """
    held = Lead.objects.filter(pk__in=keys).live().order_by("pk")
    held = held.select_for_update(of=("self",), no_key=True)
    list(held.values_list("pk"))
    # Looked at once they are ours, so that nothing comes between looking and deleting.
    untouched = Lead.objects.filter(pk__in=keys).untouched()
    for lead in untouched:
        hide_lead(lead=lead, actor=actor, why=why)
    return len(untouched)


def rescore(lead: Lead) -> None:
    """Bring a lead's score up to date, after a change or an activity. Not of converted leads."""
    rescore_lead(lead.pk)
    lead.refresh_from_db(fields=["score", "score_explanation"])


def key_values(lead: Lead) -> dict[str, str]:
    return {name: getattr(lead, name) for name in KEY_FIELDS}


def set_interests(lead: Lead, interests: Interests) -> dict[str, Any]:
    """Make these the lead's product interests; a product named without quantity keeps its own."""
    old = {interest.product_id: interest for interest in lead.product_interests.all()}
    new = [
        ProductInterest(lead=lead, product=product, quantity=quantity_for(old, product, quantity))
        for product, quantity in interests
    ]
    before = {pk: str(interest.quantity) for pk, interest in sorted(old.items())}
    after = {interest.product_id: str(interest.quantity) for interest in new}
    if before == after:
        return {}
    lead.product_interests.all().delete()
    ProductInterest.objects.bulk_create(new)
    return {"products": [before, after]}


def quantity_for(
    old: Mapping[int, ProductInterest], product: Product, quantity: Decimal | None
) -> Decimal:
    if quantity is not None:
        return quantity
    return old[product.pk].quantity if product.pk in old else Decimal("1.00")
