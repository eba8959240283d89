"""
What Relay does by itself again and again, and the page that says how it went.

Part of the roof: it knows the work of every app.
"""

import datetime as dt
from dataclasses import dataclass

from django.core.management import call_command
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from activities.reminders import remind_of_tasks
from conversion.finality import finality_problems
from conversion.invariants import count_invariants
from conversion.services import delegate_requests, lapse_changed_requests, tell_overdue
from crm.access import needs
from crm.http import Request
from crm.idempotency import forget_old_keys
from crm.models import JobRun
from crm.periodic import Daily, Every, Job
from crm.text import counted
from leads.models import Lead
from leads.scoring import rescore_leads
from leads.services import wake_up_leads
from people.reach import Action, RecordType
from reporting.snapshots import snapshot_pipeline


class RulesBroken(Exception):
    """The nightly check has found what must not be."""


def wake_up() -> str:
    return f"{counted(wake_up_leads(today=timezone.localdate()), 'lead')} returned."


def rescore() -> str:
    # Only what has been touched can decay.
    leads = Lead.objects.open().with_activity()
    return f"{counted(rescore_leads(leads, now=timezone.now()), 'score')} changed."


def remind() -> str:
    return f"{remind_of_tasks(now=timezone.now())} reminded."


def pass_on_requests() -> str:
    return f"{counted(delegate_requests(today=timezone.localdate()), 'request')} passed on."


def tell_about_overdue_requests() -> str:
    return f"{tell_overdue(now=timezone.now())} told."


def lapse_requests() -> str:
    return f"{counted(lapse_changed_requests(), 'request')} lapsed."


def check_rules() -> str:
    """Raises RulesBroken, naming what is wrong."""
    counts = count_invariants()
    broken = [f"{count} x {rule}" for rule, count in counts if count]
    if problems := [*finality_problems(), *broken]:
        raise RulesBroken("; ".join(problems))
    return f"All {len(counts)} rules hold, and what is final is guarded."


def keep_pipeline() -> str:
    return f"{counted(len(snapshot_pipeline(today=timezone.localdate())), 'day')} kept."


def tidy_up() -> str:
    call_command("clearsessions")
    call_command("prune_db_task_results", verbosity=0)
    return f"{counted(forget_old_keys(), 'stored answer')} forgotten."


JOBS = (
    Job("wake_up_leads", "Return nurtured leads to work on their day", Every(15), wake_up),
    Job("remind_of_tasks", "Remind people of their tasks", Every(5), remind),
    Job(
        "delegate_requests",
        "Pass requests on to those who stand in for absent approvers",
        Every(5),
        pass_on_requests,
    ),
    Job(
        "tell_overdue_requests",
        "Tell approvers and their managers about overdue requests",
        Every(5),
        tell_about_overdue_requests,
    ),
    Job(
        "lapse_changed_requests",
        "Let requests lapse whose chosen records have changed",
        Every(15),
        lapse_requests,
    ),
    # Not at midnight: what was begun before it may be written a little later.
    Job("snapshot_pipeline", "Keep how the pipeline stood each day", Daily(1), keep_pipeline),
    Job("rescore_leads", "Let scores decay", Daily(2), rescore),
    Job("tidy_up", "Forget old sessions, results and stored answers", Daily(3), tidy_up),
    Job("check_rules", "Check that no rule of the data is broken", Daily(4), check_rules),
)


@dataclass(frozen=True)
class JobLine:
    """One job on the page, with its last run if there was one."""

    job: Job
    run: JobRun | None
    now: dt.datetime

    @property
    def state(self) -> tuple[str, str]:
        """Kind and text of its badge."""
        if self.run is None:
            return "new", "Not yet run"
        if self.run.finished_at is None:
            return "working", "Running"
        if not self.run.succeeded:
            return "failed", "Failed"
        if self.job.is_due(self.run, self.now):
            return "pending", "Due"
        return "active", "Done"


@require_GET
@needs(RecordType.SETTINGS, Action.EDIT)
def job_list(request: Request) -> HttpResponse:
    """Every job with its schedule, its last run and what came of it."""
    runs = {run.name: run for run in JobRun.objects.all()}
    now = timezone.now()
    lines = [JobLine(job, runs.get(job.name), now) for job in JOBS]
    return render(request, "settings/jobs.html", {"lines": lines})
