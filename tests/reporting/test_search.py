"""Searching everything: what is found, for whom, in which order, and at which cost."""

import re

import pytest
from django.db import connection
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.search import resembling
from activities.events import record
from crm.templatetags.relay import highlight
from crm.text import marked
from leads.models import Lead
from people.models import RolePermission
from reporting.search import KINDS, search
from tests.factories import AccountFactory, ContactFactory, LeadFactory, OpportunityFactory
from tests.odd_text import ODD_TEXTS
from tests.reporting.conftest import converted

PAGE, PALETTE, API = (reverse(name) for name in ("search:search", "search:palette", "api:search"))


@pytest.fixture
def halcyon(leo):
    """A record of each type that has Halcyon in it, all of them Leo's."""
    account = AccountFactory(owner=leo, name="Halcyon Robotics, Inc.", city="Zürich")
    return {
        "lead": LeadFactory(owner=leo, first_name="Dana", last_name="Whit", company="Halcyon"),
        "account": account,
        "contact": ContactFactory(account=account, owner=leo, last_name="Halcyonsson"),
        "opportunity": OpportunityFactory(account=account, owner=leo, name="Pilot, 10 seats"),
    }


def found(user, text, **options):
    return {(hit.kind.key, hit.record) for hit in search(user, text, most=9, **options).hits}


@pytest.mark.django_db
def test_every_type_is_found(halcyon, leo):
    assert found(leo, "halc") == set(halcyon.items())
    assert found(leo, "HALCYON") == set(halcyon.items())
    assert found(leo, "halcyon", kinds=["lead"]) == {("lead", halcyon["lead"])}


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["halycon", "halcion", "hallcyon"])
def test_a_slip_of_the_finger_finds_what_is_spelled_alike(halcyon, leo, text):
    result = search(leo, text, most=9)
    assert result.is_close
    assert ("account", halcyon["account"]) in {(hit.kind.key, hit.record) for hit in result.hits}
    assert not search(leo, "halcyon", most=9).is_close


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["", "  ", "zzzzqqq"])
def test_nothing_is_found_for(browse, halcyon, leo, text):
    assert search(leo, text, most=9).hits == []
    response = browse(leo).get(PAGE, {"q": text})
    assert response.status_code == 200
    assert not response.context["groups"]


@pytest.mark.django_db
def test_nobody_finds_what_they_may_not_see(browse, api, halcyon, soren):
    Lead.objects.update(phone_key="+15125550199", email_key="dana@halcyon.com")
    for text in ("halcyon", "halycon", "dana@halcyon.com", "+1 512 555 0199"):
        assert search(soren, text, most=9).hits == []
        assert "Halcyon" not in browse(soren).get(PAGE, {"q": text}).content.decode()
        assert "Halcyon" not in browse(soren).get(PALETTE, {"q": text}).content.decode()
        assert api(soren).get(API, {"q": text}).json()["results"] == []


@pytest.mark.django_db
@pytest.mark.parametrize("level", ["none", "own", "team", "all"])
def test_as_far_as_somebody_reaches(halcyon, leo, ines, level):
    theirs = LeadFactory(owner=ines, company="Halcyon South")
    rights = RolePermission.objects.filter(role=leo.role, action="view")
    rights.exclude(record_type="user").update(level=level)
    leo.refresh_from_db()
    expected = {"none": set(), "all": {*halcyon.items(), ("lead", theirs)}}
    assert found(leo, "halcyon") == expected.get(level, set(halcyon.items()))


@pytest.mark.django_db
def test_a_converted_lead_is_found_and_marked(browse, halcyon, leo):
    converted(leo, "Halcyon Labs")
    [group] = [each for each in search(leo, "halcyon", most=9).groups if each.kind.key == "lead"]
    assert {hit.state[0] for hit in group.hits} == {"new", "converted"}
    assert "Converted" in browse(leo).get(PAGE, {"q": "halcyon"}).content.decode()


@pytest.mark.django_db
def test_the_very_same_comes_first_whatever_its_type(leo):
    LeadFactory(owner=leo, first_name="Ann", last_name="Berg", email="ann@berg.com.example")
    account = AccountFactory(owner=leo)
    same = ContactFactory(account=account, owner=leo, last_name="Zorn", email="ann@berg.com")
    assert search(leo, "ann@berg.com", most=9).hits[0].record == same


@pytest.mark.django_db
def test_the_account_of_a_contact_is_told_only_to_who_may_see_it(halcyon, leo):
    RolePermission.objects.filter(role=leo.role, record_type="account").update(level="none")
    leo.refresh_from_db()
    [hit] = search(leo, "halcyonsson", most=9).hits
    assert hit.detail == ""


@pytest.mark.django_db
def test_the_page_counts_what_the_lists_show(browse, leo):
    account = AccountFactory(owner=leo, name="Zebra")
    for place in range(21):
        LeadFactory(owner=leo, company=f"Zebra {place}")
        OpportunityFactory(account=account, owner=leo)
    client = browse(leo)
    response = client.get(PAGE, {"q": "zebra"})
    groups = {group.kind.key: (group, hits, url) for group, hits, url in response.context["groups"]}
    assert {key: group.count for key, (group, _, _) in groups.items()} == {
        "lead": 21,
        "account": 1,
        "opportunity": 21,
    }
    assert groups["account"][2] == ""
    _, hits, url = groups["lead"]
    assert len(hits) == 20
    assert client.get(url).context["total"] == (21, False)
    assert client.get(groups["opportunity"][2]).context["sums"].count == 21


