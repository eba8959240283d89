"""Relay's commands as processes of their own, on the database of the tests."""

import contextlib
import os
import secrets
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

from tests.concurrency import PATIENCE_SECONDS
from tests.database import Databases

ROOT = Path(__file__).resolve().parent.parent


def environment(databases: Databases, **variables: str) -> dict[str, str]:
    """What a command finds set: both addresses, a key, and nothing of the tests' own settings."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("RELAY_", "DJANGO_"))
    }
    return {
        **inherited,
        "DATABASE_URL": databases.dsn(databases.application),
        "MIGRATION_DATABASE_URL": databases.dsn(databases.owner),
        "RELAY_SECRET_KEY": quote(
            "a key that is long enough, and used by nobody else at all: 4711"
        ),
        **variables,
    }


def free_port() -> int:
    """A port that is free, and not one of those that whoever connects to something is given."""
    while True:
        port = 20_000 + secrets.randbelow(10_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


@contextlib.contextmanager
def running(command: Sequence[str | Path], env: dict[str, str]) -> Iterator[subprocess.Popen]:
    """A process that is killed, with whatever it started and has not ended, after the test."""
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):  # Nobody of the group is left.
            os.killpg(process.pid, 9)
        # Whatever got away holds the pipe open, which would be waited for without end.
        process.communicate(timeout=PATIENCE_SECONDS)


def answer(process: subprocess.Popen, url: str, **headers: str) -> tuple[int, str]:
    """Status and body of the first answer to a GET, once somebody listens."""
    # Before it listens, a server may have all static files to collect and compress.
    deadline = time.monotonic() + 4 * PATIENCE_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        request = urllib.request.Request(url, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except OSError:
            time.sleep(0.1)
    process.kill()
    raise AssertionError(f"nobody answers at {url}: {process.communicate()[0]}")
