"""What holds against conversions, and against two people at once."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.models import Contact
from accounts.services import ContactIsConverted, update_contact
from conversion.services import convert_lead
from crm.records import StaleVersion
from tests.accounts.test_views import text_of
from tests.concurrency import collide
from tests.conversion.conftest import make_lead, plan_of
from tests.factories import AccountFactory, ContactFactory


@pytest.fixture
def converted(leo):
    """A contact that came out of a conversion."""
    lead = make_lead(leo)
    return convert_lead(lead=lead, plan=plan_of(opportunity="none"), actor=leo).contact


@pytest.mark.django_db
def test_a_converted_contact_stays_at_its_account(leo, converted):
    elsewhere = AccountFactory(owner=leo)
    with pytest.raises(ContactIsConverted, match="came out of a conversion and stays at Halcyon"):
        update_contact(contact=converted, changes={"account": elsewhere}, actor=leo)
    update_contact(contact=converted, changes={"account": converted.account}, actor=leo)
    converted.refresh_from_db()
    assert converted.account != elsewhere


@pytest.mark.django_db
def test_the_database_too_keeps_a_converted_contact_at_its_account(leo, converted):
    elsewhere = AccountFactory(owner=leo)
    with pytest.raises(IntegrityError, match="conversion_contact_of_account"), transaction.atomic():
        Contact.objects.filter(pk=converted.pk).update(account=elsewhere)


@pytest.mark.django_db
def test_page_and_api_say_why_a_converted_contact_cannot_move(browse, api, leo, converted):
    elsewhere = AccountFactory(owner=leo)
    page = browse(leo).post(
        reverse("accounts:contact_edit", args=[converted.pk]),
        {"account": elsewhere.pk, "last_name": "Whitfield", "version": converted.version},
    )
    assert page.status_code == 422
    assert "stays at Halcyon Robotics" in text_of(page)
    answer = api(leo).patch(
        f"/api/v1/contacts/{converted.pk}/",
        {"account": elsewhere.pk},
        HTTP_IF_MATCH=f'"{converted.pk}-{converted.version}"',
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "contact_converted")


@pytest.mark.django_db(transaction=True)
def test_of_two_edits_of_one_version_only_one_is_saved(leo, nadia):
    contact = ContactFactory(account__owner=leo)
    outcomes = collide(
        contact,
        lambda: update_contact(contact=contact, changes={"title": "CFO"}, actor=leo, version=1),
        lambda: update_contact(contact=contact, changes={"title": "CEO"}, actor=nadia, version=1),
    )
    assert {type(outcome) for outcome in outcomes} == {Contact, StaleVersion}
    contact.refresh_from_db()
    assert contact.version == 2
