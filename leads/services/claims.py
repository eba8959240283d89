"""Claims: whoever opens a lead to work it has it to themselves for a while."""

import uuid
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from crm.errors import require
from leads.models import Lead, LeadClaim
from leads.services.refusals import LeadIsClaimed, LeadIsFinal
from people.models import User
from people.reach import Action

CLAIM_MINUTES = 10

# One statement: of two who open a lead at once the second one waits for the first and then
# finds the claim of another. The row stays locked even where nothing is written.
CLAIM = f"""
    INSERT INTO {LeadClaim._meta.db_table} AS claim (lead_id, user_id, until, token)
    VALUES (%s, %s, %s, %s)
    ON CONFLICT (lead_id) DO UPDATE
        SET user_id = excluded.user_id, until = excluded.until, token = excluded.token
        WHERE claim.user_id = excluded.user_id OR claim.until <= %s
"""  # noqa: S608 - the table's name is ours


def claim_lead(*, lead: Lead, actor: User) -> LeadClaim:
    """
    The claim on a lead: the actor's own for the next ten minutes, or that of who came first.

    Whoever opens a lead has left the one before: the actor's other claims end. Locks the claim,
    not the lead. Raises PermissionDenied for those who may not edit the lead, or LeadIsFinal.
    """
    require(Lead.objects.visible_to(actor, Action.EDIT).filter(pk=lead.pk).exists())
    if lead.is_converted:
        raise LeadIsFinal(lead)
    now = timezone.now()
    until = now + timedelta(minutes=CLAIM_MINUTES)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(CLAIM, [lead.pk, actor.pk, until, uuid.uuid4(), now])
        claim = LeadClaim.objects.select_related("user").get(lead=lead)
    # Apart from the claim: two people who change places would wait for each other.
    LeadClaim.objects.filter(user=actor).exclude(lead=lead).delete()
    return claim


def release_claim(*, actor: User, token: uuid.UUID) -> None:
    """End the claim that one opening of a lead made; nothing, if it is over already."""
    LeadClaim.objects.filter(user=actor, token=token).delete()


def release_lead(*, lead: Lead, actor: User) -> None:
    """End the actor's claim on a lead; nothing, if there is none."""
    LeadClaim.objects.filter(user=actor, lead=lead).delete()


def require_unclaimed(lead: Lead, actor: User) -> None:
    """Raises LeadIsClaimed while somebody else is on the lead."""
    others = LeadClaim.objects.running().filter(lead=lead).exclude(user=actor)
    if claim := others.select_related("user").first():
        raise LeadIsClaimed(claim)
