"""Answering the criteria of a lead's checklist, one at a time."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from crm.errors import require
from crm.form_errors import add_service_errors
from crm.http import Request, get_visible_or_404, render_page, wants_fragment
from leads.forms import AnswerForm
from leads.models import Criterion, Lead
from leads.services import answer_criterion
from leads.views.panels import Check, answer_form, evidence_of, lead_actions, qualification_of
from people.reach import Action


@require_http_methods(["GET", "POST"])
def lead_answer(request: Request, pk: int, criterion_pk: int) -> HttpResponse:
    """
    One criterion's answer: saved as it is typed, or by its button.

    A page of its own without scripts; otherwise the criterion as it is now, with the state
    of the paths beside it.
    """
    lead = get_visible_or_404(request, Lead.objects.for_list(), pk=pk)
    actions = lead_actions(request.user, lead)
    require(Action.EDIT in actions)
    context = {"lead": lead, **qualification_of(request.user, lead, actions)}
    check = check_of(context, criterion_pk)
    status = 200
    if request.method == "POST":
        form = answer_form(lead, check.item, evidence_of(lead), data=request.POST)
        criterion = check.item.criterion
        if form.is_valid() and saved(request, lead, criterion, form):
            if not wants_fragment(request):
                return redirect(f"{lead.get_absolute_url()}#q-{criterion.key}")
            context |= qualification_of(request.user, lead, actions)
            check = check_of(context, criterion_pk)
        else:
            check, status = check.with_form(form), 422
    context["check"] = check
    return render_page(request, "leads/answer.html", context, partial="answered", status=status)


def check_of(context: dict[str, Any], criterion_pk: int) -> Check:
    """The criterion asked for, if the lead's playbook has it."""
    for check in context["checks"]:
        if check.item.criterion.pk == criterion_pk:
            return check
    raise Http404


def saved(request: Request, lead: Lead, criterion: Criterion, form: AnswerForm) -> bool:
    """Whether the service took the answer; what it found wrong stands in the form."""
    try:
        answer_criterion(lead=lead, criterion=criterion, actor=request.user, **form.cleaned_data)
    except ValidationError as error:
        add_service_errors(form, error)
        return False
    return True
