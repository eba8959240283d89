"""The palette on a record: what it offers, to whom, at which cost, and by keyboard alone."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from activities.forms import key_of
from opportunities.models import Stage
from tests.browser import press, violations
from tests.conversion.conftest import confirm, make_lead
from tests.factories import AccountFactory, ContactFactory, OpportunityFactory
from tests.reporting.conftest import converted

PALETTE = reverse("search:palette")


def offered(client, **query):
    """What the palette shows, by heading, and the addresses by label."""
    groups = [(title, some) for title, some in client.get(PALETTE, query).context["commands"]]
    labels = {title: [each.label for each in some] for title, some in groups if some}
    return labels, {each.label: each.url for _, some in groups for each in some}


@pytest.fixture
def lead(rita):
    return make_lead(rita)


@pytest.fixture
def records(leo, lead):
    """A record of each type, all but the lead Leo's, and one closed and one converted."""
    account = AccountFactory(owner=leo, name="Zebra", phone="+1 512 555 0100")
    won = Stage.objects.get(name="Won")
    return [
        lead,
        converted(leo, "Fernhill").lead,
        account,
        ContactFactory(account=account, owner=leo, email="kim@zebra.example"),
        OpportunityFactory(account=account, owner=leo, name="Pilot"),
        OpportunityFactory(account=account, owner=leo, stage=won, closed_at=timezone.now()),
    ]


@pytest.mark.django_db
def test_a_record_from_the_results_shows_all_that_can_be_done_with_it(browse, rita, lead):
    labels, urls = offered(browse(rita), of=key_of(lead))
    assert labels == {
        f"On {lead}": [
            "Call", "Email", "Request conversion: 2 checks to go", "Assign", "Change status",
            "Next step", "Log a call, note or task", "Edit", "Delete…", "Open",
        ]
    }  # fmt: skip
    assert urls["Call"] == "tel:+1 512 555 0199"
    assert urls["Assign"] == reverse("leads:assign", args=[lead.pk])
    confirm(lead, rita)
    labels, urls = offered(browse(rita), of=key_of(lead))
    assert f"On {lead}" in labels
    assert urls["Request conversion"] == reverse("conversion:submit", args=[lead.pk])


@pytest.mark.django_db
def test_what_is_typed_narrows_the_actions_and_opening_is_always_there(browse, rita, lead):
    labels, _ = offered(browse(rita), of=key_of(lead), q="ass")
    assert labels == {f"On {lead}": ["Assign", "Open"]}
    labels, urls = offered(browse(rita), of=key_of(lead), q="zzz")
    assert labels == {f"On {lead}": ["Open"]}
    assert urls["Open"] == lead.get_absolute_url()


@pytest.mark.django_db
def test_on_the_page_of_a_record_its_actions_come_first_and_are_found_by_name(browse, rita, lead):
    labels, _ = offered(browse(rita), here=key_of(lead))
    assert labels == {
        f"On {lead}": ["Call", "Email", "Request conversion: 2 checks to go", "Assign",
                       "Change status"],
    }  # fmt: skip
    labels, _ = offered(browse(rita), here=key_of(lead), q="next")
    assert labels == {f"On {lead}": ["Next step"]}
    assert f"On {lead}" not in offered(browse(rita))[0]


@pytest.mark.django_db
@pytest.mark.parametrize("person", ["rita", "nadia", "soren", "leo", "ada"])
def test_who_is_offered_something_gets_it(request, browse, records, person):
    client = browse(request.getfixturevalue(person))
    for record in records:
        is_seen = client.get(record.get_absolute_url()).status_code == 200
        labels, urls = offered(client, of=key_of(record))
        assert bool(labels) == is_seen
        pages = [url for url in urls.values() if not url.startswith(("tel:", "mailto:"))]
        answers = {url: client.get(url.partition("#")[0]).status_code for url in pages}
        assert set(answers.values()) <= {200}, answers


@pytest.mark.django_db
@pytest.mark.parametrize("person", ["rita", "nadia", "leo"])
def test_the_palette_offers_what_the_page_of_the_record_links_to(request, browse, records, person):
    """The way to what a page asks in a dialog is the same address in both places."""
    client = browse(request.getfixturevalue(person))
    for record in records:
        page = client.get(record.get_absolute_url())
        if page.status_code == 404:
            continue
        asked = set(
            re.findall(r'hx-get="([^"]+)" hx-target="#(?:dialog|ask)"', page.content.decode())
        )
        _, urls = offered(client, of=key_of(record))
        own = {url for url in asked if url.startswith(record.get_absolute_url())}
        own = {url for url in own if not re.search("as=error|/answers/|/evidence/", url)}
        assert own <= set(urls.values())


@pytest.mark.django_db
def test_nobody_is_told_of_a_record_that_they_do_not_see(browse, soren, lead):
    for query in ({"of": key_of(lead)}, {"here": key_of(lead)}):
        assert "Dana" not in browse(soren).get(PALETTE, query).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["lead-", "lead-x", "dog-1", "lead-" + "9" * 30, "lead-0"])
