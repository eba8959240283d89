"""The leads that can be made again what they were before somebody's change."""

from django.db.models import QuerySet

from leads.models import Lead
from people.models import User


def undoable(user: User, needs: str) -> QuerySet:
    """The leads that the user may change back; `needs` is the right to do it."""
    return Lead.objects.visible_to(user, needs).filter(converted_at__isnull=True)
