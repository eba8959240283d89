"""What a receipt tells people, in words that are true and readable, and what it still allows."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from conversion.models import ConversionCredit
from conversion.services import convert_lead
from leads.models import Lead
from opportunities.models import Opportunity
from tests.conversion.conftest import make_lead, plan_of

pytestmark = pytest.mark.django_db


def page(client, name, *args, **query):
    return client.get(reverse(f"conversion:{name}", args=args), query)


def receipt(client, conversion) -> str:
    return client.get(reverse("conversion:receipt", args=[conversion.pk])).content.decode()


def test_what_stays_on_the_lead_reads_as_on_the_lead(leo, browse):
    lead = make_lead(leo, rating="hot", next_step="Call", next_step_on=dt.date(2031, 2, 3))
    conversion = convert_lead(lead=lead, plan=plan_of(opportunity="none"), actor=leo)
    text = receipt(browse(leo), conversion)
    assert "<td>Hot</td>" in text
    assert "<td>Feb 3, 2031</td>" in text
    assert "2031-02-03" not in text


@pytest.mark.parametrize("opportunity", ["create", "none"])
def test_only_what_is_possible_is_advised(lead, leo, browse, opportunity):
    """A contact that was converted stays at its account, and so does its opportunity."""
    conversion = convert_lead(lead=lead, plan=plan_of(opportunity=opportunity), actor=leo)
    text = receipt(browse(leo), conversion)
    assert "Make a new contact there" in text
    assert ("with a new opportunity" in text) is (opportunity == "create")
    assert "merge" not in text


@pytest.fixture
def conversion(lead, leo):
    return convert_lead(lead=lead, plan=plan_of(), actor=leo)


@pytest.fixture
def without_deal(leo):
    return convert_lead(lead=make_lead(leo), plan=plan_of(opportunity="none"), actor=leo)


def test_a_receipt_tells_what_was_made_and_by_whom(conversion, leo, browse):
    text = page(browse(leo), "receipt", conversion.pk).content.decode()
    assert "Dana Whitfield is converted" in text
    assert "Halcyon Robotics - New business" in text
    assert text.count(">Created<") == 3


def test_a_receipt_says_what_is_worth_doing_next(conversion, leo, browse):
    steps = page(browse(leo), "receipt", conversion.pk).context["next_steps"]
    people = reverse("opportunities:people", args=[conversion.opportunity_id])
    assert people in [step.url for step in steps]


def test_without_a_deal_the_contact_is_what_to_go_on_with(without_deal, leo, browse):
    [step] = page(browse(leo), "receipt", without_deal.pk).context["next_steps"]
    assert step.url == without_deal.contact.get_absolute_url()


def test_a_receipt_names_the_meeting_that_was_agreed(asked, leo, browse):
    soon = timezone.now() + dt.timedelta(days=2)
    type(asked).objects.filter(pk=asked.pk).update(next_meeting_at=soon)
    asked.refresh_from_db()
    done = convert_lead(lead=asked.lead, plan=plan_of(), actor=leo, request=asked)
    text = page(browse(leo), "receipt", done.pk).content.decode()
    assert "Prepare" in text
    assert f'datetime="{soon:%Y-%m-%d}' in text


def test_a_receipt_is_not_there_for_strangers(conversion, soren, browse):
    assert page(browse(soren), "receipt", conversion.pk).status_code == 404


def test_a_deal_made_later_counts_for_the_conversion(without_deal, leo, browse):
    answer = browse(leo).post(
        reverse("conversion:receipt_opportunity", args=[without_deal.pk]),
        {"name": "Came later", "amount": "9,500"},
    )
    deal = Opportunity.objects.get()
    assert (answer.status_code, answer.url) == (302, deal.get_absolute_url())
    assert ConversionCredit.objects.get().conversion == without_deal
    assert (deal.primary_contact, str(deal.amount)) == (without_deal.contact, "9500.00")
    assert "Came later" in page(browse(leo), "receipt", without_deal.pk).content.decode()


def test_a_deal_made_later_needs_a_name(without_deal, leo, browse):
    answer = browse(leo).post(reverse("conversion:receipt_opportunity", args=[without_deal.pk]))
    assert answer.status_code == 422


def test_a_conversion_with_a_deal_of_its_own_gets_no_credit_for_another(conversion, leo, browse):
    answer = browse(leo).post(
        reverse("conversion:receipt_opportunity", args=[conversion.pk]), {"name": "Another"}
    )
    assert answer.status_code == 409
    assert Opportunity.objects.count() == 1


def test_who_comes_back_for_something_new_is_a_deal_of_the_contact(conversion, leo, browse):
    address = f"{reverse('opportunities:create')}?contact={conversion.contact_id}"
    assert f'href="{address}"' in receipt(browse(leo), conversion)
    assert browse(leo).get(address).status_code == 200


def test_a_person_who_comes_back_gets_a_new_lead_linked_to_the_old(conversion, leo, browse):
    answer = browse(leo).post(reverse("conversion:reengage", args=[conversion.pk]))
    lead = Lead.objects.get(reengaged_from=conversion.lead)
    assert (answer.status_code, answer.url) == (302, lead.get_absolute_url())


@pytest.mark.parametrize("target", ["account", "contact", "opportunity", "lead"])
def test_each_record_names_the_conversion_it_came_from(conversion, leo, browse, target):
    record = getattr(conversion, target)
    # A lead names it on its own page, the others in a part of theirs.
    part = reverse(f"conversion:of_{target}", args=[record.pk]) if target != "lead" else None
    text = browse(leo).get(part or record.get_absolute_url()).content.decode()
    assert conversion.get_absolute_url() in text
