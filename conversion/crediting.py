"""Which later opportunities may still be counted for which conversions without one."""

from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from conversion.models import Conversion
from opportunities.models import ContactRole, Opportunity
from people.models import User, Workspace
from people.reach import Action


def credit_window() -> timedelta:
    """How long after a conversion a later opportunity may be counted for it."""
    return timedelta(days=Workspace.load().credit_window_days)


def deals_to_credit(conversion: Conversion, user: User) -> QuerySet[Opportunity]:
    """
    The later deals of the contact of a conversion that `user` may count for it, newest first.

    A deal that came from a conversion has its credit already. Without a query where the
    conversion has an opportunity.
    """
    if conversion.opportunity_id is not None:
        return Opportunity.objects.none()
    if timezone.now() > conversion.converted_at + credit_window():
        return Opportunity.objects.none()
    deals: QuerySet[Opportunity] = (
        Opportunity.objects.visible_to(user, Action.EDIT)
        .filter(
            account=conversion.account_id,
            created_at__gte=conversion.converted_at,
            pk__in=ContactRole.objects.filter(contact=conversion.contact_id).values("opportunity"),
            conversions=None,
            credit=None,
        )
        .order_by("-created_at", "-pk")
    )
    return deals


def conversions_to_credit(opportunity: Opportunity, user: User) -> QuerySet[Conversion]:
    """The conversions of its contacts for which `user` may count a deal, newest first."""
    offered: QuerySet[Conversion] = Conversion.objects.visible_to(user).for_list()
    may_edit = Opportunity.objects.visible_to(user, Action.EDIT).filter(
        pk=opportunity.pk, conversions=None, credit=None
    )
    if not may_edit.exists():
        return offered.none()
    return offered.filter(
        opportunity=None,
        account=opportunity.account_id,
        contact__in=opportunity.contact_roles.values("contact"),
        converted_at__lte=opportunity.created_at,
        converted_at__gte=timezone.now() - credit_window(),
    )
