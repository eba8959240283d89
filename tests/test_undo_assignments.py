"""Giving accounts, contacts and deals away, one or many, and taking that back for a day."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from accounts.services import (
    add_account_member,
    assign_account,
    assign_contact,
    delete_account,
    delete_contact,
    update_account,
    update_contact,
)
from activities.models import Event
from activities.reversible import RecordHasChanged, undo_assignment
from activities.services import log_activity
from activities.timeline import timeline
from opportunities.services import assign_opportunity, delete_opportunity, update_opportunity
from people.models import RolePermission
from tests.browser import faults, press
from tests.concurrency import collide
from tests.factories import AccountFactory, ContactFactory, OpportunityFactory

pytestmark = pytest.mark.django_db
committed = pytest.mark.django_db(transaction=True)


@dataclass(frozen=True)
class Kind:
    """One kind of record: how tests make it, its services and the addresses of its pages."""

    noun: str
    factory: Any
    assign: Any
    update: Any
    delete: Any
    change: dict[str, Any]
    url: str
    field: str = "owner"

    def of(self, record):
        return {self.noun: record}

    def verbs(self, record):
        return list(
            Event.objects.filter(**self.of(record)).order_by("pk").values_list("verb", flat=True)
        )

    def latest(self, record):
        return Event.objects.filter(**self.of(record)).latest("pk")

    def undo(self, record, actor):
        return undo_assignment(event=self.latest(record), actor=actor, assign=self.assign)


KINDS = {
    "account": Kind(
        "account", AccountFactory, assign_account, update_account, delete_account,
        {"city": "Bonn"}, "accounts:assign",
    ),
    "contact": Kind(
        "contact", ContactFactory, assign_contact, update_contact, delete_contact,
        {"title": "CFO"}, "accounts:contact_assign",
    ),
    "opportunity": Kind(
        "opportunity", OpportunityFactory, assign_opportunity, update_opportunity,
        delete_opportunity, {"next_step": "Call"}, "opportunities:assign", "to",
    ),
}  # fmt: skip
# Where many are given away, what several are called, and their list.
BULK = {
    "account": ("accounts:bulk", "accounts", "accounts:list"),
    "contact": ("accounts:contact_bulk", "contacts", "accounts:contacts"),
    "opportunity": ("opportunities:bulk", "opportunities", "opportunities:list"),
}


@pytest.fixture(params=KINDS)
def kind(request):
    return KINDS[request.param]


@pytest.fixture
def leos(kind, leo):
    return kind.factory(owner=leo, team=leo.team)


def send(client, **posted):
    return client.post(reverse("undo"), posted, follow=True)


def said(page):
    return [str(message) for message in page.context["messages"]]


def button_of(page):
    """What the Undo button of the message posts; nothing where there is no button."""
    (message,) = page.context["messages"]
    return {name: value for name, (value,) in parse_qs(message.extra_tags).items()}


def owner_of(record):
    record.refresh_from_db()
    return record.owner


def offered(record, user, may=("assign", "edit")):
    """The events that a timeline offers to take back."""
    days = timeline(record, user, may=may).days
    return [entry.undo for day in days for entry in day.entries if entry.undo]


# --- One


def test_the_message_about_a_new_owner_takes_it_back(kind, leos, browse, nadia, leo):
    client = browse(nadia)
    at = reverse(kind.url, args=[leos.pk])
    button = button_of(client.post(at, {kind.field: nadia.pk}, follow=True))
    assert owner_of(leos) == nadia
    assert button.pop("at") == reverse("undo")
    page = send(client, **button)
    assert said(page) == [f"{leos} is as it was before."]
    assert page.redirect_chain == [(leos.get_absolute_url(), 302)]
    assert owner_of(leos) == leo
    assert kind.verbs(leos) == [f"{kind.noun}.assigned"] * 2


def test_the_owner_before_is_told_and_the_team_goes_back_too(kind, leos, nadia, leo):
    team = leos.team
    kind.assign(**kind.of(leos), to=nadia, actor=nadia)
    assert kind.undo(leos, nadia).team == team
    assert [each.user for each in kind.latest(leos).notifications.all()] == [leo]


def test_the_record_page_offers_it_for_a_day(kind, leos, browse, nadia, leo):
    kind.assign(**kind.of(leos), to=nadia, actor=nadia)
    client, event = browse(nadia), kind.latest(leos)
    for at in (
        leos.get_absolute_url(),
        reverse("activities:timeline", args=[kind.noun, leos.pk]),
    ):
        assert f'name="event" value="{event.pk}"' in client.get(at).content.decode()
    with time_machine.travel(timezone.now() + dt.timedelta(hours=24, minutes=1)):
        client.force_login(nadia)
        assert 'name="event"' not in client.get(leos.get_absolute_url()).content.decode()
        assert said(send(client, event=event.pk))[0].startswith("Nothing to undo")
        with pytest.raises(PermissionDenied):
            kind.undo(leos, nadia)
    send(client, event=event.pk)
    assert owner_of(leos) == leo


def test_only_the_latest_change_of_one_s_own_is_offered(kind, leos, nadia, leo, rita):
    kind.assign(**kind.of(leos), to=nadia, actor=nadia)
    event = kind.latest(leos)
    log_activity(kind="note", actor=nadia, fields={"body": "Hello"}, **kind.of(leos))
    assert offered(leos, nadia) == [event]
    assert offered(leos, nadia, may=["edit"]) == []
    assert offered(leos, leo) == []
    kind.update(**kind.of(leos), changes=kind.change, actor=nadia)
    assert offered(leos, nadia) == []


def test_what_was_changed_since_stays(kind, leos, browse, nadia):
    kind.assign(**kind.of(leos), to=nadia, actor=nadia)
    event = kind.latest(leos)
    kind.update(**kind.of(leos), changes=kind.change, actor=nadia)
    page = send(browse(nadia), event=event.pk)
    assert page.status_code == 200
    assert f"{leos} was changed by you in the meantime." in page.content.decode()
    assert owner_of(leos) == nadia


def test_nobody_takes_back_what_another_did(kind, leos, browse, nadia, leo):
    kind.assign(**kind.of(leos), to=nadia, actor=nadia)
    event = kind.latest(leos)
    with pytest.raises(PermissionDenied):
        undo_assignment(event=event, actor=leo, assign=kind.assign)
    page = send(browse(leo), event=event.pk)
    assert said(page) == ["Nothing to undo: a change can be taken back for 24 hours."]
    assert owner_of(leos) == nadia


def test_whoever_may_not_assign_any_more_takes_nothing_back(kind, leos, browse, nadia):
    kind.assign(**kind.of(leos), to=nadia, actor=nadia)
    RolePermission.objects.filter(role=nadia.role, record_type=kind.noun, action="assign").delete()
    page = send(browse(nadia), event=kind.latest(leos).pk)
    assert "You may not do this." in page.content.decode()
    assert owner_of(leos) == nadia


def test_an_owner_before_whose_account_is_closed_does_not_get_it_back(
    kind, leos, browse, nadia, leo
):
    kind.assign(**kind.of(leos), to=nadia, actor=nadia)
    leo.is_active = False
    leo.save()
    page = send(browse(nadia), event=kind.latest(leos).pk)
    assert "cannot own this" in page.content.decode()
    assert owner_of(leos) == nadia


def test_a_deleted_record_is_not_brought_back(kind, leos, browse, nadia):
    kind.assign(**kind.of(leos), to=nadia, actor=nadia)
    event = kind.latest(leos)
    kind.delete(**kind.of(leos), actor=nadia)
    page = send(browse(nadia), event=event.pk).content.decode()
    assert "One that you cannot open any more" in page
    assert owner_of(leos) == nadia


def test_who_gave_it_out_of_reach_is_offered_nothing(kind, leos, browse, nadia, ines):
    at = reverse(kind.url, args=[leos.pk])
    page = browse(nadia).post(at, {kind.field: ines.pk}, follow=True)
    assert owner_of(leos) == ines
    assert button_of(page) == {}


@committed
def test_an_undo_and_a_change_at_once_lose_nothing(kind, leos, nadia, leo):
    kind.assign(**kind.of(leos), to=nadia, actor=nadia)
    event = kind.latest(leos)
    taken, changed = collide(
        leos,
        lambda: undo_assignment(event=event, actor=nadia, assign=kind.assign),
        lambda: kind.update(**kind.of(leos), changes=kind.change, actor=nadia),
    )
    assert isinstance(changed, type(leos))
    assert owner_of(leos) == (nadia if isinstance(taken, RecordHasChanged) else leo)


# --- What is no change of the record


def test_what_becomes_of_its_contacts_and_deals_leaves_an_account_as_it_is(nadia, leo):
    account = AccountFactory(owner=leo, team=leo.team)
    contact = ContactFactory(account=account, owner=leo)
    deal = OpportunityFactory(account=account, owner=leo)
    assign_account(account=account, to=nadia, actor=nadia)
    event = KINDS["account"].latest(account)
    assign_contact(contact=contact, to=nadia, actor=nadia)
    assign_opportunity(opportunity=deal, to=nadia, actor=nadia)
    update_contact(contact=contact, changes={"title": "CFO"}, actor=nadia)
    assert offered(account, nadia) == [event]
    undo_assignment(event=event, actor=nadia, assign=assign_account)
    assert owner_of(account) == leo
    assert owner_of(contact) == owner_of(deal) == nadia


def test_a_change_of_its_team_is_a_change_of_an_account(nadia, leo, ines):
    account = AccountFactory(owner=leo, team=leo.team)
    assign_account(account=account, to=nadia, actor=nadia)
    add_account_member(account=account, user=ines, actor=nadia)
    assert offered(account, nadia) == []


# --- Many


@pytest.fixture(params=BULK)
def many(request, leo):
    """The kind, the address of its bulk change, what several are called, and three of Leo's."""
    kind = KINDS[request.param]
    url, plural, _ = BULK[request.param]
    return kind, reverse(url), plural, kind.factory.create_batch(3, owner=leo, team=leo.team)


