"""`make run`: everything starts together and stops together."""

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path
from urllib.parse import urlencode

import pytest

from crm.run import DEMO_PASSWORD, DEMO_SIGN_INS
from people.models import User
from tests.concurrency import PATIENCE_SECONDS, wait_until
from tests.factories import UserFactory
from tests.processes import answer, environment, free_port, running

RUN = [sys.executable, "-m", "crm.run"]


def children(pid: int) -> list[int]:
    """Every process below this one."""
    below = [int(child) for child in told_of(pid, f"task/{pid}/children").split()]
    return below + [deeper for child in below for deeper in children(child)]


def told_of(pid: int, what: str) -> str:
    """What the system says of a process; nothing of one that has just ended."""
    try:
        return Path(f"/proc/{pid}/{what}").read_text()
    except OSError:
        return ""


def stopped(process: subprocess.Popen, number: signal.Signals) -> str:
    """What was printed until the signal had ended everything; nothing may have gone wrong."""
    started = children(process.pid)
    assert len(started) >= 3
    process.send_signal(number)
    output, _ = process.communicate(timeout=PATIENCE_SECONDS)
    assert "Traceback" not in output
    assert process.returncode == 0
    # Whoever outlives its parent is gone a moment later.
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in started))
    return output


@pytest.mark.django_db(transaction=True)
def test_everything_starts_and_stops_together_as_in_production(databases, tmp_path):
    UserFactory()  # Somebody is there, so this is not a first start.
    port = free_port()
    env = environment(databases, PORT=str(port), SERVER="gunicorn", RELAY_STATIC_ROOT=str(tmp_path))
    with running(RUN, env) as process:
        assert answer(process, f"http://127.0.0.1:{port}/readyz") == (200, "ok\n")
        status, page = answer(process, f"http://127.0.0.1:{port}/account/login/")
        assert (status, "Sign in" in page) == (200, True)
        # What the links in mails begin with, which the worker sends.
        begins = f"\0RELAY_SITE_URL=http://localhost:{port}\0"
        assert all(begins in told_of(pid, "environ") for pid in children(process.pid))
        output = stopped(process, signal.SIGTERM)
    assert f"http://localhost:{port}/" in output


@pytest.mark.django_db(transaction=True)
def test_the_first_start_makes_the_demo_company_and_its_people_can_sign_in(databases):
    port = free_port()
    env = environment(databases, PORT=str(port), RELAY_DEMO="true")
    with running(RUN, env) as process:
        base = f"http://127.0.0.1:{port}"
        assert answer(process, f"{base}/readyz") == (200, "ok\n")
        for address in DEMO_SIGN_INS:
            browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
            with browser.open(f"{base}/account/login/") as response:
                token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', response.read().decode())[
                    1
                ]
            form = {"csrfmiddlewaretoken": token, "login": address, "password": DEMO_PASSWORD}
            with browser.open(f"{base}/account/login/", urlencode(form).encode()) as response:
                assert response.url == f"{base}/"
                page = response.read().decode()
            assert User.objects.get(email=address).full_name in page
        output = stopped(process, signal.SIGINT)
    assert all(address in output for address in DEMO_SIGN_INS)


@pytest.mark.django_db(transaction=True)
def test_without_demo_nobody_is_made_who_could_sign_in(databases):
    port = free_port()
    env = environment(databases, PORT=str(port), RELAY_DEMO="false", RELAY_DEBUG="true")
    with running(RUN, env) as process:
        base = f"http://127.0.0.1:{port}"
        assert answer(process, f"{base}/readyz") == (200, "ok\n")
        status, page = answer(process, f"{base}/account/login/")
        assert (status, "Sign in" in page) == (200, True)
        output = stopped(process, signal.SIGTERM)
    assert f"http://localhost:{port}/" in output
    assert DEMO_PASSWORD not in output
    assert not User.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_end_of_one_is_the_end_of_all(databases):
    UserFactory()
    port = free_port()
    with running(RUN, environment(databases, PORT=str(port))) as process:
        answer(process, f"http://127.0.0.1:{port}/livez")
        worker = next(
            pid for pid in children(process.pid) if "db_worker" in told_of(pid, "cmdline")
        )
        os.kill(worker, signal.SIGKILL)
        process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode != 0


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"PORT": "abc"}, "PORT=abc is no port. Choose a number from 1 to 65535.\n"),
        ({"PORT": "65536"}, "PORT=65536 is no port. Choose a number from 1 to 65535.\n"),
        ({"SERVER": "apache"}, "SERVER=apache is not known. Choose runserver or gunicorn.\n"),
        *(
            (
                {"SERVER": "gunicorn", name: count},
                f"{name}={count} is no number of {what}. Choose one from 1 to 999.\n",
            )
            for name, what in (("WEB_CONCURRENCY", "processes"), ("RELAY_WEB_THREADS", "threads"))
            for count in ("lots", "0", "-1", "1000", "2.5", "")
        ),
    ],
)
def test_what_cannot_be_meant_gives_one_clear_sentence(wrong, said):
    result = subprocess.run(RUN, env=os.environ | wrong, capture_output=True, text=True)
    assert (result.returncode, result.stderr) == (1, said)


def test_a_port_in_use_gives_one_clear_sentence():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = subprocess.run(
            RUN, env=os.environ | {"PORT": str(port)}, capture_output=True, text=True
        )
    assert result.returncode == 1
    assert result.stderr == f"Port {port} is in use. Choose another: make run PORT={port + 1}\n"
