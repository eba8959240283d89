"""The step itself. `convert_lead` is the only code that converts."""

from typing import Any

from django.db import connection
from django.utils import timezone

from accounts.models import Account, Contact
from accounts.services import fill_account, fill_contact, insert_account, insert_contact
from activities.events import compose, record_all
from activities.models import ActivityKind, Event
from conversion.errors import (
    AlreadyConverted,
    LeadCannotConvert,
    RequestLapsed,
    RequestNotReady,
)
from conversion.models import Conversion, ConversionRequest, Mode, Outcome
from conversion.plans import ConversionPlan
from conversion.preview import require_no_unseen_duplicates, require_unchanged
from conversion.receipts import receipt
from conversion.resolution import resolve
from conversion.services.lapsing import lapse, material_changes
from conversion.services.rights import require_direct_conversion_allowed
from conversion.services.transitions import (
    STEPS,
    lock_lead,
    lock_request,
    move_request,
    with_related,
)
from conversion.snapshots import answers_snapshot, lead_snapshot
from conversion.targets import Resolution, Target
from crm.errors import require
from crm.idempotency import Idempotency
from crm.records import hold, require_version
from crm.transactions import in_transaction
from leads.known import find_matches
from leads.models import HandoffState, Lead, StatusKind
from opportunities.models import Opportunity
from opportunities.services import insert_contact_role, insert_opportunity
from people.models import User
from people.reach import Action

LINK_ACTIVITIES = """
    UPDATE activities_activity
       SET account_id = coalesce(account_id, %(account)s),
           contact_id = coalesce(contact_id, %(contact)s),
           opportunity_id = coalesce(opportunity_id, %(opportunity)s),
           owner_id = CASE WHEN kind = %(task)s AND done_at IS NULL
                           THEN coalesce(%(task_owner)s, owner_id) ELSE owner_id END
     WHERE lead_id = %(lead)s AND deleted_at IS NULL
"""


def convert_lead(
    *,
    lead: Lead,
    plan: ConversionPlan,
    actor: User,
    request: ConversionRequest | None = None,
    note: str = "",
    idempotency: Idempotency | None = None,
) -> Conversion:
    """
    Turn a lead into an account, a contact and, if wanted, an opportunity: once, and for good.

    With a `request` that is still pending, its approver approves and converts in one step;
    `note` is what they tell its requester. Everything is written in one transaction of its
    own, or nothing is. Locks the request, the lead, the account, the contact and the
    opportunity, in this order.

    Raises AlreadyConverted, LeadCannotConvert, StaleVersion, PlanInvalid, PreviewStale,
    DuplicatesFound, ApprovalNeeded, RequestIsOpen, RequestNotReady, RequestLapsed
    (which is then recorded), PermissionDenied, or AlreadyAnswered where
    `idempotency` has the answer of an earlier call.
    """

    def work() -> Conversion | RequestLapsed:
        if idempotency is not None:
            idempotency.claim()
        outcome = convert_under_lock(lead.pk, plan, actor, request, note)
        if idempotency is None:
            return outcome
        if isinstance(outcome, RequestLapsed):
            idempotency.release()
        else:
            body = receipt(outcome)
            idempotency.store(201, body, {"Location": body["url"]})
        return outcome

    outcome = in_transaction(work)
    if isinstance(outcome, RequestLapsed):
        raise outcome
    return outcome