def give(client, url, records, to):
    data = {"record": [record.pk for record in records], "owner": to.pk, "back": "/tasks/"}
    return client.post(url, data, follow=True)


def test_a_bulk_change_goes_back_as_a_whole(many, browse, nadia, leo):
    kind, url, plural, records = many
    client = browse(nadia)
    page = give(client, url, records, nadia)
    assert said(page) == [f"3 {plural} assigned to {nadia}."]
    assert {owner_of(record) for record in records} == {nadia}
    button = button_of(page)
    assert button.pop("at") == reverse("undo")
    back = send(client, **button)
    assert back.redirect_chain == [("/tasks/", 302)]
    assert said(back) == [f"3 {plural} are as they were before."]
    assert {owner_of(record) for record in records} == {leo}
    assert [kind.verbs(record) for record in records] == [[f"{kind.noun}.assigned"] * 2] * 3


def test_what_somebody_changed_since_is_kept_and_named(many, browse, nadia, ada):
    kind, url, plural, records = many
    client = browse(nadia)
    button = button_of(give(client, url, records, nadia))
    kind.update(**kind.of(records[1]), changes=kind.change, actor=ada)
    page = send(client, **button)
    assert [result.problem for result in page.context["kept"]] == [
        f"{records[1]} was changed by Ada Admin in the meantime."
    ]
    assert f"1 of 3 {plural} not undone" in page.content.decode()
    assert [owner_of(record) == nadia for record in records] == [False, True, False]


