"""The embedded database: two roles, one server for many processes, plain words when it fails."""

import os
import stat
import subprocess
import sys
import time

import psycopg2
import pytest

from crm.embedded import server
from crm.embedded.server import (
    APPLICATION,
    EXTENSIONS,
    OWNER,
    SUPERUSER,
    EmbeddedDatabaseError,
    EmbeddedServer,
    connect,
)

FAST = {"fsync": "off", "shared_buffers": "'16MB'", "max_connections": "20"}


@pytest.fixture(scope="module")
def embedded(tmp_path_factory):
    embedded = EmbeddedServer(tmp_path_factory.mktemp("embedded"), settings=FAST)
    embedded.acquire()
    yield embedded
    assert embedded.release()


def ask(dsn, query):
    with connect(dsn) as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def test_the_owner_owns_the_database_and_may_make_roles(embedded):
    assert ask(
        embedded.dsn(OWNER),
        "SELECT pg_get_userbyid(datdba), rolcreaterole, rolsuper FROM pg_database, pg_roles"
        " WHERE datname = current_database() AND rolname = current_user",
    ) == [(OWNER, True, False)]


def test_the_application_owns_nothing_and_makes_nothing(embedded):
    dsn = embedded.dsn(APPLICATION)
    assert ask(
        dsn,
        "SELECT rolsuper, rolcreaterole, rolcreatedb, pg_has_role(current_user, 'relay_owner',"
        " 'MEMBER') FROM pg_roles WHERE rolname = current_user",
    ) == [(False, False, False, False)]
    for statement in ("CREATE TABLE mine ()", "CREATE SCHEMA mine", "CREATE TEMP TABLE mine ()"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            ask(dsn, statement)


def test_extensions_are_there(embedded):
    installed = ask(embedded.dsn(APPLICATION), "SELECT extname FROM pg_extension")
    assert {name for (name,) in installed} >= set(EXTENSIONS)


def test_nobody_gets_in_without_the_password(embedded):
    for role in (SUPERUSER, OWNER, APPLICATION):
        dsn = embedded.dsn(role).replace(embedded.passwords[role], "guess")
        with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
            psycopg2.connect(dsn)


def test_it_listens_on_this_machine_only(embedded):
    assert ask(embedded.dsn(SUPERUSER), "SHOW listen_addresses") == [("127.0.0.1",)]


def test_the_passwords_are_for_us_alone(embedded):
    mode = (embedded.directory / "server.json").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_a_second_process_shares_the_server_and_the_last_one_stops_it(tmp_path):
    embedded = EmbeddedServer(tmp_path, settings=FAST)
    embedded.acquire()
    script = (
        "import pathlib, sys; from crm.embedded.server import *\n"
        "other = EmbeddedServer(pathlib.Path(sys.argv[1])); other.acquire()\n"
        "print(other.port, flush=True); sys.stdin.read(); print(other.release())"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, tmp_path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert int(other.stdout.readline()) == embedded.port
        assert not embedded.release()
        assert ask(embedded.dsn(OWNER), "SELECT 1") == [(1,)]
        last = other.communicate("")[0]
    assert last.strip() == "True"
    with pytest.raises(psycopg2.OperationalError):
        psycopg2.connect(embedded.dsn(OWNER))


def test_processes_that_start_at_once_make_one_server(tmp_path):
    script = (
        "import pathlib, sys; from crm.embedded.server import *\n"
        "server = EmbeddedServer(pathlib.Path(sys.argv[1])); server.acquire()\n"
        "print(server.port, flush=True); sys.stdin.read(); server.release()"
    )
    others = [
        subprocess.Popen(
            [sys.executable, "-c", script, tmp_path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    ports = {other.stdout.readline() for other in others}
    for other in others:
        other.communicate("")
    assert len(ports) == 1
    assert "" not in ports


def test_data_and_port_outlive_a_restart_and_settings_are_todays(tmp_path):
    first = EmbeddedServer(tmp_path, settings=FAST)
    first.acquire()
    ask(first.dsn(OWNER), "CREATE TABLE kept (); SELECT 1")
    first.release()
    second = EmbeddedServer(tmp_path)
    second.acquire()
    try:
        assert second.port == first.port
        assert ask(second.dsn(OWNER), "SELECT to_regclass('kept')") == [("kept",)]
        assert ask(second.dsn(OWNER), "SHOW max_connections") == [("100",)], "today's settings"
    finally:
        second.release()


def test_a_server_that_was_killed_starts_again(tmp_path):
    embedded = EmbeddedServer(tmp_path, settings=FAST)
    embedded.acquire()
    postmaster = int((embedded.cluster / "postmaster.pid").read_text().split()[0])
    os.kill(postmaster, 9)
    while os.path.exists(f"/proc/{postmaster}"):
        time.sleep(0.01)
    again = EmbeddedServer(tmp_path)
    again.acquire()
    assert ask(again.dsn(OWNER), "SELECT 1") == [(1,)]
    assert not embedded.release()
    assert again.release()


def test_a_broken_data_directory_gives_one_clear_sentence(tmp_path):
    embedded = EmbeddedServer(tmp_path, settings=FAST)
    embedded.acquire()
    embedded.release()
    (embedded.cluster / "global" / "pg_control").write_bytes(b"broken")
    with pytest.raises(EmbeddedDatabaseError) as refusal:
        EmbeddedServer(tmp_path).acquire()
    assert str(refusal.value).count("\n") == 0
    assert str(embedded.log) in str(refusal.value)


def test_a_data_directory_that_cannot_be_made_gives_one_clear_sentence(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(EmbeddedDatabaseError, match="cannot be used"):
        EmbeddedServer(tmp_path / "file" / "data").acquire()


def test_a_missing_wheel_gives_one_clear_sentence(tmp_path, monkeypatch):
    server.binaries.cache_clear()
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(EmbeddedDatabaseError, match="DATABASE_URL is not set"):
        EmbeddedServer(tmp_path).acquire()
    server.binaries.cache_clear()


def test_a_command_starts_the_server_and_stops_it(tmp_path):
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in {"DATABASE_URL", "DJANGO_SETTINGS_MODULE"}
    }
    environment |= {"RELAY_DEBUG": "true", "RELAY_DATA_DIR": str(tmp_path)}
    result = subprocess.run(
        [sys.executable, "manage.py", "showmigrations", "people"],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert "[ ] 0001_initial" in result.stdout
    assert (tmp_path / "database" / "postgres" / "PG_VERSION").exists()
    assert not (tmp_path / "database" / "postgres" / "postmaster.pid").exists()
