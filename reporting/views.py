"""Dashboards: figures that open the rows behind them."""

from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from crm.errors import require
from crm.http import Request, render_page
from people.reach import Action, RecordType
from reporting.forms import FunnelForm
from reporting.funnel import funnel_report
from reporting.handoff import handoff_report
from reporting.pipeline import pipeline_report

# Further owners and teams are a click away.
SHOWN = 8


@require_GET
def pipeline(request: Request) -> HttpResponse:
    """The open pipeline, the funnel of a period, and the requests that wait."""
    require(request.user.can(RecordType.REPORT, Action.VIEW))
    form = FunnelForm(request.GET, user=request.user)
    if not form.is_valid():
        context: dict[str, Any] = {"form": form}
        return render_page(
            request, "reporting/pipeline.html", context, partial="report", status=422
        )
    asked = form.cleaned_data
    team, period = asked["team"], asked["period"]
    report = pipeline_report(request.user, form.workspace, period=period, team=team)
    parts = [
        ("Open pipeline by owner", "owner", report.by_owner),
        ("Open pipeline by team", "team", report.by_team),
    ]
    context = {
        "form": form,
        "report": report,
        "funnel": funnel_report(request.user, period=period, team=team, counting=asked["funnel"]),
        "handoff": handoff_report(request.user, team=team),
        "parts": [(title, key, each[:SHOWN], each[SHOWN:]) for title, key, each in parts],
    }
    return render_page(request, "reporting/pipeline.html", context, partial="report")
