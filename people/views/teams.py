"""The tree of teams, as an administrator keeps it."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Q
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crm.access import needs
from crm.conflict import answers_to, posted_shown, render_changed, shown_on
from crm.form_errors import add_service_errors
from crm.http import Request, get_visible_or_404
from crm.shown import ChangedMeanwhile
from people import services
from people.forms import TeamForm
from people.models import Team, User
from people.reach import Action, RecordType
from people.services.teams import TeamIsInUse, shown_team

keepers_only = needs(RecordType.TEAM, Action.EDIT)


@dataclass(frozen=True)
class Node:
    """A team and how deep it stands."""

    team: Team
    depth: int


@keepers_only
@require_GET
def team_list(request: Request) -> HttpResponse:
    context = {
        "nodes": tree(list(visible_teams(request))),
        "may_create": request.user.can(RecordType.TEAM, Action.CREATE),
    }
    return render(request, "settings/teams.html", context)


@needs(RecordType.TEAM, Action.CREATE)
@require_http_methods(["GET", "POST"])
def team_create(request: Request) -> HttpResponse:
    form = TeamForm(
        request.POST if request.method == "POST" else None,
        initial={"time_zone": request.user.time_zone},
    )
    if form.is_valid():
        try:
            team = services.create_team(actor=request.user, fields=form.cleaned_data)
        except ValidationError as error:
            add_service_errors(form, error)
        else:
            messages.success(request, f"{team} is new.")
            return redirect("settings:teams")
    context = {"form": form}
    return render(request, "settings/team.html", context, status=422 if form.errors else 200)


@keepers_only
@require_http_methods(["GET", "POST"])
def team_edit(request: Request, pk: int) -> HttpResponse:
    team = get_visible_or_404(request, Team.objects.all(), action=Action.EDIT, pk=pk)
    shown_as = shown_on(request, shown_team(team))

    def fill(answers: QueryDict | None = None) -> TeamForm:
        return TeamForm(answers, instance=Team.objects.get(pk=pk))

    form = fill(answers_to(request, fill))
    if form.is_valid():
        try:
            # Both or neither: a name that is taken must not leave the team moved.
            with transaction.atomic():
                services.move_team(
                    team=team,
                    parent=form.cleaned_data["parent"],
                    actor=request.user,
                    shown=posted_shown(request),
                )
                services.update_team(team=team, changes=form.details, actor=request.user)
        except ChangedMeanwhile as error:
            return render_changed(request, error, form, fill(), noun="team")
        except ValidationError as error:
            add_service_errors(form, error)
        else:
            messages.success(request, f"{form.cleaned_data['name']} is saved.")
            return redirect("settings:teams")
    return render_team(request, team, form, shown_as)


def render_team(request: Request, team: Team, form: TeamForm, shown_as: str) -> HttpResponse:
    context = {
        "form": form,
        "team": team,
        "shown_as": shown_as,
        "members": User.objects.active().filter(team=team).for_list(),
        "may_delete": request.user.can(RecordType.TEAM, Action.DELETE),
    }
    return render(request, "settings/team.html", context, status=422 if form.errors else 200)


@keepers_only
@require_POST
def team_delete(request: Request, pk: int) -> HttpResponse:
    team = get_visible_or_404(request, Team.objects.all(), action=Action.EDIT, pk=pk)
    name, shown_as = team.name, shown_on(request, shown_team(team))
    try:
        services.delete_team(team=team, actor=request.user)
    except TeamIsInUse as error:
        form = TeamForm(request.POST, instance=Team.objects.get(pk=pk))
        form.add_error(None, str(error))
        return render_team(request, team, form, shown_as)
    messages.success(request, f"{name} is deleted.")
    return redirect("settings:teams")


def visible_teams(request: Request):
    return (
        Team.objects.visible_to(request.user, Action.EDIT)
        .annotate(members=Count("users", filter=Q(users__is_active=True)))
        .order_by("name", "pk")
    )


def tree(teams: list[Team]) -> list[Node]:
    """The teams depth first, each with its depth; one whose parent is not shown is at the top."""
    shown = {team.pk for team in teams}
    below: dict[int | None, list[Team]] = {}
    for team in teams:
        below.setdefault(team.parent_id if team.parent_id in shown else None, []).append(team)
    nodes: list[Node] = []
    waiting = [Node(team, 0) for team in reversed(below.get(None, []))]
    while waiting:
        node = waiting.pop()
        nodes.append(node)
        children = below.get(node.team.pk, [])
        waiting += [Node(team, node.depth + 1) for team in reversed(children)]
    return nodes
