"""
How far a person reaches: their role's table of record type x action x level,
and the ids of the people it covers.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from django.db import connection, models

if TYPE_CHECKING:
    from people.models import User


class RecordType(models.TextChoices):
    LEAD = "lead", "Leads"
    ACCOUNT = "account", "Accounts"
    CONTACT = "contact", "Contacts"
    OPPORTUNITY = "opportunity", "Opportunities"
    ACTIVITY = "activity", "Activities"
    REQUEST = "request", "Conversion requests"
    CONVERSION = "conversion", "Conversions"
    REPORT = "report", "Reports"
    IMPORT = "import", "Imports"
    USER = "user", "Users"
    TEAM = "team", "Teams"
    SETTINGS = "settings", "Settings"


class Action(models.TextChoices):
    VIEW = "view", "View"
    CREATE = "create", "Create"
    EDIT = "edit", "Edit"
    DELETE = "delete", "Delete"
    ASSIGN = "assign", "Assign"
    EXPORT = "export", "Export"
    REQUEST = "request", "Request conversion"
    CONVERT = "convert", "Convert"
    DECIDE = "decide", "Decide requests"
    OVERRIDE_DUPLICATES = "override_duplicates", "Override duplicates"


class ReachLevel(models.TextChoices):
    NONE = "none", "None"
    OWN = "own", "Own"
    TEAM = "team", "My team"
    SUBTREE = "subtree", "My team and all below"
    ALL = "all", "All"


@dataclass(frozen=True)
class Reach:
    """One person's permissions, with the people and teams each level covers."""

    user_id: int | None = None
    levels: dict[str, str] = field(default_factory=dict)
    team_mates: Sequence[int] = ()
    subtree_mates: Sequence[int] = ()
    team: Sequence[int] = ()
    subtree: Sequence[int] = ()

    @cached_property
    def key(self) -> tuple[object, ...]:
        """Another one after any change of what this person may do or whom it covers."""
        covered = (self.team_mates, self.subtree_mates, self.team, self.subtree)
        return (self.user_id, *sorted(self.levels.items()), *map(tuple, covered))

    def level(self, record_type: str, action: str) -> ReachLevel:
        """The level granted; whatever is not granted is `none`."""
        return ReachLevel(self.levels.get(f"{record_type}:{action}", ReachLevel.NONE))

    def user_ids(self, level: str) -> list[int]:
        """The owners whose records a level covers. Not for `all`, which needs no list."""
        if self.user_id is None or level == ReachLevel.NONE:
            return []
        mates: dict[str, Sequence[int]] = {
            ReachLevel.TEAM: self.team_mates,
            ReachLevel.SUBTREE: self.subtree_mates,
        }
        return sorted({self.user_id, *mates.get(level, ())})

    def team_mates_seen(self, record_type: str) -> list[int]:
        """
        The people of one's team, and of all below as far as one sees their records; oneself too.

        Nobody, for those who see their own records only, and for who has no team.
        """
        level = self.level(record_type, Action.VIEW)
        if level in (ReachLevel.NONE, ReachLevel.OWN) or not self.team:
            return []
        return self.user_ids(ReachLevel.TEAM if level == ReachLevel.TEAM else ReachLevel.SUBTREE)

    def team_ids(self, level: str) -> list[int]:
        """The teams a level covers: none for `own`, since a team is nobody's own."""
        teams: dict[str, Sequence[int]] = {
            ReachLevel.TEAM: self.team,
            ReachLevel.SUBTREE: self.subtree,
        }
        return list(teams.get(level, ()))


def load_reach(user: "User") -> Reach:
    """
    Read a person's reach in one query.

    An inactive person, or one without a role, reaches nothing. A person without a
    team has only themselves, so that a teamless manager never sees other teamless people.
    """
    if not user.is_active or user.role_id is None:
        return Reach(user_id=user.pk)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT
              (SELECT coalesce(jsonb_object_agg(record_type || ':' || action, level), '{}')::text
                 FROM people_rolepermission WHERE role_id = %(role)s),
              ARRAY(SELECT id FROM people_user WHERE team_id = %(team)s),
              ARRAY(SELECT member.id FROM people_user member
                      JOIN people_teamclosure closure ON closure.descendant_id = member.team_id
                     WHERE closure.ancestor_id = %(team)s),
              ARRAY(SELECT descendant_id FROM people_teamclosure WHERE ancestor_id = %(team)s)
            """,
            {"role": user.role_id, "team": user.team_id},
        )
        levels, team_mates, subtree_mates, subtree = cursor.fetchone()
    return Reach(
        user_id=user.pk,
        levels=json.loads(levels),
        team_mates=team_mates,
        subtree_mates=subtree_mates,
        team=[user.team_id] if user.team_id else [],
        subtree=subtree,
    )
