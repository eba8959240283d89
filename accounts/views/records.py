"""Making and editing accounts and contacts."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from accounts.forms import OwnerForm, RecordForm
from accounts.models import Account
from accounts.services import ContactIsConverted
from accounts.views.kinds import CONTACT, Kind
from crm.conflict import chosen_values, merge_of, render_conflict
from crm.errors import require
from crm.form_errors import add_service_errors
from crm.http import Request, get_visible_or_404, render_page
from crm.records import StaleVersion
from crm.text import key_of
from crm.undo import posted_version
from people.models import Workspace
from people.ownership import allowed_actions
from people.reach import Action


@require_http_methods(["GET", "POST"])
def record_create(request: Request, kind: Kind) -> HttpResponse:
    """
    The form for a new record. Where it looks like one that is there already, the first
    attempt only shows that; the second, with `anyway`, makes it.
    """
    require(request.user.can(kind.model.record_type, Action.CREATE))
    posted = request.POST if request.method == "POST" else None
    form = kind.form(posted, user=request.user, initial=started_from(request, kind))
    owner_form = owner_form_for(request, kind, posted)
    similar = kind.similar(kind.typed(request.POST), request.user) if posted is not None else []
    is_warned = not similar or "anyway" in request.POST
    is_valid = form.is_valid() and (owner_form is None or owner_form.is_valid())
    if is_valid and is_warned:
        try:
            record = create_from(request, kind, form, owner_form)
        except ValidationError as error:
            add_service_errors(form, error)
        else:
            messages.success(request, f"{record} is made.")
            return redirect(record)
    context = {"kind": kind, "form": form, "owner_form": owner_form, "similar": similar}
    status = 200 if posted is None else 409 if is_valid and not is_warned else 422
    return render_page(request, "accounts/form.html", context, partial="form", status=status)


def create_from(
    request: Request, kind: Kind, form: RecordForm, owner_form: OwnerForm | None
) -> Any:
    fields = form.changes
    if owner_form is not None:
        fields["owner"] = owner_form.cleaned_data["owner"]
    at = {"account": fields.pop("account")} if kind is CONTACT else {}
    return kind.create(actor=request.user, fields=fields, **at)


def owner_form_for(request: Request, kind: Kind, posted: QueryDict | None) -> OwnerForm | None:
    """Who may assign records may also make them for somebody else."""
    if not request.user.can(kind.model.record_type, Action.ASSIGN):
        return None
    return OwnerForm(posted, user=request.user, initial={"owner": request.user.pk})


def started_from(request: Request, kind: Kind) -> dict[str, Any]:
    """What the form says at first: the account in the address, if it is one the person sees."""
    if kind is not CONTACT:
        return {"currency": Workspace.load().currency}
    pk = key_of(request.GET.get("account"))
    if pk is None:
        return {}
    return {"account": get_visible_or_404(request, Account.objects.all(), pk=pk).pk}


@require_GET
def record_similar(request: Request, kind: Kind) -> HttpResponse:
    """The records like what is being typed, for those who may make one."""
    require(request.user.can(kind.model.record_type, Action.CREATE))
    similar = kind.similar(kind.typed(request.GET), request.user)
    return render(request, "accounts/_similar.html", {"kind": kind, "similar": similar})


@require_http_methods(["GET", "POST"])
def record_edit(request: Request, kind: Kind, pk: int) -> HttpResponse:
    """The form for all fields; when somebody else saved first, both versions side by side."""
    record = get_visible_or_404(request, kind.model.objects.for_list(), pk=pk)
    require(Action.EDIT in allowed_actions(record, request.user, [Action.EDIT]))
    current = kind.form(instance=record, user=request.user)
    if request.method == "GET":
        return render_edit(request, kind, current, version=record.version)
    version = posted_version(request) or 0
    form = kind.form(chosen_values(request.POST, current), instance=record, user=request.user)
    if form.is_valid():
        try:
            record = kind.update(
                **{kind.noun: record}, changes=form.changes, actor=request.user, version=version
            )
        except StaleVersion:
            return ask_which(request, kind, form, version=version)
        except ContactIsConverted as error:
            form.add_error("account", str(error))
        except ValidationError as error:
            add_service_errors(form, error)
        else:
            messages.success(request, f"{record} is saved.")
            return redirect(record)
    return render_edit(request, kind, form, version=version)


def render_edit(request: Request, kind: Kind, form: RecordForm, *, version: int) -> HttpResponse:
    context = {"kind": kind, "form": form, "record": form.instance, "version": version}
    status = 422 if form.errors else 200
    return render_page(request, "accounts/form.html", context, partial="form", status=status)


def ask_which(request: Request, kind: Kind, form: RecordForm, *, version: int) -> HttpResponse:
    fresh = get_visible_or_404(
        request, kind.model.objects.select_related("updated_by"), pk=form.instance.pk
    )
    current = kind.form(instance=fresh, user=request.user)
    merge = merge_of(form, current, base_version=version)
    return render_conflict(request, fresh, kind.noun, merge)
