"""The list of leads: who sees which, what narrows and sorts it, and what it costs."""

import datetime as dt

import pytest
from django.utils import timezone

from leads.models import HandoffState
from tests.factories import LeadFactory, QueueFactory
from tests.leads.pages import HTMX, a_reason, at


def rows(response):
    return response.context["page"].rows


def test_the_list_has_only_what_one_may_see(browse, rita, soren):
    ritas, _ = LeadFactory(owner=rita), LeadFactory(owner=soren)
    assert rows(browse(rita).get(at("list"))) == [ritas]


def test_who_sees_only_their_own_begins_with_their_open_leads(browse, rita):
    LeadFactory(owner=rita, kind="disqualified", disqualified_reason=a_reason())
    is_open = LeadFactory(owner=rita)
    assert rows(browse(rita).get(at("list"))) == [is_open]


def test_a_manager_begins_with_everything(browse, nadia, rita):
    lead = LeadFactory(owner=rita)
    assert rows(browse(nadia).get(at("list"))) == [lead]


@pytest.mark.parametrize(
    ("view", "fields"),
    [
        ("mine", {}),
        ("today", {}),
        ("sent_back", {"handoff_state": HandoffState.SENT_BACK}),
        ("awaiting", {"handoff_state": HandoffState.PENDING}),
    ],
)
def test_a_tab_shows_and_counts_its_own(browse, rita, view, fields):
    long_ago = timezone.now() - dt.timedelta(days=3)
    LeadFactory(
        owner=rita, kind="disqualified", disqualified_reason=a_reason(), created_at=long_ago
    )
    lead = LeadFactory(owner=rita, **fields)
    response = browse(rita).get(at("list"), {"view": view})
    assert rows(response) == [lead]
    counts = {tab.key: count for tab, count, _ in response.context["tabs"]}
    assert counts[view] == 1
    assert counts["all"] == 2


def test_the_unassigned_are_those_of_ones_queues(browse, rita, soren):
    lead = LeadFactory(owner=None, queue=QueueFactory(members=[rita]))
    LeadFactory(owner=None, queue=QueueFactory(members=[soren]))
    assert rows(browse(rita).get(at("list"), {"view": "unassigned"})) == [lead]


def test_filters_and_search_narrow_the_list_and_stand_there_as_chips(browse, rita):
    LeadFactory(owner=rita, last_name="Cold", score=10)
    hot = LeadFactory(owner=rita, last_name="Whitfield", score=80)
    response = browse(rita).get(at("list"), {"score_min": "40", "q": "whit"})
    assert rows(response) == [hot]
    (chip,) = response.context["chips"]
    assert (chip.name, chip.operator, chip.value, chip.remove) == ("Score", "≥", "40", "?q=whit")


def test_an_empty_list_names_the_filter_that_costs_most(browse, rita):
    LeadFactory.create_batch(2, owner=rita, score=50, rating="hot")
    LeadFactory(owner=rita, score=95, rating="warm")
    response = browse(rita).get(at("list"), {"score_min": "90", "rating": "hot"})
    assert rows(response) == []
    page = response.content.decode()
    assert "Without “Score” there are 2." in page
    assert "Remove “Score”" in page


def test_a_search_without_result_says_what_was_sought(browse, rita):
    LeadFactory(owner=rita)
    page = browse(rita).get(at("list"), {"q": "<zzz>"}).content.decode()
    assert "No lead found for “&lt;zzz&gt;”" in page


def test_somebody_without_leads_is_told_how_to_begin(browse, rita):
    assert "No leads yet" in browse(rita).get(at("list")).content.decode()


def test_a_filter_that_cannot_be_read_is_named_and_left_out(browse, rita):
    lead = LeadFactory(owner=rita)
    response = browse(rita).get(at("list"), {"score_min": "many"})
    assert rows(response) == [lead]
    assert "Score: Enter a number." in response.content.decode()


