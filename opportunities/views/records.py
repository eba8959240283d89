"""Making, showing, editing, handing over and deleting one deal."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from accounts.models import Account, Contact
from activities.timeline import timeline
from activities.undoing import say_done
from crm.conflict import chosen_values, merge_of, render_conflict
from crm.errors import require
from crm.form_errors import add_service_errors
from crm.http import Request, get_visible_or_404, render_page
from crm.records import StaleVersion
from crm.text import key_of
from crm.undo import posted_version
from opportunities.defaults import default_stage
from opportunities.display import days_in_stage, next_stage, path_steps, people_of
from opportunities.forms import AssignForm, NewOpportunityForm, OpportunityForm
from opportunities.history import History
from opportunities.models import Opportunity, Stage
from opportunities.permissions import can_reopen
from opportunities.requirements import exit_checks
from opportunities.services import (
    assign_opportunity,
    create_opportunity,
    delete_opportunity,
    update_opportunity,
)
from opportunities.views.asking import actions_on, ask
from people.models import User, Workspace
from people.reach import Action, RecordType


def whole() -> QuerySet:
    """Deals with everything that their page names."""
    return Opportunity.objects.select_related(
        "account", "owner", "stage", "pipeline", "team", "primary_contact", "partner_account",
        "source", "campaign", "closed_reason", "created_by",
    )  # fmt: skip


@require_GET
def opportunity_detail(request: Request, pk: int) -> HttpResponse:
    """Everything about one deal."""
    opportunity = get_visible_or_404(request, whole(), pk=pk)
    actions = actions_on(request.user, opportunity)
    stages = list(Stage.objects.in_order().filter(pipeline=opportunity.pipeline_id))
    checks = exit_checks(opportunity) if opportunity.is_open else []
    context = {
        "opportunity": opportunity,
        "steps": path_steps(opportunity, stages, History(opportunity)),
        "days": days_in_stage(opportunity),
        "checks": checks,
        "checks_done": sum(is_met for _, is_met in checks),
        "next_stage": next_stage(opportunity, stages),
        "people": people_of(opportunity, request.user),
        "items": opportunity.line_items.select_related("product").order_by("position", "pk"),
        "page": timeline(opportunity, request.user, may=actions),
        "may_log": request.user.can(RecordType.ACTIVITY, Action.CREATE),
        "may_edit": Action.EDIT in actions and opportunity.is_open,
        "may_assign": Action.ASSIGN in actions,
        "may_delete": Action.DELETE in actions,
        "may_reopen": can_reopen(request.user, opportunity, actions),
    }
    return render(request, "opportunities/detail.html", context)


@require_GET
def opportunity_history(request: Request, pk: int) -> HttpResponse:
    """Every change of stage, amount, close date, owner and forecast, and the time in stages."""
    opportunity = get_visible_or_404(request, whole(), pk=pk)
    context = {"opportunity": opportunity, "history": History(opportunity)}
    return render_page(request, "opportunities/history.html", context, partial="history")


@require_http_methods(["GET", "POST"])
def opportunity_create(request: Request) -> HttpResponse:
    """The form for a new deal; the account or the contact it starts from may be in the address."""
    require(request.user.can(RecordType.OPPORTUNITY, Action.CREATE))
    initial = started_from(request)
    form = NewOpportunityForm(
        request.POST if request.method == "POST" else None,
        user=request.user,
        account=None,
        owners=possible_owners(request.user, Action.CREATE),
        initial=initial,
    )
    if form.is_valid():
        try:
            opportunity = create_opportunity(
                actor=request.user,
                account=form.cleaned_data["account"],
                fields=form.fields_of_service,
            )
        except ValidationError as error:
            add_service_errors(form, error)
        else:
            messages.success(request, f"{opportunity} is in the pipeline now.")
            return redirect(opportunity)
    context = {"form": form, "back": reverse("opportunities:list")}
    status = 422 if form.errors else 200
    return render_page(request, "opportunities/form.html", context, partial="form", status=status)


def started_from(request: Request) -> dict[str, Any]:
    """What the form says at first, from what the user sees of the records in the address."""
    workspace = Workspace.load()
    initial: dict[str, Any] = {
        "currency": workspace.currency,
        "owner": request.user.pk,
        "stage": default_stage().pk,
    }
    contact_pk, account_pk = (key_of(request.GET.get(name)) for name in ("contact", "account"))
    if contact_pk:
        contact = get_visible_or_404(
            request, Contact.objects.select_related("account"), pk=contact_pk
        )
        initial |= {"primary_contact": contact.pk, "source": contact.source_id}
        account_pk = contact.account_id
    if account_pk:
        account = get_visible_or_404(request, Account.objects, pk=account_pk)
        initial |= {"account": account.pk, "name": f"{account.name} - New business"}
    return initial


def possible_owners(user: User, action: str) -> QuerySet:
    """Whose deals the user may make or hand out, by how far the role reaches."""
    level = user.reach.level(RecordType.OPPORTUNITY, action)
    people = User.objects.active().order_by("full_name", "pk")
    if level == "all":
        return people
    return people.filter(pk__in=user.reach.user_ids(level))


@require_http_methods(["GET", "POST"])
def opportunity_edit(request: Request, pk: int) -> HttpResponse:
    """The form for all fields; when somebody else saved first, both versions side by side."""
    opportunity = get_visible_or_404(request, whole(), pk=pk)
    require(Action.EDIT in actions_on(request.user, opportunity))
    if request.method == "GET":
        form = form_for(request, opportunity)
        return render_edit(request, form, opportunity, version=opportunity.version)
    version = posted_version(request) or 0
    form = form_for(
        request, opportunity, chosen_values(request.POST, form_for(request, opportunity))
    )
    if form.is_valid():
        try:
            opportunity = update_opportunity(
                opportunity=opportunity,
                changes=form.changes,
                actor=request.user,
                version=version,
            )
        except StaleVersion:
            return ask_which(request, form, opportunity, version=version)
        except ValidationError as error:
            add_service_errors(form, error)
        else:
            messages.success(request, f"{opportunity} is saved.")
            return redirect(opportunity)
    return render_edit(request, form, opportunity, version=version)


def form_for(request: Request, opportunity: Opportunity, posted: Any = None) -> OpportunityForm:
    return OpportunityForm(
        posted, instance=opportunity, user=request.user, account=opportunity.account
    )


def render_edit(
    request: Request, form: OpportunityForm, opportunity: Opportunity, *, version: int
) -> HttpResponse:
    context = {
        "form": form,
        "opportunity": opportunity,
        "version": version,
        "back": opportunity.get_absolute_url(),
    }
    status = 422 if form.errors else 200
    return render_page(request, "opportunities/form.html", context, partial="form", status=status)


def ask_which(
    request: Request, form: OpportunityForm, opportunity: Opportunity, *, version: int
) -> HttpResponse:
    fresh = get_visible_or_404(request, whole(), pk=opportunity.pk)
    merge = merge_of(form, form_for(request, fresh), base_version=version)
    return render_conflict(request, fresh, "opportunity", merge)


@require_http_methods(["GET", "POST"])
def opportunity_assign(request: Request, pk: int) -> HttpResponse:
    """Who has the deal from now on."""
    opportunity = get_visible_or_404(request, whole(), pk=pk)
    require(Action.ASSIGN in actions_on(request.user, opportunity))
    people = User.objects.visible_to(request.user).active().order_by("full_name", "pk")
    form = AssignForm(
        request.POST if request.method == "POST" else None,
        people=people,
        initial={"to": opportunity.owner_id},
    )
    if form.is_valid():
        try:
            to = form.cleaned_data["to"]
            assign_opportunity(opportunity=opportunity, to=to, actor=request.user)
        except ValidationError as error:
            add_service_errors(form, error)
        else:
            among = Opportunity.objects.visible_to(request.user, Action.ASSIGN)
            say_done(request, f"{to} has {opportunity} now.", among=among)
            still_seen = Opportunity.objects.visible_to(request.user).filter(pk=pk).exists()
            return redirect(opportunity if still_seen else "opportunities:list")
    context = {
        "title": f"Hand over {opportunity}",
        "text": "The new owner is told. Open tasks stay with whom they are.",
        "button": "Hand over",
        "action": request.path,
        "back": opportunity.get_absolute_url(),
        "form": form,
    }
    return ask(request, context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def opportunity_delete(request: Request, pk: int) -> HttpResponse:
    """What deleting does, then doing it."""
    opportunity = get_visible_or_404(request, whole(), pk=pk)
    require(Action.DELETE in actions_on(request.user, opportunity))
    if request.method == "POST":
        delete_opportunity(opportunity=opportunity, actor=request.user)
        messages.success(request, f"{opportunity} is deleted.")
        return redirect("opportunities:list")
    context = {
        "title": f"Delete {opportunity}",
        "text": "It leaves every list, board and report. Its account, its people and what was "
        "logged stay.",
        "button": "Delete opportunity",
        "kind": "danger",
        "action": request.path,
        "back": opportunity.get_absolute_url(),
    }
    return ask(request, context)
