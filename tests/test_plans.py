"""No list, search or comparison reads a whole table. `make bench` asks at 100,000 leads too."""

import psycopg2
import pytest

from scripts.bench.data import fill
from scripts.bench.plans import explain, tables_read_whole, whole_table_reads
from scripts.company import make_company

LEADS = 20_000


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_no_list_search_or_comparison_reads_a_whole_table(databases):
    people = make_company(teams=3, sdrs=3, aes=2)
    superuser = psycopg2.connect(databases.superuser_dsn, dbname=databases.name)
    fill(superuser, people, LEADS, with_history=False)
    superuser.close()
    assert whole_table_reads(people) == []
    # And it would be noticed.
    plan = explain("SELECT count(*) FROM leads_lead WHERE description LIKE %s", ["%board%"])
    assert list(tables_read_whole(plan)) == ["leads_lead"]
