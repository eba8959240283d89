"""Having a lead to oneself while working it, and letting go of it again."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from crm.http import Request, get_visible_or_404, wants_fragment
from crm.text import key_of
from leads.models import Lead
from leads.services import claim_lead, release_claim
from leads.views.work import following


@require_POST
def queue_claim(request: Request) -> HttpResponse:
    """
    Claim the lead that was opened, or hold it for longer.

    Whoever opens one that a colleague has just opened goes on to the next by itself; a page
    that has been open for long only says so, and keeps what was typed.
    """
    pk = key_of(request.POST.get("lead"))
    lead = get_visible_or_404(request, Lead.objects.for_list(), pk=pk)
    claim = claim_lead(lead=lead, actor=request.user)
    is_mine = claim.user == request.user
    if not wants_fragment(request):
        return redirect(f"{reverse('leads:queue')}?lead={lead.pk}")
    after = None if is_mine else following(request, lead)
    if after and "again" not in request.POST:
        messages.info(request, f"{claim.user} is on {lead}. Here is the next lead.")
        return redirect(f"{reverse('leads:queue')}?lead={after}")
    context = {
        "lead": lead,
        "claim": claim,
        "is_mine": is_mine,
        "is_opened": True,
        "after": after,
    }
    return render(request, "leads/_claim.html", context)


@require_POST
def queue_release(request: Request) -> HttpResponse:
    """End the claim of a page that is being left."""
    try:
        token = uuid.UUID(request.POST.get("token", ""))
    except ValueError:
        return HttpResponse(status=400)
    release_claim(actor=request.user, token=token)
    return HttpResponse(status=204)
