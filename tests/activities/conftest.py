"""What tests of activities start from: a lead of Rita's, a deal of Leo's, a folder for files."""

import pytest

from activities.models import Notification
from tests.factories import LeadFactory, OpportunityFactory

TASKS = "/tasks/"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def lead(rita):
    return LeadFactory(owner=rita, last_name="Whitfield")


@pytest.fixture
def deal(leo):
    return OpportunityFactory(account__owner=leo)


def told(user):
    """What a user has been notified of."""
    return list(Notification.objects.filter(user=user).values_list("event__verb", flat=True))


def page(client, address, **headers):
    """The text of a page that is there."""
    answer = client.get(address, **headers)
    assert answer.status_code == 200
    return answer.content.decode()
