"""The accounts and contacts that somebody may already be, on the page of the lead."""

import pytest
from django.urls import reverse

from accounts.models import Contact
from accounts.services import create_contact
from conversion.services import convert_lead
from tests.conversion.conftest import make_lead, plan_of
from tests.factories import AccountFactory

pytestmark = pytest.mark.django_db


def known(client, lead):
    return client.get(reverse("conversion:known", args=[lead.pk])).content.decode()


@pytest.fixture
def contact(leo) -> Contact:
    """Dana, whom the team sells to already."""
    account = AccountFactory(owner=leo, name="Halcyon Robotics")
    fields = {
        "first_name": "Dana",
        "last_name": "Whitfield",
        "email": "dana@halcyonrobotics.example",
    }
    return create_contact(actor=leo, account=account, fields=fields)


def test_a_contact_is_told_with_the_reason(contact, ritas_lead, rita, browse):
    text = known(browse(rita), ritas_lead)
    assert f'href="{contact.get_absolute_url()}"' in text
    assert "same email" in text


def test_what_one_may_not_see_is_told_without_its_data(contact, soren, browse):
    text = known(browse(soren), make_lead(soren))
    assert contact.get_absolute_url() not in text
    assert "match that you cannot open" in text


def test_nothing_alike_is_said(ritas_lead, rita, browse):
    assert "Nothing like this lead." in known(browse(rita), ritas_lead)


@pytest.mark.parametrize("where", ["its page", "the queue"])
def test_where_a_lead_is_worked_it_is_asked_for(ritas_lead, rita, browse, where):
    queue = f"{reverse('leads:queue')}?lead={ritas_lead.pk}"
    page = browse(rita).get(queue if where == "the queue" else ritas_lead.get_absolute_url())
    address = reverse("conversion:known", args=[ritas_lead.pk])
    assert f'hx-get="{address}"' in page.content.decode()
    assert f'href="{address}"' in page.content.decode()


def test_the_queue_does_not_ask_for_a_lead_that_is_converted(lead, leo, browse):
    convert_lead(lead=lead, plan=plan_of(), actor=leo)
    page = browse(leo).get(reverse("leads:queue"), {"lead": lead.pk})
    assert reverse("conversion:known", args=[lead.pk]) not in page.content.decode()
