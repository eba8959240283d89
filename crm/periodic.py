"""
Work that is due again and again: when, by whom, and what came of it.

Any number of processes may look for due jobs. Each job runs in one of them at a time, and
whatever was missed while none was running is made up for with one run, so a job must do all
that is left to do, and nothing twice.
"""

import datetime as dt
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

import pghistory
from django.db import DEFAULT_DB_ALIAS, connections
from django.utils import timezone

from crm.models import JobRun

logger = logging.getLogger(__name__)

# After a failure a job does not wait for its next turn.
RETRY_AFTER = dt.timedelta(minutes=10)
LONGEST_RESULT = 500


class Schedule(Protocol):
    def latest(self, now: dt.datetime) -> dt.datetime:
        """The last moment up to now at which the job was due."""


@dataclass(frozen=True)
class Every:
    """Again and again, counted from midnight in UTC."""

    minutes: int

    def latest(self, now: dt.datetime) -> dt.datetime:
        length = self.minutes * 60
        return dt.datetime.fromtimestamp(now.timestamp() // length * length, tz=dt.UTC)

    def __str__(self):
        return f"Every {self.minutes} minutes"


@dataclass(frozen=True)
class Daily:
    """Once a day, at an hour of the server's time zone."""

    hour: int

    def latest(self, now: dt.datetime) -> dt.datetime:
        today = timezone.localtime(now).replace(hour=self.hour, minute=0, second=0, microsecond=0)
        return today if today <= now else today - dt.timedelta(days=1)

    def __str__(self):
        return f"Every day at {self.hour:02}:00"


@dataclass(frozen=True)
class Job:
    """Something due by a schedule. `work` does all that is left to do, and says what it did."""

    name: str
    title: str
    schedule: Schedule
    work: Callable[[], str]

    def is_due(self, last: JobRun | None, now: dt.datetime) -> bool:
        """
        Whether to run now, after `last`, by a process that has the job for itself.

        A run that never finished was interrupted: its work is still to be done.
        """
        if last is None or last.finished_at is None:
            return True
        if not last.succeeded:
            return now - last.finished_at >= RETRY_AFTER
        return last.started_at < self.schedule.latest(now)


def run_if_due(job: Job, *, now: dt.datetime | None = None) -> JobRun | None:
    """
    Run a job that is due, unless another process is at it: the finished run, or None.

    What the job raises is logged and kept as its result; the next try comes by itself.
    """
    with alone(job.name) as is_alone:
        now = now or timezone.now()
        last = JobRun.objects.filter(name=job.name).first()
        if not is_alone or not job.is_due(last, now):
            return None
        columns = {"started_at": now, "finished_at": None, "succeeded": None}
        run, _ = JobRun.objects.update_or_create(name=job.name, defaults=columns)
        try:
            with pghistory.context(job=job.name):
                run.result, run.succeeded = job.work(), True
        except Exception as error:  # Whatever it is, the other jobs must go on.
            logger.exception("The periodic job %s failed.", job.name)
            run.result, run.succeeded = f"{type(error).__name__}: {error}", False
        run.result = run.result[:LONGEST_RESULT]
        run.finished_at = max(timezone.now(), now)
        run.save(update_fields=["result", "succeeded", "finished_at"])
        return run


@contextmanager
def alone(name: str) -> Iterator[bool]:
    """
    Whether this process has the name for itself; if so, it keeps it until the block ends.

    The lock belongs to a transaction on a connection of its own, which does nothing else: so
    it works behind a pooler too, the job may commit as it likes, and when the process dies
    the lock is free.
    """
    connection = connections.create_connection(DEFAULT_DB_ALIAS)
    try:
        connection.set_autocommit(False)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"job:{name}"]
            )
            (is_alone,) = cursor.fetchone()
        yield is_alone
        connection.rollback()
    finally:
        connection.close()
