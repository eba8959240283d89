"""Killed anywhere, run by two at once, stopped and started: the end is the same."""

import os
import signal
import sys

import pytest
from django.db import connection

from activities.models import Event
from integrations.models import Import, ImportRow, ImportState
from integrations.services import create_import, go_on, import_rows, start_import
from leads.models import Lead
from tests.concurrency import collide
from tests.integrations.import_files import good_file
from tests.processes import environment, running
from tests.proof import At, in_child, kill

pytestmark = pytest.mark.django_db(transaction=True)


def started(ada, count, first=1):
    batch = create_import(actor=ada, data=good_file(count, first=first), name="leads.csv")
    return start_import(batch=batch, actor=ada, in_background=False)


def finish(batch, ada):
    """Go on after whatever happened, as somebody would on the page."""
    batch.refresh_from_db()
    if batch.state == ImportState.DONE:
        return batch
    batch = go_on(batch=batch, actor=ada, in_background=False)
    *_, last = import_rows(batch.pk, batch.round)
    return last


def require_whole(batch, count):
    """Every row is one lead, each with its event and its history; nothing is there twice."""
    leads = Lead.objects.filter(import_row__batch=batch)
    assert (batch.state, batch.good_count, batch.refused_count) == ("done", count, 0)
    assert ImportRow.objects.filter(batch=batch, lead__isnull=False).count() == count
    assert leads.values("email").distinct().count() == count
    events = Event.objects.filter(verb="lead.created", lead__in=leads)
    assert events.count() == events.values("lead").distinct().count() == count
    assert Event.objects.filter(verb="import.finished", subject_id=batch.pk).count() == 1


def test_killed_at_any_statement_it_goes_on_without_loss_or_twins(ada, monkeypatch):
    monkeypatch.setattr("integrations.services.running.CHUNK", 2)
    point = killed = 0
    while True:
        point += 1
        batch = started(ada, 4, first=point * 100)

        def die(batch=batch, point=point):
            with connection.execute_wrapper(At(point, kill)):
                list(import_rows(batch.pk, batch.round))

        if (ending := in_child(die)) == 0:
            break
        assert ending == -signal.SIGKILL
        killed += 1
        require_whole(finish(batch, ada), 4)
    # Two chunks of about fifteen statements each.
    assert killed > 20
    assert Lead.objects.count() == point * 4


def test_killed_at_the_console_and_started_again_it_comes_to_the_same_end(ada, databases, tmp_path):
    """The real command as a process of its own, killed with -9 in the middle."""
    path = tmp_path / "leads.csv"
    path.write_bytes(good_file(2000))
    command = [sys.executable, "manage.py", "import_leads", str(path), "--as", ada.email]
    env = environment(databases, RELAY_DATA_DIR=str(tmp_path))
    with running(command, env) as process:
        assert process.stdout.readline() == "500 of 2,000 rows\n"
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert 500 <= Lead.objects.count() < 2000
    with running(command, env) as process:
        said = process.stdout.read()
        process.wait()
    assert "Going on with the import that was stopped at" in said
    assert "2,000 rows became leads, 0 are left out." in said
    require_whole(Import.objects.get(), 2000)
    assert Lead.objects.count() == 2000


def test_two_workers_at_the_same_import_take_turns(ada, monkeypatch):
    monkeypatch.setattr("integrations.services.running.CHUNK", 3)
    batch = started(ada, 20)

    def work():
        return len(list(import_rows(batch.pk, batch.round)))

    chunks = collide(batch, work, work)
    batch.refresh_from_db()
    assert sum(chunks) == 7
    require_whole(batch, 20)


def test_whoever_still_works_when_it_is_started_again_stops(ada, monkeypatch):
    monkeypatch.setattr("integrations.services.running.CHUNK", 2)
    batch = started(ada, 6)
    slow = import_rows(batch.pk, batch.round)
    next(slow)
    done = finish(batch, ada)
    assert list(slow) == []
    require_whole(done, 6)
