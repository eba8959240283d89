"""Making, editing and handing on a lead by page: what typing keeps, and who wins."""

import datetime as dt

from django.utils import timezone

from accounts.models import LeadSource
from leads.models import Lead, LeadStatus, StatusKind
from leads.services import update_lead
from tests.factories import AccountFactory, LeadFactory, ProductFactory, QueueFactory
from tests.leads.pages import a_reason, at


def form_of(lead, **typed):
    """The fields of the edit form, as a browser sends them."""
    fields = {
        "last_name": lead.last_name,
        "first_name": lead.first_name,
        "company": lead.company,
        "email": lead.email,
        "source": lead.source_id,
        "currency": lead.currency,
    }
    return fields | typed


# --- Making and editing ---


def test_a_new_lead_is_ones_own(browse, rita):
    source = LeadFactory(owner=rita).source_id
    data = {"last_name": "Whitfield", "source": source, "owner": rita.pk, "queue": ""}
    response = browse(rita).post(at("create"), data)
    lead = Lead.objects.get(last_name="Whitfield")
    assert response["Location"] == lead.get_absolute_url()
    assert lead.owner == rita


def test_a_refused_form_keeps_everything_typed_and_names_the_fields(browse, rita):
    data = {
        "first_name": "Dana",
        "email": "not an address",
        "description": "Long text",
        "owner": rita.pk,
    }
    response = browse(rita).post(at("create"), data)
    assert response.status_code == 422
    page = response.content.decode()
    for kept in ("Dana", "not an address", "Long text"):
        assert kept in page
    assert {"last_name", "email", "source"} <= set(response.context["form"].errors)
    assert Lead.objects.count() == 0


def test_what_only_the_service_refuses_stands_at_its_field(browse, rita):
    data = {"last_name": "Dana", "phone": "ring me", "source": a_source(), "owner": rita.pk}
    response = browse(rita).post(at("create"), data)
    assert response.status_code == 422
    assert "phone" in response.context["form"].errors
    assert "ring me" in response.content.decode()


def a_source():
    return LeadSource.objects.active().first().pk


def test_a_likely_duplicate_is_shown_before_it_is_made(browse, rita):
    there = LeadFactory(owner=rita, email="dana@halcyon.example")
    data = {
        "last_name": "Whitfield",
        "email": "dana@halcyon.example",
        "source": a_source(),
        "owner": rita.pk,
    }
    client = browse(rita)
    response = client.post(at("create"), data)
    assert response.status_code == 422
    page = response.content.decode()
    assert there.get_absolute_url() in page
    assert "Same email" in page
    assert "Create it all the same" in page
    assert client.post(at("create"), data | {"anyway": "1"}).status_code == 302
    assert Lead.objects.count() == 2


def test_duplicates_are_told_while_one_types(browse, rita):
    there = LeadFactory(owner=rita, email="dana@halcyon.example")
    response = browse(rita).get(at("similar"), {"email": "DANA@halcyon.example"})
    assert there.get_absolute_url() in response.content.decode()


def test_a_duplicate_one_may_not_see_is_told_without_its_data(browse, rita, soren):
    hidden = LeadFactory(owner=soren, email="dana@halcyon.example", company="Secret Ltd")
    page = browse(rita).get(at("similar"), {"email": hidden.email}).content.decode()
    assert "A lead of the team South" in page
    assert "Secret" not in page
    assert hidden.get_absolute_url() not in page


def test_an_edit_is_saved(browse, rita):
    lead = LeadFactory(owner=rita)
    response = browse(rita).post(
        at("edit", lead.pk), form_of(lead, last_name="Renamed", version=lead.version)
    )
    assert response.status_code == 302
    lead.refresh_from_db()
    assert lead.last_name == "Renamed"


def test_a_partner_one_does_not_see_stays_as_it_is(browse, rita):
    partner = AccountFactory(owner__team=None)
    lead = LeadFactory(owner=rita, partner_account=partner)
    client = browse(rita)
    page = client.get(at("edit", lead.pk)).content.decode()
    assert partner.name not in page
    typed = form_of(lead, last_name="Renamed", version=lead.version)
    assert client.post(at("edit", lead.pk), typed).status_code == 302
    lead.refresh_from_db()
    assert (lead.last_name, lead.partner_account) == ("Renamed", partner)


def test_a_partner_one_does_not_see_cannot_be_chosen(browse, rita):
    partner = AccountFactory(owner__team=None)
    lead = LeadFactory(owner=rita)
    typed = form_of(lead, partner_account=partner.pk, version=lead.version)
    response = browse(rita).post(at("edit", lead.pk), typed)
    assert response.status_code == 422
    assert "partner_account" in response.context["form"].errors


