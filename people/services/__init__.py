"""Every change of people, teams, roles and the workspace."""

from people.services.delegations import end_delegation, set_delegate
from people.services.roles import create_role, delete_role, update_role
from people.services.teams import create_team, delete_team, move_team, update_team
from people.services.users import (
    deactivate_user,
    invite_again,
    invite_user,
    reactivate_user,
    update_profile,
    update_user,
)
from people.services.workspace import update_workspace

__all__ = [
    "create_role",
    "create_team",
    "deactivate_user",
    "delete_role",
    "delete_team",
    "end_delegation",
    "invite_again",
    "invite_user",
    "move_team",
    "reactivate_user",
    "set_delegate",
    "update_profile",
    "update_role",
    "update_team",
    "update_user",
    "update_workspace",
]
