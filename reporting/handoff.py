"""The requests that wait for somebody's decision."""

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone

from conversion.models import RequestState
from people.models import Team, User
from reporting.rows import REQUESTS, Figure, Rows, figures, team_and_below


@dataclass(frozen=True)
class HandoffReport:
    """What the page and the API tell alike."""

    as_of: dt.datetime
    team: Team | None
    waiting: Figure
    overdue: Figure


def handoff_report(user: User, *, team: Team | None = None) -> HandoffReport:
    """The requests that a person sees; of a team and the teams below it where one is named."""
    requests = Rows(REQUESTS).narrowed(*team_and_below(team))
    asked = {
        "waiting": requests.narrowed(("state", RequestState.PENDING)),
        "overdue": requests.narrowed(("overdue", "true")),
    }
    return HandoffReport(as_of=timezone.now(), team=team, **figures(user, asked))
