"""The lists of requests and of receipts by REST: filters, reach and cost."""

import datetime as dt

import pytest
from django.utils import timezone

from conversion import services
from conversion.models import ConversionRequest
from tests.conversion.conftest import confirm, make_lead, plan_of
from tests.factories import LeadFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def two_requests(asked, leo, rita, nadia):
    other = make_lead(rita, company="Tidewater", email="bram@tidewater.example")
    second = services.submit_request(
        lead=other, path=confirm(other, rita), plan=plan_of(), actor=rita, approver=nadia
    )
    return asked, second


def listed(client, url, **query):
    answer = client.get(url, query)
    assert answer.status_code == 200, answer.json()
    return [row["id"] for row in answer.json()["results"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"approver": "me"}, [1]),
        ({"requester": "me"}, []),
        ({"state": "pending"}, [0, 1]),
        ({"state": "approved"}, []),
        ({"overdue": "true"}, [0]),
        ({"overdue": "false"}, [1]),
    ],
)
def test_requests_are_narrowed(two_requests, nadia, api, query, expected):
    ConversionRequest.objects.filter(pk=two_requests[0].pk).update(
        due_at=timezone.now() - dt.timedelta(hours=1)
    )
    found = listed(api(nadia), "/api/v1/conversion-requests/", **query)
    assert found == [two_requests[place].pk for place in expected]


def test_requests_are_narrowed_by_person_and_lead(two_requests, leo, nadia, rita, api):
    first, _ = two_requests
    url = "/api/v1/conversion-requests/"
    assert listed(api(nadia), url, approver=leo.pk) == [first.pk]
    assert listed(api(nadia), url, lead=first.lead_id) == [first.pk]
    assert api(nadia).get(url, {"approver": "leo"}).status_code == 400
    assert api(nadia).get(url, {"colour": "red"}).status_code == 400


def test_receipts_are_narrowed(leo, api):
    first, second = (
        services.convert_lead(lead=LeadFactory(owner=leo), plan=plan_of(), actor=leo)
        for _ in range(2)
    )
    url = "/api/v1/conversions/"
    assert listed(api(leo), url) == [second.pk, first.pk]
    assert listed(api(leo), url, account=first.account_id) == [first.pk]
    assert listed(api(leo), url, lead=second.lead_id) == [second.pk]
    assert listed(api(leo), url, converted_by="me", mode="direct") == [second.pk, first.pk]
    assert listed(api(leo), url, mode="requested") == []


def test_receipts_are_only_for_those_who_may_see_them(lead, leo, soren, api):
    conversion = services.convert_lead(lead=lead, plan=plan_of(), actor=leo)
    assert listed(api(soren), "/api/v1/conversions/") == []
    assert api(soren).get(f"/api/v1/conversions/{conversion.pk}/").status_code == 404


@pytest.mark.parametrize("method", ["patch", "delete"])
def test_a_receipt_cannot_be_changed(lead, leo, api, method):
    conversion = services.convert_lead(lead=lead, plan=plan_of(), actor=leo)
    answer = getattr(api(leo), method)(f"/api/v1/conversions/{conversion.pk}/")
    assert answer.status_code == 405


@pytest.mark.parametrize("resource", ["conversions", "conversion-requests"])
def test_lists_cost_the_same_for_one_row_as_for_many(
    two_requests, leo, nadia, api, resource, django_assert_max_num_queries
):
    for _ in range(5):
        services.convert_lead(lead=LeadFactory(owner=leo), plan=plan_of(), actor=leo)
    client = api(nadia)
    client.get(f"/api/v1/{resource}/")  # Reads her reach, which she keeps.
    with django_assert_max_num_queries(4):
        assert client.get(f"/api/v1/{resource}/").status_code == 200
