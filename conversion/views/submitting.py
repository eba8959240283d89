"""Requesting a conversion, and sending a request again that came back."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from conversion import services
from conversion.drafts import Draft
from conversion.errors import (
    LeadCannotConvert,
    NoApprover,
    PathNotMet,
    PlanInvalid,
    RequestIsOpen,
    RequestNotReady,
)
from conversion.forms import HandoffForm, ResubmitForm
from conversion.models import ConversionRequest
from conversion.plans import ConversionPlan
from conversion.services.approvers import choose_approver
from conversion.services.transitions import STEPS
from conversion.since_submitted import changes
from conversion.views.convert import leads
from conversion.views.decisions import told_meanwhile
from conversion.views.inbox import fetch_request
from crm.errors import require
from crm.http import Request, get_visible_or_404, render_page
from leads.models import Lead
from leads.services import PathStatus
from people.reach import Action

SUBMIT = "submit"


@require_http_methods(["GET", "POST"])
def submit(request: Request, pk: int) -> HttpResponse:
    """
    Ask that an AE accept a lead. Posting without `do=submit` only shows what they will see.

    A lead with an open request leads to that, a converted one to its receipt.
    """
    lead = get_visible_or_404(request, leads(), pk=pk)
    if lead.is_converted:
        return redirect(lead.conversion)
    open_requests = ConversionRequest.objects.visible_to(request.user).open()
    if asked := open_requests.filter(lead=lead).first():
        return redirect(asked)
    require(Lead.objects.visible_to(request.user, Action.REQUEST).filter(pk=pk).exists())
    if lead.is_closed:
        raise LeadCannotConvert(lead)
    data = request.POST if request.method == "POST" else None
    draft = Draft(lead, request.user, data=data, for_execution=False)
    paths = draft.qualification.paths
    form = HandoffForm(paths, request.user, data, initial={"path": best_path(paths)})
    if request.POST.get("do") == SUBMIT:
        if draft.plan is None or draft.preview is None or not form.is_valid():
            return render_handoff(request, draft, form, status=422)
        return send(request, draft, draft.plan, form)
    return render_handoff(request, draft, form)


def send(request: Request, draft: Draft, plan: ConversionPlan, form: HandoffForm) -> HttpResponse:
    try:
        asked = services.submit_request(
            lead=draft.lead, plan=plan, actor=request.user, **form.cleaned_data
        )
    except PathNotMet as refusal:
        form.add_error("path", str(refusal))
    except NoApprover as refusal:
        form.add_error("approver", str(refusal))
    except PlanInvalid as refusal:
        draft.form.show_problems(refusal.problems)
    except RequestIsOpen:
        return redirect(ConversionRequest.objects.open().get(lead=draft.lead))
    else:
        messages.success(request, f"Requested. {asked.approver.full_name} has been told.")
        return redirect(asked)
    return render_handoff(request, draft, form, status=422)


@require_http_methods(["GET", "POST"])
def request_resubmit(request: Request, pk: int) -> HttpResponse:
    """Send one's own request again, as things are now, after it was sent back or lapsed."""
    asked = fetch_request(request, pk)
    require(asked.requester_id == request.user.pk)
    if asked.state not in STEPS["resubmit"][0]:
        return told_meanwhile(request, pk)
    data = request.POST if request.method == "POST" else None
    draft = Draft(asked.lead, request.user, data=data, asked=asked, for_execution=False)
    initial = {"message": asked.message, "next_meeting_at": asked.next_meeting_at}
    form = ResubmitForm(data, initial=initial)
    if request.POST.get("do") != SUBMIT:
        return render_handoff(request, draft, form)
    if draft.plan is None or draft.preview is None or not form.is_valid():
        return render_handoff(request, draft, form, status=422)
    try:
        services.resubmit(request=asked, actor=request.user, plan=draft.plan, **form.cleaned_data)
    except PathNotMet as refusal:
        form.add_error(None, str(refusal))
    except PlanInvalid as refusal:
        draft.form.show_problems(refusal.problems)
    except (RequestIsOpen, RequestNotReady):
        return told_meanwhile(request, pk)
    else:
        messages.success(request, f"Resubmitted. {asked.approver.full_name} has been told.")
        return redirect(asked)
    return render_handoff(request, draft, form, status=422)


def best_path(paths: list[PathStatus]) -> int | None:
    """The first path that is met, else the one that misses least."""
    ranked = sorted(paths, key=lambda status: (not status.met, len(status.missing)))
    return ranked[0].path.pk if ranked else None


def render_handoff(request: Request, draft: Draft, form: Any, *, status: int = 200) -> HttpResponse:
    chosen = chosen_path(draft, form)
    rule = rule_of(request, draft, chosen) if not draft.asked else ""
    # Once the form is sent, too: the page says why somebody was chosen beforehand.
    if not (rule or draft.asked):
        form.initial["approver"] = asked_last(request)
    context = {
        "draft": draft,
        "lead": draft.lead,
        "asked": draft.asked,
        "changes": changes(draft.asked) if draft.asked else [],
        "form": draft.form,
        "handoff": form,
        "cards": draft.cards,
        "chosen": chosen,
        "rule": rule,
    }
    return render_page(request, "conversion/submit.html", context, partial="draft", status=status)


def chosen_path(draft: Draft, form: Any) -> PathStatus | None:
    """The path that is chosen, with what it still misses."""
    pk = str(draft.asked.path_id if draft.asked else form["path"].value() or "")
    return next((each for each in draft.qualification.paths if str(each.path.pk) == pk), None)


def asked_last(request: Request) -> int | None:
    """Whom the requester asked the last time: mostly whom they mean again."""
    own = ConversionRequest.objects.filter(requester=request.user)
    return own.order_by("-submitted_at", "-pk").values_list("approver_id", flat=True).first()


def rule_of(request: Request, draft: Draft, chosen: PathStatus | None) -> str:
    """Whom the path's rule finds, and why; empty where somebody has to be named."""
    if chosen is None or draft.plan is None:
        return ""
    try:
        person, because = choose_approver(
            lead=draft.lead, plan=draft.plan, path=chosen.path, requester=request.user
        )
    except NoApprover:
        return ""
    return f"{person.full_name}: {because[:1].lower()}{because[1:]}"
