"""
What the application's database role may do.

It works with the rows of every table, owns nothing, and makes nothing. What is final it may
only add to: the refusal comes from PostgreSQL, so no bug of ours gets around it.
"""

from collections.abc import Iterator

from django.apps import apps
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg2 import sql

# Rows that are written once and never again. Field history is added by `append_only_tables`.
APPEND_ONLY_TABLES = (
    "activities_event",
    "conversion_conversion",
    "conversion_conversioncredit",
    "conversion_requesttransition",
    "reporting_opportunitysnapshot",
    "reporting_snapshotday",
)
# Only the owner's `migrate` writes here.
READ_ONLY_TABLES = ("django_migrations",)

# What extensions brought belongs to the superuser who installed them, and everyone may use it.
OWN_RELATIONS = """
    SELECT relname, relkind = 'S'
    FROM pg_class
    WHERE relnamespace = 'public'::regnamespace
      AND relowner = current_user::regrole
      AND relkind IN ('r', 'p', 'v', 'm', 'S')
    ORDER BY relname
"""
# Those too that run with the rights of a role of ours, which is why they are there.
OWN_FUNCTIONS = """
    SELECT oid::regprocedure::text
    FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace
      AND (proowner = current_user::regrole
           OR prosecdef AND pg_has_role(proowner, 'USAGE'))
    ORDER BY 1
"""


def append_only_tables() -> set[str]:
    """The tables the application role may read and add to, but not change."""
    history = {
        model._meta.db_table for model in apps.get_models() if hasattr(model, "pgh_tracked_model")
    }
    return history | set(APPEND_ONLY_TABLES)


def grant_application_role(connection: BaseDatabaseWrapper, role: str) -> None:
    """
    Give `role` exactly the rights above, whatever it had before.

    `connection` must be the owner's. Safe to repeat; tables that do not exist yet are left out.
    """
    with connection.cursor() as cursor:
        cursor.execute(OWN_RELATIONS)
        relations = cursor.fetchall()
        cursor.execute(OWN_FUNCTIONS)
        functions = [signature for (signature,) in cursor.fetchall()]
        cursor.execute(sql.SQL("; ").join(statements(sql.Identifier(role), relations, functions)))


def statements(
    role: sql.Composable, relations: list[tuple[str, bool]], functions: list[str]
) -> Iterator[sql.Composable]:
    """The GRANTs and REVOKEs for (name, is a sequence) pairs and function signatures."""
    append_only = append_only_tables()
    yield sql.SQL("REVOKE CREATE ON SCHEMA public FROM PUBLIC, {}").format(role)
    yield sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(role)
    for name, is_sequence in relations:
        if is_sequence:
            rights = "USAGE"
        elif name in READ_ONLY_TABLES:
            rights = "SELECT"
        elif name in append_only:
            rights = "SELECT, INSERT"
        else:
            rights = "SELECT, INSERT, UPDATE, DELETE"
        relation = sql.Identifier(name)
        yield sql.SQL("REVOKE ALL ON {} FROM {}").format(relation, role)
        yield sql.SQL("GRANT {} ON {} TO {}").format(sql.SQL(rights), relation, role)
    for signature in functions:
        yield sql.SQL("GRANT EXECUTE ON FUNCTION {} TO {}").format(sql.SQL(signature), role)
