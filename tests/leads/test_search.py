import pytest
from django.db import connection

from leads.models import Lead
from leads.search import matching_leads, search_leads
from tests.factories import LeadFactory
from tests.odd_text import ODD_TEXTS

pytestmark = pytest.mark.django_db


@pytest.fixture
def zoe(rita):
    return LeadFactory(
        owner=rita,
        first_name="Zoë",
        last_name="Müller",
        company="Halcyon Robotics",
        email="zoe@halcyon.com",
        phone="+49 30 901820",
    )


@pytest.fixture(autouse=True)
def others(rita):
    LeadFactory(owner=rita, first_name="Paul", last_name="Graham", company="Acme")


def found(text):
    return list(search_leads(Lead.objects.all(), text))


@pytest.mark.parametrize(
    "text",
    [
        "muller",
        "MÜLLER",
        "zoe mul",
        "robotics zoe",
        "mu",
        "zoe@halcyon.com",
        "ZOE+news@halcyon.com",
        "+49 (30) 90 18 20",
        "0049 30 901820",
        "halcyon.com",
    ],
)
def test_a_lead_is_found_by(zoe, text):
    assert found(text) == [zoe]
    assert list(matching_leads(Lead.objects.all(), text)) == [zoe]


@pytest.mark.parametrize("text", ["muller graham", "ller zz", "%", "_", "1", "\\"])
def test_a_lead_is_not_found_by(zoe, text):
    assert found(text) == []


def test_nothing_typed_finds_everything(zoe):
    assert len(found("  ")) == 2


def test_the_same_address_comes_before_what_only_looks_alike(rita):
    alike = LeadFactory(owner=rita, last_name="A", email="ann@halcyon.com.example")
    same = LeadFactory(owner=rita, last_name="B", email="ann@halcyon.com")
    assert found("ann@halcyon.com") == [same, alike]


def test_who_begins_with_it_comes_before_who_has_it_somewhere(rita):
    inside = LeadFactory(owner=rita, first_name="Ann", last_name="Berg", company="Mark Ltd")
    begins = LeadFactory(owner=rita, first_name="Mark", last_name="Twain", company="Zeta")
    assert found("mark") == [begins, inside]


@pytest.mark.parametrize("text", ODD_TEXTS.values(), ids=ODD_TEXTS)
def test_odd_text_finds_itself(rita, text):
    lead = LeadFactory(owner=rita, company=text)
    assert found(text) == [lead]


@pytest.mark.parametrize("text", ["halcyon robotics", "mu", "zoe@halcyon.com", "+49 30 901820"])
def test_indexes_serve_it(zoe, text):
    """Without sequential scans, which the planner would prefer on two rows."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = matching_leads(Lead.objects.all(), text).order_by().explain()
    assert "Seq Scan" not in plan
    assert "lead_search" in plan
