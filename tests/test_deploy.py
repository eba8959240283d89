"""The containers: described consistently, and their commands work outside of them too."""

import json
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from django.conf import settings

from tests.concurrency import PATIENCE_SECONDS
from tests.processes import ROOT, answer, environment, free_port, running

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
HTTPS = {"X-Forwarded-Proto": "https"}


def here(command: list[str]) -> list[str]:
    """A command of the image as this environment would run it."""
    program, *arguments = command
    if program == "python":
        return [sys.executable, *arguments]
    return [str(Path(sys.executable).parent / program), *arguments]


def variables(service: str) -> dict[str, str]:
    """What compose sets, where it does not take it from .env."""
    return {
        name: value
        for name, value in SERVICES[service]["environment"].items()
        if "$" not in value and not name.endswith("DATABASE_URL")
    }


def test_every_service_is_watched_unless_it_ends():
    for name, service in SERVICES.items():
        assert ("healthcheck" in service) is (name != "migrate")


def test_services_wait_for_what_they_need():
    assert SERVICES["migrate"]["depends_on"] == {"db": {"condition": "service_healthy"}}
    for name in ("web", "worker", "periodic"):
        assert SERVICES[name]["depends_on"] == {
            "migrate": {"condition": "service_completed_successfully"}
        }


def test_only_migrations_know_the_owner():
    known_to = {
        name for name, service in SERVICES.items() if "OWNER_PASSWORD" in json.dumps(service)
    }
    assert known_to == {"migrate", "db"}


def test_web_is_reached_through_the_proxy_alone():
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]


def test_secrets_have_no_defaults():
    text = (ROOT / "docker-compose.yml").read_text()
    secrets = re.findall(r"\$\{((?:\w+_PASSWORD|RELAY_SECRET_KEY)\b[^}]*)\}", text)
    # The mail server's password alone may be empty: many ask for none.
    assert {secret for secret in secrets if not secret.endswith(":?")} <= {"RELAY_EMAIL_PASSWORD:-"}


def test_mails_are_sent_as_env_says_and_lead_to_where_people_reach_the_site():
    settings = COMPOSE["x-relay"]["environment"]
    described = re.findall(r"^(RELAY_EMAIL_\w+)=", (ROOT / ".env.example").read_text(), re.M)
    assert described
    for name in described:
        assert settings[name].startswith(f"${{{name}:-")
    assert settings["RELAY_SITE_URL"] == "${RELAY_SITE_URL:-https://${RELAY_DOMAIN:-localhost}}"


def test_every_file_that_is_copied_or_mounted_exists():
    mounted = [
        volume.split(":")[0]
        for service in SERVICES.values()
        for volume in service.get("volumes", [])
        if volume.startswith("./")
    ]
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.M)
    for name in [*mounted, *(each for line in copied for each in line.split())]:
        assert (ROOT / name).exists(), name


def test_the_image_and_compose_start_the_same_web_server():
    start = json.loads(re.search(r"^CMD (\[.+\])$", DOCKERFILE, re.M)[1])
    assert start == SERVICES["web"]["command"]


@pytest.mark.django_db(transaction=True)
def test_migrations_run_and_may_run_again(databases):
    command = here(SERVICES["migrate"]["command"])
    env = environment(databases, **variables("migrate"))
    result = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True)
    assert (result.returncode, "No migrations to apply" in result.stdout) == (0, True)


@pytest.mark.django_db(transaction=True)
def test_the_web_server_answers_and_is_found_healthy(databases, tmp_path):
    port = free_port()
    env = environment(
        databases,
        **variables("web"),
        PORT=str(port),
        RELAY_STATIC_ROOT=str(tmp_path),
        WEB_CONCURRENCY="1",
    )
    del env["MIGRATION_DATABASE_URL"]
    collect = shlex.split(re.search(r"^RUN RELAY_SECRET_KEY=\S+ (.+)$", DOCKERFILE, re.M)[1])
    subprocess.run(here(collect), env=env, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    check = [part.replace("8000", str(port)) for part in SERVICES["web"]["healthcheck"]["test"][1:]]
    with running(here(SERVICES["web"]["command"]), env) as process:
        address = f"http://127.0.0.1:{port}"
        status, page = answer(process, f"{address}/account/login/", **HTTPS)
        stylesheet = re.search(r'href="(/static/css/[^"]+)"', page)[1]
        assert status == 200
        assert answer(process, address + stylesheet, **HTTPS)[0] == 200
        assert subprocess.run(here(check), env=env).returncode == 0
        assert answer(process, f"{address}/metrics")[0] == 404
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 0
    # One object a line, so that machines can read the log.
    requests = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    assert {entry["event"] for entry in requests} >= {"request_started", "request_finished"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("service", "first_words"), [("worker", "Starting worker"), ("periodic", "Watching")]
)
def test_what_runs_in_the_background_runs_until_it_is_told_to_stop(databases, service, first_words):
    env = environment(databases, **variables(service))
    check = SERVICES[service]["healthcheck"]["test"][1:]
    with running(here(SERVICES[service]["command"]), env) as process:
        line = process.stdout.readline()
        assert first_words in line
        assert subprocess.run(here(check), env=env, cwd=ROOT).returncode == 0
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 0


def test_a_forgotten_secret_stops_the_start(databases):
    env = environment(databases)
    del env["RELAY_SECRET_KEY"]
    result = subprocess.run(
        here(["python", "manage.py", "check"]), env=env, cwd=ROOT, capture_output=True, text=True
    )
    assert result.returncode != 0
    assert "RELAY_SECRET_KEY is not set" in result.stderr


@pytest.mark.parametrize("value", ["yes", "1", "on"])
def test_a_switch_that_is_neither_true_nor_false_stops_the_start(databases, value):
    env = environment(databases, RELAY_HTTPS=value)
    result = subprocess.run(
        here(["python", "manage.py", "check"]), env=env, cwd=ROOT, capture_output=True, text=True
    )
    assert result.returncode != 0
    assert f"RELAY_HTTPS={value!r}: use 'true' or 'false'." in result.stderr


def test_production_is_hardened_without_a_warning(databases):
    env = environment(databases)
    command = ["python", "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    result = subprocess.run(here(command), env=env, cwd=ROOT, capture_output=True, text=True)
    assert result.stderr == ""
    assert result.returncode == 0


def test_the_roles_of_the_container_have_the_extensions_of_the_embedded_database():
    from crm.embedded.server import EXTENSIONS

    script = (ROOT / "deploy" / "roles.sql").read_text()
    assert set(re.findall(r"^CREATE EXTENSION (\w+);", script, re.M)) == set(EXTENSIONS)


def test_queries_of_the_container_are_planned_as_those_of_the_embedded_database():
    from crm.embedded.server import SETTINGS

    script = (ROOT / "deploy" / "roles.sql").read_text()
    planned = dict(re.findall(r"^ALTER ROLE relay_app SET (\w+) = (\w+);", script, re.M))
    assert {"jit", "join_collapse_limit"} <= set(planned)
    assert planned.items() <= SETTINGS.items()


def test_no_dependency_is_unpinned():
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    named = [line for line in lines if line and not line.lstrip().startswith("#")]
    assert [line for line in named if "==" not in line] == []
    assert any(line.lower().startswith("django==5.2") for line in named)
    assert settings.DEBUG is False
