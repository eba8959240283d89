"""Everything that changes an account."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.keys import company_key, domain_key, phone_key
from accounts.models import Account, AccountMember
from accounts.services.tree import ACCOUNT_TREE
from activities.events import record
from activities.models import Event
from crm.errors import DomainError, require
from crm.records import (
    Diff,
    apply_changes,
    clean_texts,
    lock_record,
    require_can_own,
    save_changes,
    soft_delete,
    validate_columns,
)
from people.models import User, Workspace
from people.ownership import MemberKind
from people.reach import Action, RecordType

EDITABLE = (
    "name",
    "type",
    "industry",
    "employees",
    "annual_revenue",
    "currency",
    "website",
    "phone",
    "description",
    "street",
    "city",
    "region",
    "postal_code",
    "country",
    "parent",
    "source",
    "campaign",
    "external_id",
)
KEYS = ("name_key", "domain_key", "phone_key")


class AccountInUse(DomainError):
    """The account cannot go while something that people see belongs to it."""

    code = "account_in_use"

    def __init__(self, account: Account, what: str):
        super().__init__(f"{account} still has {what}. Move or delete them first.")


@transaction.atomic
def create_account(*, actor: User, fields: Mapping[str, Any]) -> Account:
    """
    A new account, owned by `actor` unless `fields` name another owner.

    Raises PermissionDenied (to give it to somebody else takes the right to assign), or
    ValidationError by field.
    """
    require(actor.can(RecordType.ACCOUNT, Action.CREATE))
    owner = fields.get("owner") or actor
    require(owner == actor or actor.can(RecordType.ACCOUNT, Action.ASSIGN))
    require_visible_parent(fields, actor)
    return insert_account(actor=actor, fields=fields)


def insert_account(
    *,
    actor: User,
    fields: Mapping[str, Any],
    workspace: Workspace | None = None,
    events: list[Event] | None = None,
) -> Account:
    """
    Write a new account and its event for a caller that has asked for the rights itself.

    `fields` are EDITABLE ones and `owner`. A caller with the workspace at hand saves a
    query by giving it; one that gives a list of `events` writes the event, and tells the
    owner, itself. Raises ValidationError by field.
    """
    values = clean_texts(fields)
    owner = values.pop("owner", None) or actor
    require_can_own(owner, RecordType.ACCOUNT)
    account = Account(owner=owner, team_id=owner.team_id, created_by=actor, updated_by=actor)
    write_values(account, values, workspace or Workspace.load())
    account.save(force_insert=True)
    record("account.created", actor=actor, account=account, notify=[owner], into=events)
    return account


@transaction.atomic
def update_account(
    *, account: Account, changes: Mapping[str, Any], actor: User, version: int | None = None
) -> Account:
    """
    Change some of an account's EDITABLE fields; returns the fresh row.

    Locks the row, and with a new parent the tree. Raises PermissionDenied, StaleVersion,
    or ValidationError by field.
    """
    if "parent" in changes:
        ACCOUNT_TREE.hold()
    account = lock_account(account, actor=actor, version=version)
    if changes.get("parent") != account.parent:
        require_visible_parent(changes, actor)
    return fill_account(account=account, changes=changes, actor=actor)


def fill_account(
    *,
    account: Account,
    changes: Mapping[str, Any],
    actor: User,
    workspace: Workspace | None = None,
) -> Account:
    """
    Write changes that somebody has decided on to an account the caller has locked.

    Asks for no rights. Writes nothing, not even an event, where nothing differs. Raises
    ValidationError by field.
    """
    diff = write_values(account, clean_texts(changes), workspace or Workspace.load())
    if diff:
        if "parent" in diff:
            ACCOUNT_TREE.require_no_circle(account)
        save_changes(account, actor=actor, fields=[*diff, *KEYS])
        record("account.edited", actor=actor, account=account, changes=diff)
    return account


@transaction.atomic
def assign_account(
    *, account: Account, to: User, actor: User, version: int | None = None
) -> Account:
    """
    Give an account to another owner, who is told; returns the fresh row.

    Its contacts and opportunities keep their owners. Raises PermissionDenied,
    StaleVersion, or ValidationError for somebody who cannot own accounts.
    """
    account = lock_account(account, actor=actor, action=Action.ASSIGN, version=version)
    require_can_own(to, RecordType.ACCOUNT)
    if diff := apply_changes(account, {"owner": to}, allowed=["owner"]):
        account.team_id = to.team_id
        save_changes(account, actor=actor, fields=["owner", "team"])
        record("account.assigned", actor=actor, account=account, changes=diff, notify=[to])
    return account


@transaction.atomic
def delete_account(*, account: Account, actor: User, version: int | None = None) -> None:
    """
    Hide an account from everybody; its row and history stay.

    Raises PermissionDenied, StaleVersion, or AccountInUse while it has contacts,
    opportunities or accounts below it.
    """
    account = lock_account(account, actor=actor, action=Action.DELETE, version=version)
    for related, what in (
        (account.contacts, "contacts"),
        (account.opportunities, "opportunities"),
        (account.children, "accounts below it"),
    ):
        if related.filter(deleted_at__isnull=True).exists():
            raise AccountInUse(account, what)
    soft_delete(account, actor=actor)
    record("account.deleted", actor=actor, account=account)


@transaction.atomic
def add_account_member(*, account: Account, user: User, actor: User) -> AccountMember:
    """
    Put somebody on the account's team list: it and its contacts count as their own.

    They are told. Takes the right to assign. Raises PermissionDenied or ValidationError.
    """
    account = lock_account(account, actor=actor, action=Action.ASSIGN)
    if not (user.is_active and user.can(RecordType.ACCOUNT, Action.VIEW)):
        raise ValidationError({"user": f"{user} cannot work on accounts."})
    member, is_new = AccountMember.objects.get_or_create(
        record=account, user=user, defaults={"kind": MemberKind.MEMBER}
    )
    if is_new:
        record(
            "account.member_added",
            actor=actor,
            account=account,
            changes={"member": [None, user.pk]},
            notify=[user],
        )
    return member


@transaction.atomic
def remove_account_member(*, account: Account, user: User, actor: User) -> None:
    """
    Take somebody off the account's team list; nothing happens if they are not on it.

    Takes the right to assign. Raises PermissionDenied.
    """
    account = lock_account(account, actor=actor, action=Action.ASSIGN)
    removed, _ = AccountMember.objects.filter(record=account, user=user).delete()
    if removed:
        record(
            "account.member_removed",
            actor=actor,
            account=account,
            changes={"member": [user.pk, None]},
        )


def lock_account(
    account: Account, *, actor: User, action: str = Action.EDIT, version: int | None = None
) -> Account:
    """The fresh row, held until the transaction ends, with what a change compares."""
    related = Account.objects.select_related("owner", "parent", "source", "campaign")
    return lock_record(related, pk=account.pk, actor=actor, action=action, version=version)


def write_values(account: Account, values: Mapping[str, Any], workspace: Workspace) -> Diff:
    """
    Set values and the matching keys that follow from them; {field: [old, new]}.

    Raises ValidationError by field.
    """
    revenue = values.get("annual_revenue")
    if revenue is not None and not (values.get("currency") or account.currency):
        values = {**values, "currency": workspace.currency}
    diff = apply_changes(account, values, allowed=EDITABLE)
    validate_columns(account)
    if account.annual_revenue is not None and account.annual_revenue < 0:
        raise ValidationError({"annual_revenue": "A revenue cannot be negative."})
    account.name_key = company_key(account.name)
    account.domain_key = domain_key(account.website, workspace.extra_free_mail_domains)
    account.phone_key = phone_key(account.phone, workspace.region)
    return diff


def require_visible_parent(fields: Mapping[str, Any], actor: User) -> None:
    """Raise ValidationError if `fields` put the account under one that the actor cannot see."""
    parent = fields.get("parent")
    if parent and not Account.objects.visible_to(actor).filter(pk=parent.pk).exists():
        raise ValidationError({"parent": "There is no such account, or you may not see it."})
