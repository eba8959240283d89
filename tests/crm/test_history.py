"""Field history names who changed a record, whichever way they came."""

import pghistory
import pytest
from django.apps import apps
from django.db import connection
from django.urls import reverse
from rest_framework.test import APIClient

from crm.periodic import Every, Job, run_if_due
from integrations.services import create_token
from leads.models import Lead
from leads.services import update_lead
from opportunities.history import History
from opportunities.models import Opportunity
from tests.factories import LeadFactory, OpportunityFactory, ProductFactory

pytestmark = pytest.mark.django_db


def contexts(model, record):
    """What each history row of a record says of its circumstances, the latest first."""
    rows = apps.get_model(model).objects.filter(pgh_obj_id=record.pk).order_by("-pgh_id")
    rows = rows.select_related("pgh_context")
    return [row.pgh_context.metadata if row.pgh_context else None for row in rows]


@pytest.fixture
def lead(rita):
    return LeadFactory(owner=rita)


def changed_by(lead):
    return contexts("leads.LeadHistory", lead)[0]["user"]


def test_a_page_names_whoever_is_signed_in(browse, rita, lead):
    url = reverse("leads:next_step", args=[lead.pk])
    browse(rita).post(url, {"next_step": "Ring again"})
    assert contexts("leads.LeadHistory", lead)[0] == {"user": rita.pk, "url": url}


def test_a_bulk_edit_names_whoever_is_signed_in_on_every_row(browse, rita, lead):
    other = LeadFactory(owner=rita)
    body = {"act": "next_step", "lead": [lead.pk, other.pk], "next_step": "Ring again"}
    browse(rita).post(reverse("leads:bulk"), body)
    assert [changed_by(each) for each in (lead, other)] == [rita.pk, rita.pk]


def test_a_token_of_the_api_names_its_owner(rita, lead):
    _, secret = create_token(user=rita, name="Sync", scopes=["read", "write"], actor=None)
    client = APIClient(headers={"authorization": f"Bearer {secret}", "if-match": "*"})
    client.default_format = "json"
    answer = client.patch(reverse("api:lead-detail", args=[lead.pk]), {"city": "Bonn"})
    assert answer.status_code == 200
    assert changed_by(lead) == rita.pk


def test_one_program_is_not_taken_for_the_one_before(rita, nadia, lead):
    client = APIClient(headers={"if-match": "*"})
    client.default_format = "json"
    for person, city in ((rita, "Bonn"), (nadia, "Kiel")):
        _, secret = create_token(user=person, name="Sync", scopes=["write"], actor=None)
        headers = {"authorization": f"Bearer {secret}"}
        client.patch(reverse("api:lead-detail", args=[lead.pk]), {"city": city}, headers=headers)
        assert changed_by(lead) == person.pk


def test_a_bulk_call_of_the_api_names_its_caller(api, rita, lead):
    rows = {"rows": [{"id": lead.pk, "city": "Bonn"}]}
    answer = api(rita).post(reverse("api:lead-bulk"), rows, headers={"idempotency-key": "once"})
    assert answer.status_code == 200
    assert changed_by(lead) == rita.pk


def test_a_line_item_names_whoever_set_it(ada):
    deal = OpportunityFactory(owner=ada)
    api_url = reverse("api:opportunity-line-items", args=[deal.pk])
    client = APIClient(headers={"if-match": "*", "idempotency-key": "once"})
    client.force_authenticate(ada)
    body = {"items": [{"product": ProductFactory().pk}]}
    assert client.post(api_url, body, format="json").status_code == 200
    item = deal.line_items.get()
    assert contexts("opportunities.LineItemHistory", item)[0]["user"] == ada.pk


@pytest.mark.django_db(transaction=True)
def test_a_job_names_itself(rita):
    deal = OpportunityFactory(owner=rita)

    def work():
        Opportunity.objects.filter(pk=deal.pk).update(next_step="Ring")
        return "Done."

    run_if_due(Job("ring", "Ring", Every(5), work))
    assert contexts("opportunities.OpportunityHistory", deal)[0] == {"job": "ring"}
    assert [(change.by, change.job) for change in History(deal).changes] == [(None, "ring")]


def test_what_is_shown_names_the_author_where_no_service_did(browse, nadia):
    deal = OpportunityFactory(owner=nadia)
    with pghistory.context(user=nadia.pk):
        Opportunity.objects.filter(pk=deal.pk).update(next_step="Ring")
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pghistory.context_id', '', true)")
        cursor.execute("UPDATE opportunities_opportunity SET next_step = 'By SQL'")
    by_sql, by_nadia = History(deal).changes
    assert (by_sql.by, by_nadia.by) == (None, nadia)
    page = browse(nadia).get(reverse("opportunities:history", args=[deal.pk])).content.decode()
    assert nadia.full_name in page
    assert "Changed outside the application" in page


def test_a_change_outside_of_any_request_has_no_context(rita, lead):
    update_lead(lead=lead, changes={"city": "Bonn"}, actor=rita)
    assert contexts("leads.LeadHistory", lead)[0] is None
    assert Lead.objects.get(pk=lead.pk).updated_by == rita
