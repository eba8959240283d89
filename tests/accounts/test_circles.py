"""Nobody stands above themselves: accounts and contacts, over any number of others."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.models import Account, Contact
from accounts.services import update_account, update_contact
from accounts.services.tree import CONTACT_TREE
from tests.accounts.test_views import text_of
from tests.concurrency import collide, collide_at_lock
from tests.factories import AccountFactory, ContactFactory


@pytest.fixture
def chain(leo):
    """Three contacts of one account, each reporting to the one before."""
    top = ContactFactory(account__owner=leo, owner=leo, last_name="Top")
    middle = ContactFactory(account=top.account, owner=leo, last_name="Middle", reports_to=top)
    bottom = ContactFactory(account=top.account, owner=leo, last_name="Bottom", reports_to=middle)
    return top, middle, bottom


@pytest.mark.django_db
def test_whoever_reports_to_somebody_through_others_cannot_be_their_chief(leo, chain):
    top, _, bottom = chain
    with pytest.raises(ValidationError, match="directly or through others") as refusal:
        update_contact(contact=top, changes={"reports_to": bottom}, actor=leo)
    assert list(refusal.value.message_dict) == ["reports_to"]
    top.refresh_from_db()
    assert (top.reports_to, top.version) == (None, 1)


@pytest.mark.django_db
def test_another_branch_of_the_same_tree_is_no_circle(leo, chain):
    top, middle, bottom = chain
    beside = ContactFactory(account=top.account, owner=leo, reports_to=top)
    update_contact(contact=middle, changes={"reports_to": beside}, actor=leo)
    bottom.refresh_from_db()
    assert bottom.reports_to.reports_to == beside


@pytest.mark.django_db
def test_page_and_api_name_the_field(browse, api, leo, chain):
    top, _, bottom = chain
    page = browse(leo).post(
        reverse("accounts:contact_edit", args=[top.pk]),
        {"account": top.account_id, "last_name": "Top", "reports_to": bottom.pk, "version": 1},
    )
    assert page.status_code == 422
    assert "It cannot be both ways." in text_of(page)
    answer = api(leo).patch(
        f"/api/v1/contacts/{top.pk}/", {"reports_to": bottom.pk}, HTTP_IF_MATCH=f'"{top.pk}-1"'
    )
    assert answer.status_code == 422
    assert [each["pointer"] for each in answer.json()["errors"]] == ["#/reports_to"]


@pytest.mark.django_db
def test_the_database_too_refuses_circles(chain):
    top, _, bottom = chain
    with pytest.raises(IntegrityError, match="would stand above itself"), transaction.atomic():
        Contact.objects.filter(pk=top.pk).update(reports_to=bottom)
    above = AccountFactory()
    below = AccountFactory(parent=AccountFactory(parent=above))
    with pytest.raises(IntegrityError, match="would stand above itself"), transaction.atomic():
        Account.objects.filter(pk=above.pk).update(parent=below)
    with pytest.raises(IntegrityError, match="would stand above itself"), transaction.atomic():
        Account.objects.filter(pk=above.pk).update(parent=above)


@pytest.mark.django_db(transaction=True)
def test_two_people_who_put_each_above_the_other_make_no_circle(leo, nadia):
    first, second = AccountFactory(owner=leo), AccountFactory(owner=leo)
    outcomes = collide(
        first,
        lambda: update_account(account=first, changes={"parent": second}, actor=leo),
        lambda: update_account(account=second, changes={"parent": first}, actor=nadia),
    )
    assert {type(outcome) for outcome in outcomes} == {Account, ValidationError}
    assert Account.objects.filter(parent__isnull=False).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_people_who_make_each_the_chief_of_the_other_make_no_circle(leo, nadia):
    first = ContactFactory(account__owner=leo, owner=leo)
    second = ContactFactory(account=first.account, owner=leo)
    outcomes = collide(
        first,
        lambda: update_contact(contact=first, changes={"reports_to": second}, actor=leo),
        lambda: update_contact(contact=second, changes={"reports_to": first}, actor=nadia),
    )
    assert {type(outcome) for outcome in outcomes} == {Contact, ValidationError}
    assert Contact.objects.filter(reports_to__isnull=False).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_statements_past_the_services_make_no_circle_either(leo):
    first = ContactFactory(account__owner=leo)
    second = ContactFactory(account=first.account)
    outcomes = collide_at_lock(
        CONTACT_TREE.lock,
        lambda: Contact.objects.filter(pk=first.pk).update(reports_to=second),
        lambda: Contact.objects.filter(pk=second.pk).update(reports_to=first),
    )
    assert sum(isinstance(outcome, IntegrityError) for outcome in outcomes) == 1
    assert Contact.objects.filter(reports_to__isnull=False).count() == 1
