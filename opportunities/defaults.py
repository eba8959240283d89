"""What an opportunity gets where nobody has chosen: its stage and its close date."""

import calendar
import datetime as dt

from opportunities.models import Pipeline, Stage, StageKind
from people.models import Workspace


def default_stage(pipeline: Pipeline | None = None) -> Stage:
    """
    The first open stage of a pipeline, or of the default one.

    Raises Stage.DoesNotExist where an admin has left no open stage.
    """
    stages = Stage.objects.in_order().filter(kind=StageKind.OPEN).select_related("pipeline")
    if pipeline is not None:
        stages = stages.filter(pipeline=pipeline)
    else:
        stages = stages.filter(pipeline__is_default=True)
    stage = stages.first()
    if stage is None:
        raise Stage.DoesNotExist(f"{pipeline or 'The default pipeline'} has no open stage.")
    return stage


def default_close_date(today: dt.date, workspace: Workspace) -> dt.date:
    """The last day of the fiscal quarter that `today` is in."""
    months_into_quarter = (today.month - workspace.fiscal_year_start_month) % 3
    months = today.year * 12 + today.month - 1 + (2 - months_into_quarter)
    year, month = divmod(months, 12)
    last_day = calendar.monthrange(year, month + 1)[1]
    return dt.date(year, month + 1, last_day)