def test_headings_sort_one_way_and_then_the_other(browse, rita):
    low, high = LeadFactory(owner=rita, score=10), LeadFactory(owner=rita, score=90)
    client = browse(rita)
    down = client.get(at("list"), {"ordering": "-score"})
    assert rows(down) == [high, low]
    score = next(each for each in down.context["columns"] if each.label == "Score")
    assert score.direction == "descending"
    assert rows(client.get(f"{at('list')}{score.link}")) == [low, high]


def test_pages_follow_each_other_without_gap(browse, rita):
    leads = LeadFactory.create_batch(51, owner=rita)
    client = browse(rita)
    first = client.get(at("list"))
    second = client.get(f"{at('list')}{first.context['next_url']}")
    assert {*rows(first), *rows(second)} == set(leads)
    assert len(rows(second)) == 1
    assert first.context["shown"] == "50 of 51"


def test_a_cursor_of_another_order_leads_to_the_first_page(browse, rita):
    LeadFactory.create_batch(51, owner=rita)
    client = browse(rita)
    cursor = client.get(at("list")).context["page"].next
    response = client.get(at("list"), {"cursor": cursor, "ordering": "score"})
    assert response.status_code == 302
    assert response["Location"] == f"{at('list')}?ordering=score"


def test_the_address_with_a_preview_works_cold(browse, rita):
    lead = LeadFactory(owner=rita, company="Halcyon")
    page = browse(rita).get(at("list"), {"preview": lead.pk}).content.decode()
    assert f"Preview: {lead.name}" in page


def test_a_preview_of_what_one_may_not_see_is_left_out(browse, rita, soren):
    hidden = LeadFactory(owner=soren)
    client = browse(rita)
    assert "previewed" not in client.get(at("list"), {"preview": hidden.pk}).context
    assert client.get(at("preview", hidden.pk), headers=HTMX).status_code == 404


def test_htmx_gets_only_the_results(browse, rita):
    response = browse(rita).get(at("list"), {"q": "x"}, headers=HTMX)
    assert response.content.decode().lstrip().startswith('<div class="results" id="results"')
    assert "HX-Request" in response["Vary"]


def test_the_filter_form_keeps_the_tab_and_the_search(browse, rita):
    page = browse(rita).get(at("filter"), {"view": "all", "q": "x", "score_min": "5"})
    text = page.content.decode()
    assert '<input type="hidden" name="view" value="all">' in text
    assert '<input type="hidden" name="q" value="x">' in text
    assert 'name="score_min" value="5"' in text


# --- What it costs ---

LIST_QUERIES = (
    "session",
    "user",
    "reach",
    "page of leads with owner, queue, status and checks",
    "counts of all tabs",
    "counts of the sidebar",
)


def test_the_list_costs_the_same_for_one_lead_as_for_twenty(
    browse, rita, django_assert_num_queries
):
    client = browse(rita)
    LeadFactory(owner=rita)
    with django_assert_num_queries(len(LIST_QUERIES)):
        client.get(at("list"))
    LeadFactory.create_batch(19, owner=rita)
    with django_assert_num_queries(len(LIST_QUERIES)):
        client.get(at("list"))


@pytest.mark.parametrize(
    ("view", "is_shown"), [("all", True), ("team", True), ("unassigned", True), ("mine", False)]
)
def test_whose_a_lead_is_stands_where_there_is_more_than_ones_own(
    browse, nadia, rita, view, is_shown
):
    for owner in (nadia, rita):
        LeadFactory(owner=owner)
    LeadFactory(owner=None, queue=QueueFactory(name="Inbound", team=nadia.team, members=[nadia]))
    answer = browse(nadia).get(at("list"), {"view": view})
    assert ("Owner" in [column.label for column in answer.context["columns"]]) == is_shown
    table = answer.content.decode().partition("<tbody")[2].partition("</tbody>")[0]
    names = {"all": ["Rita Ono", "Inbound"], "team": ["Rita Ono"], "unassigned": ["Inbound"]}
    for name in ("Rita Ono", "Inbound"):
        assert (name in table) == (name in names.get(view, []))


def test_who_sees_only_their_own_leads_needs_no_owner(browse, rita):
    LeadFactory(owner=rita)
    answer = browse(rita).get(at("list"), {"view": "all"})
    assert "Owner" not in [column.label for column in answer.context["columns"]]
