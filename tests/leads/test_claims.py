"""Claims: whoever opens a lead of the work queue has it to themselves for ten minutes."""

import datetime as dt
import uuid

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from activities.models import Activity
from leads.models import LeadClaim, LeadMember
from leads.services import (
    LeadIsClaimed,
    QueueIsEmpty,
    claim_lead,
    release_claim,
    release_lead,
    take_next,
)
from leads.services.working import work_lead
from tests.browser import faults
from tests.concurrency import collide, wait_until
from tests.factories import LeadFactory, QueueFactory, UserFactory

QUEUE, CLAIM, RELEASE = (reverse(f"leads:{name}") for name in ("queue", "claim", "release"))
LATER = dt.timedelta(minutes=10, seconds=1)


@pytest.fixture
def mate(rita):
    """Another SDR of the north team, on the team list of Rita's leads."""
    return UserFactory(full_name="Priya Nair", role=rita.role, team=rita.team)


@pytest.fixture
def shared(rita, mate):
    """Rita's lead, on which her mate works too."""
    lead = LeadFactory(owner=rita, kind="working", score=90, last_name="Shared")
    LeadMember.objects.create(record=lead, user=mate)
    return lead


# --- What a claim is


def test_the_first_one_has_it_and_the_second_one_is_told(rita, mate, shared):
    assert claim_lead(lead=shared, actor=rita).user == rita
    assert claim_lead(lead=shared, actor=mate).user == rita
    assert LeadClaim.objects.get().user == rita


def test_it_ends_after_ten_minutes_unless_it_is_held_for_longer(rita, mate, shared):
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        claim = claim_lead(lead=shared, actor=rita)
    assert claim.until == now + dt.timedelta(minutes=10)
    with time_machine.travel(now + dt.timedelta(minutes=9), tick=False):
        claim_lead(lead=shared, actor=rita)
    with time_machine.travel(now + LATER, tick=False):
        assert claim_lead(lead=shared, actor=mate).user == rita
    with time_machine.travel(now + dt.timedelta(minutes=9) + LATER, tick=False):
        assert claim_lead(lead=shared, actor=mate).user == mate


def test_whoever_opens_another_lead_has_left_the_one_before(rita, mate, shared):
    claim_lead(lead=shared, actor=rita)
    other = LeadFactory(owner=rita)
    claim_lead(lead=other, actor=rita)
    assert claim_lead(lead=shared, actor=mate).user == mate
    assert LeadClaim.objects.get(user=rita).lead == other


def test_a_page_that_closes_late_ends_only_its_own_claim(rita, shared):
    first = claim_lead(lead=shared, actor=rita)
    second = claim_lead(lead=shared, actor=rita)
    release_claim(actor=rita, token=first.token)
    assert LeadClaim.objects.get().token == second.token
    release_claim(actor=rita, token=second.token)
    assert not LeadClaim.objects.exists()


def test_nobody_ends_the_claim_of_another(rita, mate, shared):
    claim = claim_lead(lead=shared, actor=rita)
    release_claim(actor=mate, token=claim.token)
    release_lead(lead=shared, actor=mate)
    assert LeadClaim.objects.get() == claim


def test_only_those_who_may_edit_a_lead_claim_it(soren, shared):
    with pytest.raises(PermissionDenied):
        claim_lead(lead=shared, actor=soren)
    assert not LeadClaim.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_open_a_lead_at_once_one_has_it(rita, mate, shared):
    outcomes = collide(
        shared,
        lambda: claim_lead(lead=shared, actor=rita),
        lambda: claim_lead(lead=shared, actor=mate),
    )
    assert {claim.user for claim in outcomes} == {LeadClaim.objects.get().user}


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_over_an_old_claim_at_once_one_has_it(rita, mate, nadia, shared):
    with time_machine.travel(timezone.now() - LATER):
        old = claim_lead(lead=shared, actor=nadia)
    outcomes = collide(
        old,
        lambda: claim_lead(lead=shared, actor=rita),
        lambda: claim_lead(lead=shared, actor=mate),
    )
    winner = LeadClaim.objects.get().user
    assert winner in (rita, mate)
    assert {claim.user for claim in outcomes} == {winner}


# --- What it keeps others from


def test_nobody_else_saves_an_outcome_meanwhile(rita, mate, shared):
    claim_lead(lead=shared, actor=mate)
    with pytest.raises(LeadIsClaimed, match="Priya Nair is on it"):
        work_lead(lead=shared, actor=rita, outcome="connected")
    assert not Activity.objects.exists()
    work_lead(lead=shared, actor=mate, outcome="connected")
    assert not LeadClaim.objects.exists()
    work_lead(lead=shared, actor=rita, note="Thanks.")
    assert Activity.objects.count() == 2


def test_a_waiting_lead_that_somebody_has_opened_is_passed_over(rita, mate):
    queue = QueueFactory(members=[rita, mate])
    best = LeadFactory(owner=None, queue=queue, score=90)
    claim_lead(lead=best, actor=mate)
    with pytest.raises(QueueIsEmpty):
        take_next(queue=queue, actor=rita)
    assert take_next(queue=queue, actor=mate) == best


# --- Pages