def convert_under_lock(
    lead_id: int, plan: ConversionPlan, actor: User, asked: ConversionRequest | None, note: str = ""
) -> Conversion | RequestLapsed:
    """The whole step, inside the caller's transaction. A lapse is written, then returned."""
    request = None
    if asked is None:
        lead = lock_lead_for_conversion(lead_id, actor)
    else:
        request = lock_request(pk=asked.pk, actor=actor, action=Action.DECIDE)
        lead = lock_lead(request)
    require_convertible(lead, plan, actor=actor)
    if asked is None or request is None:
        require_direct_conversion_allowed(lead, actor)
    else:
        if request.state not in STEPS["convert"][0]:
            raise RequestNotReady(request.get_state_display(), "converted")
        # Converting what is still pending decides it, and nobody decides their own request.
        is_own = request.decided_by_id is None and request.requester_id == actor.pk
        require(not is_own or request.may_approve_own)
        # Nobody decides what they have not read, sent again with another plan meanwhile.
        if asked.plan != request.plan:
            require_version(request, asked.version, actor=actor)
        if changes := material_changes(request):
            return lapse(request, changes, actor=None)
    resolution = resolve(
        lead=lead,
        plan=plan,
        actor=actor,
        default_owner=request.approver if request else actor,
        lock=True,
    )
    if plan.preview_token:
        require_unchanged(resolution, plan.preview_token)
    if resolution.account.is_new or resolution.contact.is_new:
        lock_names(lead)
        require_no_unseen_duplicates(plan, find_matches(lead, actor, fuzzy=False), actor)
    return execute(resolution, actor, request, note)


def lock_lead_for_conversion(lead_id: int, actor: User) -> Lead:
    """Hold a lead for a direct conversion. Raises PermissionDenied if it cannot be seen."""
    lead = hold(with_related(Lead.objects.visible_to(actor)), pk=lead_id)
    require(lead is not None)
    return lead


def require_convertible(lead: Lead, plan: ConversionPlan, *, actor: User) -> None:
    if lead.is_converted:
        raise AlreadyConverted(lead)
    if lead.is_closed:
        raise LeadCannotConvert(lead)
    require_version(lead, plan.lead_version, actor=actor)


def lock_names(lead: Lead) -> None:
    """
    Let conversions of one company, or one person, go one after the other.

    Two leads of a company converted at once would otherwise each see no account and make
    twins. The locks are on the keys that matching compares, sorted, and end with COMMIT.
    """
    keys = sorted(
        {f"{kind}:{key}" for kind, key in name_keys(lead) if key},
    )
    if keys:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(key, 0)) FROM unnest(%s) AS key",
                [keys],
            )


def name_keys(lead: Lead) -> list[tuple[str, str]]:
    return [
        ("domain", lead.domain_key),
        ("company", lead.company_key),
        ("email", lead.email_key),
        ("email", lead.other_email_key),
        ("phone", lead.phone_key),
        ("phone", lead.mobile_key),
    ]


def execute(
    resolution: Resolution, actor: User, request: ConversionRequest | None, note: str = ""
) -> Conversion:
    """Write everything: targets, links, lead, receipt, event."""
    lead, plan, now = resolution.lead, resolution.plan, timezone.now()
    snapshot, answers = lead_snapshot(lead), answers_snapshot(lead)
    events: list[Event] = []
    account = write_account(resolution, actor, events)
    contact = write_contact(resolution, actor, account, events)
    opportunity = write_opportunity(resolution, actor, account, contact, events)
    link_activities(resolution, account, contact, opportunity)
    finish_lead(resolution, actor, now, account, contact, opportunity)
    approved_by = None
    if request is not None:
        approved_by = request.decided_by or actor
        move_request_to_converted(request, actor, now, note)
    effects = resolution.effects
    for name, target in (("account", account), ("contact", contact), ("opportunity", opportunity)):
        if target is not None:
            effects[name]["id"] = target.pk
    conversion = Conversion.objects.create(
        lead=lead,
        account=account,
        contact=contact,
        opportunity=opportunity,
        account_outcome=outcome(resolution.account),
        contact_outcome=outcome(resolution.contact),
        opportunity_outcome=outcome(resolution.opportunity),
        mode=Mode.REQUESTED if request else Mode.DIRECT,
        request=request,
        converted_at=now,
        converted_by=actor,
        sourced_by=lead.owner or lead.created_by,
        requested_by=request.requester if request else None,
        approved_by=approved_by,
        plan=plan.as_json(),
        effects=effects,
        lead_snapshot=snapshot,
        answers=answers,
        duplicate_reason=plan.duplicate_reason,
    )
    converted = compose(
        "lead.converted",
        actor=actor,
        lead=lead,
        account=account,
        contact=contact,
        opportunity=opportunity,
        conversion=conversion,
        note=note,
        changes={
            "account": outcome(resolution.account),
            "contact": outcome(resolution.contact),
            "opportunity": outcome(resolution.opportunity),
            "mode": conversion.mode,
        },
    )
    told = [user for user in (lead.owner, conversion.requested_by, resolution.owner) if user]
    record_all([*((event, ()) for event in events), (converted, told)])
    return conversion


