"""What no change of people, roles or teams may lead to, and the lock under which it is asked."""

from django.db import connection

from crm.errors import DomainError
from people.models import Role, User

# The number only has to differ from those of other advisory locks.
DIRECTORY_LOCK = 0x52454C41


class LastAdministrator(DomainError):
    """Nobody would be left who can let people in."""

    code = "last_administrator"

    def __init__(self) -> None:
        super().__init__(
            "Nobody would be left who may administer people and settings. "
            "Give somebody else that role first."
        )


def lock_directory() -> None:
    """
    Let one transaction at a time change the tree of teams, or who administers.

    Both are questions about many rows: two moves could close a circle, and two
    administrators could demote each other, without ever touching the same row.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [DIRECTORY_LOCK])


def require_an_administrator() -> None:
    """
    Raise LastAdministrator unless somebody active administers people and settings.

    To be asked after the change and under `lock_directory`; the error undoes the change.
    """
    if not User.objects.active().filter(role__in=Role.objects.administering()).exists():
        raise LastAdministrator
