"""How the pipeline stood on a day is kept once, as it was, and for good."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from crm.jobs import JOBS
from opportunities.history import history_model
from opportunities.models import Opportunity
from reporting.models import OpportunitySnapshot, SnapshotDay
from reporting.snapshots import MOST_DAYS, snapshot_pipeline, take_snapshot
from tests.factories import OpportunityFactory

pytestmark = pytest.mark.django_db

FIRST, SECOND = 900_001, 900_002


def june(day, hour=12):
    return dt.datetime(2026, 6, day, hour, tzinfo=dt.UTC)


def days(*numbers):
    return [dt.date(2026, 6, number) for number in numbers]


@pytest.fixture
def wrote(leo):
    """`wrote(FIRST, june(3), amount=5)` adds to the history of a deal that is made up."""
    model = history_model()
    like = OpportunityFactory(owner=leo, account__owner=leo, team=leo.team, amount=100)
    columns = [field.column for field in model._meta.concrete_fields if field.name != "pgh_id"]

    def insert(deal, moment, **changes):
        changes |= {"pgh_obj_id": deal, "id": deal, "pgh_created_at": moment}
        selected = ", ".join("%s" if name in changes else name for name in columns)
        given = [changes[name] for name in columns if name in changes]
        table = model._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} ({', '.join(columns)}) SELECT {selected} FROM {table} "  # noqa: S608
                "WHERE pgh_obj_id = %s ORDER BY pgh_id LIMIT 1",
                [*given, like.pk],
            )

    return insert


def kept():
    rows = OpportunitySnapshot.objects.order_by("day", "opportunity_id")
    return list(rows.values_list("day_id", "opportunity_id", "amount"))


def test_every_missed_day_is_kept_as_it_was(wrote):
    wrote(FIRST, june(3), pgh_label="insert")
    wrote(FIRST, june(5, 23), amount=250)
    wrote(SECOND, june(5), pgh_label="insert", amount=7)
    wrote(SECOND, june(6), stage_kind="won")
    wrote(FIRST, june(8, 0), deleted_at=june(8, 0))
    assert snapshot_pipeline(today=dt.date(2026, 6, 9)) == days(3, 4, 5, 6, 7, 8)
    third, fourth, fifth, sixth, seventh = days(3, 4, 5, 6, 7)
    assert kept() == [
        (third, FIRST, 100),
        (fourth, FIRST, 100),
        (fifth, FIRST, 250),
        (fifth, SECOND, 7),
        (sixth, FIRST, 250),
        (seventh, FIRST, 250),
    ]


def test_a_day_is_kept_once_however_often_it_is_tried(wrote):
    wrote(FIRST, june(3), pgh_label="insert")
    assert snapshot_pipeline(today=dt.date(2026, 6, 5)) == days(3, 4)
    before = kept()
    assert snapshot_pipeline(today=dt.date(2026, 6, 5)) == []
    assert not take_snapshot(dt.date(2026, 6, 4))
    assert kept() == before
    assert snapshot_pipeline(today=dt.date(2026, 6, 7)) == days(5, 6)


def test_a_removed_deal_is_in_no_later_snapshot(wrote):
    wrote(FIRST, june(3), pgh_label="insert")
    wrote(FIRST, june(4), pgh_label="delete")
    snapshot_pipeline(today=dt.date(2026, 6, 6))
    assert [row[0] for row in kept()] == days(3)


def test_money_is_kept_in_both_currencies(wrote):
    wrote(FIRST, june(3), pgh_label="insert", amount="33.33", currency="USD", rate="0.91")
    snapshot_pipeline(today=dt.date(2026, 6, 4))
    row = OpportunitySnapshot.objects.get()
    assert (row.amount, row.currency) == (Decimal("33.33"), "USD")
    assert row.company_amount == Decimal("30.33")


def test_a_long_silence_is_made_up_for_only_so_far(wrote):
    wrote(FIRST, june(3), pgh_label="insert")
    taken = snapshot_pipeline(today=dt.date(2027, 6, 3))
    assert len(taken) == MOST_DAYS
    assert taken[-1] == dt.date(2027, 6, 2)


def test_nothing_is_kept_before_there_is_a_deal():
    assert snapshot_pipeline(today=timezone.localdate()) == []
    assert not SnapshotDay.objects.exists()


def test_a_snapshot_agrees_with_what_is_live(company):
    today = timezone.localdate()
    assert take_snapshot(today)
    columns = ("owner", "team", "stage", "amount", "company_amount", "probability", "close_date")
    live = Opportunity.objects.live().open().values_list("pk", *columns)
    snapshot = OpportunitySnapshot.objects.filter(day=today)
    assert set(snapshot.values_list("opportunity", *columns)) == set(live)
    assert len(live) > 5


def test_a_person_sees_the_snapshots_of_the_deals_they_see(company, leo, ada):
    take_snapshot(timezone.localdate())
    for person in (leo, ada):
        deals = Opportunity.objects.visible_to(person).open()
        rows = OpportunitySnapshot.objects.visible_to(person)
        assert set(rows.values_list("opportunity", flat=True)) == set(
            deals.values_list("pk", flat=True)
        )


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM reporting_opportunitysnapshot",
        "UPDATE reporting_opportunitysnapshot SET amount = 0",
        "DELETE FROM reporting_snapshotday",
        "UPDATE reporting_snapshotday SET taken_at = now()",
    ],
)
def test_what_is_kept_is_final(statement):
    with (
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_the_job_keeps_days_by_itself(wrote):
    wrote(FIRST, timezone.now() - dt.timedelta(days=2), pgh_label="insert")
    [job] = [job for job in JOBS if job.name == "snapshot_pipeline"]
    assert job.work() == "2 days kept."
    assert job.work() == "0 days kept."
