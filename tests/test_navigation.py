"""The sidebar: only what exists, only what the role allows, and what waits there."""

import pytest
from django.db.models import QuerySet
from django.test import RequestFactory
from django.urls import NoReverseMatch, include, path, reverse
from django.utils.module_loading import import_string

from crm import navigation
from people.models import User
from people.reach import Action, Reach, ReachLevel, RecordType

PAGES = [
    *(page for _, group in navigation.GROUPS for page in group),
    *navigation.FOOT,
    *navigation.ME,
]


def nothing(request):
    """A page that is only an address."""


urlpatterns = [
    path("", nothing, name="home"),
    path("leads/", include(([path("", nothing, name="list")], "leads"))),
    path(
        "opportunities/",
        include(([path("", nothing, name="list")], "opportunities")),
    ),
]


def person(*rights):
    user = User(pk=1, full_name="Rita")
    user._reach = Reach(
        user_id=1,
        levels={f"{record}:{action}": ReachLevel.OWN for record, action in rights},
    )
    return user


def navigate(user, address="/"):
    request = RequestFactory().get(address)
    request.user = user
    return navigation.Navigation(request)


def labels(shown):
    return [item.label for group in shown.groups for item in group.items]


@pytest.fixture
def few_pages(settings):
    settings.ROOT_URLCONF = __name__


def test_pages_that_do_not_exist_are_left_out(few_pages):
    everything = person(*((record, action) for record in RecordType for action in Action))
    assert labels(navigate(everything)) == ["Home", "Leads", "Opportunities"]


def test_pages_the_role_does_not_allow_are_left_out(few_pages):
    assert labels(navigate(person((RecordType.LEAD, Action.VIEW)))) == ["Home", "Leads"]
    assert labels(navigate(person())) == ["Home"]


@pytest.mark.parametrize(
    ("address", "current"),
    [
        ("/", "Home"),
        ("/leads/", "Leads"),
        ("/leads/7/convert/", "Leads"),
        ("/elsewhere/", None),
    ],
)
def test_the_page_above_the_address_is_current(few_pages, address, current):
    shown = navigate(person((RecordType.LEAD, Action.VIEW)), address)
    marked = [item.label for group in shown.groups for item in group.items if item.is_current]
    assert marked == ([current] if current else [])


def test_a_phone_shows_four_pages(few_pages, monkeypatch):
    monkeypatch.setattr(navigation, "TABS_SHOWN", 1)
    assert [item.label for item in navigate(person()).tabs] == ["Home"]


def test_a_folded_sidebar_arrives_folded():
    shown = navigate(person())
    assert not shown.is_folded
    shown.request.COOKIES[navigation.FOLDED_COOKIE] = "folded"
    assert shown.is_folded


def test_keys_are_not_given_twice():
    keys = [page.key for page in PAGES if page.key]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.waiting], ids=lambda page: page.label
)
def test_what_waits_can_be_asked(page, rita):
    """A page that is there, and says how many things wait, needs the function that knows."""
    try:
        reverse(page.url_name)
    except NoReverseMatch:
        pytest.skip(f"{page.url_name} is not there yet")
    assert isinstance(import_string(page.waiting)(rita), QuerySet)


def test_all_that_waits_is_counted_in_one_query(ada, django_assert_num_queries):
    ada.can(RecordType.LEAD, Action.VIEW)  # Reads the reach, which is not what is counted here.
    with django_assert_num_queries(1):
        shown = navigate(ada)
        assert [item.count for group in shown.groups for item in group.items if item.count] == []


def test_a_page_may_say_under_which_address_it_is_found(few_pages):
    rights = [(record, Action.VIEW) for record in (RecordType.LEAD, RecordType.OPPORTUNITY)]
    shown = navigate(person(*rights), "/leads/7/convert/")
    shown.request.found_under = "/opportunities/3/"
    marked = [item.label for group in shown.groups for item in group.items if item.is_current]
    assert marked == ["Opportunities"]