@pytest.mark.django_db
def test_the_page_says_why_something_was_found(browse, leo):
    LeadFactory(owner=leo, first_name="Kim", last_name="Lee", company="Acme", email="x@vandelay.io")
    page = browse(leo).get(PAGE, {"q": "vandelay"}).content.decode()
    assert "x@<mark>vandelay</mark>.io" in page


@pytest.mark.django_db
@pytest.mark.parametrize("text", ODD_TEXTS.values(), ids=ODD_TEXTS)
def test_odd_text_breaks_nothing_and_is_escaped(browse, api, leo, text):
    LeadFactory(owner=leo, company=text)
    for address in (PAGE, PALETTE):
        response = browse(leo).get(address, {"q": text})
        assert response.status_code == 200
        assert "<script>" not in response.content.decode().split("<main")[-1]
    assert api(leo).get(API, {"q": text[:200]}).status_code == 200


@pytest.mark.django_db
def test_the_palette_offers_records_and_commands(browse, halcyon, leo):
    page = browse(leo).get(PALETTE, {"q": "hal"}).content.decode()
    assert re.findall(r'role="group" aria-label="([^"]+)"', page) == ["Records", "Search"]
    assert f'href="{halcyon["lead"].get_absolute_url()}"' in page
    commands = browse(leo).get(PALETTE, {"q": "new"}).content.decode()
    assert f'href="{reverse("leads:create")}"' in commands
    assert (
        f'href="{reverse("conversion:approvals")}"'
        in browse(leo).get(PALETTE, {"q": "app"}).content.decode()
    )


@pytest.mark.django_db
def test_the_palette_offers_nothing_that_somebody_may_not_do(browse, rita):
    labels = [
        command.label
        for query in ("new", "app", "sett")
        for _, some in browse(rita).get(PALETTE, {"q": query}).context["commands"]
        for command in some
    ]
    assert labels == ["New lead"]


@pytest.mark.django_db
def test_an_empty_palette_shows_what_somebody_last_worked_on(browse, halcyon, leo, ines):
    gone = LeadFactory(owner=ines)
    record("lead.edited", actor=leo, lead=gone)
    record("lead.edited", actor=leo, lead=halcyon["lead"])
    record("lead.edited", actor=ines, account=halcyon["account"])
    record("opportunity.edited", actor=leo, opportunity=halcyon["opportunity"])
    response = browse(leo).get(PALETTE)
    assert [hit.record for hit, _ in response.context["hits"]] == [
        halcyon["opportunity"],
        halcyon["lead"],
    ]
    assert sum(len(some) for _, some in response.context["commands"]) == 5


@pytest.mark.django_db
def test_the_api_names_the_address_of_each_record(api, halcyon, leo):
    client = api(leo)
    answer = client.get(API, {"q": "halcyon", "type": ["lead", "account"]}).json()
    assert {row["type"] for row in answer["results"]} == {"lead", "account"}
    for row in answer["results"]:
        assert client.get(row["url"]).json()["id"] == row["id"] == halcyon[row["type"]].pk
    assert client.get(API, {"q": "x", "type": "dog"}).status_code == 400
    assert client.get(API, {"q": "x" * 201}).status_code == 400
    assert client.get(API, {"query": "x"}).status_code == 400


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "query", "queries"),
    [
        # session, user, reach, one for each type; the page also: counts, counts of the sidebar
        (PALETTE, {"q": "zebra"}, 7),
        (PAGE, {"q": "zebra"}, 9),
        # no counts, but one more for each type, with the threshold and the block it lasts for
        (PAGE, {"q": "zebar"}, 15),
        # session, user, reach, events, and a query for each type among them
        (PALETTE, {}, 6),
    ],
)
def test_it_costs_the_same_for_one_record_as_for_twenty(
    browse, leo, django_assert_num_queries, address, query, queries
):
    client = browse(leo)
    for count in (1, 19):
        for _ in range(count):
            account = AccountFactory(owner=leo, name="Zebra")
            lead = LeadFactory(owner=leo, company="Zebra")
            record("account.updated", actor=leo, account=account)
            record("lead.edited", actor=leo, lead=lead)
            ContactFactory(account=account, owner=leo, last_name="Zebra")
            OpportunityFactory(account=account, owner=leo, name="Zebra")
        with django_assert_num_queries(queries):
            client.get(address, query)


@pytest.mark.django_db
@pytest.mark.parametrize("key", KINDS)
def test_indexes_serve_what_is_spelled_alike(ada, key):
    """Without plain scans, which the planner would prefer on a few rows."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
    plan = resembling(KINDS[key].rows(ada).model.objects.all(), "halycon").explain()
    assert f"{key}_search" in plan


@given(st.text(max_size=30), st.lists(st.text(max_size=4), max_size=3))
def test_marking_words_loses_nothing(text, words):
    assert "".join(piece for piece, _ in marked(text, words)) == text


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("Halcyon Robotics", ["hal"], "<mark>Hal</mark>cyon Robotics"),
        ("Zoë Müller", ["MULL", "zoe"], "<mark>Zoë</mark> <mark>Müll</mark>er"),
        ("Groß & <b>", ["ss", "b"], "Gro<mark>ß</mark> &amp; &lt;<mark>b</mark>&gt;"),
        ("aaaa", ["aa"], "<mark>aaaa</mark>"),
        ("Acme", [], "Acme"),
    ],
)
def test_words_are_marked_whatever_their_case_and_accents(text, words, expected):
    assert highlight(text, words) == expected
