"""Making leads: one at a time or hundreds at once, by the same rules and the same writes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import Account
from activities.events import compose, record_all
from crm.errors import require
from crm.records import as_json, require_can_own
from leads.cleaning import clean_fields, set_keys
from leads.models import Lead, LeadStatus, ProductInterest, Queue, StatusKind
from leads.permissions import can_create_for
from leads.scoring import active_rules, score_lead
from leads.services.status import status_columns
from opportunities.models import Product
from people.models import User, Workspace
from people.reach import RecordType

# What only a new lead may say of itself; later there are services for it.
STATUS_FIELDS = ("status", "disqualified_reason", "wake_up_on")

Interests = Iterable[tuple[Product, Decimal | None]]


@dataclass(frozen=True)
class NewLead:
    """A lead that may be inserted, what it is interested in, and why it is whose it is."""

    lead: Lead
    interests: Interests = ()
    why: str = ""


@dataclass
class LeadMaker:
    """
    Makes leads for an actor without writing any.

    What all of them need is read once, so that in a batch the next one costs no query.
    """

    actor: User
    workspace: Workspace = field(default_factory=Workspace.load)

    def __post_init__(self) -> None:
        self.now = timezone.now()
        self.rules = active_rules()
        self._refusals: dict[tuple[int | None, int | None], Exception | None] = {}

    @cached_property
    def usual_status(self) -> LeadStatus:
        return LeadStatus.objects.default_for(StatusKind.NEW)

    def make(
        self,
        fields: Mapping[str, Any],
        *,
        owner: User | None = None,
        queue: Queue | None = None,
        why: str = "",
    ) -> NewLead:
        """
        A lead with its keys and score, to be inserted; the rules are those of create_lead.

        Raises PermissionDenied, ValidationError or OnlyByConversion.
        """
        if owner is None and queue is None:
            owner, why = self.actor, why or "Kept by its creator."
        self.require_may_place(owner, queue)
        fields = dict(fields)
        wish = {name: fields.pop(name, None) for name in STATUS_FIELDS}
        reengaged_from = fields.pop("reengaged_from", None)
        cleaned = clean_fields({"last_name": "", "source": None} | fields)
        interests = cleaned.pop("products", [])
        lead = Lead(
            **cleaned,
            **status_columns(
                wish["status"] or self.usual_status,
                reason=wish["disqualified_reason"],
                wake_up_on=wish["wake_up_on"],
            ),
            owner=owner,
            queue=queue if owner is None else None,
            reengaged_from=reengaged_from,
            assigned_at=self.now if owner else None,
            created_at=self.now,
            created_by=self.actor,
            updated_by=self.actor,
        )
        lead.team_id = lead.team_id or team_of(owner, queue)
        require_partner(lead, self.actor)
        complete(lead, self.workspace)
        lead.score, lead.score_explanation = score_lead(
            lead, rules=self.rules, has_products=bool(interests), now=self.now
        )
        return NewLead(lead, interests, why)

    def require_may_place(self, owner: User | None, queue: Queue | None) -> None:
        """Raises PermissionDenied or ValidationError; asked once for each owner and queue."""
        place = (owner.pk if owner else None, queue.pk if queue else None)
        if place not in self._refusals:
            self._refusals[place] = self._refusal_of(owner, queue)
        if refusal := self._refusals[place]:
            raise refusal

    def _refusal_of(self, owner: User | None, queue: Queue | None) -> Exception | None:
        try:
            require(can_create_for(self.actor, owner=owner, queue=queue))
            if owner is not None and owner != self.actor:
                require_can_own(owner, RecordType.LEAD)
        except (PermissionDenied, ValidationError) as refusal:
            return refusal
        return None


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
    new = LeadMaker(actor).make(fields, owner=owner, queue=queue, why=why)
    insert_leads([new], actor=actor)
    return new.lead


@transaction.atomic(savepoint=False)
def insert_leads(leads: Sequence[NewLead], *, actor: User, tell_owners: bool = True) -> None:
    """
    Write leads that were made, each with its event, in as many statements as for one.

    Asks no rights: making them did. Owners are told of each lead, unless the caller tells
    them of all at once.
    """
    Lead.objects.bulk_create(new.lead for new in leads)
    ProductInterest.objects.bulk_create(
        ProductInterest(
            lead=new.lead, product=product, quantity=1 if quantity is None else quantity
        )
        for new in leads
        for product, quantity in new.interests
    )
    record_all(
        (
            compose(
                "lead.created",
                actor=actor,
                lead=new.lead,
                changes={
                    name: [None, as_json(getattr(new.lead, name))] for name in ("owner", "queue")
                },
                note=new.why,
            ),
            [new.lead.owner] if tell_owners and new.lead.owner else [],
        )
        for new in leads
    )


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
