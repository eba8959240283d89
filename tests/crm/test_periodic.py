"""What is due again and again runs once at a time, and misses nothing."""

import datetime as dt
import signal
import subprocess
import sys
import threading

import pytest
from django.urls import reverse

from crm.jobs import JOBS
from crm.models import JobRun
from crm.periodic import Daily, Every, Job, alone, run_if_due
from leads.models import Lead, LeadStatus
from tests.concurrency import PATIENCE_SECONDS
from tests.factories import LeadFactory
from tests.processes import ROOT, environment, running

NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
RUN_PERIODIC = [sys.executable, "manage.py", "run_periodic"]


def at(hour, minute=0, day=2):
    return NOON.replace(day=day, hour=hour, minute=minute)


def counting(schedule=None, fails=False):
    """A job, and the list that grows by one with each of its runs."""
    runs = []

    def work():
        runs.append(1)
        if fails:
            raise ValueError("The disk is full.")
        return f"Run {len(runs)}."

    return Job("counting", "Count", schedule or Daily(2), work), runs


def test_every_so_many_minutes_is_counted_from_midnight():
    assert Every(15).latest(at(12, 14)) == at(12, 0)
    assert Every(15).latest(at(12, 15)) == at(12, 15)


def test_daily_is_the_last_time_the_clock_showed_the_hour():
    assert Daily(2).latest(at(12)) == at(2)
    assert Daily(2).latest(at(1, 59)) == at(2, day=1)


@pytest.mark.django_db(transaction=True)
def test_a_job_runs_once_for_each_time_it_is_due():
    job, runs = counting()
    assert run_if_due(job, now=at(12)).result == "Run 1."
    assert run_if_due(job, now=at(13)) is None
    assert run_if_due(job, now=at(1, day=3)) is None
    assert run_if_due(job, now=at(2, day=3)).succeeded
    assert len(runs) == 2


@pytest.mark.django_db(transaction=True)
def test_what_was_missed_is_made_up_for_with_one_run():
    job, runs = counting()
    run_if_due(job, now=at(12))
    assert run_if_due(job, now=at(12, day=9))
    assert run_if_due(job, now=at(12, 1, day=9)) is None
    assert len(runs) == 2


@pytest.mark.django_db(transaction=True)
def test_a_failure_is_kept_and_tried_again_before_its_next_turn(caplog):
    job, runs = counting(fails=True)
    failed = run_if_due(job)
    assert (failed.succeeded, failed.result) == (False, "ValueError: The disk is full.")
    assert "counting failed" in caplog.text
    soon = failed.finished_at + dt.timedelta(minutes=9)
    assert run_if_due(job, now=soon) is None
    assert run_if_due(job, now=soon + dt.timedelta(minutes=2))
    assert len(runs) == 2


@pytest.mark.django_db(transaction=True)
def test_a_run_that_was_cut_short_is_due_again():
    job, runs = counting()
    JobRun.objects.create(name=job.name, started_at=at(3))
    assert run_if_due(job, now=at(3, 1))
    assert len(runs) == 1


@pytest.mark.django_db(transaction=True)
def test_a_job_runs_in_one_process_at_a_time():
    begun, may_end = threading.Event(), threading.Event()

    def slow():
        begun.set()
        assert may_end.wait(PATIENCE_SECONDS)
        return "Slow."

    first = Job("counting", "Count", Daily(2), slow)
    second, runs = counting()
    found = []
    thread = threading.Thread(target=run_alone, args=(first, found))
    thread.start()
    assert begun.wait(PATIENCE_SECONDS)
    assert run_if_due(second, now=at(12)) is None
    may_end.set()
    thread.join()
    assert [run.result for run in found] == ["Slow."]
    assert run_if_due(second, now=at(13)) is None
    assert runs == []


def run_alone(job, found):
    from django.db import connection

    found.append(run_if_due(job, now=at(12)))
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_jobs_of_other_names_do_not_wait():
    with alone("one") as first, alone("two") as other, alone("one") as again:
        assert (first, other, again) == (True, True, False)


@pytest.mark.django_db(transaction=True)
def test_every_job_runs_on_real_data(rita):
    LeadFactory(owner=rita)
    for job in JOBS:
        run = run_if_due(job)
        assert run.succeeded, (job.name, run.result)


@pytest.fixture
def sleeping_lead(rita):
    status = LeadStatus.objects.get(kind="nurturing")
    return LeadFactory(
        owner=rita, status=status, status_kind="nurturing", wake_up_on=dt.date(2026, 1, 1)
    )


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_process_does_what_is_due_and_stops_when_told(databases, sleeping_lead):
    with running(RUN_PERIODIC, environment(databases)) as process:
        lines = [process.stdout.readline() for _ in range(len(JOBS) + 1)]
        process.send_signal(signal.SIGTERM)
        rest, _ = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 0, rest
    assert lines[0] == f"Watching {len(JOBS)} jobs.\n"
    assert "wake_up_leads: 1 lead returned.\n" in lines
    assert Lead.objects.get(pk=sleeping_lead.pk).status_kind == "working"
    assert set(JobRun.objects.filter(succeeded=True).values_list("name", flat=True)) == {
        job.name for job in JOBS
    }


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_once_does_what_is_due_and_ends(databases, sleeping_lead):
    for expected in (["wake_up_leads: 1 lead returned."], []):
        result = subprocess.run(
            [*RUN_PERIODIC, "--once"],
            env=environment(databases),
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        woken = [line for line in result.stdout.splitlines() if line.startswith("wake_up_leads")]
        assert woken == expected


@pytest.mark.django_db
def test_an_administrator_sees_how_it_went(browse, ada):
    JobRun.objects.create(
        name="wake_up_leads", started_at=NOON, finished_at=NOON, succeeded=False, result="Oh no."
    )
    page = browse(ada).get(reverse("settings:jobs")).content.decode()
    assert "Oh no." in page
    assert "Failed" in page
    assert "Not yet run" in page
    assert all(job.title in page for job in JOBS)
