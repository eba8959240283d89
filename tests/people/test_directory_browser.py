"""People come and go, in a real browser: by invitation, and with everything handed over."""

import re

import pytest
from django.core import mail
from django.urls import reverse
from playwright.sync_api import expect

from activities.models import Event
from leads.models import Lead
from people.models import User
from tests.browser import listen
from tests.factories import ActivityFactory, LeadFactory
from tests.people.conftest import run_jobs

pytestmark = pytest.mark.django_db(transaction=True)


def test_somebody_invited_chooses_a_password_and_signs_in(ada, north, browser_of, new_context):
    page = browser_of(ada)
    page.goto(reverse("settings:users"))
    page.get_by_role("link", name="Invite somebody").click()
    page.wait_for_url(f"**{reverse('settings:user_invite')}")
    page.get_by_label("Name").fill("Priya Nair")
    page.get_by_label("Email").fill("Priya@Example.com")
    page.get_by_label("Role").select_option(label="SDR")
    page.get_by_label("Team").select_option(label="North")
    page.get_by_role("button", name="Send invitation").click()
    expect(page.get_by_text("gets a mail with a link to choose a password")).to_be_visible()
    priya = User.objects.get(email="priya@example.com")
    assert (priya.role.key, priya.team, priya.has_usable_password()) == ("sdr", north, False)

    run_jobs()
    [message] = mail.outbox
    link = re.search(r"http://localhost:8000(\S+)", message.body)[1]
    complaints = []
    hers = new_context().new_page()
    listen(hers, complaints)
    hers.goto(link)
    hers.get_by_label("New Password", exact=True).fill("moss-and-fern")
    hers.get_by_label("New Password (again)").fill("moss-and-fern")
    hers.get_by_role("button", name="Save password").click()
    expect(hers.get_by_role("heading", name="Your password is saved")).to_be_visible()
    hers.get_by_role("link", name="Sign in").click()
    hers.wait_for_url(f"**{reverse('account_login')}*")
    hers.get_by_label("Email").fill("priya@example.com")
    hers.get_by_label("Password").fill("moss-and-fern")
    hers.get_by_role("button", name="Sign in").click()
    expect(hers.get_by_role("link", name="My queue").first).to_be_visible()
    expect(hers.get_by_role("link", name="Settings")).to_have_count(0)
    priya.refresh_from_db()
    assert priya.check_password("moss-and-fern")
    assert priya.last_login is not None
    assert complaints == []


def test_who_leaves_is_signed_out_and_hands_over(ada, rita, nadia, north, browser_of):
    lead = LeadFactory(owner=rita, last_name="Abara")
    task = ActivityFactory(kind="task", owner=rita, created_by=rita, lead=lead)
    hers = browser_of(rita)
    hers.goto(lead.get_absolute_url())
    page = browser_of(ada)
    page.goto(reverse("settings:users"))
    page.get_by_role("link", name="Rita Ono").click()
    page.get_by_role("link", name="Deactivate…").click()
    page.wait_for_url(f"**{reverse('settings:user_deactivate', args=[rita.pk])}")
    expect(page.get_by_text("What changes hands")).to_be_visible()
    page.get_by_label("Records and open tasks go to").select_option(label="Nadia Berg")
    page.get_by_role("button", name="Deactivate and hand over").click()
    expect(page.get_by_text("Rita Ono has no access any more; 2 handed over.")).to_be_visible()
    expect(page.get_by_role("link", name="Rita Ono")).to_have_count(0)
    rita.refresh_from_db()
    task.refresh_from_db()
    assert not rita.is_active
    assert (Lead.objects.get(pk=lead.pk).owner, task.owner) == (nadia, nadia)
    event = Event.objects.get(verb="user.deactivated")
    assert (event.actor, event.changes["handed_over"]) == (ada, {"lead": 1, "activity": 1})
    hers.reload()
    expect(hers.get_by_role("heading", name="Sign in to Relay")).to_be_visible()
