"""Races that are made to happen, not hoped for."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

import psycopg2
from django.db import connection, connections
from django.db.models import Model
from psycopg2 import sql

# A slow machine is no failure: this is only for what never comes.
PATIENCE_SECONDS = 60


def collide(row: Model, *calls: Callable[[], Any]) -> list[Any]:
    """
    Run `calls` at once, each on a connection of its own, so that all meet at `row`.

    The row is held until PostgreSQL says that every call waits for a lock; then it is let
    go. Returns what each call returned or raised, in order. A call that ends without having
    waited is an AssertionError: it took no lock. Needs `django_db(transaction=True)`.
    """
    return run_while_held(locking(row), row.pk, calls)


def locking(row: Model) -> sql.Composable:
    """The statement that locks a row, of which it takes the key."""
    return sql.SQL("SELECT FROM {} WHERE {} = %s FOR UPDATE").format(
        sql.Identifier(row._meta.db_table), sql.Identifier(row._meta.pk.column)
    )


@contextmanager
def held_elsewhere(row: Model) -> Iterator[Any]:
    """Hold a row on another connection, of which the block gets a cursor."""
    other = psycopg2.connect(**connection.get_connection_params())
    with closing(other), other.cursor() as cursor:
        cursor.execute(locking(row), [row.pk])
        assert cursor.rowcount == 1, f"{row} is not in the database yet"
        yield cursor


def collide_at_lock(key: int, *calls: Callable[[], Any]) -> list[Any]:
    """The same for calls that meet at the advisory lock with this number."""
    return run_while_held(sql.SQL("SELECT pg_advisory_xact_lock(%s)"), key, calls)


def run_while_held(
    statement: sql.Composable, key: int, calls: Sequence[Callable[[], Any]]
) -> list[Any]:
    """Hold what `statement` locks until every call waits, then let all of them go."""
    outcomes: list[Any] = [None] * len(calls)
    backends: dict[int, int] = {}

    def run(index: int, call: Callable[[], Any]) -> None:
        try:
            connection.ensure_connection()
            backends[index] = connection.connection.info.backend_pid
            outcomes[index] = call()
        except Exception as error:
            outcomes[index] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(index, call)) for index, call in enumerate(calls)]
    holder = psycopg2.connect(**connection.get_connection_params())
    try:
        with holder.cursor() as cursor:
            cursor.execute(statement, [key])
            assert cursor.rowcount == 1, f"{key} is not in the database yet"
        for thread in threads:
            thread.start()
        wait_until_blocked(threads, backends)
    finally:
        holder.close()
        for thread in threads:
            if thread.ident:
                thread.join(PATIENCE_SECONDS)
    assert not any(thread.is_alive() for thread in threads), "a call never came back"
    return outcomes


def wait_until_blocked(threads: list[threading.Thread], backends: dict[int, int]) -> None:
    """Return once every thread's backend waits for a lock."""

    def are_blocked() -> bool:
        assert all(thread.is_alive() for thread in threads), "a call did not wait for the row"
        if len(backends) < len(threads):
            return False
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT bool_and(cardinality(pg_blocking_pids(pid)) > 0) FROM unnest(%s) AS pid",
                [list(backends.values())],
            )
            return cursor.fetchone()[0]

    wait_until(are_blocked)


def wait_until(condition: Callable[[], bool]) -> None:
    """Return once `condition()` holds: what others do takes its time."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "what was waited for never came"
        time.sleep(0.005)
