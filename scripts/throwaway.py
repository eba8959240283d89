"""
A Relay of its own for measuring and rehearsing: an empty database, served as in production.

Everything lies in one folder below `.data` and is gone afterwards. Call `isolate()` before
anything of Django's is set up, and `serving()` once the data is there.
"""

import atexit
import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import django
import psycopg2
from django.conf import settings
from django.core.management import call_command
from django.db import connections

from crm.embedded.server import SUPERUSER, running_server

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
START_TIMEOUT_SECONDS = 60
GUNICORN = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py"]
# What would lead us to somebody else's data, or change what is measured.
LEFT_OUT = (
    "RELAY_", "DJANGO_", "DATABASE_URL", "MIGRATION_DATABASE_URL", "CACHE_URL",
    "WEB_CONCURRENCY", "GUNICORN_CMD_ARGS", "SENTRY_DSN",
)  # fmt: skip


def isolate(purpose: str) -> None:
    """Set Django up on a new embedded database with today's migrations, removed at the end."""
    for name in [name for name in os.environ if name.startswith(LEFT_OUT)]:
        del os.environ[name]
    (ROOT / ".data").mkdir(exist_ok=True)
    folder = tempfile.mkdtemp(prefix=f"{purpose}-", dir=ROOT / ".data")
    # Registered before the server, which is therefore stopped before its folder goes.
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ.update(
        DJANGO_SETTINGS_MODULE="crm.settings",
        RELAY_DATA_DIR=folder,
        RELAY_STATIC_ROOT=f"{folder}/static",
        RELAY_DEBUG="false",
        RELAY_HTTPS="false",
        # Nothing is held back, and nothing is written that people would not read.
        RELAY_API_RATE="",
        RELAY_LOG_LEVEL="WARNING",
    )
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    # `migrate` has put the owner's connection in the place of the application's.
    connections.close_all()
    del connections["default"]


def superuser() -> psycopg2.extensions.connection:
    """A connection that may do what the application may not, such as ANALYZE."""
    return psycopg2.connect(running_server(settings.DATA_DIR).dsn(SUPERUSER))


def application() -> psycopg2.extensions.connection:
    """A connection as the application role, past Django."""
    return psycopg2.connect(running_server(settings.DATA_DIR).dsn("relay_app"))


@contextlib.contextmanager
def serving(target: str = "crm.wsgi", **environment: str) -> Iterator[str]:
    """gunicorn with the settings we ship, until the end of the block. Gives its address."""
    port = free_port()
    with (settings.DATA_DIR / "gunicorn.log").open("a") as log:
        server = subprocess.Popen(
            [*GUNICORN, "--bind", f"{HOST}:{port}", target],
            cwd=ROOT,
            env=os.environ | environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        try:
            wait_for(server, port)
            yield f"{HOST}:{port}"
        finally:
            server.terminate()
            server.wait()


def wait_for(server: subprocess.Popen, port: int) -> None:
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        with contextlib.suppress(OSError):
            try:
                urllib.request.urlopen(f"http://{HOST}:{port}/livez", timeout=5).close()
            except urllib.error.HTTPError as answer:
                answer.close()
            return
        time.sleep(0.05)
    log = (settings.DATA_DIR / "gunicorn.log").read_text()
    sys.exit(f"The web server did not start.\n{log[-3000:]}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]
