"""What is done with several leads of the list at once."""

import datetime as dt

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from leads.models import Lead, LeadStatus, StatusKind
from tests.concurrency import held_elsewhere
from tests.factories import AccountFactory, LeadFactory
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


@pytest.fixture
def impatient(transactional_db):
    """A database connection that waits for no lock."""
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '50ms'")
        yield
        cursor.execute("RESET lock_timeout")


@pytest.mark.usefixtures("impatient")
def test_a_lead_that_somebody_is_just_changing_holds_up_no_other(browse, nadia, rita, leo):
    free, taken = LeadFactory(owner=rita), LeadFactory(owner=rita)
    data = {"act": "assign", "lead": [taken.pk, free.pk], "owner": leo.pk, "queue": ""}
    with held_elsewhere(taken):
        answer = browse(nadia).post(at("bulk"), data)
    problems = {result.record: result.problem for result in answer.context["results"]}
    assert problems[free] == ""
    assert problems[taken].startswith("Somebody else is working on this right now.")
    free.refresh_from_db()
    assert free.owner == leo


@pytest.mark.usefixtures("impatient")
def test_an_account_that_somebody_is_just_changing_holds_up_no_other(browse, nadia, leo):
    free, taken = AccountFactory(owner=leo), AccountFactory(owner=leo)
    data = {"record": [taken.pk, free.pk], "owner": nadia.pk}
    with held_elsewhere(taken):
        answer = browse(nadia).post(reverse("accounts:bulk"), data)
    problems = {result.record: result.problem for result in answer.context["results"]}
    assert problems[free] == ""
    assert problems[taken].startswith("Somebody else is working on this right now.")


@pytest.mark.usefixtures("impatient")
def test_in_the_api_too_each_row_has_an_answer_of_its_own(api, nadia, rita):
    free, taken = LeadFactory(owner=rita), LeadFactory(owner=rita)
    rows = [{"id": lead.pk, "title": "CFO"} for lead in (taken, free)]
    with held_elsewhere(taken):
        answer = api(nadia).post(reverse("api:lead-bulk"), {"rows": rows})
    assert [row["status"] for row in answer.json()["results"]] == [503, 200]


@pytest.mark.usefixtures("impatient")
def test_a_single_change_at_a_bad_moment_keeps_what_was_typed(browse, rita):
    lead = LeadFactory(owner=rita)
    address = reverse("leads:next_step", args=[lead.pk])
    typed = {"next_step": "Call her back", "next_step_on": ""}
    client = browse(rita)
    with held_elsewhere(lead):
        answer = client.post(address, typed)
    assert answer.status_code == 503
    assert client.post(address, dict(answer.context["again"])).status_code == 302
    lead.refresh_from_db()
    assert lead.next_step == "Call her back"
