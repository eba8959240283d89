"""Roles, as an administrator keeps them."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crm.access import needs
from crm.conflict import answers_to, posted_shown, render_changed, shown_on
from crm.form_errors import add_service_errors
from crm.http import Request
from crm.shown import ChangedMeanwhile
from people import services
from people.forms import RoleForm
from people.models import Role
from people.reach import Action, RecordType
from people.services.guards import LastAdministrator
from people.services.roles import RoleIsInUse, shown_role

keepers_only = needs(RecordType.SETTINGS, Action.EDIT)


@keepers_only
@require_GET
def role_list(request: Request) -> HttpResponse:
    roles = Role.objects.annotate(people=Count("users", filter=Q(users__is_active=True))).order_by(
        "pk"
    )
    return render(request, "settings/roles.html", {"roles": roles})


@keepers_only
@require_http_methods(["GET", "POST"])
def role_create(request: Request) -> HttpResponse:
    form = RoleForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            role = services.create_role(actor=request.user, fields=form.details, levels=form.levels)
        except ValidationError as error:
            add_service_errors(form, error)
        else:
            messages.success(request, f"{role} is new.")
            return redirect("settings:roles")
    return render(request, "settings/role.html", {"form": form}, status=422 if form.errors else 200)


@keepers_only
@require_http_methods(["GET", "POST"])
def role_edit(request: Request, pk: int) -> HttpResponse:
    role = get_object_or_404(Role, pk=pk)
    shown_as = shown_on(request, shown_role(role))

    def fill(answers: QueryDict | None = None) -> RoleForm:
        return RoleForm(answers, instance=Role.objects.get(pk=pk))

    form = fill(answers_to(request, fill))
    if form.is_valid():
        try:
            role = services.update_role(
                role=role,
                changes=form.details,
                levels=form.levels,
                actor=request.user,
                shown=posted_shown(request),
            )
        except ChangedMeanwhile as error:
            return render_changed(request, error, form, fill(), noun="role")
        except LastAdministrator as error:
            form.add_error(None, str(error))
        except ValidationError as error:
            add_service_errors(form, error)
        else:
            messages.success(request, f"{role} is saved; it counts from everybody's next click.")
            return redirect("settings:roles")
    return render_role(request, role, form, shown_as)


def render_role(request: Request, role: Role, form: RoleForm, shown_as: str) -> HttpResponse:
    context = {
        "form": form,
        "role": role,
        "shown_as": shown_as,
        "people": role.users.active().count(),
    }
    return render(request, "settings/role.html", context, status=422 if form.errors else 200)


@keepers_only
@require_POST
def role_delete(request: Request, pk: int) -> HttpResponse:
    role = get_object_or_404(Role, pk=pk)
    name, shown_as = role.name, shown_on(request, shown_role(role))
    try:
        services.delete_role(role=role, actor=request.user)
    except RoleIsInUse as error:
        form = RoleForm(request.POST, instance=Role.objects.get(pk=pk))
        form.add_error(None, str(error))
        return render_role(request, role, form, shown_as)
    messages.success(request, f"{name} is deleted.")
    return redirect("settings:roles")
