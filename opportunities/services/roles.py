"""The people in a deal: contact roles, at most one of them primary."""

from django.db import transaction

from accounts.models import Contact
from activities.events import record
from crm.errors import require
from crm.records import lock_record, save_changes
from opportunities.models import ContactRole, Opportunity, OpportunityRole
from people.models import User


@transaction.atomic
def add_contact_role(
    *,
    opportunity: Opportunity,
    contact: Contact,
    role: str,
    actor: User,
    primary: bool | None = None,
) -> ContactRole:
    """
    Give a contact a part in a deal, or another part if they have one.

    `primary` None makes them the primary contact only where there is none yet. Locks the
    deal. Raises PermissionDenied unless the actor may edit the deal and see the contact.
    """
    opportunity = lock_record(Opportunity.objects.all(), pk=opportunity.pk, actor=actor)
    require(Contact.objects.visible_to(actor).filter(pk=contact.pk).exists())
    return insert_contact_role(
        opportunity=opportunity,
        contact=contact,
        role=role,
        actor=actor,
        primary=primary,
    )


def insert_contact_role(
    *,
    opportunity: Opportunity,
    contact: Contact,
    role: str,
    actor: User,
    primary: bool | None = None,
) -> ContactRole:
    """
    As `add_contact_role`, on a deal that the caller has locked or just made, without
    asking for rights.
    """
    if primary is None:
        primary = opportunity.primary_contact_id in (None, contact.pk)
    known = opportunity.contact_roles.filter(contact=contact).first()
    if primary:
        make_primary(opportunity, contact, actor=actor)
    elif opportunity.primary_contact_id == contact.pk:
        make_primary(opportunity, None, actor=actor)
    row, is_new = ContactRole.objects.update_or_create(
        opportunity=opportunity,
        contact=contact,
        defaults={"role": role, "is_primary": primary},
    )
    old = (None, False) if known is None else (known.role, known.is_primary)
    if is_new or old != (role, primary):
        record(
            "opportunity.contact_role_set",
            actor=actor,
            opportunity=opportunity,
            account=opportunity.account,
            contact=contact,
            changes={
                "role": [old[0], role],
                "is_primary": [old[1], primary],
            },
        )
    return row


@transaction.atomic
def remove_contact_role(*, role: ContactRole, actor: User) -> None:
    """
    Take a contact out of a deal; a primary one leaves the deal without one.

    Locks the deal. Raises PermissionDenied.
    """
    opportunity = lock_record(Opportunity.objects.all(), pk=role.opportunity_id, actor=actor)
    if opportunity.primary_contact_id == role.contact_id:
        make_primary(opportunity, None, actor=actor)
    role.delete()
    record(
        "opportunity.contact_role_removed",
        actor=actor,
        opportunity=opportunity,
        account=opportunity.account,
        contact=role.contact,
        changes={"role": [role.role, None]},
    )


def make_primary(opportunity: Opportunity, contact: Contact | None, *, actor: User) -> None:
    """
    Make a contact, or nobody, the primary one of a locked deal.

    A contact without a part in the deal gets the part "other".
    """
    if opportunity.primary_contact_id == (contact and contact.pk):
        return
    opportunity.contact_roles.filter(is_primary=True).update(is_primary=False)
    if contact is not None:
        ContactRole.objects.update_or_create(
            opportunity=opportunity,
            contact=contact,
            defaults={"is_primary": True},
            create_defaults={"is_primary": True, "role": OpportunityRole.OTHER},
        )
    opportunity.primary_contact = contact
    save_changes(opportunity, actor=actor, fields=["primary_contact"])
