"""One's own page, and the page about a colleague."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crm.form_errors import add_service_errors
from crm.http import Request, get_visible_or_404
from people import services
from people.forms import DelegationForm, ProfileForm
from people.models import Delegation, User
from people.queries import delegate_for, manager_of
from people.reach import Action, RecordType
from people.services.users import can_administer


@require_http_methods(["GET", "POST"])
def profile(request: Request) -> HttpResponse:
    """Name, time zone, look; below it absence, password and tokens."""
    form = ProfileForm(
        request.POST if request.method == "POST" else None,
        instance=User.objects.get(pk=request.user.pk),
    )
    if form.is_valid():
        try:
            services.update_profile(user=request.user, changes=form.cleaned_data)
        except ValidationError as error:
            add_service_errors(form, error)
        else:
            messages.success(request, "Your profile is saved.")
            return redirect("people:profile")
    return render_profile(request, form=form)


@require_POST
def delegate(request: Request) -> HttpResponse:
    """Name somebody who decides while one is away."""
    form = DelegationForm(request.POST, user=request.user)
    if form.is_valid():
        try:
            chosen = services.set_delegate(
                user=request.user,
                actor=request.user,
                today=timezone.localdate(),
                **form.cleaned_data,
            )
        except ValidationError as error:
            add_service_errors(form, error)
        else:
            messages.success(request, f"{chosen.delegate} decides while you are away.")
            return redirect("people:profile")
    return render_profile(request, delegation_form=form)


@require_POST
def delegate_end(request: Request, pk: int) -> HttpResponse:
    delegation = get_object_or_404(Delegation, pk=pk, user=request.user)
    services.end_delegation(delegation=delegation, actor=request.user, today=timezone.localdate())
    messages.success(request, "You decide yourself again.")
    return redirect("people:profile")


@require_GET
def user(request: Request, pk: int) -> HttpResponse:
    """Who a colleague is, and whom to turn to."""
    person = get_visible_or_404(request, User.objects.for_list(), pk=pk)
    stand_in = delegate_for(person, timezone.localdate())
    context = {
        "person": person,
        "manager": manager_of(person),
        "stand_in": stand_in if stand_in != person else None,
        "may_edit": request.user.can(RecordType.USER, Action.EDIT)
        and can_administer(request.user, person),
    }
    return render(request, "people/user.html", context)


def render_profile(
    request: Request,
    *,
    form: ProfileForm | None = None,
    delegation_form: DelegationForm | None = None,
) -> HttpResponse:
    has_errors = any(each is not None and each.errors for each in (form, delegation_form))
    delegations = Delegation.objects.filter(
        user=request.user, ends_on__gte=timezone.localdate()
    ).select_related("delegate")
    context = {
        "form": form or ProfileForm(instance=request.user),
        "delegation_form": delegation_form or DelegationForm(user=request.user),
        "delegations": delegations.order_by("starts_on", "pk"),
        "decides": request.user.can(RecordType.REQUEST, Action.DECIDE),
    }
    return render(request, "people/profile.html", context, status=422 if has_errors else 200)
