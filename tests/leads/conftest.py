"""What tests of leads start from besides the cast."""

import pytest

from accounts.models import LeadSource
from conversion.plans import read_plan
from conversion.services import convert_lead
from leads.services import create_lead
from tests.factories import LeadFactory


@pytest.fixture
def source(db):
    return LeadSource.objects.active()[0]


@pytest.fixture
def needed(source):
    """The fields without which there is no lead."""
    return {"last_name": "Nowak", "source": source}


@pytest.fixture
def lead(rita):
    return LeadFactory(owner=rita)


@pytest.fixture
def converted_lead(leo, needed):
    """A lead of Leo's that has become an account and a contact."""
    fields = needed | {"company": "Halcyon", "email": "z@halcyon.com"}
    lead = create_lead(actor=leo, fields=fields)
    plan = {
        "account": {"action": "create"},
        "contact": {"action": "create"},
        "opportunity": {"action": "none"},
    }
    convert_lead(lead=lead, plan=read_plan(plan), actor=leo)
    lead.refresh_from_db()
    return lead
