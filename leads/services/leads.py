"""Creating, editing, deleting and scoring leads."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import Account
from activities.events import record
from crm.errors import require
from crm.records import apply_changes, as_json, require_can_own, save_changes, soft_delete
from leads.cleaning import EDITABLE, KEY_FIELDS, clean_fields, set_keys
from leads.models import Lead, LeadStatus, ProductInterest, Queue, StatusKind
from leads.permissions import can_create_for
from leads.scoring import active_rules, rescore_lead, score_lead
from leads.services.locking import lock_open_lead, require_no_open_request
from leads.services.status import status_columns
from opportunities.models import Product
from people.models import User, Workspace
from people.reach import Action, RecordType

# What only a new lead may say of itself; later there are services for it.
STATUS_FIELDS = ("status", "disqualified_reason", "wake_up_on")
# What the apps above do in the same transaction once a lead was edited; they add themselves
# when they start, since this app may not import them.
AFTER_EDIT: list[Callable[[Lead, User], None]] = []

Interests = Iterable[tuple[Product, Decimal | None]]


@transaction.atomic
def create_lead(
    *,
    actor: User,
    fields: Mapping[str, Any],
    owner: User | None = None,
    queue: Queue | None = None,
    why: str = "",
) -> Lead:
    """
    A new lead, owned by `owner` or waiting in `queue`; by the actor where neither is named.

    `fields` are those of EDITABLE; also `status` with its `disqualified_reason` or
    `wake_up_on`, and `reengaged_from`, the converted lead whose person came back. `why`
    explains the choice of owner in the history. Raises PermissionDenied, ValidationError
    or OnlyByConversion.
    """
    if owner is None and queue is None:
        owner, why = actor, why or "Kept by its creator."
    require(can_create_for(actor, owner=owner, queue=queue))
    if owner is not None and owner != actor:
        require_can_own(owner, RecordType.LEAD)
    fields = dict(fields)
    wish = {name: fields.pop(name, None) for name in STATUS_FIELDS}
    reengaged_from = fields.pop("reengaged_from", None)
    cleaned = clean_fields({"last_name": "", "source": None} | fields)
    interests = cleaned.pop("products", [])
    workspace = Workspace.load()
    now = timezone.now()
    lead = Lead(
        **cleaned,
        **status_columns(
            wish["status"] or LeadStatus.objects.default_for(StatusKind.NEW),
            reason=wish["disqualified_reason"],
            wake_up_on=wish["wake_up_on"],
        ),
        owner=owner,
        queue=queue if owner is None else None,
        reengaged_from=reengaged_from,
        assigned_at=now if owner else None,
        created_at=now,
        created_by=actor,
        updated_by=actor,
    )
    lead.team_id = lead.team_id or team_of(owner, queue)
    require_partner(lead, actor)
    complete(lead, workspace)
    lead.score, lead.score_explanation = score_lead(
        lead, rules=active_rules(), has_products=bool(interests), now=now
    )
    lead.save(force_insert=True)
    ProductInterest.objects.bulk_create(
        ProductInterest(lead=lead, product=product, quantity=1 if quantity is None else quantity)
        for product, quantity in interests
    )
    record(
        "lead.created",
        actor=actor,
        lead=lead,
        changes={name: [None, as_json(getattr(lead, name))] for name in ("owner", "queue")},
        note=why,
        notify=[owner] if owner else [],
    )
    return lead


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
        for follow_up in AFTER_EDIT:
            follow_up(lead, actor)
    return lead


@transaction.atomic
def delete_lead(*, lead: Lead, actor: User, version: int | None = None) -> None:
    """
    Hide a lead from everybody; its history stays.

    Raises PermissionDenied, LeadIsFinal, RequestIsOpen or StaleVersion.
    """
    lead = lock_open_lead(lead, actor=actor, action=Action.DELETE, version=version)
    require_no_open_request(lead)
    soft_delete(lead, actor=actor)
    record("lead.deleted", actor=actor, lead=lead)


def rescore(lead: Lead) -> None:
    """Bring a lead's score up to date, after a change or an activity. Not of converted leads."""
    rescore_lead(lead.pk)
    lead.refresh_from_db(fields=["score", "score_explanation"])


def team_of(owner: User | None, queue: Queue | None) -> int | None:
    """The team whose lead it is: the owner's, else the queue's."""
    return owner.team_id if owner else queue.team_id if queue else None


def complete(lead: Lead, workspace: Workspace) -> None:
    """What follows from a lead's fields, before it is saved."""
    if lead.annual_revenue is not None and not lead.currency:
        lead.currency = workspace.currency
    set_keys(lead, workspace)


def require_partner(lead: Lead, actor: User) -> None:
    """Raises ValidationError for a partner account that was chosen and that one does not see."""
    partner = lead.partner_account
    if partner and not Account.objects.visible_to(actor).filter(pk=partner.pk).exists():
        raise ValidationError({"partner_account": "There is no such account."})


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
