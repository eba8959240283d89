import logging
import signal
import threading

from django.core.management.base import BaseCommand
from django.db import InterfaceError, OperationalError, close_old_connections

from crm.jobs import JOBS
from crm.periodic import run_if_due

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 20


class Command(BaseCommand):
    help = "Run what is due again and again, such as waking up nurtured leads, until stopped."

    def add_arguments(self, parser):
        parser.add_argument(
            "--once", action="store_true", help="run what is due now, then end: for cron"
        )

    def handle(self, *args, **options):
        self.stopped = threading.Event()
        if options["once"]:
            self.run_due_jobs()
            return
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self.stopped.set())
        self.say(f"Watching {len(JOBS)} jobs.")
        while not self.stopped.is_set():
            try:
                self.run_due_jobs()
            except (OperationalError, InterfaceError):
                # The database is away; what is due stays due until it is back.
                logger.warning("The database does not answer.", exc_info=True)
            close_old_connections()
            self.stopped.wait(PAUSE_SECONDS)

    def run_due_jobs(self):
        """Being stopped ends no job that has begun; it keeps the next from starting."""
        for job in JOBS:
            if self.stopped.is_set():
                return
            if run := run_if_due(job):
                self.say(f"{job.name}: {run.result}")

    def say(self, line: str):
        """At once, also where the output is a pipe or a file."""
        self.stdout.write(line)
        self.stdout.flush()
