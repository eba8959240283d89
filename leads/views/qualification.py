"""Answering the criteria of a lead's or a deal's checklist, one at a time."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods
from django_htmx.http import trigger_client_event

from crm.errors import require
from crm.form_errors import add_service_errors
from crm.http import Request, get_visible_or_404, render_page, wants_fragment
from leads.forms import AnswerForm
from leads.models import Answer, Lead
from leads.services import answer_criterion, answer_deal_criterion
from leads.views.deals import deal_panel, may_answer
from leads.views.panels import (
    Check,
    answer_form,
    lead_actions,
    proven_answer_form,
    qualification_of,
)
from opportunities.models import Opportunity
from people.reach import Action

EVIDENCE_FIELDS = ("evidence", "evidence_activity")


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
    return answer_page(
        request,
        criterion_pk,
        panel=lambda: qualification_of(request.user, lead, actions),
        save=partial(answer_criterion, lead=lead, actor=request.user),
        context={"record": lead, "lead": lead, "back": lead.get_absolute_url()},
    )


@require_GET
def opportunity_answers(request: Request, pk: int) -> HttpResponse:
    """The playbook of a deal with its answers, and those of the leads that it came from."""
    opportunity = get_visible_or_404(request, for_answers(), pk=pk)
    context = {"opportunity": opportunity, **deal_panel(request.user, opportunity)}
    return render_page(request, "leads/opportunity_answers.html", context, partial="answers")


@require_http_methods(["GET", "POST"])
def opportunity_answer(request: Request, pk: int, criterion_pk: int) -> HttpResponse:
    """
    One criterion's answer for a deal, like that for a lead.

    The fragment brings along what the deal's stage still asks for.
    """
    opportunity = get_visible_or_404(request, for_answers(), pk=pk)
    require(may_answer(request.user, opportunity))
    return answer_page(
        request,
        criterion_pk,
        panel=lambda: deal_panel(request.user, opportunity),
        save=partial(answer_deal_criterion, opportunity=opportunity, actor=request.user),
        context={
            "record": opportunity,
            "opportunity": opportunity,
            "back": reverse("leads:opportunity_answers", args=[pk]),
        },
    )


def for_answers() -> QuerySet:
    return Opportunity.objects.select_related("stage", "account")


def answer_page(
    request: Request,
    criterion_pk: int,
    *,
    panel: Callable[[], dict[str, Any]],
    save: Callable[..., Answer],
    context: dict[str, Any],
) -> HttpResponse:
    """
    The form of one criterion, or what became of it. `panel` reads the checklist afresh.

    The checklist asks for the fields of the evidence when somebody opens them.
    """
    context |= panel()
    check = check_of(context, criterion_pk)
    if request.method == "GET":
        context["check"] = check.with_form(proven_answer_form(context["record"], check))
        return render_page(request, "leads/answer.html", context, partial="evidence")
    form = posted_form(context["record"], check, request.POST)
    if not form.is_valid() or not saved(form, check, save):
        context["check"] = check.with_form(form)
        return render_page(request, "leads/answer.html", context, partial="answered", status=422)
    if not wants_fragment(request):
        return redirect(f"{context['back']}#q-{check.name}")
    context |= panel()
    context["check"] = check_of(context, criterion_pk)
    page = render_page(request, "leads/answer.html", context, partial="answered")
    # The timeline beside the checklist shows the answer, too.
    return trigger_client_event(page, "relay:happened")


def posted_form(record: Lead | Opportunity, check: Check, posted: QueryDict) -> AnswerForm:
    """The form that was sent: with the evidence only where somebody had opened it."""
    if any(f"{check.name}-{name}" in posted for name in EVIDENCE_FIELDS):
        return proven_answer_form(record, check, posted)
    return answer_form(check.item, check.name, posted)


def check_of(context: dict[str, Any], criterion_pk: int) -> Check:
    """The criterion asked for, if it is on the checklist."""
    for check in context["checks"]:
        if check.item.criterion.pk == criterion_pk:
            return check
    raise Http404


def saved(form: AnswerForm, check: Check, save: Callable[..., Answer]) -> bool:
    """Whether the service took the answer; what it found wrong stands in the form."""
    try:
        save(criterion=check.item.criterion, **form.cleaned_data)
    except ValidationError as error:
        add_service_errors(form, error)
        return False
    return True
