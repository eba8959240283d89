"""What is already there of somebody who is still a lead."""

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from conversion.matching import find_matches
from conversion.services.transitions import with_related
from crm.http import Request, get_visible_or_404, render_page
from leads.models import Lead


@require_GET
def known(request: Request, pk: int) -> HttpResponse:
    """The accounts and contacts that a lead may already be, for its page: from the first touch."""
    lead = get_visible_or_404(request, with_related(Lead.objects.all()), pk=pk)
    context = {"lead": lead, "matches": find_matches(lead, request.user)}
    return render_page(request, "conversion/known.html", context, partial="known")
