"""Users, as an administrator keeps them."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crm.access import needs
from crm.conflict import answers_to, posted_shown, render_changed, shown_on
from crm.errors import require
from crm.form_errors import add_service_errors
from crm.http import Request, get_visible_or_404
from crm.keyset import InvalidCursor, Keyset
from crm.shown import ChangedMeanwhile
from crm.text import key_of
from people import services
from people.forms import DeactivationForm, UserForm
from people.handover import held_by
from people.models import Role, Team, User
from people.reach import Action, RecordType
from people.services.guards import LastAdministrator
from people.services.users import CannotLeaveAlone, can_administer, shown_user

keepers_only = needs(RecordType.USER, Action.EDIT)


@keepers_only
@require_GET
def user_list(request: Request) -> HttpResponse:
    """Everybody, by name; narrowed by text, role, team and whether they are here."""
    chosen = {name: request.GET.get(name, "") for name in ("q", "role", "team", "state")}
    people = User.objects.visible_to(request.user).for_list()
    if chosen["q"]:
        people = people.filter(
            Q(full_name__icontains=chosen["q"]) | Q(email__icontains=chosen["q"])
        )
    for name in ("role", "team"):
        if (pk := key_of(chosen[name])) is not None:
            people = people.filter(**{name: pk})
    people = people.filter(is_active=chosen["state"] != "inactive")
    keyset = Keyset(people)
    try:
        page = keyset.page(request.GET.get("cursor"))
    except InvalidCursor:
        page = keyset.page()
    context = {
        "page": page,
        "chosen": chosen,
        "roles": Role.objects.order_by("pk"),
        "teams": Team.objects.order_by("name", "pk"),
        "may_invite": request.user.can(RecordType.USER, Action.CREATE),
    }
    return render(request, "settings/users.html", context)


@needs(RecordType.USER, Action.CREATE)
@require_http_methods(["GET", "POST"])
def user_invite(request: Request) -> HttpResponse:
    form = UserForm(
        request.POST if request.method == "POST" else None,
        initial={"time_zone": request.user.time_zone, "locale": request.user.locale},
    )
    if form.is_valid():
        try:
            user = services.invite_user(actor=request.user, fields=form.cleaned_data)
        except ValidationError as error:
            add_service_errors(form, error)
        else:
            messages.success(request, f"{user} gets a mail with a link to choose a password.")
            return redirect("settings:users")
    context = {"form": form}
    return render(request, "settings/user_invite.html", context, status=422 if form.errors else 200)


@keepers_only
@require_http_methods(["GET", "POST"])
def user_edit(request: Request, pk: int) -> HttpResponse:
    user = administered(request, pk)
    shown_as = shown_on(request, shown_user(user))

    def fill(answers: QueryDict | None = None) -> UserForm:
        # A model form writes into the instance it is given; the page goes on showing what is.
        return UserForm(answers, instance=administered(request, pk))

    form = fill(answers_to(request, fill))
    if form.is_valid():
        try:
            user = services.update_user(
                user=user,
                changes=form.cleaned_data,
                actor=request.user,
                shown=posted_shown(request),
            )
        except ChangedMeanwhile as error:
            return render_changed(request, error, form, fill(), noun="user")
        except LastAdministrator as error:
            form.add_error("role", str(error))
        except ValidationError as error:
            add_service_errors(form, error)
        else:
            messages.success(request, f"{user} is saved.")
            return redirect("settings:users")
    context = {
        "form": form,
        "person": user,
        "shown_as": shown_as,
        "held": held_by(user),
        "is_self": user.pk == request.user.pk,
    }
    return render(request, "settings/user_edit.html", context, status=422 if form.errors else 200)


@keepers_only
@require_http_methods(["GET", "POST"])
def user_deactivate(request: Request, pk: int) -> HttpResponse:
    """What somebody holds and who gets it, before they go."""
    user = administered(request, pk)
    held = held_by(user)
    asks_for = {"approver" if each.holding.needs_approver else "to" for each in held}
    form = DeactivationForm(
        request.POST if request.method == "POST" else None, leaver=user, asks_for=asks_for
    )
    if form.is_valid():
        try:
            counts = services.deactivate_user(user=user, actor=request.user, **form.cleaned_data)
        except (CannotLeaveAlone, LastAdministrator) as error:
            form.add_error(None, str(error))
        except ValidationError as error:
            add_service_errors(form, error)
        else:
            total = sum(counts.values())
            messages.success(request, f"{user} has no access any more; {total} handed over.")
            return redirect("settings:users")
    context = {"form": form, "person": user, "held": held}
    return render(
        request, "settings/user_deactivate.html", context, status=422 if form.errors else 200
    )


@keepers_only
@require_POST
def user_reactivate(request: Request, pk: int) -> HttpResponse:
    user = services.reactivate_user(user=administered(request, pk), actor=request.user)
    messages.success(request, f"{user} has access again.")
    return redirect("settings:user_edit", pk=user.pk)


@keepers_only
@require_POST
def user_invite_again(request: Request, pk: int) -> HttpResponse:
    user = services.invite_again(user=administered(request, pk), actor=request.user)
    messages.success(request, f"{user} gets another invitation.")
    return redirect("settings:user_edit", pk=user.pk)


def administered(request: Request, pk: int) -> User:
    """The person at an address: 404 if unseen, 403 if not the viewer's to administer."""
    user = get_visible_or_404(request, User.objects.for_list(), pk=pk)
    require(can_administer(request.user, user))
    return user
