"""What was said in an activity as the evidence for a check, of a lead or of a deal."""

from collections.abc import Callable, Sequence
from functools import partial

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods

from crm.errors import require
from crm.form_errors import add_service_errors
from crm.http import Request, get_visible_or_404, render_page
from leads.forms import EvidenceForm
from leads.models import Answer, Lead
from leads.services import (
    ChecklistItem,
    answer_criterion,
    answer_deal_criterion,
    deal_qualification,
    qualification,
)
from leads.views.deals import may_answer
from leads.views.panels import lead_actions, said_to
from opportunities.models import Opportunity
from people.reach import Action

TITLE = "Use as evidence"


@require_http_methods(["GET", "POST"])
def lead_evidence(request: Request, pk: int, activity_pk: int) -> HttpResponse:
    """Take what was said with a lead as the evidence for one of its criteria."""
    lead = get_visible_or_404(request, Lead.objects.for_list(), pk=pk)
    require(Action.EDIT in lead_actions(request.user, lead))
    return evidence_page(
        request,
        lead,
        activity_pk,
        checklist=qualification(lead).items,
        save=partial(answer_criterion, lead=lead, actor=request.user),
    )


@require_http_methods(["GET", "POST"])
def opportunity_evidence(request: Request, pk: int, activity_pk: int) -> HttpResponse:
    """Take what was said with a deal as the evidence for one of its criteria."""
    opportunity = get_visible_or_404(
        request, Opportunity.objects.select_related("stage", "account"), pk=pk
    )
    require(may_answer(request.user, opportunity))
    return evidence_page(
        request,
        opportunity,
        activity_pk,
        checklist=deal_qualification(opportunity).items,
        save=partial(answer_deal_criterion, opportunity=opportunity, actor=request.user),
    )


def evidence_page(
    request: Request,
    record: Lead | Opportunity,
    activity_pk: int,
    *,
    checklist: Sequence[ChecklistItem],
    save: Callable[..., Answer],
) -> HttpResponse:
    """
    The form that asks for which criterion, or the way back once it is saved.

    The answer stays what it is; one that was not known is assumed from now on.
    """
    activity = get_object_or_404(said_to(record), pk=activity_pk)
    initial = {"evidence": activity.body or activity.subject}
    posted = request.POST if request.method == "POST" else None
    form = EvidenceForm(posted, initial=initial, checklist=checklist)
    if form.is_valid():
        criterion, known = form.item.criterion, form.item.answer
        try:
            save(
                criterion=criterion,
                state=form.state,
                value=known.value if known else "",
                evidence=form.cleaned_data["evidence"],
                evidence_activity=activity,
            )
        except ValidationError as error:
            add_service_errors(form, error)
        else:
            messages.success(request, f"This is the evidence for {criterion.label} now.")
            return redirect(record)
    context = {"record": record, "form": form, "title": TITLE, "button": TITLE}
    status = 422 if form.errors else 200
    return render_page(request, "leads/change.html", context, partial="dialog", status=status)
