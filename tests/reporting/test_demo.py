"""The demo company: what somebody who tries Relay finds."""

import datetime as dt
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account, AccountType
from activities.models import Notification
from conversion.invariants import broken_invariants
from conversion.models import Conversion, ConversionRequest, RequestState
from leads.known import find_matches
from leads.models import Lead, StatusKind
from opportunities.models import Opportunity, StageKind
from people.models import User
from tests.factories import UserFactory


@pytest.fixture
def company(db, settings):
    settings.DEMO = True
    call_command("seed_demo", stdout=StringIO())
    return {user.email.split("@")[0]: user for user in User.objects.all()}


def test_somebody_who_tries_relay_finds_something_everywhere(company, browse):
    """One test, since making the company takes seconds."""
    check_there_is_something_of_everything()
    check_one_waiting_request_is_about_somebody_known_already(company)
    check_everybody_finds_something_to_do(company, browse)
    check_nothing_in_the_past_lies_in_the_future()
    check_accounts_say_what_they_are()
    assert not any(broken_invariants().values())


def check_there_is_something_of_everything():
    requests = ConversionRequest.objects.all()
    assert set(requests.values_list("state", flat=True)) == set(RequestState.values)
    assert requests.overdue().exists()
    assert requests.waiting().exclude(pk__in=requests.overdue()).exists()
    sent_back = requests.get(state=RequestState.SENT_BACK)
    assert sent_back.decision_note
    assert sent_back.doubted

    receipts = Conversion.objects.all()
    assert set(receipts.values_list("opportunity_outcome", flat=True)) == {
        "created",
        "existing",
        "none",
    }
    first = receipts.order_by("converted_at").first()
    assert timezone.now() - first.converted_at > dt.timedelta(days=150)

    assert set(Lead.objects.values_list("status_kind", flat=True)) == set(StatusKind.values)
    closed = Opportunity.objects.exclude(stage_kind=StageKind.OPEN)
    assert len({deal.closed_at.month for deal in closed}) >= 4
    assert set(closed.values_list("stage_kind", flat=True)) == {StageKind.WON, StageKind.LOST}


def check_one_waiting_request_is_about_somebody_known_already(company):
    dana = Lead.objects.get(last_name="Whitfield")
    matches = find_matches(dana, company["ae"])
    assert [match.record.name for match in matches.strong("account")] == ["Halcyon Robotics"]
    assert matches.contacts
    assert ConversionRequest.objects.waiting().filter(lead=dana, approver=company["ae"]).exists()


def check_everybody_finds_something_to_do(company, browse):
    for person in company.values():
        client = browse(person)
        home = client.get(reverse("home")).context
        assert home["tasks"], f"{person}: no task"
        parts = ("queue", "sent_back", "to_decide", "closing", "numbers")
        assert any(home.get(part) for part in parts), f"{person}: nothing on home"
        for name in ("leads:list", "accounts:list", "accounts:contacts", "opportunities:list"):
            page = client.get(reverse(name)).content.decode()
            assert "<tbody" in page, f"{person}: empty {name}"
        if person.can("request", "decide"):
            inbox = client.get(reverse("conversion:approvals")).context
            assert inbox["own_rows"] or inbox["other_rows"], f"{person}: no request"
        assert Notification.objects.filter(user=person).exists(), f"{person}: never told anything"


def check_accounts_say_what_they_are():
    assert not Account.objects.filter(Q(industry="") | Q(city="") | Q(country="")).exists()
    won = set(Account.objects.filter(opportunities__stage_kind=StageKind.WON))
    assert won
    assert set(Account.objects.filter(type=AccountType.CUSTOMER)) == won


def check_nothing_in_the_past_lies_in_the_future():
    now = timezone.now()
    assert not Lead.objects.filter(created_at__gt=now).exists()
    assert not Opportunity.objects.filter(closed_at__gt=now).exists()
    assert not ConversionRequest.objects.filter(submitted_at__gt=now).exists()


def test_it_is_made_where_it_is_wanted_only(db, settings):
    settings.DEMO, settings.DEBUG = False, True
    with pytest.raises(CommandError, match="RELAY_DEMO"):
        call_command("seed_demo")
    assert not User.objects.exists()


def test_it_is_made_for_nobody_but_the_first(db, settings):
    settings.DEMO = True
    UserFactory()
    with pytest.raises(CommandError, match="There are people already"):
        call_command("seed_demo")
