"""
The database that tests run on: real PostgreSQL, ours alone, connected to as in production.

The migrations run once, as the owner, into a template. Each test process gets a copy of it
and connects as the application role, so a test sees every right and every trigger. A test
that commits gets a fresh copy afterwards: the application role may not empty tables.

RELAY_TEST_DATABASE_URL names a server (and a superuser on it) to use instead of the embedded
one. RELAY_TEST_KEEP=1 keeps the embedded one and its templates for the next run.
"""

import contextlib
import fcntl
import hashlib
import importlib.metadata
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.test import TransactionTestCase
from psycopg2 import sql
from psycopg2.extensions import make_dsn

from crm.embedded.server import SUPERUSER, EmbeddedServer, connect, create_database, create_role

ROOT = Path(__file__).resolve().parent.parent
# Nothing without this comment is ever dropped.
MARK = "Made by Relay's tests, which may drop it at any time."
# What a crash would lose, a test run can lose.
FAST_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
}

# Set by the first process of a run and inherited by those it starts.
RUN = os.environ.setdefault("RELAY_TEST_RUN", str(os.getpid()))
RUN_DIRECTORY = Path(tempfile.gettempdir()) / f"relay-tests-{RUN}"
KEPT_DIRECTORY = ROOT / ".data" / "test-server"
KEEP = os.environ.get("RELAY_TEST_KEEP") == "1"


class Databases:
    """The template, this process' copy of it, and the two roles that use them."""

    def __init__(self, superuser_dsn: str, directory: Path):
        self.superuser_dsn = superuser_dsn
        self.directory = directory
        # Whoever has other migrations shares nothing with us, not even the roles.
        self.version = fingerprint(directory)
        self.owner = f"relay_test_{self.version}_owner"
        self.application = f"relay_test_{self.version}_app"
        self.template = f"relay_test_{self.version}_template"
        self.name = f"relay_test_{self.version}_{os.getpid()}"
        self.passwords: dict[str, str] = {}

    def dsn(self, role: str, database: str | None = None) -> str:
        return make_dsn(
            self.superuser_dsn,
            user=role,
            password=self.passwords[role],
            dbname=database or self.name,
        )

    def prepare(self) -> None:
        """Have a template with today's migrations, and a copy of it for this process."""
        known = self.directory / f"template-{self.version}.json"
        with self._alone():
            if known.exists():
                self.passwords = json.loads(known.read_text())
            else:
                self._make_template()
                known.write_text(json.dumps(self.passwords))
        self.copy_template()
        self._point_django_at(self.name)

    def copy_template(self) -> None:
        """Throw this process' database away and make it anew."""
        connections.close_all()
        drop_database(self.superuser_dsn, self.name)
        with connect(self.superuser_dsn) as cursor:
            cursor.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {}").format(
                    *map(sql.Identifier, (self.name, self.template, self.owner))
                )
            )
            mark(cursor, self.name)
            for statement in (
                "REVOKE ALL ON DATABASE {database} FROM PUBLIC",
                "GRANT CONNECT ON DATABASE {database} TO {application}",
            ):
                cursor.execute(
                    sql.SQL(statement).format(
                        database=sql.Identifier(self.name),
                        application=sql.Identifier(self.application),
                    )
                )

    def drop(self) -> None:
        """Leave nothing behind of this process."""
        connections.close_all()
        drop_database(self.superuser_dsn, self.name)

    def drop_template(self) -> None:
        """Leave nothing behind at all, once every process is done."""
        drop_database(self.superuser_dsn, self.template)
        with connect(self.superuser_dsn) as cursor:
            for role in (self.application, self.owner):
                cursor.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(role)))
            # Other databases of Relay on this server may need it.
            with contextlib.suppress(psycopg2.errors.DependentObjectsStillExist):
                cursor.execute("DROP ROLE IF EXISTS relay_eraser")

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        with (self.directory / "template.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _make_template(self) -> None:
        self.drop_template()
        self.passwords = {
            self.owner: secrets.token_urlsafe(24),
            self.application: secrets.token_urlsafe(24),
        }
        create_role(self.superuser_dsn, self.owner, self.passwords[self.owner], "CREATEROLE")
        create_role(self.superuser_dsn, self.application, self.passwords[self.application])
        self._let_owner_use_eraser()
        create_database(self.superuser_dsn, self.template, self.owner, self.application)
        with connect(self.superuser_dsn) as cursor:
            mark(cursor, self.template)
        self._point_django_at(self.template)
        call_command("migrate", verbosity=0)
        connections.close_all()
        # `migrate` has put the owner's connection in its place.
        del connections["default"]

    def _let_owner_use_eraser(self) -> None:
        """The role belongs to the whole server: an owner of before may have made it."""
        with connect(self.superuser_dsn) as cursor:
            cursor.execute("SELECT to_regrole('relay_eraser')")
            if cursor.fetchone()[0]:
                grant = sql.SQL("GRANT relay_eraser TO {}").format(sql.Identifier(self.owner))
                cursor.execute(grant)

    def _point_django_at(self, name: str) -> None:
        connections.close_all()
        for alias, role in {"default": self.application, "owner": self.owner}.items():
            parts = psycopg2.extensions.parse_dsn(self.dsn(role, name))
            # The same dictionary serves every thread's connection.
            connections.settings[alias].update(
                NAME=parts["dbname"],
                USER=parts["user"],
                PASSWORD=parts["password"],
                HOST=parts["host"],
                PORT=parts.get("port", ""),
            )


def mark(cursor: psycopg2.extensions.cursor, name: str) -> None:
    """Say on the server that a database is ours."""
    cursor.execute(
        sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(name), sql.Literal(MARK))
    )


