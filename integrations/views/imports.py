"""Importing leads: file, columns, choices, check, run, and what came of it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crm.access import needs
from crm.errors import require
from crm.form_errors import add_service_errors
from crm.http import Request, get_visible_or_404, render_page
from integrations.downloads import refused_file
from integrations.forms import ChoicesForm, ColumnsForm, CorrectionsForm, UploadForm
from integrations.models import Import, ImportState
from integrations.permissions import can_import, can_undo_import
from integrations.queries import (
    columns_of,
    kept_of,
    matched_count,
    outcome_of,
    problem_rows,
)
from integrations.services import (
    choose_values,
    correct_rows,
    create_import,
    discard_import,
    go_on,
    map_columns,
    start_check,
    start_import,
    start_undo,
)
from people.reach import Action, RecordType

LATEST = 20


@needs(RecordType.IMPORT, Action.CREATE)
@require_http_methods(["GET", "POST"])
def import_leads(request: Request) -> HttpResponse:
    """Choose a file; below, the latest imports."""
    require(can_import(request.user))
    form = UploadForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    if form.is_valid():
        data, name = form.table()
        given = form.given
        try:
            batch = create_import(actor=request.user, data=data, name=name)
        except ValidationError as error:
            form.add_error(given, error)
        else:
            return redirect("integrations:import_columns", batch.pk)
    imports = Import.objects.visible_to(request.user).for_list()[:LATEST]
    context = {"form": form, "imports": imports}
    status = 422 if form.errors else 200
    return render(request, "integrations/import_file.html", context, status=status)


@require_http_methods(["GET", "POST"])
def import_columns(request: Request, pk: int) -> HttpResponse:
    """Match the columns of the file with the fields of a lead."""
    batch = get_own(request, pk)
    if request.method == "GET" and not may_change(batch):
        return redirect(batch)
    form = ColumnsForm(request.POST if request.method == "POST" else None, batch=batch)
    if form.is_valid():
        try:
            map_columns(batch=batch, mapping=form.mapping(), actor=request.user)
        except ValidationError as error:
            form.add_column_errors(error)
        else:
            return redirect("integrations:import_choices", batch.pk)
    context = {
        "batch": batch,
        "form": form,
        "columns": list(zip(columns_of(batch), form, strict=True)),
        "matched": matched_count(batch),
    }
    status = 422 if form.errors else 200
    return render(request, "integrations/import_columns.html", context, status=status)


@require_http_methods(["GET", "POST"])
def import_choices(request: Request, pk: int) -> HttpResponse:
    """Say what the file's sources and stages are here, and have it checked."""
    batch = get_own(request, pk)
    if request.method == "GET" and not may_change(batch):
        return redirect(batch)
    form = ChoicesForm(request.POST if request.method == "POST" else None, batch=batch)
    if form.is_valid():
        try:
            batch = choose_values(
                batch=batch, actor=request.user, options=form.options(), values=form.values()
            )
            batch = start_check(batch=batch, actor=request.user)
        except ValidationError as error:
            add_service_errors(form, error)
        else:
            return redirect(batch)
    context = {"batch": batch, "form": form}
    status = 422 if form.errors else 200
    return render(request, "integrations/import_choices.html", context, status=status)


@require_GET
def import_detail(request: Request, pk: int) -> HttpResponse:
    """How far it is, what would come of it, or what came of it."""
    batch = get_visible_or_404(request, Import.objects.for_list(), pk=pk)
    if batch.state == ImportState.DRAFT and batch.created_by == request.user:
        return redirect("integrations:import_columns", batch.pk)
    context = detail_context(request, batch)
    outcome = context["outcome"]
    if outcome and context["is_mine"] and may_change(batch):
        context["corrections"] = CorrectionsForm(batch=batch, rows=outcome.problems)
    return render_page(request, "integrations/import.html", context, partial="import")


@require_POST
def import_correct(request: Request, pk: int) -> HttpResponse:
    """Read what was typed in place of values of the file, and check every row again."""
    batch = get_own(request, pk)
    form = CorrectionsForm(request.POST, batch=batch, rows=problem_rows(batch))
    if not form.is_valid():
        context = detail_context(request, batch) | {"corrections": form}
        return render(request, "integrations/import.html", context, status=422)
    try:
        batch = correct_rows(batch=batch, corrections=form.corrections(), actor=request.user)
        batch = start_check(batch=batch, actor=request.user)
    except ValidationError as error:
        return back_to_choices(request, batch, error)
    return redirect(batch)


@require_POST
def import_run(request: Request, pk: int) -> HttpResponse:
    """Make leads of what was checked. What was typed since is checked before."""
    batch = get_own(request, pk)
    if CorrectionsForm(request.POST, batch=batch, rows=problem_rows(batch)).has_news():
        messages.info(request, "What you have corrected is checked first.")
        return import_correct(request, pk)
    try:
        batch = start_import(batch=batch, actor=request.user)
    except ValidationError as error:
        return back_to_choices(request, batch, error)
    return redirect(batch)


@require_POST
def import_go_on(request: Request, pk: int) -> HttpResponse:
    """Go on where it stopped."""
    return redirect(go_on(batch=get_own(request, pk), actor=request.user))


@require_POST
def import_discard(request: Request, pk: int) -> HttpResponse:
    """Forget the file."""
    batch = get_own(request, pk)
    discard_import(batch=batch, actor=request.user)
    messages.success(request, f"{batch} is forgotten. No lead came of it.")
    return redirect("integrations:import")


@require_http_methods(["GET", "POST"])
def import_undo(request: Request, pk: int) -> HttpResponse:
    """What undoing deletes and what it keeps, then doing it."""
    batch = get_visible_or_404(request, Import.objects.for_list(), pk=pk)
    require(can_undo_import(request.user, batch))
    if request.method == "POST":
        return redirect(start_undo(batch=batch, actor=request.user))
    if not batch.can_be_undone:
        return redirect(batch)
    context = {"batch": batch, "kept": kept_of(batch, request.user)}
    return render(request, "integrations/import_undo.html", context)


@require_GET
def import_refused(request: Request, pk: int) -> HttpResponse:
    """The rows that are left out, as a file to be corrected and imported again."""
    batch = get_visible_or_404(request, Import.objects, pk=pk)
    return refused_file(batch)


def detail_context(request: Request, batch: Import) -> dict[str, Any]:
    """What the page of an import shows."""
    after = request.GET.get("after", "")
    after_row = int(after) if after.isascii() and after.isdigit() and len(after) < 9 else 0
    return {
        "batch": batch,
        "may_undo": batch.can_be_undone and can_undo_import(request.user, batch),
        "is_mine": batch.created_by == request.user and can_import(request.user),
        "after": after_row,
        "outcome": None if batch.is_at_work else outcome_of(batch, request.user, after=after_row),
    }


def back_to_choices(request: Request, batch: Import, error: ValidationError) -> HttpResponse:
    """Something chosen has been retired since, or the day to return is over."""
    messages.error(request, " ".join(error.messages))
    return redirect("integrations:import_choices", batch.pk)


def get_own(request: Request, pk: int) -> Import:
    """An import of one's own. Another's that one sees answers 403, as its services would."""
    batch = get_visible_or_404(request, Import.objects.for_list(), pk=pk)
    require(batch.created_by == request.user and can_import(request.user))
    batch.created_by = request.user  # Whose rights are read already.
    return batch


def may_change(batch: Import) -> bool:
    return batch.state in (ImportState.DRAFT, ImportState.CHECKED)
