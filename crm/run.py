"""
Everything at once, for one machine: `python -m crm.run`, which is what `make run` calls.

Database, migrations, the demo company on a first start, then web server, worker and periodic
jobs together until one of them ends or somebody presses Ctrl-C. SERVER=gunicorn serves as in
production, but over plain HTTP on this machine.
"""

import contextlib
import hashlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from urllib.error import HTTPError
from urllib.request import urlopen

import django

from crm.embedded.server import EmbeddedDatabaseError

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
HIGHEST_PORT = 65535
SERVERS = ("runserver", "gunicorn")
# What gunicorn has so many of: {variable: its name for people}.
COUNTED = {"WEB_CONCURRENCY": "processes", "RELAY_WEB_THREADS": "threads"}
HIGHEST_COUNT = 999
START_TIMEOUT_SECONDS = 60
STOP_TIMEOUT_SECONDS = 15

WORKER = [sys.executable, "manage.py", "db_worker"]
PERIODIC = [sys.executable, "manage.py", "run_periodic"]
DEMO_SIGN_INS = ("sdr@example.com", "ae@example.com", "manager@example.com", "admin@example.com")
DEMO_PASSWORD = "relay-demo"  # noqa: S105  # printed below; works only where seed_demo ran


def main() -> int:
    """Run until stopped. Returns the exit status."""
    port, production = wanted()
    if not port_is_free(port):
        print(f"Port {port} is in use. Choose another: make run PORT={port + 1}", file=sys.stderr)
        return 1
    choose_settings(port, production=production)
    # SIGINT too: a shell that started us in the background has it ignored.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    try:
        demo = prepare(production=production)
        return serve(port, web_command(port, production=production), demo=demo)
    except EmbeddedDatabaseError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", flush=True)
        return 0


def wanted() -> tuple[int, bool]:
    """The port, and whether to serve as in production. Exits where neither can be meant."""
    port, server = os.environ.get("PORT", "8000"), os.environ.get("SERVER", "runserver")
    if not is_number(port, HIGHEST_PORT):
        sys.exit(f"PORT={port} is no port. Choose a number from 1 to {HIGHEST_PORT}.")
    if server not in SERVERS:
        sys.exit(f"SERVER={server} is not known. Choose {' or '.join(SERVERS)}.")
    production = server == "gunicorn"
    for name, what in COUNTED.items() if production else ():
        count = os.environ.get(name, "1")
        if not is_number(count, HIGHEST_COUNT):
            sys.exit(
                f"{name}={count} is no number of {what}. Choose one from 1 to {HIGHEST_COUNT}."
            )
    return int(port), production


def is_number(text: str, highest: int) -> bool:
    """Whether this says a whole number from 1 to the highest."""
    return text.isdecimal() and len(text) <= len(str(highest)) and 0 < int(text) <= highest


def port_is_free(port: int) -> bool:
    """Whether nobody listens there yet."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def choose_settings(port: int, *, production: bool) -> None:
    """Settle what the environment leaves open, for this process and those it starts."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
    os.environ.setdefault("RELAY_DEBUG", str(not production).lower())
    # There is no certificate for this machine's own address.
    os.environ.setdefault("RELAY_HTTPS", "false")
    os.environ.setdefault("RELAY_DEMO", "true")
    os.environ.setdefault("RELAY_SITE_URL", f"http://localhost:{port}")


def prepare(*, production: bool) -> bool:
    """Bring database and static files up to date. Returns whether the demo company is there."""
    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connections

    from people.models import User

    call_command("migrate", interactive=False, verbosity=0)
    if settings.DEMO and not User.objects.exists():
        print("First start: making the demo company, which takes a moment.", flush=True)
        call_command("seed_demo")
    if production:
        collect_static_files()
    demo = settings.DEMO and User.objects.filter(email=DEMO_SIGN_INS[0]).exists()
    connections.close_all()
    return demo


def collect_static_files() -> None:
    """Collect and compress the static files, unless nothing changed since last time."""
    from django.conf import settings
    from django.contrib.staticfiles.finders import get_finders
    from django.core.management import call_command

    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            status = Path(storage.path(path)).stat()
            digest.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode())
    stamp = settings.STATIC_ROOT / ".collected"
    if stamp.exists() and stamp.read_text() == digest.hexdigest():
        return
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(digest.hexdigest())


def web_command(port: int, *, production: bool) -> list[str]:
    """The command of the web server."""
    address = f"{HOST}:{port}"
    if production:
        gunicorn = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py"]
        return [*gunicorn, "--bind", address, "crm.wsgi"]
    return [sys.executable, "manage.py", "runserver", address]


def serve(port: int, web: list[str], *, demo: bool) -> int:
    """Run everything until one of them ends or we are told to stop; then stop the others."""
    children: list[subprocess.Popen] = []
    try:
        # Their own sessions: Ctrl-C reaches us alone, and we stop them in order.
        for command in (web, WORKER, PERIODIC):
            children.append(subprocess.Popen(command, cwd=ROOT, start_new_session=True))
        if wait_until_up(port, children[0]):
            print(welcome(port, demo=demo), flush=True)
        while all(child.poll() is None for child in children):
            time.sleep(0.2)
        return next(child.returncode for child in children if child.returncode is not None)
    finally:
        stop(children)


def interrupt(signal_number: int, frame: FrameType | None) -> None:
    """Make a request to stop look like Ctrl-C."""
    raise KeyboardInterrupt


def wait_until_up(port: int, web: subprocess.Popen) -> bool:
    """Wait for the first answer. False if the server ended or took too long."""
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while time.monotonic() < deadline and web.poll() is None:
        try:
            with urlopen(f"http://{HOST}:{port}/livez", timeout=5):
                return True
        except HTTPError:
            return True  # An answer all the same: this address may not be an allowed host.
        except OSError:
            time.sleep(0.1)
    return False


def welcome(port: int, *, demo: bool) -> str:
    """What to do next."""
    lines = ["", f"Relay is at http://localhost:{port}/  (Ctrl-C stops it)"]
    if demo:
        lines.append(f"Sign in with the password {DEMO_PASSWORD} as:")
        lines += [f"  {address}" for address in DEMO_SIGN_INS]
    return "\n".join([*lines, ""])


def stop(children: Sequence[subprocess.Popen]) -> None:
    """End every child and whatever it started: first asked, then made to."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    for child in children:
        signal_group(child, signal.SIGTERM)
    deadline = time.monotonic() + STOP_TIMEOUT_SECONDS
    for child in children:
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(max(0, deadline - time.monotonic()))
        # Even when the first of its group has ended, others may not have.
        signal_group(child, signal.SIGKILL)
        child.wait()


def signal_group(child: subprocess.Popen, number: signal.Signals) -> None:
    """Signal a child and whatever it started, if any of them is left."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, number)


if __name__ == "__main__":
    sys.exit(main())
