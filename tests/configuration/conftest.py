"""What tests of the lists start from: all lists, and a new entry of one."""

import pytest

from crm.configuration.services import create_entry
from crm.settings_pages import CATALOGS
from leads.configuration import LEAD_STATUSES
from leads.models import Playbook


@pytest.fixture
def bant(db):
    return Playbook.objects.get(name="BANT")


def every(catalogs):
    for catalog in catalogs:
        yield catalog
        yield from every(catalog.children)


# The lists, and the lists inside their entries.
EVERY = list(every(CATALOGS))


def new_status(ada, **fields):
    fields = {"name": "Contacted", "kind": "working", "is_default": False} | fields
    return create_entry(catalog=LEAD_STATUSES, fields=fields, actor=ada)
