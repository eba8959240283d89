"""Where a request stands in the inbox, and the way to the one before and after it."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from conversion.models import ConversionRequest
from conversion.queries import RAIL_LENGTH, Inbox, inbox
from conversion.services import approve, convert_lead, submit_request
from tests.browser import press, violations
from tests.conversion.conftest import confirm, make_lead, plan_of


def ask(rita, leo, name, due):
    """A request of Rita's for Leo that is due in so many hours."""
    lead = make_lead(rita, last_name=name, company=name, email=f"{name}@{name}.example", phone="")
    request = submit_request(
        lead=lead, path=confirm(lead, rita), plan=plan_of(), actor=rita, approver=leo
    )
    when = timezone.now() + dt.timedelta(hours=due)
    ConversionRequest.objects.filter(pk=request.pk).update(due_at=when)
    return request


@pytest.fixture
def three(rita, leo):
    return [ask(rita, leo, name, due) for due, name in enumerate(("Adams", "Baker", "Clark"), 1)]


def screen(request):
    return f"{reverse('conversion:convert', args=[request.lead_id])}?request={request.pk}"


def place(client, address):
    context = client.get(address).context
    found = context["place"]
    found = found() if callable(found) else found
    return found.previous, found.number, found.total, found.next


@pytest.mark.django_db
@pytest.mark.parametrize("address", [ConversionRequest.get_absolute_url, screen])
def test_each_page_of_a_request_knows_its_neighbors(three, leo, browse, address):
    first, second, third = three
    client = browse(leo)
    assert place(client, address(first)) == (None, 1, "3", second)
    assert place(client, address(second)) == (first, 2, "3", third)
    assert place(client, address(third)) == (second, 3, "3", None)


@pytest.mark.django_db
def test_neighbors_are_of_the_list_that_the_request_stands_in(three, leo, browse):
    first, second, third = three
    for request in (first, third):
        approve(request=request, actor=leo)
    client = browse(leo)
    assert place(client, screen(first)) == (None, 1, "2", third)
    assert place(client, screen(second)) == (None, 1, "1", None)
    page = client.get(screen(first)).content.decode()
    assert f'href="{third.get_absolute_url()}?show=approved"' in page


@pytest.mark.django_db
def test_what_stands_in_no_list_has_no_number_but_a_next(three, leo, browse):
    own = make_lead(leo, last_name="Direct", company="Direct", email="d@direct.example", phone="")
    page = browse(leo).get(reverse("conversion:convert", args=[own.pk])).content.decode()
    assert "Next request" not in page
    assert inbox(leo).place_of(None).next == three[0]


def test_a_rail_that_ends_does_not_say_how_much_there_is():
    rows = [ConversionRequest(pk=number) for number in range(RAIL_LENGTH)]
    found = Inbox(show="waiting", tabs=[], own=rows, others=[], waiting=0, overdue=0)
    assert found.place_of(rows[4]).total == f"{RAIL_LENGTH}+"
    assert found.place_of(rows[-1]).next is None


@pytest.mark.django_db
@pytest.mark.parametrize(("headers", "is_read"), [({}, True), ({"HX-Request": "true"}, False)])
def test_only_the_whole_screen_reads_the_inbox(three, leo, browse, headers, is_read):
    client = browse(leo)
    with CaptureQueriesContext(connection) as queries:
        client.get(screen(three[0]), headers=headers)
    assert any(f"LIMIT {RAIL_LENGTH}" in query["sql"] for query in queries) == is_read


@pytest.mark.django_db(transaction=True)
def test_an_approver_goes_through_requests_by_keys(three, leo, browser_of):
    first, second, _ = three
    page = browser_of(leo)
    page.goto(screen(first))
    expect(page.get_by_text("Request 1 of 3")).to_be_visible()
    assert violations(page) == []
    press(page, "j")
    page.wait_for_url(f"**{second.get_absolute_url()}?show=waiting")
    expect(page.get_by_text("Request 2 of 3")).to_be_visible()
    press(page, "Shift+K")
    page.wait_for_url(f"**{first.get_absolute_url()}?show=waiting")
    expect(page.get_by_text("Request 1 of 3")).to_be_visible()


@pytest.mark.django_db(transaction=True)
def test_the_receipt_leads_on_to_the_next_request(three, leo, browser_of):
    first, second, _ = three
    conversion = convert_lead(lead=first.lead, plan=plan_of(), actor=leo, request=first)
    page = browser_of(leo)
    page.goto(conversion.get_absolute_url())
    expect(page.get_by_role("link", name="Next request: Dana Baker")).to_be_visible()
    press(page, "j")
    page.wait_for_url(f"**{second.get_absolute_url()}")
    expect(page.get_by_role("heading", level=2, name="Dana Baker")).to_be_visible()
