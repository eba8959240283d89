"""What proofs of atomicity need: the state of every table, and faults at every statement."""

import functools
import os
import signal
import traceback
import warnings
from collections.abc import Callable
from typing import Any

from django.db import connection, connections
from psycopg2 import sql

# Rows that come and go without meaning anything.
VOLATILE = {"django_session", "crm_cache", "pghistory_context"}


def table_states() -> dict[str, str]:
    """{table: a hash of all its rows}, for comparing before and after."""
    with connection.cursor() as cursor:
        cursor.execute(hash_every_table())
        return dict(cursor.fetchall())


@functools.cache
def hash_every_table() -> sql.Composed:
    """One question about all tables, of which each answers with its name and its hash."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r'"
            " AND relnamespace = 'public'::regnamespace"
        )
        tables = sorted(name for (name,) in cursor.fetchall() if name not in VOLATILE)
    each = sql.SQL(
        "SELECT {}, md5(coalesce(string_agg(rows::text, ' ' ORDER BY rows::text), '')) FROM {} rows"
    )
    return sql.SQL(" UNION ALL ").join(
        each.format(sql.Literal(table), sql.Identifier(table)) for table in tables
    )


def rows_written() -> dict[str, int]:
    """{table: how many rows this transaction has written so far}, to see that nothing more was."""
    with connection.cursor() as cursor:
        # As pg_stat_xact_user_tables has it, which goes through all indexes for what it says.
        cursor.execute(
            "SELECT relname, pg_stat_get_xact_tuples_inserted(oid)"
            " + pg_stat_get_xact_tuples_updated(oid) + pg_stat_get_xact_tuples_deleted(oid)"
            " FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
        return {table: count for table, count in cursor.fetchall() if table not in VOLATILE}


class Fault(Exception):
    """What a broken machine does in the middle of a change."""


class At:
    """An execute wrapper that acts before statement number `point` (0: never), and counts."""

    def __init__(self, point: int, act: Callable[[], None]):
        self.point = point
        self.act = act
        self.count = 0

    def __call__(self, execute, statement, parameters, many, context):
        self.count += 1
        if self.count == self.point:
            self.act()
        return execute(statement, parameters, many, context)


def fail() -> None:
    raise Fault


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def in_child(work: Callable[[], Any]) -> int:
    """
    Run `work` in a forked process with connections of its own; returns how it ended.

    0 for a normal end, the negative number of the signal that killed it, 1 for an error.
    """
    connections.close_all()
    with warnings.catch_warnings():
        # The test runner has threads; the child uses none of them.
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid == 0:
        status = 1
        try:
            # With a browser's event loop running, Django keeps the parent's connections
            # elsewhere than here, where there is no loop: they are not the ones just closed.
            connections.close_all()
            work()
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)
