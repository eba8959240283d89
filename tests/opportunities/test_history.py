"""What the history of a deal tells, whoever changed it and however."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.utils import timezone

from opportunities.history import History
from opportunities.models import Opportunity
from opportunities.services import assign_opportunity, move_stage, update_opportunity

pytestmark = pytest.mark.django_db


def told(deal):
    return [(c.field, c.old, c.new, c.by) for c in History(deal).changes]


def test_services_are_told_with_their_author(deal, leo, nadia, ines, stages):
    update_opportunity(opportunity=deal, changes={"amount": Decimal("500")}, actor=leo)
    move_stage(opportunity=deal, stage=stages["Evaluation"], actor=nadia, override_reason="Known")
    assign_opportunity(opportunity=deal, to=ines, actor=nadia)
    assert told(deal)[::-1] == [
        ("amount", None, Decimal("500.00"), leo),
        ("stage", stages["Discovery"], stages["Evaluation"], nadia),
        ("probability", 10, 30, nadia),
        ("owner", leo, ines, nadia),
    ]


def test_bulk_updates_and_sql_are_told_without_an_author(deal, leo):
    update_opportunity(opportunity=deal, changes={"next_step": "Call"}, actor=leo)
    Opportunity.objects.filter(pk=deal.pk).update(close_date=dt.date(2030, 1, 1))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE opportunities_opportunity SET forecast_category = 'commit'")
    newest, before, _ = told(deal)
    assert newest == ("forecast_category", "pipeline", "commit", None)
    assert before == ("close_date", deal.close_date, dt.date(2030, 1, 1), None)


def test_a_change_says_what_people_call_it(deal):
    Opportunity.objects.filter(pk=deal.pk).update(forecast_category="best_case")
    (change,) = History(deal).changes
    assert (change.label, change.old_text, change.new_text) == (
        "Forecast category",
        "Pipeline",
        "Best case",
    )


def test_the_day_of_the_next_step_is_history_too(deal, leo):
    day = dt.date(2030, 1, 31)
    update_opportunity(opportunity=deal, changes={"next_step_on": day}, actor=leo)
    (change,) = History(deal).changes
    assert (change.label, change.old_text, change.by) == ("Next step due", "", leo)
    assert change.new_text == "Jan 31, 2030"


def test_an_amount_of_the_history_is_written_as_people_write_it(deal, leo):
    update_opportunity(opportunity=deal, changes={"amount": Decimal(73500)}, actor=leo)
    (change,) = History(deal).changes
    assert change.new_text == "73,500.00"


def backdate(deal, *days_ago):
    """Say of the deal's history rows, oldest first, how long ago their stages were entered."""
    rows = History(deal).rows
    now = timezone.now()
    for row, days in zip(rows, days_ago, strict=True):
        row.stage_since = now - dt.timedelta(days=days)
    return rows


def test_days_in_a_stage_add_up_over_all_stays(deal, nadia, stages):
    for name in ("Evaluation", "Discovery", "Evaluation"):
        move_stage(opportunity=deal, stage=stages[name], actor=nadia, override_reason="Known")
    history = History(deal)
    history.rows = backdate(deal, 20, 14, 10, 3)
    assert history.days_in_stages() == {stages["Discovery"].pk: 13, stages["Evaluation"].pk: 7}
    assert [visit.stage.name for visit in history.visits] == [
        "Discovery",
        "Evaluation",
        "Discovery",
        "Evaluation",
    ]
    assert history.visits[-1].left_at is None


def test_a_stage_moved_by_sql_was_entered_when_it_was_written(deal, stages):
    Opportunity.objects.filter(pk=deal.pk).update(stage=stages["Proposal"])
    history = History(deal)
    first, second = history.visits
    assert first.entered_at == deal.stage_since
    assert second.entered_at == history.rows[-1].pgh_created_at


def test_a_history_is_read_in_one_query(deal, leo, django_assert_num_queries):
    for step in ("Call", "Mail", "Meet"):
        update_opportunity(opportunity=deal, changes={"next_step": step}, actor=leo)
    history = History(deal)
    with django_assert_num_queries(1):
        assert [change.by.full_name for change in history.changes] == ["Leo Haddad"] * 3
        assert history.days_in_stages() == {deal.stage_id: 0}
