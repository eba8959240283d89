"""My team's leads and my team's deals: offered to whom they mean something, counted as shown."""

import pytest
from django.urls import reverse

from people.models import RolePermission
from tests.factories import LeadFactory, OpportunityFactory, QueueFactory, UserFactory

pytestmark = pytest.mark.django_db
LEADS, DEALS = reverse("leads:list"), reverse("opportunities:list")


def view_of(client, address):
    """The view that is shown, the keys of all views, and the count beside the team's."""
    context = client.get(address, {"view": "team"}).context
    counts = {tab.key: count for tab, count, *_ in context["tabs"]}
    return context["tab"].key, counts.get("team"), context


def test_a_manager_has_the_open_leads_of_the_team_and_those_below(browse, nadia, rita, soren):
    own, ritas = LeadFactory(owner=nadia), LeadFactory(owner=rita)
    LeadFactory(owner=soren)
    LeadFactory(owner=None, queue=QueueFactory(members=[nadia]))
    shown, count, context = view_of(browse(nadia), LEADS)
    assert (shown, count) == ("team", 2)
    assert set(context["page"].rows) == {own, ritas}
    assert "My team's leads" in [tab.label for tab, *_ in context["tabs"]]


def test_and_their_open_deals_on_the_list_and_the_board(browse, nadia, leo, ines):
    deal = OpportunityFactory(account__owner=leo)
    OpportunityFactory(account__owner=ines)
    client = browse(nadia)
    shown, count, context = view_of(client, DEALS)
    assert (shown, count, context["sums"].count) == ("team", 1, 1)
    assert [row["deal"] for row in context["rows"]] == [deal]
    board = client.get(reverse("opportunities:board"), {"view": "team"}).context
    assert [row["deal"] for lane in board["lanes"] for row in lane.rows] == [deal]


def test_a_filter_narrows_the_teams_leads_like_any_others(browse, nadia, rita, leo):
    LeadFactory(owner=rita)
    leos = LeadFactory(owner=leo)
    page = browse(nadia).get(LEADS, {"view": "team", "owner": leo.pk})
    assert list(page.context["page"].rows) == [leos]
    assert page.context["total"] == (1, False)


def test_who_sees_their_own_leads_only_has_no_team_to_look_at(browse, rita, leo):
    LeadFactory(owner=rita)
    LeadFactory(owner=leo)
    shown, count, context = view_of(browse(rita), LEADS)
    assert (shown, count) == ("mine", None)
    assert len(context["page"].rows) == 1


def test_a_reach_of_one_team_ends_at_that_team(browse, nadia, rita):
    mate = UserFactory(role=nadia.role, team=nadia.team)
    LeadFactory(owner=rita)
    mates = LeadFactory(owner=mate)
    permission = RolePermission.objects.filter(role=nadia.role, record_type="lead", action="view")
    permission.update(level="team")
    shown, count, context = view_of(browse(nadia), LEADS)
    assert (shown, count) == ("team", 1)
    assert list(context["page"].rows) == [mates]


def test_who_sees_everything_but_has_no_team_is_not_offered_one(browse, ada, rita):
    LeadFactory(owner=rita)
    shown, count, _ = view_of(browse(ada), LEADS)
    assert (ada.team, shown, count) == (None, "all", None)
