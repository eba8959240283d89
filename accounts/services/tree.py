"""The tree of accounts: who stands above whom, and no circle."""

from django.core.exceptions import ValidationError
from django.db import connection

from accounts.models import Account

# Any number, as long as nothing else locks the same one.
TREE_LOCK = 4_201_776

ANCESTORS = f"""
    WITH RECURSIVE above (id, parent_id) AS (
        SELECT id, parent_id FROM {Account._meta.db_table} WHERE id = %s
        UNION
        SELECT account.id, account.parent_id
          FROM {Account._meta.db_table} account JOIN above ON account.id = above.parent_id
    )
    SELECT id FROM above
"""  # noqa: S608 - the table's name is ours


def hold_tree() -> None:
    """
    Let nobody else move an account until the transaction ends; called before rows are locked.

    One lock for the whole tree instead of one for each ancestor: two people who put A under
    B and B under A at once would each wait for the row the other has. New accounts have
    nothing below them, cannot close a circle and need no lock.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [TREE_LOCK])


def require_no_circle(account: Account, parent: Account | None) -> None:
    """Raise ValidationError if `parent` is the account, or stands somewhere below it."""
    if parent is None or account.pk is None:
        return
    with connection.cursor() as cursor:
        cursor.execute(ANCESTORS, [parent.pk])
        above = {row[0] for row in cursor.fetchall()}
    if account.pk in above:
        raise ValidationError(
            {"parent": f"{parent} stands below {account}, so it cannot stand above it too."}
        )
