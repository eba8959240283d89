"""Small changes of one lead, each a dialog, and a page of its own without scripts."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from activities.undoing import say_done
from crm.errors import require
from crm.form_errors import add_service_errors
from crm.http import Request, get_visible_or_404, render_page
from leads.forms import BelongsToForm, NextStepForm, StatusForm
from leads.models import Lead, LeadStatus
from leads.services import assign_lead, set_status, update_lead
from leads.views.panels import lead_actions
from leads.views.undoing import undoable
from people.reach import Action


@require_http_methods(["GET", "POST"])
def lead_status(request: Request, pk: int) -> HttpResponse:
    """Move a lead to another status."""
    lead = visible_for(request, pk, Action.EDIT)
    initial = {
        "status": LeadStatus.objects.filter(pk=lead.status_id).first(),
        "reason": lead.disqualified_reason_id,
        "wake_up_on": lead.wake_up_on,
    }
    form = StatusForm(posted(request), initial=initial)

    def change(read: dict[str, Any]) -> None:
        changed = set_status(lead=lead, actor=request.user, **read)
        say_done(
            request,
            f"{changed} is {changed.status.name.lower()}.",
            among=undoable(request.user, Action.EDIT),
        )

    return answer(request, lead, form, change, title="Change the status", button="Change status")


@require_http_methods(["GET", "POST"])
def lead_assign(request: Request, pk: int) -> HttpResponse:
    """Hand a lead to another person or queue."""
    lead = visible_for(request, pk, Action.ASSIGN)
    form = BelongsToForm(posted(request), user=request.user)

    def change(read: dict[str, Any]) -> None:
        to, queue = read["owner"], read["queue"]
        assign_lead(lead=lead, to=to, queue=queue, actor=request.user)
        say_done(
            request,
            f"{lead} belongs to {to or queue} now.",
            among=undoable(request.user, Action.ASSIGN),
        )

    return answer(request, lead, form, change, title=f"Assign {lead}", button="Assign lead")


@require_http_methods(["GET", "POST"])
def lead_next_step(request: Request, pk: int) -> HttpResponse:
    """Say what happens next with a lead."""
    lead = visible_for(request, pk, Action.EDIT)
    initial = {"next_step": lead.next_step, "next_step_on": lead.next_step_on}
    form = NextStepForm(posted(request), initial=initial)

    def change(read: dict[str, Any]) -> None:
        update_lead(lead=lead, changes=read, actor=request.user)
        say_done(
            request,
            f"Next with {lead}: {read['next_step']}.",
            among=undoable(request.user, Action.EDIT),
        )

    return answer(request, lead, form, change, title="Next step", button="Set next step")


def visible_for(request: Request, pk: int, action: str) -> Lead:
    lead: Lead = get_visible_or_404(request, Lead.objects.for_list(), pk=pk)
    require(action in lead_actions(request.user, lead))
    return lead


def posted(request: Request):
    return request.POST if request.method == "POST" else None


def answer(
    request: Request,
    lead: Lead,
    form: forms.Form,
    change: Callable[[dict[str, Any]], None],
    *,
    title: str,
    button: str,
) -> HttpResponse:
    """Make the change of a valid form, which says so, and go to the lead; else show the form."""
    if form.is_valid():
        try:
            change(form.cleaned_data)
        except ValidationError as error:
            add_service_errors(form, error)
        else:
            # Whoever gave the lead away may not see it any more.
            is_seen = Lead.objects.visible_to(request.user).filter(pk=lead.pk).exists()
            return redirect(lead if is_seen else "leads:list")
    context = {"record": lead, "form": form, "title": title, "button": button}
    status = 422 if form.errors else 200
    return render_page(request, "leads/change.html", context, partial="dialog", status=status)
