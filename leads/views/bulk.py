"""The same change for several leads: each on its own, with a result for each."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from activities.undoing import say_done, way_back
from crm.attempts import attempt
from crm.errors import require
from crm.http import Request, own_address, render_page
from crm.text import key_of
from leads.forms import BelongsToForm, NextStepForm, StatusForm
from leads.models import Lead
from leads.services import assign_lead, set_status, update_lead
from leads.views.undoing import undoable
from people.models import User
from people.reach import Action, RecordType

# A page of the list has 50 rows; more would need a preview of the effect first.
MOST = 200


@dataclass(frozen=True)
class BulkAct:
    """One change that the bar under the list offers."""

    title: str
    button: str
    needs: str
    make_form: Callable[[Any, User], forms.Form]
    change: Callable[[Lead, dict[str, Any], User], Any]


ACTS = {
    "assign": BulkAct(
        "Assign",
        "Assign",
        Action.ASSIGN,
        lambda posted, user: BelongsToForm(posted, user=user),
        lambda lead, read, user: assign_lead(
            lead=lead, to=read["owner"], queue=read["queue"], actor=user
        ),
    ),
    "status": BulkAct(
        "Change the status of",
        "Change status of",
        Action.EDIT,
        lambda posted, user: StatusForm(posted),
        lambda lead, read, user: set_status(lead=lead, actor=user, **read),
    ),
    "next_step": BulkAct(
        "Set the next step of",
        "Set next step of",
        Action.EDIT,
        lambda posted, user: NextStepForm(posted),
        lambda lead, read, user: update_lead(lead=lead, changes=read, actor=user),
    ),
}


@require_http_methods(["GET", "POST"])
def lead_bulk(request: Request) -> HttpResponse:
    """Ask what to change of the chosen leads, then change each and tell the result of each."""
    given = request.POST if request.method == "POST" else request.GET
    act = ACTS.get(given.get("act", ""))
    if act is None:
        raise Http404
    require(request.user.can(RecordType.LEAD, act.needs))
    leads = chosen(request.user, given.getlist("lead"))
    form = act.make_form(request.POST if request.method == "POST" else None, request.user)
    context: dict[str, Any] = {
        "act": given["act"],
        "bulk": act,
        "leads": leads,
        "form": form,
        "back": own_address(request, given.get("back", ""), default=reverse("leads:list")),
    }
    status = 200
    if form.is_valid() and leads:
        results = [
            attempt(lead, partial(act.change, lead, form.cleaned_data, request.user))
            for lead in leads
        ]
        among = undoable(request.user, act.needs)
        refused = [result for result in results if result.problem]
        if not refused:
            count = len(results)
            said = f"{count} {'lead' if count == 1 else 'leads'} changed."
            say_done(request, said, among=among, address=context["back"])
            return redirect(context["back"])
        undo = way_back(request, among=among, address=context["back"])
        context |= {"results": results, "refused": refused, "undo": undo}
    elif request.method == "POST":
        status = 422
    return render_page(request, "leads/bulk.html", context, partial="dialog", status=status)


def chosen(user: User, keys: list[str]) -> list[Lead]:
    """The leads that were ticked, of those the person sees, in the order of the list."""
    wanted = [pk for pk in map(key_of, keys) if pk][:MOST]
    found = Lead.objects.visible_to(user).for_list().in_bulk(wanted)
    return [found[pk] for pk in dict.fromkeys(wanted) if pk in found]
