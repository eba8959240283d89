"""Home: what waits for whom."""

import datetime as dt

from django.urls import reverse
from django.utils import timezone

from crm.configuration.services import accept_configuration, update_entry
from leads.configuration import CRITERIA
from leads.models import Criterion
from opportunities.services import move_stage, update_opportunity
from people.services import update_workspace
from reporting.home import is_configuration_reviewed
from tests.factories import ActivityFactory, LeadFactory, OpportunityFactory, QueueFactory
from tests.reporting.conftest import listed

URL = reverse("home")


def test_an_sdr_finds_the_head_of_the_queue(browse, rita, soren):
    mine, _ = LeadFactory(owner=rita), LeadFactory(owner=soren)
    response = browse(rita).get(URL)
    assert [entry.lead for entry in response.context["queue"]] == [mine]
    assert "to_decide" not in response.context
    assert "numbers" not in response.context


def test_an_ae_finds_the_deals_that_close_soon(browse, leo, ines):
    today = timezone.localdate()
    soon = OpportunityFactory(owner=leo, close_date=today + dt.timedelta(days=14))
    OpportunityFactory(owner=leo, close_date=today + dt.timedelta(days=15))
    OpportunityFactory(owner=ines, close_date=today)
    assert browse(leo).get(URL).context["closing"] == [soon]


def test_every_number_of_a_manager_opens_exactly_its_rows(browse, company, nadia, ada):
    for person, unassigned in ((nadia, 0), (ada, 1)):
        if unassigned:
            LeadFactory(owner=None, queue=QueueFactory())
        client = browse(person)
        numbers = client.get(URL).context["numbers"]
        for number in numbers:
            assert listed(client, number["url"])[0] == number["count"], number["label"]
        assert {number["label"]: number["count"] for number in numbers}["Unassigned leads"] == (
            unassigned
        )


def test_a_manager_reads_what_became_of_the_deals(browse, nadia, leo, ines, stages):
    mine = OpportunityFactory(owner=leo, account__owner=leo, next_step="Call", name="Mine")
    theirs = OpportunityFactory(owner=ines, account__owner=ines, next_step="Call", name="Theirs")
    later = mine.close_date + dt.timedelta(days=30)
    update_opportunity(opportunity=mine, changes={"close_date": later}, actor=leo)
    update_opportunity(opportunity=mine, changes={"next_step": "Write"}, actor=leo)
    move_stage(opportunity=mine, stage=stages["Evaluation"], actor=leo)
    move_stage(opportunity=theirs, stage=stages["Evaluation"], actor=ines)
    response = browse(nadia).get(URL)
    assert [(event.verb, event.opportunity_id) for event, _ in response.context["moves"]] == [
        ("opportunity.stage_changed", mine.pk),
        ("opportunity.edited", mine.pk),
    ]
    page = response.content.decode()
    assert "Discovery" in page
    assert "Theirs" not in page


def test_tasks_due_today_are_ones_own(browse, rita, soren):
    now = timezone.now()
    mine = ActivityFactory(owner=rita, kind="task", subject="Send quote", due_at=now)
    ActivityFactory(owner=rita, kind="task", due_at=now + dt.timedelta(days=2))
    ActivityFactory(owner=rita, kind="task", due_at=now, done_at=now, done_by=rita)
    ActivityFactory(owner=soren, kind="task", due_at=now)
    assert browse(rita).get(URL).context["tasks"] == [mine]


def test_only_who_sets_the_system_up_sees_the_first_steps(browse, ada, rita):
    assert browse(ada).get(URL).context["first_steps"]
    assert "first_steps" not in browse(rita).get(URL).context


def test_stages_are_reviewed_by_a_change_and_not_by_a_lead(browse, ada):
    def is_done():
        steps = browse(ada).get(URL).context["first_steps"]
        return {step["title"]: step["done"] for step in steps}["Review stages and criteria"]

    LeadFactory()
    update_workspace(changes={"name": "Ours"}, actor=ada)
    assert not is_done()
    criterion = Criterion.objects.first()
    update_entry(catalog=CRITERIA, entry=criterion, changes={"label": "Money"}, actor=ada)
    assert is_done()


def test_an_administrator_may_say_that_stages_suit_as_they_are(browse, ada, rita):
    browser, settings_page = browse(ada), reverse("settings:index")
    accept = reverse("settings:accept")
    assert accept in browser.get(settings_page).content.decode()
    browse(rita).post(accept)
    assert not is_configuration_reviewed()
    assert browser.post(accept).status_code == 302
    assert is_configuration_reviewed()
    assert accept not in browser.get(settings_page).content.decode()


def test_the_first_steps_go_once_all_are_done(browse, ada, leo):
    LeadFactory()
    accept_configuration(actor=ada)
    assert browse(ada).get(URL).context["first_steps"] == []


def test_home_costs_the_same_with_one_lead_as_with_twenty(browse, leo, django_assert_num_queries):
    client = browse(leo)
    LeadFactory(owner=leo)
    with django_assert_num_queries(QUERIES):
        client.get(URL)
    LeadFactory.create_batch(19, owner=leo)
    with django_assert_num_queries(QUERIES):
        client.get(URL)


# session, user, reach, queue, its count, worked today, sent back, asked, week, to decide,
# closing soon, tasks, counts of the sidebar
QUERIES = 13