def test_names_of_nothing_do_no_harm(browse, rita, name):
    assert offered(browse(rita), of=name) == ({}, {})
    assert browse(rita).get(PALETTE, {"here": name}).status_code == 200


@pytest.mark.django_db
def test_who_asked_not_to_be_called_is_not(browse, rita, lead):
    type(lead).objects.update(do_not_call=True, do_not_email=True)
    labels, _ = offered(browse(rita), of=key_of(lead))
    assert not {"Call", "Email"} & set(labels[f"On {lead}"])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "queries"),
    [
        # session, user, reach, the record; of the lead also: the playbook's four
        ("of", 8),
        # and what somebody last worked on, with a query for each type among that
        ("here", 10),
    ],
)
def test_actions_cost_few_queries(browse, rita, lead, django_assert_num_queries, query, queries):
    confirm(lead, rita)
    client = browse(rita)
    with django_assert_num_queries(queries):
        client.get(PALETTE, {query: key_of(lead)})


@pytest.mark.django_db(transaction=True)
class TestByKeyboard:
    @pytest.fixture
    def palette(self, rita, lead, browser_of):
        def opened(address):
            page = browser_of(rita)
            page.goto(address)
            press(page, "Control+k")
            palette = page.get_by_role("dialog", name="Search and commands")
            expect(palette.get_by_role("option").first).to_be_visible()
            return page, palette

        return opened

    def test_tab_on_a_record_opens_its_actions_and_backspace_goes_back(self, palette, lead):
        page, palette = palette(reverse("home"))
        page.keyboard.insert_text("whitf")
        expect(palette.get_by_role("option", name="Dana Whitfield")).to_be_visible()
        press(page, "Tab")
        group = palette.get_by_role("group", name="On Dana Whitfield")
        expect(group.get_by_role("option", name="Assign")).to_be_visible()
        box = palette.get_by_role("combobox")
        expect(box).to_be_focused()
        expect(box).to_have_value("")
        assert violations(page) == []
        current = page.locator(f"#{box.get_attribute('aria-activedescendant')}")
        expect(current).to_have_text("Call")
        press(page, "Backspace")
        expect(palette.get_by_role("group", name="Recent")).to_be_visible()
        page.keyboard.insert_text("whitf")
        expect(palette.get_by_role("group", name="Records")).to_be_visible()
        press(page, "Tab")
        expect(group).to_be_visible()
        page.keyboard.insert_text("edit")
        expect(group.get_by_role("option")).to_have_count(2)
        press(page, "Enter")
        page.wait_for_url(f"**{reverse('leads:edit', args=[lead.pk])}")

    def test_tab_leaves_the_box_where_no_record_is_chosen(self, palette):
        page, palette = palette(reverse("home"))
        page.keyboard.insert_text("new")
        expect(palette.get_by_role("option", name="New lead")).to_be_visible()
        press(page, "ArrowUp", "ArrowUp")
        current = palette.locator("[aria-selected=true]")
        expect(current).to_have_text("New lead")
        press(page, "Tab")
        expect(palette.get_by_role("combobox")).not_to_be_focused()

    def test_on_the_page_of_a_lead_its_actions_open_in_place(self, palette, lead):
        page, palette = palette(lead.get_absolute_url())
        page.keyboard.insert_text("next")
        press(page, "Enter")
        expect(page.get_by_role("dialog", name="Next step")).to_be_visible()
        expect(palette).to_be_hidden()
        assert page.url.endswith(lead.get_absolute_url())

    def test_what_is_missing_gets_the_focus(self, palette, lead):
        page, palette = palette(lead.get_absolute_url())
        page.keyboard.insert_text("request")
        press(page, "Enter")
        expect(palette).to_be_hidden()
        expect(page.locator("[id$=-value]:focus")).to_have_count(1)

    def test_what_is_ticked_in_a_list_can_be_assigned(self, rita, lead, browser_of):
        page = browser_of(rita)
        page.goto(reverse("leads:list"))
        press(page, "j", "x")
        expect(page.get_by_text("1 selected").first).to_be_visible()
        press(page, "Control+k")
        palette = page.get_by_role("dialog", name="Search and commands")
        group = palette.get_by_role("group", name="1 selected")
        expect(group.get_by_role("option")).to_have_count(3)
        assert violations(page) == []
        page.keyboard.insert_text("assi")
        expect(group.get_by_role("option")).to_have_count(1)
        expect(palette.get_by_role("group", name="Recent")).to_have_count(0)
        press(page, "Enter")
        expect(palette).to_be_hidden()
        expect(page.get_by_role("heading", name="Assign")).to_be_visible()

    def test_what_is_typed_and_taken_at_once_is_what_opens(self, palette, lead, rita):
        other = make_lead(rita, first_name="Zoe", last_name="Quist", email="", phone="")
        page, palette = palette(reverse("home"))
        page.keyboard.insert_text("quist")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**{other.get_absolute_url()}")
