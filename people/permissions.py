"""Who may administer whom. Seeing a person does not say it, since everybody sees everybody."""

from collections.abc import Mapping

from people.models import Team, User
from people.reach import Action, Reach, ReachLevel, RecordType

LEVELS = list(ReachLevel)


def edits_everybody(actor: User) -> bool:
    """Whether the actor looks after all people, whatever their team and role."""
    return actor.reach.level(RecordType.USER, Action.EDIT) == ReachLevel.ALL


def edits_settings(actor: User) -> bool:
    """Whether the actor keeps the workspace's configuration, its roles included."""
    return actor.can(RecordType.SETTINGS, Action.EDIT)


def reaches_as_far(reach: Reach, levels: Mapping[str, str]) -> bool:
    """Whether nobody with these levels ("lead:view": "team") could do what `reach` cannot."""
    return all(
        LEVELS.index(reach.level(*key.split(":"))) >= LEVELS.index(ReachLevel(level))
        for key, level in levels.items()
    )


def may_give(actor: User, levels: Mapping[str, str]) -> bool:
    """
    Whether the actor may make somebody what these levels describe, or change who is.

    Who looks after one team only could otherwise make themselves an administrator, or
    take over one's account by changing its address.
    """
    return edits_everybody(actor) or reaches_as_far(actor.reach, levels)


def may_place_in(actor: User, team: Team | None, action: str = Action.EDIT) -> bool:
    """Whether the actor may put people into a team: one within their reach."""
    level = actor.reach.level(RecordType.USER, action)
    if level == ReachLevel.ALL:
        return True
    return team is not None and team.pk in actor.reach.team_ids(level)
