"""What is still possible after a conversion: credit for a later opportunity, and re-engaging."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from activities.events import record
from conversion.crediting import credit_window
from conversion.models import Conversion, ConversionCredit
from crm.errors import DomainError, require
from crm.records import lock_record
from leads.models import Lead
from leads.services import create_lead
from opportunities.models import Opportunity
from opportunities.services import create_opportunity
from people.models import User
from people.reach import Action


class CreditRefused(DomainError):
    """This opportunity cannot be counted for this conversion."""

    code = "credit_refused"


@transaction.atomic
def link_for_credit(
    *, conversion: Conversion, opportunity: Opportunity, actor: User
) -> ConversionCredit:
    """
    Count a later opportunity as sourced by a conversion that made none.

    Locks the opportunity. Raises PermissionDenied, or CreditRefused where the conversion
    has an opportunity, the opportunity came from a conversion or is credited already, is not
    of the conversion's account or was there before it, or the window of the workspace is over.
    """
    opportunity = lock_record(Opportunity.objects, pk=opportunity.pk, actor=actor)
    require(Conversion.objects.visible_to(actor).filter(pk=conversion.pk).exists())
    if conversion.opportunity_id is not None:
        raise CreditRefused("This conversion has an opportunity of its own.")
    if opportunity.account_id != conversion.account_id:
        raise CreditRefused("The opportunity belongs to another account.")
    if opportunity.created_at < conversion.converted_at:
        raise CreditRefused("The opportunity was there before the conversion.")
    if opportunity.conversions.exists():
        raise CreditRefused("The opportunity came from a conversion, which has the credit.")
    if ConversionCredit.objects.filter(opportunity=opportunity).exists():
        raise CreditRefused("The opportunity is credited to a conversion already.")
    window = credit_window()
    if timezone.now() > conversion.converted_at + window:
        raise CreditRefused(f"Credit ends {window.days} days after the conversion.")
    credit = ConversionCredit.objects.create(
        conversion=conversion, opportunity=opportunity, linked_by=actor
    )
    record(
        "conversion.credited",
        actor=actor,
        lead=conversion.lead,
        opportunity=opportunity,
        conversion=conversion,
        notify=[
            user
            for user in (conversion.sourced_by, conversion.requested_by, opportunity.owner)
            if user
        ],
    )
    return credit


@transaction.atomic
def create_credited_opportunity(
    *, conversion: Conversion, fields: Mapping[str, Any], actor: User
) -> Opportunity:
    """
    The opportunity that the conversion did not make: for its contact, linked for credit.

    Raises what create_opportunity and link_for_credit raise; then nothing is written.
    """
    opportunity = create_opportunity(
        actor=actor,
        account=conversion.account,
        fields={"primary_contact": conversion.contact} | dict(fields),
    )
    link_for_credit(conversion=conversion, opportunity=opportunity, actor=actor)
    return opportunity


@transaction.atomic
def reengage(*, conversion: Conversion, actor: User, note: str = "") -> Lead:
    """
    A new lead for the person of a converted one, linked to it.

    Raises PermissionDenied unless the actor sees the old lead and may create leads.
    """
    old = Lead.objects.visible_to(actor, Action.VIEW).filter(pk=conversion.lead_id).first()
    require(old is not None)
    copied = (
        "salutation",
        "first_name",
        "last_name",
        "title",
        "company",
        "email",
        "other_email",
        "phone",
        "mobile",
        "website",
        "industry",
        "employees",
        "do_not_call",
        "do_not_email",
        "source",
    )
    fields = {name: getattr(old, name) for name in copied}
    return create_lead(actor=actor, fields=fields | {"description": note, "reengaged_from": old})
