"""Who stands above whom, among accounts and among contacts, and no circle."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import connection, models

from accounts.models import Account, Contact


@dataclass(frozen=True)
class Tree:
    """
    Records of which each may stand below another one.

    The trigger `no_circle` takes the same lock and has the last word; services come first to
    say what is wrong by the name of the field.
    """

    model: type[models.Model]
    column: str
    lock: int
    refusal: str

    def hold(self) -> None:
        """
        Let nobody else move a record until the transaction ends; called before rows are locked.

        One lock for the whole tree instead of one for each ancestor: two people who put A
        under B and B under A at once would each wait for the row the other has.
        """
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [self.lock])

    def require_no_circle(self, record: models.Model) -> None:
        """Raise ValidationError if what the record stands below stands somewhere below it."""
        above = getattr(record, self.column)
        if above is None or record.pk is None:
            return
        with connection.cursor() as cursor:
            cursor.execute(self.ancestors, [above.pk])
            keys = {row[0] for row in cursor.fetchall()}
        if record.pk in keys:
            raise ValidationError({self.column: self.refusal.format(above=above, below=record)})

    @property
    def ancestors(self) -> str:
        table = self.model._meta.db_table
        column = f"{self.column}_id"
        return f"""
            WITH RECURSIVE above (id, above_id) AS (
                SELECT id, {column} FROM {table} WHERE id = %s
                UNION
                SELECT each.id, each.{column}
                  FROM {table} each JOIN above ON each.id = above.above_id
            )
            SELECT id FROM above
        """  # noqa: S608 - the names are ours


# Any two numbers, as long as nothing else locks them; the triggers have the same ones.
ACCOUNT_TREE = Tree(
    model=Account,
    column="parent",
    lock=4_201_776,
    refusal="{above} stands below {below}, so it cannot stand above it too.",
)
CONTACT_TREE = Tree(
    model=Contact,
    column="reports_to",
    lock=4_201_777,
    refusal="{above} reports to {below}, directly or through others. It cannot be both ways.",
)