def test_a_source_out_of_use_stays_with_the_lead_that_has_it(browse, rita):
    lead = LeadFactory(owner=rita)
    LeadSource.objects.filter(pk=lead.source_id).update(is_active=False)
    typed = form_of(lead, last_name="Renamed", version=lead.version)
    assert browse(rita).post(at("edit", lead.pk), typed).status_code == 302


def test_two_who_edit_the_same_field_see_both_and_choose(browse, rita, nadia):
    lead = LeadFactory(owner=rita, company="Before", city="Oslo")
    update_lead(lead=lead, changes={"company": "Theirs"}, actor=nadia)
    client = browse(rita)
    typed = form_of(lead, company="Yours", city="Bergen", version=1)
    response = client.post(at("edit", lead.pk), typed)
    assert response.status_code == 409
    (difference,) = response.context["merge"].differences
    assert (difference.field.name, difference.theirs, difference.yours) == (
        "company",
        "Theirs",
        "Yours",
    )
    again = posted_from(response) | {difference.pick: "theirs"}
    assert client.post(at("edit", lead.pk), again).status_code == 302
    lead.refresh_from_db()
    assert (lead.company, lead.city) == ("Theirs", "Bergen")


def test_what_only_the_other_changed_stays_theirs(browse, rita, nadia):
    lead = LeadFactory(owner=rita, company="Before")
    update_lead(lead=lead, changes={"company": "Theirs"}, actor=nadia)
    client = browse(rita)
    response = client.post(at("edit", lead.pk), form_of(lead, last_name="Yours", version=1))
    assert response.status_code == 409
    assert response.context["merge"].differences == []
    client.post(at("edit", lead.pk), posted_from(response))
    lead.refresh_from_db()
    assert (lead.company, lead.last_name) == ("Theirs", "Yours")


def test_two_versions_of_a_lead_with_interests_are_compared(browse, rita, nadia):
    lead, product = LeadFactory(owner=rita, company="Before"), ProductFactory()
    lead.product_interests.create(product=product)
    update_lead(lead=lead, changes={"company": "Theirs"}, actor=nadia)
    form = form_of(lead, last_name="Yours", version=1) | {"products": [product.pk]}
    response = browse(rita).post(at("edit", lead.pk), form)
    assert response.status_code == 409
    assert response.context["merge"].differences == []


def posted_from(response):
    return dict(response.context["merge"].typed)


def test_an_edit_without_version_changes_nothing(browse, rita):
    lead = LeadFactory(owner=rita, last_name="Kept")
    response = browse(rita).post(at("edit", lead.pk), form_of(lead, last_name="Lost"))
    assert response.status_code == 409
    lead.refresh_from_db()
    assert lead.last_name == "Kept"


def test_a_deleted_lead_is_gone(browse, rita):
    lead = LeadFactory(owner=rita)
    client = browse(rita)
    assert client.get(at("delete", lead.pk)).status_code == 200
    client.post(at("delete", lead.pk))
    assert client.get(at("detail", lead.pk)).status_code == 404


# --- Small changes ---


def test_disqualifying_needs_a_reason(browse, rita):
    lead = LeadFactory(owner=rita)
    client, url = browse(rita), at("status", lead.pk)
    status = LeadStatus.objects.default_for(StatusKind.DISQUALIFIED).pk
    refused = client.post(url, {"status": status})
    assert refused.status_code == 422
    assert "reason" in refused.context["form"].errors
    client.post(url, {"status": status, "reason": a_reason().pk})
    lead.refresh_from_db()
    assert lead.disqualified_reason == a_reason()


def test_nurturing_needs_a_day_that_is_still_to_come(browse, rita):
    lead = LeadFactory(owner=rita)
    status = LeadStatus.objects.default_for(StatusKind.NURTURING).pk
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    for typed in ({}, {"wake_up_on": yesterday}):
        response = browse(rita).post(at("status", lead.pk), {"status": status} | typed)
        assert response.status_code == 422
        assert "wake_up_on" in response.context["form"].errors


def test_who_gives_a_lead_away_goes_to_the_list(browse, rita, soren):
    lead = LeadFactory(owner=rita)
    response = browse(rita).post(at("assign", lead.pk), {"owner": soren.pk, "queue": ""})
    assert response["Location"] == at("list")
    lead.refresh_from_db()
    assert lead.owner == soren


def test_a_lead_goes_to_one_place(browse, rita, soren):
    lead, queue = LeadFactory(owner=rita), QueueFactory(members=[rita])
    for data in ({}, {"owner": soren.pk, "queue": queue.pk}):
        assert browse(rita).post(at("assign", lead.pk), data).status_code == 422
