"""The steps of a request that is there: decided, recalled, passed on, disputed."""

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from conversion import services
from conversion.errors import NoApprover, NobodyAnswers, RequestLapsed, RequestNotReady
from conversion.forms import DecisionForm, DisputeForm, JudgeForm, ReassignForm, RecallForm
from conversion.forms.decisions import APPROVE, APPROVE_ONLY, REJECT, SEND_BACK
from conversion.models import ConversionRequest, RequestState
from conversion.queries import passed_on
from conversion.services.transitions import STEPS
from conversion.views.inbox import fetch_request, render_inbox, typed_in
from crm.form_errors import add_service_errors
from crm.http import Request
from crm.records import StaleVersion

# In the session: what an approver wrote before they went on to the conversion screen.
NOTE = "approval_note"
STEP_OF = {
    APPROVE: "convert",
    APPROVE_ONLY: "approve",
    SEND_BACK: "send_back",
    REJECT: "reject",
}


def overtaken(request: Request, pk: int) -> HttpResponse:
    """Somebody was faster: the request as it stands now, who did what, and what was typed."""
    asked = fetch_request(request, pk)
    return render_inbox(request, asked, overtaken=typed_in(request), status=409)


def unless_passed_on(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Who still sees a request that is no longer theirs to decide is too late, not forbidden."""

    @wraps(view)
    def answer(request: Request, pk: int) -> HttpResponse:
        try:
            return view(request, pk)
        except PermissionDenied:
            if passed_on(pk, request.user) is None:
                raise
            return overtaken(request, pk)

    return answer


@require_POST
@unless_passed_on
def request_decide(request: Request, pk: int) -> HttpResponse:
    """Approve, send back or reject. Approving to convert leads on to the conversion screen."""
    asked = fetch_request(request, pk)
    step = STEP_OF.get(request.POST.get("decision", ""))
    if step and asked.state not in STEPS[step][0]:
        return overtaken(request, pk)
    form = DecisionForm(asked, request.POST)
    if form.is_valid():
        if form.cleaned_data["version"] not in (None, asked.version):
            return overtaken(request, pk)
        try:
            return decide(request, asked, form)
        except ValidationError as error:
            add_service_errors(form, error)
        except NobodyAnswers as refusal:
            form.add_error("decision", str(refusal))
        except (RequestNotReady, StaleVersion):
            return overtaken(request, pk)
        except RequestLapsed as lapsed:
            messages.warning(request, str(lapsed))
            return redirect(asked)
    return render_inbox(request, asked, decision=form, status=422)


def decide(request: Request, asked: ConversionRequest, form: DecisionForm) -> HttpResponse:
    decision, message = form.cleaned_data["decision"], form.cleaned_data["message"]
    version = form.cleaned_data["version"]
    person = asked.requester.full_name
    if decision == APPROVE:
        # Nothing is decided yet: the conversion screen approves and converts in one step.
        request.session[NOTE] = {"request": asked.pk, "text": message}
        address = reverse("conversion:convert", args=[asked.lead_id])
        return redirect(f"{address}?request={asked.pk}")
    if decision == APPROVE_ONLY:
        services.approve(request=asked, actor=request.user, note=message, version=version)
        messages.success(request, f"Approved. {person} has been told.")
    elif decision == SEND_BACK:
        sent = services.send_back(
            request=asked,
            actor=request.user,
            message=message,
            doubted=form.doubted,
            version=version,
        )
        messages.success(request, f"Sent back to {sent.requester.full_name}.")
    else:
        services.reject(
            request=asked,
            actor=request.user,
            reason=form.cleaned_data["reason"],
            outcome=form.cleaned_data["outcome"],
            note=message,
            recycle_on=form.cleaned_data["recycle_on"],
            reassign_to=form.cleaned_data["reassign_to"],
            version=version,
        )
        messages.success(request, f"Rejected. {person} has been told.")
    return redirect("conversion:approvals")


@require_POST
def request_recall(request: Request, pk: int) -> HttpResponse:
    """Take one's own request back."""
    asked = fetch_request(request, pk)
    form = RecallForm(request.POST, auto_id="recall-%s")
    if not form.is_valid():
        return render_inbox(request, asked, recall=form, status=422)
    try:
        services.recall(request=asked, actor=request.user, note=form.cleaned_data["note"])
    except RequestNotReady:
        return overtaken(request, pk)
    messages.success(request, "Recalled. The lead is yours to work again.")
    return redirect(asked)


@require_POST
@unless_passed_on
def request_reassign(request: Request, pk: int) -> HttpResponse:
    """Let somebody else decide, or take it over."""
    asked = fetch_request(request, pk)
    form = ReassignForm(asked, request.POST)
    if not form.is_valid():
        return render_inbox(request, asked, reassign=form, status=422)
    to = form.cleaned_data["to"]
    try:
        services.reassign(request=asked, to=to, actor=request.user, note=form.cleaned_data["note"])
    except NoApprover as refusal:
        form.add_error("to", str(refusal))
        return render_inbox(request, asked, reassign=form, status=422)
    except RequestNotReady:
        return overtaken(request, pk)
    whose = "you" if to == request.user else to.full_name
    messages.success(request, f"Reassigned to {whose}.")
    still_known = ConversionRequest.objects.visible_to(request.user).filter(pk=pk).exists()
    return redirect(asked) if still_known else redirect("conversion:approvals")


@require_POST
def request_dispute(request: Request, pk: int) -> HttpResponse:
    """Contest a rejection, once."""
    asked = fetch_request(request, pk)
    form = DisputeForm(request.POST, auto_id="dispute-%s")
    if form.is_valid():
        try:
            services.dispute(
                request=asked, actor=request.user, statement=form.cleaned_data["statement"]
            )
        except ValidationError as error:
            add_service_errors(form, error)
        except RequestNotReady:
            return overtaken(request, pk)
        else:
            messages.success(request, "Disputed. A manager decides.")
            return redirect(asked)
    return render_inbox(request, asked, dispute=form, status=422)


@require_POST
def request_judge(request: Request, pk: int) -> HttpResponse:
    """Overturn a disputed rejection, or uphold it."""
    asked = fetch_request(request, pk)
    form = JudgeForm(asked, request.POST)
    if form.is_valid():
        try:
            services.decide_dispute(
                request=asked,
                actor=request.user,
                overturn=form.cleaned_data["verdict"] == "overturn",
                statement=form.cleaned_data["statement"],
                approver=form.cleaned_data["approver"],
            )
        except ValidationError as error:
            add_service_errors(form, error)
        except NoApprover as refusal:
            form.add_error("approver", str(refusal))
        except RequestNotReady:
            return overtaken(request, pk)
        else:
            messages.success(request, "Decided. Both sides have been told.")
            return redirect(asked)
    return render_inbox(request, asked, judge=form, status=422)


def told_meanwhile(request: Request, pk: int) -> HttpResponse:
    """Somebody was faster: show how the request stands now, without any blame."""
    asked = fetch_request(request, pk)
    who = asked.decided_by.full_name if asked.decided_by else asked.approver.full_name
    state = RequestState(asked.state).label.lower()
    messages.info(request, f"Meanwhile it is {state} ({who}). Nothing has changed.")
    return redirect(asked)
