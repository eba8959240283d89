"""What the API still allows after a conversion."""

import pytest

from conversion.models import ConversionCredit
from conversion.services import convert_lead
from leads.models import Lead
from opportunities.services import create_opportunity
from tests.conversion.conftest import make_lead, plan_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def conversion(leo):
    return convert_lead(lead=make_lead(leo), plan=plan_of(opportunity="none"), actor=leo)


@pytest.fixture
def later_deal(conversion, leo):
    return create_opportunity(actor=leo, account=conversion.account, fields={"name": "Later"})


def post(client, conversion, action, body=None, **headers):
    return client.post(f"/api/v1/conversions/{conversion.pk}/{action}/", body, **headers)


def test_a_later_deal_is_counted_once(conversion, later_deal, leo, api):
    body = {"opportunity": later_deal.pk}
    first, second = (
        post(api(leo), conversion, "credit", body, HTTP_IDEMPOTENCY_KEY="once") for _ in range(2)
    )
    assert (first.status_code, first.json()["opportunity"]) == (201, later_deal.pk)
    assert first.content == second.content
    assert ConversionCredit.objects.get().opportunity == later_deal
    again = post(api(leo), conversion, "credit", body)
    assert (again.status_code, again.json()["code"]) == (409, "credit_refused")


def test_whose_conversion_it_is_not_finds_nothing(conversion, later_deal, ines, api):
    assert post(api(ines), conversion, "credit", {"opportunity": later_deal.pk}).status_code == 404
    assert not ConversionCredit.objects.exists()


def test_who_comes_back_gets_a_new_lead(conversion, leo, api):
    answer = post(api(leo), conversion, "re-engage")
    lead = Lead.objects.get(reengaged_from=conversion.lead)
    assert (answer.status_code, answer.json()["id"]) == (201, lead.pk)
    assert answer["Location"].endswith(f"/api/v1/leads/{lead.pk}/")
