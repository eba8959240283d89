"""The accounts and contacts that somebody may already be, told wherever a lead is made or read."""

import pytest
from django.urls import reverse

from accounts.models import Contact, LeadSource
from accounts.services import create_contact
from conversion.services import convert_lead
from leads.models import Lead
from tests.conversion.conftest import make_lead, plan_of
from tests.factories import AccountFactory, LeadFactory

pytestmark = pytest.mark.django_db


def known(client, lead):
    return client.get(reverse("leads:known", args=[lead.pk])).content.decode()


@pytest.fixture
def ritas_lead(rita):
    return make_lead(rita)


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
    address = reverse("leads:known", args=[ritas_lead.pk])
    assert f'hx-get="{address}"' in page.content.decode()
    assert f'href="{address}"' in page.content.decode()


def test_the_queue_does_not_ask_for_a_lead_that_is_converted(leo, browse):
    lead = make_lead(leo)
    convert_lead(lead=lead, plan=plan_of(), actor=leo)
    page = browse(leo).get(reverse("leads:queue"), {"lead": lead.pk})
    assert reverse("leads:known", args=[lead.pk]) not in page.content.decode()


# --- while it is typed


def typed(client, **fields):
    return client.get(reverse("leads:similar"), fields).content.decode()


def test_a_contact_and_the_account_are_told_while_one_types(contact, rita, browse):
    text = typed(browse(rita), email="DANA@halcyonrobotics.example", company="Halcyon Robotics")
    assert f'href="{contact.get_absolute_url()}"' in text
    assert f'href="{contact.account.get_absolute_url()}"' in text
    assert "Contact · Halcyon Robotics · Leo Haddad" in text
    assert "Same email" in text
    assert "Strong" in text


def test_who_edits_a_lead_is_told_of_all_others(contact, ritas_lead, rita, browse):
    client, twin = browse(rita), LeadFactory(owner=rita, email=contact.email)
    form = client.get(reverse("leads:edit", args=[ritas_lead.pk])).content.decode()
    address = f"{reverse('leads:similar')}?lead={ritas_lead.pk}"
    assert f'hx-get="{address}"' in form
    text = client.get(f"{address}&email={contact.email}").content.decode()
    assert f'href="{contact.get_absolute_url()}"' in text
    assert f'href="{twin.get_absolute_url()}"' in text
    assert f'href="{ritas_lead.get_absolute_url()}"' not in text


def test_a_hidden_record_is_told_without_its_data_while_one_types(contact, soren, browse):
    text = typed(browse(soren), email=contact.email, company="Halcyon Robotics")
    assert "Contact in team North" in text
    assert "Account in team North" in text
    assert contact.get_absolute_url() not in text
    assert "Leo" not in text
    assert "Same" not in text


def test_nothing_is_told_of_somebody_new(contact, rita, browse):
    assert "Already in the CRM" not in typed(browse(rita), email="new@elsewhere.example")


def test_a_lead_that_is_a_contact_already_is_asked_about_once(contact, rita, browse):
    source = LeadSource.objects.get(name="Referral").pk
    fields = {"last_name": "Whitfield", "email": contact.email, "source": source, "owner": rita.pk}
    client = browse(rita)
    asked = client.post(reverse("leads:create"), fields)
    assert asked.status_code == 422
    page = asked.content.decode()
    assert f'href="{contact.get_absolute_url()}"' in page
    assert "Create it all the same" in page
    assert not Lead.objects.exists()
    assert client.post(reverse("leads:create"), fields | {"anyway": "1"}).status_code == 302
    assert Lead.objects.get().email == contact.email


def test_a_new_person_of_an_account_is_welcome(contact, rita, browse):
    source = LeadSource.objects.get(name="Referral").pk
    fields = {
        "first_name": "Ann", "last_name": "Lee", "company": contact.account.name,
        "email": "ann@halcyonrobotics.example", "source": source, "owner": rita.pk,
    }  # fmt: skip
    assert browse(rita).post(reverse("leads:create"), fields).status_code == 302


def test_the_warning_costs_the_same_for_one_record_as_for_many(
    contact, rita, browse, django_assert_num_queries
):
    client, address = browse(rita), reverse("leads:similar")
    fields = {
        "first_name": "Dana", "last_name": "Whitfield", "company": "Halcyon Robotics",
        "email": contact.email, "phone": "+1 512 555 0199",
    }  # fmt: skip
    client.get(address, fields)
    # Session, user, reach, workspace, leads, contacts, accounts.
    with django_assert_num_queries(7):
        client.get(address, fields)
    for number in range(8):
        account = AccountFactory(name=f"Halcyon Robotics {number}", owner__team=rita.team)
        twin = {"first_name": "Dana", "last_name": "Whitfield", "email": contact.email}
        create_contact(actor=account.owner, account=account, fields=twin)
        LeadFactory(email=contact.email)
    with django_assert_num_queries(7):
        client.get(address, fields)


def test_rest_tells_what_a_lead_may_already_be(contact, ritas_lead, rita, soren, api):
    url = f"/api/v1/leads/{ritas_lead.pk}/matches/"
    found = {each["target"]: each for each in api(rita).get(url).json()["candidates"]}
    assert (found["contact"]["id"], found["contact"]["strength"]) == (contact.pk, "strong")
    assert found["contact"]["reasons"][0]["code"] == "same_email"
    assert found["account"]["id"] == contact.account_id
    hers = make_lead(soren)
    hidden = api(soren).get(f"/api/v1/leads/{hers.pk}/matches/").json()["candidates"]
    assert {(each["id"], each["detail"]) for each in hidden} == {
        (None, "A match exists in team North.")
    }
