"""What is done with several leads of the list at once."""

import datetime as dt

from django.utils import timezone

from leads.models import Lead, LeadStatus, StatusKind
from tests.factories import LeadFactory
from tests.leads.pages import at


def test_several_leads_are_assigned_in_one_go(browse, nadia, rita, leo):
    leads = LeadFactory.create_batch(3, owner=rita)
    data = {"act": "assign", "lead": [lead.pk for lead in leads], "owner": leo.pk, "queue": ""}
    response = browse(nadia).post(at("bulk"), data)
    assert response.status_code == 302
    assert set(Lead.objects.values_list("owner", flat=True)) == {leo.pk}


def test_each_lead_has_its_own_result(browse, rita):
    working = LeadStatus.objects.default_for(StatusKind.NURTURING)
    free, requested = LeadFactory(owner=rita), LeadFactory(owner=rita, handoff_state="pending")
    day = timezone.localdate() + dt.timedelta(days=9)
    data = {
        "act": "status",
        "lead": [free.pk, requested.pk],
        "status": working.pk,
        "reason": "",
        "wake_up_on": day,
    }
    response = browse(rita).post(at("bulk"), data)
    assert [bool(result.problem) for result in response.context["results"]] == [False, True]
    assert "has an open conversion request" in response.content.decode()
    free.refresh_from_db()
    requested.refresh_from_db()
    assert (free.status_kind, requested.status_kind) == (StatusKind.NURTURING, StatusKind.NEW)


def test_leads_one_cannot_see_are_not_touched(browse, rita, soren):
    hidden = LeadFactory(owner=soren)
    data = {"act": "next_step", "lead": [hidden.pk], "next_step": "Mine", "next_step_on": ""}
    response = browse(rita).post(at("bulk"), data)
    assert response.status_code == 422
    hidden.refresh_from_db()
    assert hidden.next_step == ""


def test_a_bulk_form_that_is_refused_keeps_what_was_typed(browse, rita):
    lead = LeadFactory(owner=rita)
    data = {"act": "next_step", "lead": [lead.pk], "next_step": "Call", "next_step_on": "soon"}
    response = browse(rita).post(at("bulk"), data)
    assert response.status_code == 422
    assert 'value="Call"' in response.content.decode()


def test_the_way_back_leads_nowhere_else(browse, rita):
    lead = LeadFactory(owner=rita)
    data = {"act": "next_step", "lead": [lead.pk], "next_step": "Call", "next_step_on": ""}
    client = browse(rita)
    assert client.post(at("bulk"), data | {"back": "https://evil.example/"})["Location"] == at(
        "list"
    )
    here = f"{at('list')}?view=all"
    assert client.post(at("bulk"), data | {"back": here})["Location"] == here
