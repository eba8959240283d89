"""The tree of teams, and the closure table that says who is above whom."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import ProtectedError

from crm.errors import DomainError, require
from crm.records import apply_changes, check_whole, clean_texts
from crm.shown import Shown, require_as_shown, shown_of
from people.events import record
from people.models import Team, TeamClosure, User
from people.reach import Action, RecordType
from people.services.guards import lock_directory

DETAILS = frozenset(
    {"name", "time_zone", "workday_start", "workday_end", "workdays", "request_sla_hours"}
)


class TeamIsInUse(DomainError):
    """People, teams or records belong to it."""

    code = "team_in_use"

    def __init__(self, team: Team):
        super().__init__(f"People, teams or records still belong to {team}. Move them first.")


@transaction.atomic
def create_team(*, actor: User, fields: Mapping[str, Any]) -> Team:
    """
    A new team, below `parent` if the fields name one.

    Raises PermissionDenied or ValidationError.
    """
    require(actor.can(RecordType.TEAM, Action.CREATE))
    lock_directory()
    team = Team()
    diff = apply_changes(team, clean_texts(fields), allowed=DETAILS | {"parent"})
    check_team(team)
    team.save(force_insert=True)
    TeamClosure.objects.create(ancestor=team, descendant=team, depth=0)
    hang_below_parent(team)
    record("team.created", actor=actor, team=team, changes=diff)
    return team


@transaction.atomic
def update_team(
    *, team: Team, changes: Mapping[str, Any], actor: User, shown: Shown | None = None
) -> Team:
    """
    Rename a team or change the hours in which its clocks run. Due times that are set stay.

    Raises PermissionDenied, ChangedMeanwhile if it is no longer as it was `shown`, or
    ValidationError.
    """
    team = lock_team(team, actor=actor, action=Action.EDIT)
    require_as_shown(team, shown=shown, stands=shown_team(team), actor=actor, team=team)
    if diff := apply_changes(team, clean_texts(changes), allowed=DETAILS):
        check_team(team)
        team.save(update_fields=list(diff))
        record("team.edited", actor=actor, team=team, changes=diff)
    return team


@transaction.atomic
def move_team(*, team: Team, parent: Team | None, actor: User, shown: Shown | None = None) -> Team:
    """
    Hang a team, with all below it, under another one, or at the top.

    What managers see changes with it, from their next request on. Raises PermissionDenied,
    ChangedMeanwhile if it is no longer as it was `shown`, or ValidationError if it would come
    to stand below itself.
    """
    lock_directory()
    team = lock_team(team, actor=actor, action=Action.EDIT)
    require_as_shown(team, shown=shown, stands=shown_team(team), actor=actor, team=team)
    if parent is not None:
        require(Team.objects.visible_to(actor, Action.EDIT).filter(pk=parent.pk).exists())
        if TeamClosure.objects.filter(ancestor=team, descendant=parent).exists():
            raise ValidationError({"parent": f"{parent} is {team} or below it."})
    diff = apply_changes(team, {"parent": parent}, allowed={"parent"})
    if not diff:
        return team
    team.save(update_fields=["parent"])
    cut_from_above(team)
    hang_below_parent(team)
    record("team.moved", actor=actor, team=team, changes=diff)
    return team


@transaction.atomic
def delete_team(*, team: Team, actor: User) -> None:
    """
    Remove a team to which nobody and nothing belongs.

    Raises PermissionDenied or TeamIsInUse.
    """
    lock_directory()
    team = lock_team(team, actor=actor, action=Action.DELETE)
    record("team.deleted", actor=actor, team=team, changes={"name": [team.name, None]})
    try:
        team.delete()
    except ProtectedError:
        raise TeamIsInUse(team) from None


def check_team(team: Team) -> None:
    """Raise ValidationError by field for a team that cannot work as it says."""
    check_whole(team)
    if not team.request_sla_hours:
        raise ValidationError({"request_sla_hours": "Give at least one hour to decide in."})


def shown_team(team: Team) -> Shown:
    """What the form for a team shows of it."""
    return shown_of(team, DETAILS | {"parent"})


def lock_team(team: Team, *, actor: User, action: str) -> Team:
    """
    Re-read a team for writing. Raises PermissionDenied if it is out of the actor's reach.
    """
    visible = Team.objects.visible_to(actor, action).filter(pk=team.pk)
    # Deleting waits for those who are just putting something into the team.
    locked = visible.select_for_update(of=("self",), no_key=action != Action.DELETE).first()
    require(locked is not None)
    return locked


def cut_from_above(team: Team) -> None:
    """Take away every row between the teams above `team` and its subtree."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM people_teamclosure
             WHERE descendant_id IN (
                   SELECT descendant_id FROM people_teamclosure WHERE ancestor_id = %(team)s)
               AND ancestor_id IN (
                   SELECT ancestor_id FROM people_teamclosure
                    WHERE descendant_id = %(team)s AND ancestor_id <> %(team)s)
            """,
            {"team": team.pk},
        )


def hang_below_parent(team: Team) -> None:
    """Write a row for every team above and every team in the subtree."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO people_teamclosure (ancestor_id, descendant_id, depth)
            SELECT above.ancestor_id, below.descendant_id, above.depth + below.depth + 1
              FROM people_teamclosure above, people_teamclosure below
             WHERE above.descendant_id = %(parent)s AND below.ancestor_id = %(team)s
            """,
            {"parent": team.parent_id, "team": team.pk},
        )
