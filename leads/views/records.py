"""Making, showing, editing and deleting one lead."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET, require_http_methods

from activities.timeline import timeline
from crm.conflict import chosen_values, merge_of, render_conflict
from crm.errors import require
from crm.form_errors import add_service_errors
from crm.http import Request, get_visible_or_404, render_page
from crm.records import StaleVersion
from crm.templatetags.relay import day
from crm.undo import posted_version
from leads.display import path_steps, reply_time
from leads.forms import BelongsToForm, LeadForm
from leads.matching import similar_leads, typed_lead
from leads.models import Lead
from leads.services import create_lead, delete_lead, update_lead
from leads.views.panels import lead_actions, qualification_of
from leads.views.seen_before import seen_before
from leads.work_queue import others_claim
from people.models import Workspace
from people.reach import Action, RecordType


@require_http_methods(["GET", "POST"])
def lead_create(request: Request) -> HttpResponse:
    """The form for a new lead, with what it may be the same as."""
    require(request.user.can(RecordType.LEAD, Action.CREATE))
    posted = request.POST if request.method == "POST" else None
    started = {"currency": Workspace.load().currency, **request.GET.dict()}
    form = LeadForm(posted, initial=started, user=request.user)
    belongs = BelongsToForm(posted, user=request.user, initial={"owner": request.user})
    context: dict[str, Any] = {"form": form, "belongs": belongs}
    if posted is None:
        return render_page(request, "leads/form.html", context, partial="form")
    is_valid = form.is_valid() & belongs.is_valid()
    seen = seen_before(typed_lead(form.changes if is_valid else posted), request.user)
    if is_valid and ("anyway" in posted or not seen["asks"]):
        try:
            lead = create_lead(actor=request.user, fields=form.changes, **belongs.cleaned_data)
        except ValidationError as error:
            add_service_errors(form, error)
        else:
            messages.success(request, f"{lead} is a lead now.")
            return redirect(lead)
    return render_page(request, "leads/form.html", context | seen, partial="form", status=422)


@require_http_methods(["GET", "POST"])
def lead_edit(request: Request, pk: int) -> HttpResponse:
    """The form for all fields; when somebody else saved first, both versions side by side."""
    lead = get_visible_or_404(request, Lead.objects.for_list(), pk=pk)
    require(Action.EDIT in lead_actions(request.user, lead))
    current = LeadForm(instance=lead, user=request.user)
    if request.method == "GET":
        return render_edit(request, current, lead, version=lead.version)
    version = posted_version(request) or 0
    form = LeadForm(chosen_values(request.POST, current), instance=lead, user=request.user)
    if form.is_valid():
        try:
            lead = update_lead(lead=lead, changes=form.changes, actor=request.user, version=version)
        except StaleVersion:
            return ask_which(request, form, pk, version)
        except ValidationError as error:
            add_service_errors(form, error)
        else:
            messages.success(request, f"{lead} is saved.")
            return redirect(lead)
    return render_edit(request, form, lead, version=version)


def render_edit(request: Request, form: LeadForm, lead: Lead, *, version: int) -> HttpResponse:
    context = {"form": form, "lead": lead, "version": version}
    status = 422 if form.errors else 200
    return render_page(request, "leads/form.html", context, partial="form", status=status)


def ask_which(request: Request, form: LeadForm, pk: int, version: int) -> HttpResponse:
    lead = get_visible_or_404(request, Lead.objects.for_list(), pk=pk)
    current = LeadForm(instance=lead, user=request.user)
    merge = merge_of(form, current, base_version=version)
    return render_conflict(request, lead, "lead", merge)


@require_GET
def lead_detail(request: Request, pk: int) -> HttpResponse:
    """Everything about one lead."""
    # What few leads have is read when it is there: with every record that a lead may point to,
    # PostgreSQL would need longer to plan the query than for all others of the page.
    leads = Lead.objects.for_list().select_related("campaign", "created_by", "team", "claim__user")
    lead = get_visible_or_404(request, leads, pk=pk)
    actions = lead_actions(request.user, lead)
    page = timeline(lead, request.user, may=set() if lead.is_converted else actions)
    context = {
        "lead": lead,
        "steps": path_steps(lead),
        "may_edit": Action.EDIT in actions,
        "may_assign": Action.ASSIGN in actions,
        "may_delete": Action.DELETE in actions,
        "converted_text": converted_text(lead),
        "timeline": page,
        "reply_time": reply_time(lead),
        "claim": others_claim(lead, request.user),
        **qualification_of(request.user, lead, actions),
    }
    return render(request, "leads/detail.html", context)


def converted_text(lead: Lead) -> str:
    """What the banner of a converted lead says."""
    if not lead.is_converted:
        return ""
    return f"By {lead.converted_by} on {day(localdate(lead.converted_at))}. This lead is read-only."


@require_GET
def lead_related(request: Request, pk: int) -> HttpResponse:
    """What they want, who else it might be, who else is there: for the right column."""
    lead = get_visible_or_404(request, Lead.objects.for_list(), pk=pk)
    colleagues = (
        Lead.objects.visible_to(request.user)
        .for_list()
        .filter(company_key=lead.company_key)
        .exclude(pk=lead.pk)[:6]
        if lead.company_key
        else []
    )
    similar = similar_leads(lead, request.user)
    products = lead.product_interests.select_related("product").order_by("product__name")
    context = {
        "lead": lead,
        "similar": similar,
        "colleagues": colleagues,
        "products": products,
    }
    return render_page(request, "leads/related.html", context, partial="related")


@require_http_methods(["GET", "POST"])
def lead_delete(request: Request, pk: int) -> HttpResponse:
    """What deleting does, then doing it."""
    lead = get_visible_or_404(request, Lead.objects.for_list(), pk=pk)
    require(Action.DELETE in lead_actions(request.user, lead))
    if request.method == "POST":
        delete_lead(lead=lead, actor=request.user)
        messages.success(request, f"{lead} is deleted.")
        return redirect(reverse("leads:list"))
    context = {"lead": lead, "activities": lead.activities.live().count()}
    return render_page(request, "leads/delete.html", context, partial="dialog")
