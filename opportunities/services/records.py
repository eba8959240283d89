"""Making, changing, handing over and deleting deals."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import Account, Contact
from activities.events import record
from activities.models import Event
from crm.errors import require
from crm.records import (
    Diff,
    as_json,
    clean_texts,
    lock_record,
    require_can_own,
    save_changes,
    soft_delete,
)
from opportunities.defaults import default_close_date, default_stage
from opportunities.models import (
    ContactRole,
    LineItem,
    Opportunity,
    OpportunityRole,
    Stage,
)
from opportunities.services.items import Item, build_items, worth
from opportunities.services.roles import make_primary
from opportunities.services.values import (
    DERIVED,
    EDITABLE,
    FORECAST,
    PLAIN,
    apply_values,
    check,
    require_open,
    set_amount,
)
from people.models import User, Workspace
from people.reach import Action, RecordType

# What only a new deal takes as a value; afterwards these change through services.
AT_FIRST = frozenset({"owner", "team", "stage"})


@transaction.atomic
def create_opportunity(
    *,
    actor: User,
    account: Account,
    fields: Mapping[str, Any],
    line_items: Iterable[Item] = (),
) -> Opportunity:
    """
    A new deal at an account. See `insert_opportunity` for what may be left out.

    Raises PermissionDenied unless the actor may create deals for that owner and sees the
    account and every contact and account named, and ValidationError.
    """
    require(actor.can(RecordType.OPPORTUNITY, Action.CREATE))
    require(Account.objects.visible_to(actor).filter(pk=account.pk).exists())
    require_visible(fields, actor)
    opportunity = insert_opportunity(
        actor=actor, account=account, fields=fields, line_items=line_items
    )
    made = Opportunity.objects.visible_to(actor, Action.CREATE).filter(pk=opportunity.pk)
    require(made.exists())
    return opportunity


def insert_opportunity(
    *,
    actor: User,
    account: Account,
    fields: Mapping[str, Any],
    line_items: Iterable[Item] = (),
    role: str = OpportunityRole.OTHER,
    workspace: Workspace | None = None,
    events: list[Event] | None = None,
) -> Opportunity:
    """
    A new deal, without asking for rights: for callers that have asked for theirs.

    `name` is needed. By default the actor owns it, in the first open stage of the default
    pipeline, in the company's currency, closing at the end of the fiscal quarter. The stage
    decides pipeline, kind, probability and category, the last two unless given. Line items
    make the amount; one given beside them must be the same. `role` is the part that the
    primary contact plays. A caller with the workspace at hand saves a query by giving it;
    one that gives a list of `events` writes the event, and tells the owner, itself. Raises
    ValidationError by field.
    """
    if unknown := fields.keys() - EDITABLE - AT_FIRST:
        raise KeyError(*sorted(unknown))
    workspace = workspace or Workspace.load()
    opportunity = new_opportunity(
        actor=actor, account=account, fields=clean_texts(fields), workspace=workspace
    )
    rows = build_items(opportunity, line_items)
    total = sum(map(worth, rows), Decimal(0)) if rows else None
    if rows and opportunity.amount not in (None, total):
        raise ValidationError(
            {
                "amount": ValidationError(
                    "The products come to %(total)s. Leave the amount out, or change them.",
                    code="amount_from_products",
                    params={"total": total},
                )
            }
        )
    set_amount(
        opportunity,
        total if rows else opportunity.amount,
        company_currency=workspace.currency,
    )
    opportunity.save(force_insert=True)
    LineItem.objects.bulk_create(rows)
    if opportunity.primary_contact_id:
        ContactRole.objects.create(
            opportunity=opportunity,
            contact_id=opportunity.primary_contact_id,
            role=role,
            is_primary=True,
        )
    record(
        "opportunity.created",
        actor=actor,
        opportunity=opportunity,
        account=account,
        contact=opportunity.primary_contact,
        notify=[opportunity.owner],
        into=events,
        changes={
            name: [None, as_json(getattr(opportunity, name))]
            for name in ("name", "stage", "amount", "currency", "close_date", "owner")
        },
    )
    return opportunity


def new_opportunity(
    *, actor: User, account: Account, fields: Mapping[str, Any], workspace: Workspace
) -> Opportunity:
    """An unsaved deal with its defaults. Raises ValidationError."""
    stage: Stage = fields.get("stage") or default_stage()
    if not stage.is_open:
        raise ValidationError({"stage": "A new opportunity starts in an open stage."})
    owner: User = fields.get("owner") or actor
    require_can_own(owner, RecordType.OPPORTUNITY)
    team = fields.get("team")
    now = timezone.now()
    close_date = fields.get("close_date")
    probability = fields.get("probability")
    opportunity = Opportunity(
        **{name: value for name, value in fields.items() if name in PLAIN and value is not None},
        account=account,
        primary_contact=fields.get("primary_contact"),
        owner=owner,
        team_id=team.pk if team else owner.team_id,
        pipeline_id=stage.pipeline_id,
        stage=stage,
        stage_kind=stage.kind,
        stage_since=now,
        probability=stage.probability if probability is None else probability,
        probability_overridden=probability not in (None, stage.probability),
        forecast_category=fields.get("forecast_category") or stage.forecast_category,
        close_date_is_default=close_date is None,
        created_at=now,
        created_by=actor,
        updated_by=actor,
    )
    if not opportunity.currency:
        opportunity.currency = workspace.currency
    if close_date is None:
        opportunity.close_date = default_close_date(timezone.localdate(), workspace)
    check(opportunity, [*sorted(PLAIN), *sorted(FORECAST)])
    return opportunity


@transaction.atomic
def update_opportunity(
    *,
    opportunity: Opportunity,
    changes: Mapping[str, Any],
    actor: User,
    version: int | None = None,
) -> Opportunity:
    """
    Change some of an open deal's EDITABLE fields; the fresh row.

    Raises PermissionDenied, StaleVersion, OpportunityIsClosed, or ValidationError.
    """
    opportunity = lock_record(
        Opportunity.objects.all(),
        pk=opportunity.pk,
        actor=actor,
        version=version,
    )
    require_open(opportunity)
    require_visible(changes, actor)
    if diff := write_changes(opportunity, changes, actor=actor):
        record(
            "opportunity.edited",
            actor=actor,
            opportunity=opportunity,
            account=opportunity.account,
            changes=diff,
        )
    return opportunity


def write_changes(opportunity: Opportunity, changes: Mapping[str, Any], *, actor: User) -> Diff:
    """Apply and save changes on a locked deal, without an event; what differs."""
    plain = clean_texts(changes)
    diff: Diff = {}
    if "primary_contact" in plain:
        contact = plain.pop("primary_contact")
        old, new = opportunity.primary_contact_id, contact and contact.pk
        if old != new:
            make_primary(opportunity, contact, actor=actor)
            diff["primary_contact"] = [old, new]
    was_default = opportunity.close_date_is_default
    if values := apply_values(opportunity, plain):
        save_changes(opportunity, actor=actor, fields=[*values, *DERIVED])
    elif was_default != opportunity.close_date_is_default:
        save_changes(opportunity, actor=actor, fields=["close_date_is_default"])
        values = {"close_date_is_default": [True, False]}
    return diff | values


@transaction.atomic
def assign_opportunity(
    *, opportunity: Opportunity, to: User, actor: User, version: int | None = None
) -> Opportunity:
    """
    Hand a deal to another person and their team, and tell them.

    Raises PermissionDenied, StaleVersion, or ValidationError for somebody who
    cannot own it.
    """
    opportunity = lock_record(
        Opportunity.objects.all(),
        pk=opportunity.pk,
        actor=actor,
        action=Action.ASSIGN,
        version=version,
    )
    require_can_own(to, RecordType.OPPORTUNITY)
    if opportunity.owner_id != to.pk:
        old = {"owner": opportunity.owner_id, "team": opportunity.team_id}
        opportunity.owner, opportunity.team = to, to.team
        save_changes(opportunity, actor=actor, fields=["owner", "team"])
        record(
            "opportunity.assigned",
            actor=actor,
            opportunity=opportunity,
            account=opportunity.account,
            notify=[to],
            changes={"owner": [old["owner"], to.pk], "team": [old["team"], to.team_id]},
        )
    return opportunity


@transaction.atomic
def delete_opportunity(
    *, opportunity: Opportunity, actor: User, version: int | None = None
) -> None:
    """Hide a deal from everybody. Raises PermissionDenied or StaleVersion."""
    opportunity = lock_record(
        Opportunity.objects.all(),
        pk=opportunity.pk,
        actor=actor,
        action=Action.DELETE,
        version=version,
    )
    soft_delete(opportunity, actor=actor)
    record(
        "opportunity.deleted",
        actor=actor,
        opportunity=opportunity,
        account=opportunity.account,
    )


def require_visible(fields: Mapping[str, Any], actor: User) -> None:
    """Raise PermissionDenied unless the actor sees every record that the fields name."""
    contact, partner = fields.get("primary_contact"), fields.get("partner_account")
    if contact is not None:
        require(Contact.objects.visible_to(actor).filter(pk=contact.pk).exists())
    if partner is not None:
        require(Account.objects.visible_to(actor).filter(pk=partner.pk).exists())