def test_where_some_were_refused_the_others_can_be_taken_back(many, browse, nadia, leo, ines):
    kind, url, _, records = many
    seen_only = kind.factory(owner=ines, team=ines.team)
    RolePermission.objects.filter(role=nadia.role, record_type=kind.noun, action="view").update(
        level="all"
    )
    client = browse(nadia)
    page = give(client, url, [*records, seen_only], nadia)
    assert [result.problem for result in page.context["refused"]] == ["You may not do this."]
    assert "Undo the others" in page.content.decode()
    send(client, **page.context["undo"]["fields"])
    assert {owner_of(record) for record in records} == {leo}
    assert owner_of(seen_only) == ines


def test_what_changed_nothing_has_nothing_to_undo(many, browse, nadia, leo):
    _, url, plural, records = many
    page = give(browse(nadia), url, records, leo)
    assert said(page) == [f"3 {plural} assigned to {leo}."]
    assert button_of(page) == {}


def test_a_button_s_way_back_leads_nowhere_else(many, browse, nadia):
    kind, url, _, records = many
    client = browse(nadia)
    button = button_of(give(client, url, records, nadia))
    page = client.post(reverse("undo"), button | {"back": "https://evil.example/"})
    assert page.url == reverse(BULK[kind.noun][2])


@pytest.mark.parametrize("count", [1, 20])
def test_taking_back_costs_so_many_statements_for_each(
    browse, nadia, leo, count, django_assert_max_num_queries
):
    records = AccountFactory.create_batch(count, owner=leo, team=leo.team)
    client = browse(nadia)
    button = button_of(give(client, reverse("accounts:bulk"), records, nadia))
    with django_assert_max_num_queries(5 + 13 * count):
        client.post(reverse("undo"), button)


# --- In a browser


@committed
def test_many_are_given_away_and_taken_back_by_keyboard(many, browser_of, nadia):
    kind, _, plural, records = many
    page = browser_of(nadia)
    page.goto(reverse(BULK[kind.noun][2], query={"view": "all"}))
    press(page, "j", "x", "j", "x", "a")
    page.get_by_role("dialog").get_by_role("button", name=f"Assign 2 {plural}").click()
    expect(page.locator("#toasts")).to_contain_text(f"2 {plural} assigned to")
    assert faults(page) == []
    assert [owner_of(record) for record in records].count(nadia) == 2
    press(page, "Control+z")
    expect(page.locator("#toasts")).to_contain_text(f"2 {plural} are as they were before")
    assert nadia not in [owner_of(record) for record in records]


@committed
def test_many_are_given_away_without_scripts(many, browser_of, nadia):
    kind, _, _, records = many
    page = browser_of(nadia, java_script_enabled=False)
    page.goto(reverse(BULK[kind.noun][2], query={"view": "all"}))
    page.get_by_role("checkbox", name="Select").nth(1).check()
    page.get_by_role("button", name="Assign").click()
    page.get_by_role("button", name=f"Assign 1 {kind.noun}").click()
    expect(page.locator("#toasts")).to_contain_text(f"1 {kind.noun} assigned to")
    assert [owner_of(record) for record in records].count(nadia) == 1


@committed
@pytest.mark.parametrize("scripts", [True, False])
def test_undo_stands_in_the_timeline(kind, leos, browser_of, nadia, leo, scripts):
    kind.assign(**kind.of(leos), to=nadia, actor=nadia)
    page = browser_of(nadia, java_script_enabled=scripts)
    page.goto(leos.get_absolute_url())
    if scripts:
        assert faults(page) == []
    page.locator("#timeline").get_by_role("button", name="Undo").click()
    expect(page.locator("#toasts")).to_contain_text("is as it was before")
    assert owner_of(leos) == leo