def test_the_queue_passes_over_a_lead_with_a_colleague_and_says_who_is_on_it(browse, mate, shared):
    free = LeadFactory(owner=shared.owner, kind="working", score=80, last_name="Free")
    claim_lead(lead=shared, actor=mate)
    client = browse(shared.owner)
    page = client.get(QUEUE)
    assert page.context["lead"] == free
    assert "Priya Nair is on it" in page.content.decode()
    opened = client.get(f"{QUEUE}?lead={shared.pk}")
    assert "What came of it" not in opened.content.decode()
    assert opened.context["after"] == free.pk


def test_opening_is_a_post_and_looking_writes_nothing(browse, rita, shared):
    client = browse(rita)
    client.get(QUEUE)
    assert not LeadClaim.objects.exists()
    answer = client.post(CLAIM, {"lead": shared.pk})
    assert answer.url == f"{QUEUE}?lead={shared.pk}"
    assert LeadClaim.objects.get().user == rita
    assert "colleagues see that you are on it" in client.get(answer.url).content.decode()


def test_whoever_comes_second_goes_on_by_itself_but_keeps_what_was_typed(browse, mate, shared):
    free = LeadFactory(owner=shared.owner, kind="working")
    claim_lead(lead=shared, actor=mate)
    client = browse(shared.owner)
    moved = client.post(CLAIM, {"lead": shared.pk}, headers={"HX-Request": "true"})
    assert moved.headers["HX-Redirect"] == f"{QUEUE}?lead={free.pk}"
    assert "Here is the next lead." in client.get(QUEUE).content.decode()
    told = client.post(CLAIM, {"lead": shared.pk, "again": 1}, headers={"HX-Request": "true"})
    assert "HX-Redirect" not in told.headers
    assert "Priya Nair is on it" in told.content.decode()
    body = {"lead": shared.pk, "outcome": "connected", "note": "Long talk.", "plan": "week"}
    refused = client.post(QUEUE, body)
    assert refused.status_code == 409
    assert "Long talk." in refused.content.decode()
    assert not Activity.objects.exists()


def test_the_record_and_the_preview_say_who_is_on_it_to_everybody_else(browse, rita, nadia, shared):
    claim_lead(lead=shared, actor=rita)
    preview = reverse("leads:preview", args=[shared.pk])
    for address in (shared.get_absolute_url(), f"{reverse('leads:list')}?preview={shared.pk}"):
        assert "Rita Ono is on it" in browse(nadia).get(address).content.decode()
        assert "is on it" not in browse(rita).get(address).content.decode()
    fragment = browse(nadia).get(preview, headers={"HX-Request": "true"})
    assert "Rita Ono is on it" in fragment.content.decode()


def test_a_release_needs_a_token(browse, rita, shared):
    claim = claim_lead(lead=shared, actor=rita)
    client = browse(rita)
    assert client.post(RELEASE, {"token": "x"}).status_code == 400
    assert client.post(RELEASE, {"token": uuid.uuid4()}).status_code == 204
    assert LeadClaim.objects.exists()
    assert client.post(RELEASE, {"token": claim.token}).status_code == 204
    assert not LeadClaim.objects.exists()


# --- REST


def test_programs_claim_and_release_too(api, rita, mate, shared):
    url = reverse("api:lead-claim", args=[shared.pk])
    mine = api(rita).post(url)
    assert (mine.status_code, mine.json()["user"]) == (200, rita.pk)
    refused = api(mate).post(url)
    assert (refused.status_code, refused.json()["code"]) == (409, "lead_claimed")
    assert api(rita).delete(url).status_code == 204
    assert api(mate).post(url).json()["user"] == mate.pk


# --- In a browser


@pytest.mark.django_db(transaction=True)
def test_two_browsers_never_work_the_same_lead(browser_of, rita, mate, shared):
    LeadFactory(owner=rita, kind="working", score=80, last_name="Other")
    first = browser_of(mate)
    first.goto(f"{QUEUE}?lead={shared.pk}")
    expect(first.locator("#claim")).to_contain_text("Yours until")
    second = browser_of(rita)
    second.goto(QUEUE)
    expect(second.get_by_role("heading", level=2, name="Ada Other")).to_be_visible()
    expect(second.get_by_role("navigation", name="Queue")).to_contain_text("Priya Nair is on it")
    expect(second.locator("#claim")).to_contain_text("Yours until")
    first.goto(reverse("home"))
    # The page that is left says so to the server, and does not wait for an answer.
    wait_until(lambda: not LeadClaim.objects.filter(user=mate).exists())
    assert LeadClaim.objects.get().user == rita


@pytest.mark.django_db(transaction=True)
def test_a_lead_with_a_colleague_is_accessible(browser_of, rita, mate, shared):
    claim_lead(lead=shared, actor=mate)
    page = browser_of(rita)
    for address in (f"{QUEUE}?lead={shared.pk}", shared.get_absolute_url()):
        page.goto(address)
        expect(page.get_by_text("Priya Nair is on it").last).to_be_visible()
        assert faults(page, closely=True) == []


@pytest.mark.django_db(transaction=True)
def test_a_lead_is_claimed_without_scripts(browser_of, rita, shared):
    page = browser_of(rita, java_script_enabled=False)
    page.goto(QUEUE)
    page.get_by_role("button", name="Claim it for 10 minutes").click()
    expect(page.locator("#claim")).to_contain_text("Yours until")
