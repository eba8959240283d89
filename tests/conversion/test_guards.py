"""
Each guard of what is final, alone.

Several of them stand in the way of most attempts, so an attempt that fails does not say that
all of them are there. These tests name the one that has to answer.
"""

import psycopg2
import pytest
from django.db import IntegrityError, connection, transaction
from psycopg2 import sql

from conversion.services import convert_lead
from leads.models import LeadStatus
from tests.conversion.conftest import plan_of
from tests.factories import AccountFactory, LeadFactory, OpportunityFactory

pytestmark = pytest.mark.django_db

FINAL_TABLES = [
    "activities_event",
    "conversion_conversion",
    "conversion_conversioncredit",
    "conversion_requesttransition",
]


@pytest.fixture
def converted(lead, leo):
    return convert_lead(lead=lead, plan=plan_of(), actor=leo).lead


def refusal_of(query, *parameters):
    """What PostgreSQL says to the application about a statement that it refuses."""
    with (
        connection.cursor() as cursor,
        pytest.raises(IntegrityError) as refusal,
        transaction.atomic(),
    ):
        cursor.execute(query, parameters)
    return refusal.value.__cause__.diag


def test_a_converted_lead_is_not_deleted_whatever_refers_to_it(converted):
    refusal = refusal_of("DELETE FROM leads_lead WHERE id = %s", converted.pk)
    assert refusal.constraint_name == "lead_final"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE leads_lead SET status_kind = 'working'",
        "UPDATE leads_leadstatus SET kind = 'working' WHERE name = 'Wooing'",
    ],
)
def test_a_lead_and_its_status_agree_on_the_kind(leo, statement):
    """Or a status could be turned into "converted", or away from it, under its leads."""
    wooing = LeadStatus.objects.create(name="Wooing", kind="new", position=99)
    LeadFactory(owner=leo, status=wooing)
    assert refusal_of(statement).constraint_name == "lead_status_with_kind"


@pytest.mark.parametrize(
    ("table", "guard"),
    [
        ("accounts_contact", "conversion_contact_of_account"),
        ("opportunities_opportunity", "conversion_opportunity_of_account"),
    ],
)
def test_what_a_conversion_points_to_stays_at_its_account(converted, leo, table, guard):
    query = sql.SQL("UPDATE {} SET account_id = %s").format(sql.Identifier(table))
    assert refusal_of(query, AccountFactory(owner=leo).pk).constraint_name == guard


@pytest.mark.parametrize("right", ["UPDATE", "DELETE", "TRUNCATE"])
@pytest.mark.parametrize("table", FINAL_TABLES)
def test_the_application_has_no_right_to_change_what_is_final(table, right):
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_table_privilege(%s, %s)", [table, right])
        assert cursor.fetchone() == (False,)


@pytest.mark.django_db(transaction=True)
def test_not_even_the_owner_changes_what_is_final(asked, leo, owner_connection):
    plan = plan_of(opportunity="none")
    receipt = convert_lead(lead=asked.lead, plan=plan, actor=leo, request=asked)
    deal = OpportunityFactory(account=receipt.account, owner=leo)
    receipt.credits.create(opportunity=deal, linked_by=leo)
    for table in FINAL_TABLES:
        for statement in ("UPDATE {} SET id = id", "DELETE FROM {}"):
            query = sql.SQL(statement).format(sql.Identifier(table))
            with owner_connection.cursor() as cursor, pytest.raises(psycopg2.Error) as refusal:
                cursor.execute(query)
            owner_connection.rollback()
            assert refusal.value.diag.sqlstate == "23001"
