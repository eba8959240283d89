"""Whether somebody was there before: other leads, and the accounts and contacts."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from crm.errors import require
from crm.http import Request, get_visible_or_404, render_page
from crm.text import key_of
from leads.known import find_matches
from leads.matching import similar_leads, typed_lead
from leads.models import Lead
from people.models import User
from people.reach import Action, RecordType


@require_GET
def lead_similar(request: Request) -> HttpResponse:
    """
    The leads, accounts and contacts that what has been typed so far may be the same as.

    `lead` names the one that is being edited, which is no other.
    """
    require(any(request.user.can(RecordType.LEAD, each) for each in (Action.CREATE, Action.EDIT)))
    lead = typed_lead(request.GET)
    lead.pk = key_of(request.GET.get("lead"))
    return render(request, "leads/_similar.html", seen_before(lead, request.user))


@require_GET
def lead_known(request: Request, pk: int) -> HttpResponse:
    """The accounts and contacts that a lead may already be, for its page: from the first touch."""
    lead = get_visible_or_404(request, Lead.objects.for_list(), pk=pk)
    context = {"lead": lead, "matches": find_matches(lead, request.user)}
    return render_page(request, "leads/known.html", context, partial="known")


def seen_before(lead: Lead, user: User) -> dict[str, Any]:
    """
    What the warning before a new lead shows.

    It asks first where another lead may be the same, or a contact surely is: a new lead from
    an account that is there already is what everybody hopes for.
    """
    similar, known = similar_leads(lead, user), find_matches(lead, user)
    asks = bool(similar or known.strong("contact"))
    return {"similar": similar, "known": known, "asks": asks}
