"""The work queue: one lead after the other, each with the reason why it is next."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from crm.errors import require
from crm.form_errors import add_service_errors
from crm.http import Request, get_visible_or_404
from crm.text import key_of
from leads.forms import WorkForm
from leads.matching import similar_leads
from leads.models import Lead, Queue
from leads.services import LeadIsClaimed, QueueIsEmpty, take_next
from leads.services.working import work_lead
from leads.views.panels import lead_actions, qualification_of
from leads.work_queue import (
    Turn,
    entries,
    left_today,
    running_claim,
    waiting_leads,
    work_queue,
    worked_today,
)
from people.reach import Action, RecordType

SHOWN = 50
USUAL_STEP = "Call again"


@require_http_methods(["GET", "POST"])
def queue(request: Request) -> HttpResponse:
    """The lead named in the address, else the first of the queue, ready to be worked."""
    require(request.user.can(RecordType.LEAD, Action.EDIT))
    if request.method == "POST":
        return work(request)
    return show(request, named_lead(request))


def work(request: Request) -> HttpResponse:
    """Log what came of one lead, then go on to the next."""
    lead = named_lead(request)
    if lead is None:
        return redirect("leads:queue")
    form = WorkForm(request.POST)
    if form.is_valid():
        after = following(request, lead)
        try:
            work_lead(lead=lead, actor=request.user, **form.outcome_given)
        except LeadIsClaimed:
            return show(request, named_lead(request), form=form, status=409)
        except ValidationError as error:
            add_service_errors(form, error)
        else:
            messages.success(request, f"{lead} is saved.")
            stays = "stay" in request.POST
            to = lead.pk if stays else after
            return redirect(f"{reverse('leads:queue')}{f'?lead={to}' if to else ''}")
    return show(request, lead, form=form, status=422)


def named_lead(request: Request) -> Lead | None:
    given = request.POST if request.method == "POST" else request.GET
    pk = key_of(given.get("lead"))
    if pk is None:
        return None
    opened = Lead.objects.for_list().select_related("claim__user")
    lead: Lead = get_visible_or_404(request, opened, pk=pk)
    require(request.method == "GET" or Action.EDIT in lead_actions(request.user, lead))
    return lead


def following(request: Request, lead: Lead) -> int | None:
    """The lead after this one that nobody else is on; the first again after the last."""
    found = list(work_queue(request.user)[: SHOWN + 1])
    at = found.index(lead) if lead in found else -1
    rest = entries(found[at + 1 :] + found[: max(at, 0)])
    return next((entry.lead.pk for entry in rest if entry.is_free), None)


def show(
    request: Request, lead: Lead | None, *, form: WorkForm | None = None, status: int = 200
) -> HttpResponse:
    waiting = entries(work_queue(request.user).select_related("status", "source")[:SHOWN])
    if lead is None and waiting:
        lead = next((entry for entry in waiting if entry.is_free), waiting[0]).lead
    context: dict[str, Any] = {
        "entries": waiting,
        "lead": lead,
        "as_list": "list" in request.GET,
        "turns": Turn.labels,
        "queues": waiting_leads(request.user),
        "done": (done := worked_today(request.user)),
        "of": (of := done + left_today(request.user)),
        "percent": round(100 * done / max(1, of)),
    }
    if lead is not None:
        actions = lead_actions(request.user, lead)
        initial = {"next_step": lead.next_step or USUAL_STEP, "plan": "next_day"}
        places = [entry.lead.pk for entry in waiting if entry.is_free or entry.lead == lead]
        claim = running_claim(lead)
        is_mine = claim is not None and claim.user == request.user
        context |= {
            "form": form or WorkForm(initial=initial),
            "may_edit": Action.EDIT in actions,
            "claim": claim,
            "is_mine": is_mine,
            # What was typed stays, whoever is on the lead by now.
            "may_work": Action.EDIT in actions and (is_mine or not claim or form is not None),
            "similar": similar_leads(lead, request.user),
            "entry": next((entry for entry in waiting if entry.lead == lead), None),
            "after": next_of(places, lead.pk),
            **qualification_of(request.user, lead, actions),
        }
    return render(request, "leads/queue.html", context, status=status)


def next_of(places: list[int], pk: int) -> int | None:
    at = places.index(pk) if pk in places else -1
    return places[at + 1] if at + 1 < len(places) else None


@require_POST
def queue_take(request: Request) -> HttpResponse:
    """Take the best lead that waits in a queue, and work it."""
    queues = Queue.objects.visible_to(request.user)
    from_queue = get_object_or_404(queues, pk=key_of(request.POST.get("queue")))
    try:
        lead = take_next(queue=from_queue, actor=request.user)
    except QueueIsEmpty as error:
        messages.info(request, str(error))
        return redirect("leads:queue")
    messages.success(request, f"{lead} is yours now.")
    return redirect(f"{reverse('leads:queue')}?lead={lead.pk}")
