"""What tests of the pages of leads have in common."""

from django.urls import reverse

from activities.models import Reason, ReasonKind

HTMX = {"HX-Request": "true"}


def at(name, *args):
    """The address of a page of leads by its name."""
    return reverse(f"leads:{name}", args=args)


def a_reason():
    """A reason to disqualify."""
    return Reason.objects.for_kind(ReasonKind.DISQUALIFY).first()
