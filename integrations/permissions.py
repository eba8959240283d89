"""Who may give keys to programs."""

from integrations.models import Import
from people.models import User
from people.reach import Action, ReachLevel, RecordType

INTEGRATION_ROLE = "integration"


def administers_people(user: User) -> bool:
    """May edit every user, hence also look after everybody's tokens."""
    return user.reach.level(RecordType.USER, Action.EDIT) == ReachLevel.ALL


def is_program(user: User) -> bool:
    """Programs sign in with tokens alone, so they never choose a password."""
    return user.role is not None and user.role.key == INTEGRATION_ROLE


def can_create_token_for(actor: User, user: User) -> bool:
    """
    Everybody for themselves; administrators also for programs.

    A program is a user with the integration role. A token for a person would be a way to
    act in their name.
    """
    return actor.pk == user.pk or (administers_people(actor) and is_program(user))


def can_import(actor: User) -> bool:
    """Whoever may import, and make leads one by one."""
    return actor.can(RecordType.IMPORT, Action.CREATE) and actor.can(RecordType.LEAD, Action.CREATE)


def can_undo_import(actor: User, batch: Import) -> bool:
    """Whoever imported it and still may, and those who look after everybody's imports."""
    level = actor.reach.level(RecordType.IMPORT, Action.CREATE)
    return can_import(actor) and (batch.created_by_id == actor.pk or level == ReachLevel.ALL)
