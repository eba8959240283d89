"""Taking a deal to another stage, to its end, and back: asking for what is missing on the way."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from activities.models import Reason, ReasonKind
from crm.errors import require
from crm.form_errors import add_service_errors
from crm.http import Request, get_visible_or_404
from crm.text import key_of
from crm.undo import posted_version, say_undoable
from opportunities.forms import (
    MoveForm,
    OpportunityForm,
    ReopenForm,
    answer_fields,
    rows_asked_for,
)
from opportunities.models import ExitRequirement, Opportunity, Stage, StageKind
from opportunities.permissions import can_overrule
from opportunities.requirements import ROWS, criteria_to_leave
from opportunities.services import ExitRequirementsMissing, move_stage, reopen_opportunity
from opportunities.services.stages import missing_for
from opportunities.views.asking import actions_on, ask
from people.reach import Action

# How an end is asked for in an address, and the kind of stage it leads to.
ENDS = {"won": StageKind.WON, "lost": StageKind.LOST, "error": StageKind.LOST}
CONVERTED_IN_ERROR = "converted_in_error"


def for_moving() -> QuerySet:
    return Opportunity.objects.select_related("stage", "account", "owner", "pipeline")


@require_http_methods(["GET", "POST"])
def opportunity_move(request: Request, pk: int) -> HttpResponse:
    """Move a deal to the stage in the address or the form; ask for what is needed first."""
    opportunity = get_visible_or_404(request, for_moving(), pk=pk)
    return move_to(request, opportunity, chosen_stage(request))


@require_http_methods(["GET", "POST"])
def opportunity_close(request: Request, pk: int) -> HttpResponse:
    """Close a deal as won, as lost, or as converted in error (`?as=`)."""
    opportunity = get_visible_or_404(request, for_moving(), pk=pk)
    end = request.POST.get("as") or request.GET.get("as", "")
    kind = ENDS.get(end, StageKind.LOST)
    stages = Stage.objects.in_order().filter(pipeline=opportunity.pipeline_id, kind=kind)
    stage = get_object_or_404(stages[:1])
    initial = {}
    if end == "error":
        mistakes = Reason.objects.for_kind(ReasonKind.LOST)
        initial["reason"] = mistakes.filter(code=CONVERTED_IN_ERROR).first()
    return move_to(request, opportunity, stage, initial=initial)


def move_to(
    request: Request,
    opportunity: Opportunity,
    stage: Stage,
    initial: dict[str, Any] | None = None,
) -> HttpResponse:
    require(Action.EDIT in actions_on(request.user, opportunity))
    outcome = try_move(
        request,
        opportunity,
        stage,
        action=f"{reverse('opportunities:move', args=[opportunity.pk])}?stage={stage.pk}",
        back=opportunity.get_absolute_url(),
        initial=initial,
    )
    if isinstance(outcome, HttpResponse):
        return outcome
    say_moved(request, opportunity, outcome)
    return redirect(outcome)


def say_moved(request: Request, before: Opportunity, moved: Opportunity) -> None:
    """
    Say where a deal is now, with a button that takes it back from one open stage to another.

    Only where its way back asks for nothing: the button has no room for questions.
    """
    said = f"{moved} is in {moved.stage} now."
    left = before.stage
    is_between = left.is_open and left.is_active and moved.stage.is_open
    if is_between and not missing_for(moved, left):
        at = request.get_full_path()
        say_undoable(request, said, changed=moved, was=before.version, at=at, stage=left)
    else:
        messages.success(request, said)


def try_move(
    request: Request,
    opportunity: Opportunity,
    stage: Stage,
    *,
    action: str,
    back: str,
    target: str = "",
    initial: dict[str, Any] | None = None,
) -> Opportunity | HttpResponse:
    """
    The moved deal, or the answer that asks for what the move still needs.

    The end of a deal is always asked about, everything else only when something is missing.
    """
    about: dict[str, Any] = {"opportunity": opportunity, "stage": stage, "user": request.user}
    page = {"action": action, "back": back, "target": target, "stage": stage}
    if request.method == "GET" or (not stage.is_open and "asked" not in request.POST):
        form = form_for(
            about,
            missing := missing_for(opportunity, stage),
            wanted=offered_at_end(opportunity, stage),
            may_be_blank=True,
            initial=initial,
        )
        return ask_for(request, form, page | told(missing), opportunity)
    asked: dict[str, Any] = {
        "wanted": [name for name in OpportunityForm.base_fields if name in request.POST],
        "answers": [
            need
            for need in criteria_to_leave(opportunity)
            if answer_fields(need.criterion_id)[0] in request.POST
        ],
        "rows": rows_asked_for(request.POST),
    }
    form = MoveForm(
        request.POST,
        **about,
        **asked,
        may_overrule="override_reason" in request.POST,
        may_be_blank=not stage.is_open,
    )
    if form.is_valid():
        try:
            return move_stage(
                opportunity=opportunity,
                stage=stage,
                actor=request.user,
                version=posted_version(request),
                **form.arguments,
            )
        except ExitRequirementsMissing as error:
            form = form_for(about, error.missing, **asked, initial=form.cleaned_data)
            return ask_for(request, form, page | told(error.missing), opportunity, status=409)
        except ValidationError as error:
            add_service_errors(form, error)
    return ask_for(request, form, page, opportunity, status=422)


def form_for(
    about: dict[str, Any],
    missing: list[ExitRequirement],
    *,
    wanted: list[str],
    answers: Iterable[ExitRequirement] = (),
    rows: Iterable[str] = (),
    **options: Any,
) -> MoveForm:
    """The form that asks for what is missing, besides what is asked for anyway."""
    fields = [need.field for need in missing if need.field]
    criteria = {need.pk: need for need in (*answers, *missing) if need.criterion_id}
    return MoveForm(
        **about,
        wanted=list(dict.fromkeys([*wanted, *(name for name in fields if name not in ROWS)])),
        answers=list(criteria.values()),
        rows={*rows, *ROWS.intersection(fields)},
        may_overrule=bool(missing) and can_overrule(about["user"]),
        **options,
    )


def told(missing: list[ExitRequirement]) -> dict[str, Any]:
    """What the page says of what is missing; people and products have pages of their own, too."""
    return {"missing": missing, "elsewhere": [need for need in missing if need.field in ROWS]}


def offered_at_end(opportunity: Opportunity, stage: Stage) -> list[str]:
    """What closing shows again, because it is the last chance to get it right."""
    match stage.kind:
        case StageKind.WON:
            return ["close_date"] if opportunity.line_items.exists() else ["amount", "close_date"]
        case StageKind.LOST:
            return ["competitor"]
    return []


def ask_for(
    request: Request,
    form: MoveForm,
    page: dict[str, Any],
    opportunity: Opportunity,
    status: int = 200,
) -> HttpResponse:
    stage = page["stage"]
    title = f"Move to {stage}" if stage.is_open else f"Close as {stage.name.lower()}"
    context = {
        **page,
        "title": title,
        "button": title,
        "form": form,
        "hidden": [("stage", stage.pk)],
        "opportunity": opportunity,
        "today": timezone.localdate(),
    }
    return ask(request, context, status=status)


@require_http_methods(["GET", "POST"])
def opportunity_reopen(request: Request, pk: int) -> HttpResponse:
    """Why a closed deal is open again, then opening it."""
    opportunity = get_visible_or_404(request, for_moving(), pk=pk)
    require(Action.EDIT in actions_on(request.user, opportunity) and can_overrule(request.user))
    form = ReopenForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        opened = reopen_opportunity(
            opportunity=opportunity, actor=request.user, **form.cleaned_data
        )
        messages.success(request, f"{opened} is open again, in {opened.stage}.")
        return redirect(opened)
    context = {
        "title": f"Re-open {opportunity}",
        "button": "Re-open",
        "action": request.path,
        "back": opportunity.get_absolute_url(),
        "form": form,
    }
    return ask(request, context, status=422 if form.errors else 200)


def chosen_stage(request: Request) -> Stage:
    """The stage in the form or the address; 404 for one that is not in use."""
    pk = key_of(request.POST.get("stage") or request.GET.get("stage"))
    stages = Stage.objects.filter(is_active=True).select_related("pipeline")
    return get_object_or_404(stages, pk=pk)
