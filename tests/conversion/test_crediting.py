"""A deal that is there already is counted for a conversion without one, where a user looks."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from conversion.models import ConversionCredit
from conversion.services import CreditRefused, convert_lead, link_for_credit
from opportunities.services import create_opportunity
from people.models import Workspace
from tests.conversion.conftest import make_lead, plan_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def conversion(leo):
    return convert_lead(lead=make_lead(leo), plan=plan_of(opportunity="none"), actor=leo)


def deal_of(conversion, owner, **fields):
    fields = {"name": "Came later", "primary_contact": conversion.contact} | fields
    return create_opportunity(actor=owner, account=conversion.account, fields=fields)


@pytest.fixture
def deal(conversion, leo):
    return deal_of(conversion, leo)


def link_address(conversion):
    return reverse("conversion:credit", args=[conversion.pk])


def on_receipt(client, conversion) -> list:
    return list(client.get(conversion.get_absolute_url()).context["linkable"])


def on_deal(client, deal) -> list:
    return list(client.get(fragment(deal)).context["offered"])


def fragment(deal) -> str:
    return reverse("conversion:of_opportunity", args=[deal.pk])


def make_older(conversion, deal):
    """The deal was there before the conversion, whose row never changes."""
    deal.created_at = conversion.converted_at - dt.timedelta(hours=1)
    deal.save(update_fields=["created_at"])


def test_the_receipt_offers_the_later_deals_of_the_contact(conversion, deal, leo, browse):
    newer = deal_of(conversion, leo, name="Even later")
    assert on_receipt(browse(leo), conversion) == [newer, deal]
    text = browse(leo).get(conversion.get_absolute_url()).content.decode()
    assert f'action="{link_address(conversion)}"' in text
    assert f'<option value="{deal.pk}">Came later</option>' in text


def test_the_deal_offers_the_conversion_of_its_contact(conversion, deal, leo, browse):
    assert on_deal(browse(leo), deal) == [conversion]
    text = browse(leo).get(fragment(deal)).content.decode()
    assert f'action="{link_address(conversion)}"' in text
    assert f"Credit to the conversion of {conversion.lead.name}" in text


def test_the_page_of_a_deal_leads_there_without_scripts_too(deal, leo, browse):
    text = browse(leo).get(deal.get_absolute_url()).content.decode()
    assert f'hx-get="{fragment(deal)}"' in text
    assert f'href="{fragment(deal)}"' in text


def test_what_is_linked_is_counted_and_offered_no_longer(conversion, deal, leo, browse):
    client = browse(leo)
    answer = client.post(link_address(conversion), {"opportunity": deal.pk})
    assert (answer.status_code, answer.url) == (302, deal.get_absolute_url())
    credit = ConversionCredit.objects.get()
    assert (credit.conversion, credit.opportunity, credit.linked_by) == (conversion, deal, leo)
    assert on_receipt(client, conversion) == on_deal(client, deal) == []
    page = client.get(fragment(deal)).content.decode()
    assert f'href="{conversion.get_absolute_url()}"' in page
    assert client.post(link_address(conversion), {"opportunity": deal.pk}).status_code == 409


def of_another_contact(conversion, deal, leo):
    deal.contact_roles.all().delete()


def after_the_window(conversion, deal, leo):
    Workspace.objects.update_or_create(pk=1, defaults={"credit_window_days": 0})


def there_before(conversion, deal, leo):
    make_older(conversion, deal)


def made_by_another_conversion(conversion, deal, leo):
    plan = plan_of(account=conversion.account, contact=conversion.contact, opportunity=deal)
    convert_lead(lead=make_lead(leo), plan=plan, actor=leo)


@pytest.mark.parametrize(
    "spoil", [of_another_contact, after_the_window, there_before, made_by_another_conversion]
)
def test_nothing_else_is_offered(conversion, deal, leo, browse, spoil):
    spoil(conversion, deal, leo)
    assert on_receipt(browse(leo), conversion) == on_deal(browse(leo), deal) == []


def test_a_conversion_with_a_deal_of_its_own_offers_nothing(leo, browse):
    conversion = convert_lead(lead=make_lead(leo), plan=plan_of(), actor=leo)
    deal = deal_of(conversion, leo)
    assert on_receipt(browse(leo), conversion) == on_deal(browse(leo), deal) == []


def test_who_may_not_edit_the_deal_is_offered_nothing(asked, rita, leo, browse):
    """Rita sees what became of her lead, and the deal, which is Leo's."""
    plan = plan_of(opportunity="none")
    conversion = convert_lead(lead=asked.lead, plan=plan, actor=leo, request=asked)
    deal = deal_of(conversion, leo)
    assert on_deal(browse(leo), deal) == [conversion]
    assert on_receipt(browse(rita), conversion) == on_deal(browse(rita), deal) == []
    refused = browse(rita).post(link_address(conversion), {"opportunity": deal.pk})
    assert refused.status_code == 403
    assert not ConversionCredit.objects.exists()


@pytest.mark.parametrize("chosen", ["", "0", "x", "99999999999999999999"])
def test_a_deal_that_is_not_there_is_not_found(conversion, leo, browse, chosen):
    answer = browse(leo).post(link_address(conversion), {"opportunity": chosen})
    assert answer.status_code == 404


def test_a_deal_that_was_there_before_is_refused(conversion, deal, leo):
    make_older(conversion, deal)
    with pytest.raises(CreditRefused, match="before the conversion"):
        link_for_credit(conversion=conversion, opportunity=deal, actor=leo)


def test_a_deal_that_came_from_a_conversion_is_refused(conversion, leo):
    plan = plan_of(account={"action": "existing", "id": conversion.account_id})
    other = make_lead(leo, first_name="Ben", last_name="Other", email="ben@elsewhere.example")
    deal = convert_lead(lead=other, plan=plan, actor=leo).opportunity
    with pytest.raises(CreditRefused, match="came from a conversion"):
        link_for_credit(conversion=conversion, opportunity=deal, actor=leo)
    assert not ConversionCredit.objects.exists()


@pytest.mark.parametrize("page", ["receipt", "fragment"])
def test_many_cost_as_much_as_one(conversion, leo, browse, page, django_assert_num_queries):
    """Either page costs the same for one deal, or conversion, as for many."""
    deal = deal_of(conversion, leo)
    address = conversion.get_absolute_url() if page == "receipt" else fragment(deal)
    client = browse(leo)
    client.get(address)
    with CaptureQueriesContext(connection) as before:
        client.get(address)
    for number in range(3):
        deal_of(conversion, leo, name=f"Deal {number}")
        plan = plan_of(conversion.account, conversion.contact, "none")
        convert_lead(lead=make_lead(leo), plan=plan, actor=leo)
    with django_assert_num_queries(len(before)):
        client.get(address)
