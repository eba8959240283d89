"""The number beside the bell, which an open page asks for every 30 seconds."""

from urllib.parse import urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from playwright.sync_api import expect

from activities.models import Notification
from leads.models import LeadMember
from tests.factories import EventFactory, LeadFactory, NotificationFactory

pytestmark = pytest.mark.django_db

BELL = "/notifications/bell/"


def tell(user):
    return NotificationFactory(user=user, event=EventFactory(lead=LeadFactory(owner=user)))


def ask(client, tag=""):
    return client.get(BELL, headers={"If-None-Match": tag} if tag else {})


def test_it_says_how_much_is_unread(browse, rita):
    client = browse(rita)
    assert ask(client).content.decode().strip() == ""
    tell(rita), tell(rita)
    assert "2<span" in ask(client).content.decode()


def test_nothing_is_sent_while_nothing_has_changed(browse, rita, django_assert_num_queries):
    tell(rita)
    client = browse(rita)
    first = ask(client)
    with django_assert_num_queries(3):  # session, user, unread
        again = ask(client, first["ETag"])
    assert (again.status_code, again.content) == (304, b"")


def test_what_comes_in_and_what_is_read_is_said(browse, rita, django_assert_num_queries):
    client = browse(rita)
    tags = [ask(client)["ETag"]]
    for _ in range(2):
        tell(rita)
        with django_assert_num_queries(5):  # session, user, unread, teams, those one sees
            answer = ask(client, tags[-1])
        assert answer.status_code == 200
        tags.append(answer["ETag"])
    client.post(reverse("activities:read"))
    answer = ask(client, tags[-1])
    assert (answer.status_code, answer.content.decode().strip()) == (200, "")
    assert (len({*tags}), answer["ETag"]) == (3, tags[0])


def test_one_s_number_says_nothing_to_another(browse, rita, nadia):
    assert ask(browse(nadia), ask(browse(rita))["ETag"]).status_code == 200


def test_what_one_may_not_see_any_more_is_not_counted(browse, leo):
    lead = LeadFactory()
    membership = LeadMember.objects.create(record=lead, user=leo)
    NotificationFactory(user=leo, event=EventFactory(lead=lead))
    assert "1<span" in ask(browse(leo)).content.decode()
    membership.delete()
    assert ask(browse(leo)).content.decode().strip() == ""


# --- In a browser ---


def later(page):
    """Half a minute later, once the bell was asked for."""
    with page.expect_response(f"**{BELL}") as answer:
        page.clock.run_for(30_000)
    return answer.value


@pytest.fixture
def page(browser_of, rita):
    page = browser_of(rita)
    page.clock.install()
    page.goto(reverse("activities:tasks"))
    return page


@pytest.mark.django_db(transaction=True)
def test_the_sidebar_counts_what_comes_in_without_a_word(page, rita):
    count = page.locator(".side [data-polls] .n")
    expect(count).to_have_count(0)
    tell(rita)
    assert later(page).status == 200
    expect(count).to_have_text("1 waiting")
    expect(page.locator("#voice")).to_have_text("")
    assert later(page).status == 304
    expect(count).to_have_text("1 waiting")
    page.reload()
    assert later(page).status == 304
    Notification.objects.all().delete()
    assert later(page).status == 200
    expect(count).to_have_count(0)


@pytest.mark.django_db(transaction=True)
def test_the_bell_rests_while_nobody_looks_and_once_the_session_is_over(page):
    asked = []
    page.on(
        "request", lambda request: urlsplit(request.url).path == BELL and asked.append(request.url)
    )
    hide = "value => Object.defineProperty(document, 'hidden', {value, configurable: true})"
    page.evaluate(hide, True)
    page.clock.run_for(90_000)
    assert asked == []
    page.evaluate(hide, False)
    later(page)
    assert len(asked) == 1
    Session.objects.all().delete()
    assert later(page).status == 302
    # Once this is answered, the page knows the answer before.
    page.evaluate("async () => { await fetch('/livez'); }")
    page.clock.run_for(90_000)
    assert len(asked) == 2
    assert page.url.endswith(reverse("activities:tasks"))
