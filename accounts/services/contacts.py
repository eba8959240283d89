"""Everything that changes a contact."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.keys import email_address, email_key, person_key, phone_key
from accounts.models import Account, Contact
from accounts.services.addresses import LISTS, replace_lists
from accounts.services.tree import CONTACT_TREE
from activities.events import record
from activities.models import Event
from crm.errors import DomainError, require
from crm.records import (
    apply_changes,
    clean_texts,
    lock_record,
    require_can_own,
    save_changes,
    soft_delete,
    validate_columns,
)
from people.models import User, Workspace
from people.reach import Action, RecordType

COLUMNS = (
    "account",
    "salutation",
    "first_name",
    "last_name",
    "title",
    "department",
    "email",
    "phone",
    "mobile",
    "description",
    "street",
    "city",
    "region",
    "postal_code",
    "country",
    "reports_to",
    "source",
    "campaign",
    "do_not_call",
    "do_not_email",
    "external_id",
)
EDITABLE = (*COLUMNS, *LISTS)
KEYS = ("email_key", "phone_key", "mobile_key", "person_key")


class ContactIsConverted(DomainError):
    """The contact is part of a receipt, which says at which account they are."""

    code = "contact_converted"

    def __init__(self, contact: Contact):
        super().__init__(
            f"{contact} came out of a conversion and stays at {contact.account}. "
            "Make a new contact at the other account instead."
        )


class ContactInUse(DomainError):
    """The contact cannot go while they have a part in an open deal."""

    code = "contact_in_use"

    def __init__(self, contact: Contact):
        super().__init__(f"{contact} has a part in an open opportunity. Take them off it first.")


@transaction.atomic
def create_contact(*, actor: User, account: Account, fields: Mapping[str, Any]) -> Contact:
    """
    A new contact at an account, owned by `actor` unless `fields` name another owner.

    Locks the account. Raises PermissionDenied (to give it to somebody else takes the right
    to assign), or ValidationError by field.
    """
    require(actor.can(RecordType.CONTACT, Action.CREATE))
    owner = fields.get("owner") or actor
    require(owner == actor or actor.can(RecordType.CONTACT, Action.ASSIGN))
    if fields.get("reports_to"):
        CONTACT_TREE.hold()
    account = lock_record(Account.objects.all(), pk=account.pk, actor=actor, action=Action.VIEW)
    require_visible_chief(fields, actor)
    return insert_contact(actor=actor, account=account, fields=fields)


def insert_contact(
    *,
    actor: User,
    account: Account,
    fields: Mapping[str, Any],
    workspace: Workspace | None = None,
    events: list[Event] | None = None,
) -> Contact:
    """
    Write a new contact and its event for a caller that has asked for the rights itself.

    `fields` are EDITABLE ones but the account, and `owner`. A caller with the workspace at
    hand saves a query by giving it; one that gives a list of `events` writes the event, and
    tells the owner, itself. Raises ValidationError by field.
    """
    values = clean_texts(fields)
    owner = values.pop("owner", None) or actor
    require_can_own(owner, RecordType.CONTACT)
    workspace = workspace or Workspace.load()
    lists = {name: values.pop(name) for name in LISTS if name in values}
    contact = Contact(
        account=account,
        owner=owner,
        team_id=owner.team_id,
        created_by=actor,
        updated_by=actor,
    )
    apply_changes(contact, values, allowed=[name for name in COLUMNS if name != "account"])
    set_keys(contact, workspace)
    contact.save(force_insert=True)
    if lists:
        replace_lists(contact, lists, workspace)
    record(
        "contact.created",
        actor=actor,
        contact=contact,
        account=account,
        notify=[owner],
        into=events,
    )
    return contact


@transaction.atomic
def update_contact(
    *, contact: Contact, changes: Mapping[str, Any], actor: User, version: int | None = None
) -> Contact:
    """
    Change some of a contact's EDITABLE fields; returns the fresh row.

    `other_emails` and `other_phones` are whole lists, which replace what is there. Locks
    the contact, before it the account a contact moves to, and first, with a new superior,
    the tree. Raises PermissionDenied, StaleVersion, ContactIsConverted, or ValidationError
    by field.
    """
    if "reports_to" in changes:
        CONTACT_TREE.hold()
    if changes.get("account"):
        lock_record(
            Account.objects.all(), pk=changes["account"].pk, actor=actor, action=Action.VIEW
        )
    contact = lock_contact(contact, actor=actor, version=version)
    if changes.get("reports_to") != contact.reports_to:
        require_visible_chief(changes, actor)
    return fill_contact(contact=contact, changes=changes, actor=actor)


def fill_contact(
    *,
    contact: Contact,
    changes: Mapping[str, Any],
    actor: User,
    workspace: Workspace | None = None,
) -> Contact:
    """
    Write changes that somebody has decided on to a contact the caller has locked.

    Asks for no rights. Writes nothing, not even an event, where nothing differs. Raises
    ContactIsConverted, or ValidationError by field.
    """
    values = clean_texts(changes)
    lists = {name: values.pop(name) for name in LISTS if name in values}
    if "account" in values:
        require_movable(contact, values["account"])
    diff = apply_changes(contact, values, allowed=COLUMNS)
    workspace = workspace or Workspace.load()
    set_keys(contact, workspace)
    if "reports_to" in diff:
        CONTACT_TREE.require_no_circle(contact)
    columns = [*diff, *KEYS]
    if lists or "email" in diff:
        diff |= replace_lists(contact, lists, workspace)
    if diff:
        save_changes(contact, actor=actor, fields=columns)
        # A move concerns both accounts; whatever else changes is the contact's own affair.
        moved_to = contact.account if "account" in diff else None
        record("contact.edited", actor=actor, contact=contact, account=moved_to, changes=diff)
    return contact


@transaction.atomic
def assign_contact(
    *, contact: Contact, to: User, actor: User, version: int | None = None
) -> Contact:
    """
    Give a contact to another owner, who is told; returns the fresh row.

    Raises PermissionDenied, StaleVersion, or ValidationError for somebody who cannot own
    contacts.
    """
    contact = lock_contact(contact, actor=actor, action=Action.ASSIGN, version=version)
    require_can_own(to, RecordType.CONTACT)
    if diff := apply_changes(contact, {"owner": to}, allowed=["owner"]):
        contact.team_id = to.team_id
        save_changes(contact, actor=actor, fields=["owner", "team"])
        record("contact.assigned", actor=actor, contact=contact, changes=diff, notify=[to])
    return contact


@transaction.atomic
def delete_contact(*, contact: Contact, actor: User, version: int | None = None) -> None:
    """
    Hide a contact from everybody; the row and its history stay.

    Raises PermissionDenied, StaleVersion, or ContactInUse while they have a part in an
    open opportunity.
    """
    contact = lock_contact(contact, actor=actor, action=Action.DELETE, version=version)
    in_open_deals = contact.opportunity_roles.filter(
        opportunity__deleted_at__isnull=True, opportunity__closed_at__isnull=True
    )
    if in_open_deals.exists():
        raise ContactInUse(contact)
    soft_delete(contact, actor=actor)
    record("contact.deleted", actor=actor, contact=contact, account=contact.account)


def lock_contact(
    contact: Contact, *, actor: User, action: str = Action.EDIT, version: int | None = None
) -> Contact:
    """The fresh row, held until the transaction ends, with what a change compares."""
    related = Contact.objects.select_related("owner", "account", "reports_to", "source", "campaign")
    return lock_record(related, pk=contact.pk, actor=actor, action=action, version=version)


def set_keys(contact: Contact, workspace: Workspace) -> None:
    """
    Check a contact's columns and work out the keys by which they are found.

    Raises ValidationError by field.
    """
    contact.email = email_address(contact.email) or contact.email
    validate_columns(contact)
    contact.email_key = email_key(contact.email)
    if contact.email and not contact.email_key:
        raise ValidationError({"email": "Enter a valid email address."})
    contact.phone_key = phone_key(contact.phone, workspace.region)
    contact.mobile_key = phone_key(contact.mobile, workspace.region)
    contact.person_key = person_key(contact.first_name, contact.last_name)
    if contact.reports_to_id and contact.reports_to_id == contact.pk:
        raise ValidationError({"reports_to": "A contact cannot report to themselves."})


def require_movable(contact: Contact, account: Account | None) -> None:
    """Raise ContactIsConverted or ValidationError unless the contact may be at the account."""
    if account is None:
        raise ValidationError({"account": "A contact belongs to an account."})
    if account != contact.account and contact.conversions.exists():
        raise ContactIsConverted(contact)


def require_visible_chief(fields: Mapping[str, Any], actor: User) -> None:
    """Raise ValidationError if somebody is to report to a contact the actor cannot see."""
    chief = fields.get("reports_to")
    if chief and not Contact.objects.visible_to(actor).filter(pk=chief.pk).exists():
        raise ValidationError({"reports_to": "There is no such contact, or you may not see it."})
