"""
Keeps how the open pipeline stood at the end of every day.

A snapshot is made from the field history of deals, as of the last moment of its day. So it
is the same whenever it is made, and days that were missed are made up for truly.
"""

import datetime as dt

from django.db import connection, transaction
from django.db.models import Max, Min
from django.utils import timezone

from opportunities.history import history_model
from reporting.models import SnapshotDay

# Of a long time without a worker, or before the first run.
MOST_DAYS = 31

TAKE_DAY = """
    INSERT INTO reporting_snapshotday (day, taken_at) VALUES (%(day)s, %(now)s)
    ON CONFLICT DO NOTHING
"""
TAKE_DEALS = """
    INSERT INTO reporting_opportunitysnapshot (
        day_id, opportunity_id, owner_id, team_id, pipeline_id, stage_id, amount, currency,
        company_amount, probability, forecast_category, close_date)
    SELECT %(day)s, id, owner_id, team_id, pipeline_id, stage_id, amount, currency,
           round(amount * rate, 2), probability, forecast_category, close_date
      FROM (SELECT DISTINCT ON (pgh_obj_id) *
              FROM opportunities_opportunityhistory
             WHERE pgh_created_at < %(end)s
             ORDER BY pgh_obj_id, pgh_id DESC) AS latest
     WHERE pgh_label <> 'delete' AND stage_kind = 'open' AND deleted_at IS NULL
"""


def snapshot_pipeline(*, today: dt.date) -> list[dt.date]:
    """
    Take the snapshots that are missing up to the day before `today`; the days taken.

    Each day is a transaction of its own. Safe to repeat, also at the same time elsewhere.
    """
    return [day for day in missing_days(today) if take_snapshot(day)]


def missing_days(today: dt.date) -> list[dt.date]:
    """The days after the last snapshot, or since the first deal; none older than MOST_DAYS."""
    last = SnapshotDay.objects.aggregate(last=Max("day"))["last"]
    if last is not None:
        first = last + dt.timedelta(days=1)
    else:
        began = history_model().objects.aggregate(began=Min("pgh_created_at"))["began"]
        if began is None:
            return []
        first = timezone.localdate(began, timezone.get_default_timezone())
    first = max(first, today - dt.timedelta(days=MOST_DAYS))
    return [first + dt.timedelta(days=number) for number in range((today - first).days)]


@transaction.atomic
def take_snapshot(day: dt.date) -> bool:
    """Keep the deals that were open when a day ended; False if that was done before."""
    zone = timezone.get_default_timezone()
    end = dt.datetime.combine(day + dt.timedelta(days=1), dt.time.min, tzinfo=zone)
    with connection.cursor() as cursor:
        cursor.execute(TAKE_DAY, {"day": day, "now": timezone.now()})
        if not cursor.rowcount:
            return False
        cursor.execute(TAKE_DEALS, {"day": day, "end": end})
    return True