def outcome(target: Target | None) -> str:
    return target.outcome if target else Outcome.NONE


def write_account(resolution: Resolution, actor: User, events: list[Event]) -> Account:
    target, workspace = resolution.account, resolution.workspace
    if target.is_new:
        return insert_account(
            actor=actor,
            fields={"owner": resolution.owner} | target.values,
            workspace=workspace,
            events=events,
        )
    if target.values:
        fill_account(account=target.record, changes=target.values, actor=actor, workspace=workspace)
    return target.record


def write_contact(
    resolution: Resolution, actor: User, account: Account, events: list[Event]
) -> Contact:
    target, workspace = resolution.contact, resolution.workspace
    if target.is_new:
        return insert_contact(
            actor=actor,
            account=account,
            fields={"owner": resolution.owner} | target.values,
            workspace=workspace,
            events=events,
        )
    if target.values:
        fill_contact(contact=target.record, changes=target.values, actor=actor, workspace=workspace)
    return target.record


def write_opportunity(
    resolution: Resolution, actor: User, account: Account, contact: Contact, events: list[Event]
) -> Opportunity | None:
    target = resolution.opportunity
    if target is None:
        return None
    if target.is_new:
        return insert_opportunity(
            actor=actor,
            account=account,
            fields={"owner": resolution.owner, "primary_contact": contact} | target.values,
            line_items=resolution.line_items,
            role=resolution.plan.contact_role,
            workspace=resolution.workspace,
            events=events,
        )
    insert_contact_role(
        opportunity=target.record,
        contact=contact,
        role=resolution.plan.contact_role,
        actor=actor,
    )
    return target.record


def link_activities(
    resolution: Resolution, account: Account, contact: Contact, opportunity: Opportunity | None
) -> None:
    """Show everything on the targets too: one row, several links. Hand over open tasks."""
    if not resolution.effects["moved"]["activities"]:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            LINK_ACTIVITIES,
            {
                "lead": resolution.lead.pk,
                "account": account.pk,
                "contact": contact.pk,
                "opportunity": opportunity.pk if opportunity else None,
                "task": ActivityKind.TASK,
                "task_owner": resolution.owner.pk if resolution.plan.hand_over_tasks else None,
            },
        )


def finish_lead(
    resolution: Resolution,
    actor: User,
    now: Any,
    account: Any,
    contact: Any,
    opportunity: Opportunity | None,
) -> None:
    """The last change this lead will ever see."""
    lead = resolution.lead
    lead.status = resolution.status
    lead.status_kind = StatusKind.CONVERTED
    lead.handoff_state = HandoffState.CONVERTED
    lead.converted_at, lead.converted_by = now, actor
    lead.converted_account, lead.converted_contact = account, contact
    lead.converted_opportunity = opportunity
    lead.version += 1
    lead.updated_by = actor
    lead.save(
        update_fields=[
            "status",
            "status_kind",
            "handoff_state",
            "converted_at",
            "converted_by",
            "converted_account",
            "converted_contact",
            "converted_opportunity",
            "version",
            "updated_by",
            "updated_at",
        ]
    )


def move_request_to_converted(request: ConversionRequest, actor: User, now: Any, note: str) -> None:
    """Approve in passing what is still pending; the history then shows one step, by one person."""
    changed = []
    if request.decided_by is None:
        request.decided_by, request.decided_at, request.decision_note = actor, now, note
        changed = ["decided_by", "decided_at", "decision_note"]
    move_request(request, "convert", actor=actor, note=note, changed=changed)
