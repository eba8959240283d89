"""A day outside of the years that somebody works in is a slip, wherever it is typed."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts.models import LeadSource
from activities.models import Activity
from leads.models import Lead
from leads.services import create_lead
from tests.factories import LeadFactory, OpportunityFactory

pytestmark = pytest.mark.django_db

SLIPS = ["0001-01-01", "1899-12-31", "2101-01-01"]
SAID = "Choose a day between 1900 and 2100."


@pytest.mark.parametrize("day", SLIPS)
def test_the_next_step_of_a_lead(browse, rita, day):
    lead = LeadFactory(owner=rita)
    at = reverse("leads:next_step", args=[lead.pk])
    answer = browse(rita).post(at, {"next_step": "Call", "next_step_on": day})
    assert answer.status_code == 422
    assert answer.context["form"].errors == {"next_step_on": [SAID]}


@pytest.mark.parametrize("day", ["1900-01-01", "2100-12-31"])
def test_the_first_and_the_last_day_count(browse, rita, day):
    lead = LeadFactory(owner=rita)
    at = reverse("leads:next_step", args=[lead.pk])
    assert browse(rita).post(at, {"next_step": "Call", "next_step_on": day}).status_code == 302
    assert Lead.objects.get().next_step_on.isoformat() == day


@pytest.mark.parametrize("day", SLIPS)
def test_the_form_of_a_lead_and_of_a_deal(browse, rita, leo, day):
    lead = browse(rita).post(
        reverse("leads:create"), {"last_name": "Lovelace", "next_step_on": day}
    )
    assert lead.context["form"].errors["next_step_on"] == [SAID]
    deal = OpportunityFactory(owner=leo)
    at = reverse("opportunities:edit", args=[deal.pk])
    answer = browse(leo).post(at, {"name": "Deal", "close_date": day, "next_step_on": day})
    errors = answer.context["form"].errors
    assert (errors["close_date"], errors["next_step_on"]) == ([SAID], [SAID])


def test_the_work_queue(browse, rita):
    lead = LeadFactory(owner=rita)
    posted = {"lead": lead.pk, "plan": "date", "on": "0001-01-01", "next_step": "Call"}
    answer = browse(rita).post(reverse("leads:queue"), posted)
    assert answer.context["form"].errors == {"on": [SAID]}


def test_a_task(browse, rita):
    task = {"kind": "task", "subject": "Call", "due_on": "0001-01-01"}
    answer = browse(rita).post(reverse("activities:log"), task)
    assert answer.context["form"].errors == {"due_on": [SAID]}
    assert not Activity.objects.exists()


def test_rest(api, rita, leo):
    lead, deal = LeadFactory(owner=rita), OpportunityFactory(owner=leo)
    for user, kind, row, field in (
        (rita, "leads", lead, "next_step_on"),
        (leo, "opportunities", deal, "next_step_on"),
        (leo, "opportunities", deal, "close_date"),
    ):
        at = f"/api/v1/{kind}/{row.pk}/"
        headers = {"If-Match": api(user).get(at)["ETag"]}
        answer = api(user).patch(at, {field: "0001-01-01"}, format="json", headers=headers)
        assert answer.status_code == 400, answer.content
        assert SAID in answer.content.decode()


def test_services_which_an_import_uses_too(rita, leo):
    fields = {
        "last_name": "Lovelace",
        "source": LeadSource.objects.active()[0],
        "next_step_on": "0001-01-01",
    }
    with pytest.raises(ValidationError) as caught:
        create_lead(actor=rita, fields=fields)
    assert caught.value.message_dict == {"next_step_on": [SAID]}
    assert not Lead.objects.exists()