def drop_database(superuser_dsn: str, name: str) -> None:
    """Drop a database of ours, whoever is connected. Refuses one that is not ours."""
    with connect(superuser_dsn) as cursor:
        cursor.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s",
            [name],
        )
        if (found := cursor.fetchone()) is None:
            return
        assert found[0] == MARK, f"{name} was not made by these tests"
        cursor.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def drop_leftovers(superuser_dsn: str) -> None:
    """On a server that is ours alone, drop the copies whose test process was killed."""
    with connect(superuser_dsn) as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname ~ '^relay_test_.*_[0-9]+$'")
        names = [name for (name,) in cursor.fetchall()]
    for name in names:
        if not Path("/proc", name.rpartition("_")[2]).exists():
            drop_database(superuser_dsn, name)


def fingerprint(directory: Path) -> str:
    """Another one whenever a database migrated from scratch would look different."""
    digest = hashlib.sha256(str(directory).encode())
    for path in [*sorted(ROOT.glob("*/migrations/*.py")), ROOT / "crm/database_roles.py"]:
        digest.update(path.as_posix().encode() + path.read_bytes())
    packages = {(each.name, each.version) for each in importlib.metadata.distributions()}
    digest.update(repr(sorted(packages)).encode())
    return digest.hexdigest()[:10]


@contextlib.contextmanager
def superuser_of_a_server() -> Iterator[tuple[str, Path]]:
    """A superuser's address, and a folder that all processes of this run share."""
    if address := os.environ.get("RELAY_TEST_DATABASE_URL"):
        RUN_DIRECTORY.mkdir(exist_ok=True)
        yield address, RUN_DIRECTORY
        return
    server = EmbeddedServer(KEPT_DIRECTORY if KEEP else RUN_DIRECTORY, settings=FAST_SETTINGS)
    server.acquire()
    try:
        drop_leftovers(server.dsn(SUPERUSER, "postgres"))
        yield server.dsn(SUPERUSER, "postgres"), server.directory
    finally:
        server.release()


def pytest_unconfigure():
    """The first process of a run is also its last, and cleans up after all of them."""
    if str(os.getpid()) != RUN or not RUN_DIRECTORY.exists():
        return
    if address := os.environ.get("RELAY_TEST_DATABASE_URL"):
        Databases(address, RUN_DIRECTORY).drop_template()
    shutil.rmtree(RUN_DIRECTORY)


@pytest.fixture(scope="session")
def databases(django_test_environment, django_db_blocker):
    """This process' databases; Django is connected to them."""
    with superuser_of_a_server() as (superuser_dsn, directory):
        databases = Databases(superuser_dsn, directory)
        with django_db_blocker.unblock():
            databases.prepare()
        yield databases
        with django_db_blocker.unblock():
            databases.drop()


@pytest.fixture(scope="session")
def django_db_setup(databases, django_db_blocker):
    """Replaces pytest-django's: the database is a copy of the template."""

    def start_afresh(test_case):
        databases.copy_template()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", start_afresh)
        yield


@pytest.fixture
def owner_connection(databases, db):
    """A psycopg2 connection as the owner of the tables: it may what the application may not."""
    connection = psycopg2.connect(databases.dsn(databases.owner))
    yield connection
    connection.close()


@pytest.fixture
def app_dsn(databases, db) -> str:
    """The application role's address of this test's database."""
    return databases.dsn(databases.application)


@pytest.fixture
def raw_app_connection(app_dsn):
    """A psycopg2 connection as the application role, beside Django's."""
    connection = psycopg2.connect(app_dsn)
    yield connection
    connection.close()


assert settings.DATABASES["default"]["NAME"] == "", "Tests must not know another database."
