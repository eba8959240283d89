"""MEDDIC: what is asked of a deal, and what was already known of the lead."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from activities.models import Event
from conversion.services import convert_lead
from leads.models import Answer, Criterion, Playbook
from leads.services import (
    answer_criterion,
    answer_deal_criteria,
    answer_deal_criterion,
    deal_qualification,
)
from opportunities.models import Opportunity, Stage
from opportunities.services import ExitRequirementsMissing, OpportunityIsClosed, move_stage
from people.models import Team
from tests.conversion.conftest import confirm, plan_of
from tests.factories import ActivityFactory, LeadFactory, OpportunityFactory

pytestmark = pytest.mark.django_db

MEDDIC = ["metrics", "economic_buyer", "decision_criteria", "decision_process", "pain", "champion"]


@pytest.fixture
def deal(leo):
    return OpportunityFactory(owner=leo, team=leo.team, account__owner=leo, name="Fernhill rollout")


def asked(deal):
    return [item.criterion.key for item in deal_qualification(deal).items]


def criterion(key, playbook="MEDDIC"):
    return Criterion.objects.get(playbook__name=playbook, key=key)


def answer(deal, key, state="confirmed", **facts):
    return answer_deal_criterion(
        opportunity=deal, criterion=criterion(key), state=state, actor=deal.owner, **facts
    )


def address(deal, key):
    return reverse("leads:opportunity_answer", args=[deal.pk, criterion(key).pk])


@pytest.fixture
def needs_champion(deal):
    deal.stage.exit_requirements.all().delete()
    return deal.stage.exit_requirements.create(criterion=criterion("champion"), label="Champion")


def test_a_deal_is_asked_what_its_playbook_asks(deal):
    assert asked(deal) == MEDDIC
    assert {item.state for item in deal_qualification(deal).items} == {"unknown"}


def test_a_team_may_have_a_playbook_of_its_own_for_deals(deal):
    own = Playbook.objects.create(name="Renewals", subject="opportunity", team=deal.team)
    own.criteria.create(key="usage", label="Usage")
    elsewhere = Team.objects.exclude(pk=deal.team_id).first()
    other = Playbook.objects.create(name="Elsewhere", subject="opportunity", team=elsewhere)
    other.criteria.create(key="other", label="Other")
    assert asked(deal) == ["usage"]


def test_what_the_stage_cannot_be_left_without_is_asked_whatever_playbook_it_is_from(
    deal, needs_champion
):
    own = Playbook.objects.create(name="Renewals", subject="opportunity", team=deal.team)
    own.criteria.create(key="usage", label="Usage")
    assert asked(deal) == ["usage", "champion"]
    answer(deal, "champion")


def test_an_answer_says_what_how_by_whom_and_when(deal, leo):
    call = ActivityFactory(kind="call", opportunity=deal, owner=leo)
    answer(deal, "champion", value="Ann", evidence="She said so.", evidence_activity=call)
    kept = Answer.objects.get(opportunity=deal)
    assert (kept.state, kept.value, kept.evidence) == ("confirmed", "Ann", "She said so.")
    assert (kept.evidence_activity, kept.answered_by) == (call, leo)
    assert kept.answered_at
    event = Event.objects.get(verb="opportunity.answered")
    assert (event.opportunity, event.account, event.actor) == (deal, deal.account, leo)
    assert event.changes["criterion"] == "champion"


def test_the_same_answer_again_is_no_event(deal):
    answer(deal, "pain", value="Churn")
    answer(deal, "pain", value="Churn")
    assert Event.objects.filter(verb="opportunity.answered").count() == 1


def test_what_is_not_asked_is_not_answered(deal):
    with pytest.raises(ValidationError, match="not asked of this opportunity"):
        answer_deal_criterion(
            opportunity=deal,
            criterion=criterion("budget", "BANT"),
            state="confirmed",
            actor=deal.owner,
        )


def test_evidence_is_an_activity_of_the_same_deal(deal, leo):
    elsewhere = ActivityFactory(kind="call", opportunity=OpportunityFactory(), owner=leo)
    with pytest.raises(ValidationError, match="not an activity of the opportunity"):
        answer(deal, "pain", evidence_activity=elsewhere)


def test_only_who_may_edit_the_deal_answers(deal, rita, soren):
    for person in (rita, soren):
        with pytest.raises(PermissionDenied):
            answer_deal_criterion(
                opportunity=deal, criterion=criterion("pain"), state="assumed", actor=person
            )


def test_a_closed_deal_takes_no_answers(deal, leo):
    deal.stage.exit_requirements.all().delete()
    deal = move_stage(opportunity=deal, stage=Stage.objects.get(kind="won"), actor=leo)
    with pytest.raises(OpportunityIsClosed):
        answer(deal, "pain")


def test_several_answers_are_written_all_or_none(deal, leo):
    with pytest.raises(ValidationError) as refused:
        answer_deal_criteria(
            opportunity=deal,
            answers=[
                {"criterion": "pain", "state": "assumed"},
                {"criterion": "budget", "state": "assumed"},
                {"criterion": "champion", "state": "certain"},
            ],
            actor=leo,
        )
    assert set(refused.value.error_dict) == {"answers.1.criterion", "answers.2.state"}


def test_a_stage_may_ask_for_a_confirmed_answer(deal, leo, needs_champion):
    following = Stage.objects.get(name="Evaluation")
    answer(deal, "champion", "assumed")
    with pytest.raises(ExitRequirementsMissing) as refused:
        move_stage(opportunity=deal, stage=following, actor=leo)
    assert refused.value.extra["missing"][0]["criterion"] == criterion("champion").pk
    answer(deal, "champion")
    assert move_stage(opportunity=deal, stage=following, actor=leo).stage == following


def converted(rita, leo, opportunity="create"):
    lead = LeadFactory(owner=rita, company="Halcyon")
    confirm(lead, rita)
    answer_criterion(
        lead=lead,
        criterion=criterion("budget", "BANT"),
        state="confirmed",
        value="50k",
        evidence="By mail.",
        actor=rita,
    )
    return lead, convert_lead(lead=lead, plan=plan_of(opportunity=opportunity), actor=leo)


@pytest.fixture
def halcyon(rita, ada):
    lead, conversion = converted(rita, ada)
    Opportunity.objects.filter(pk=conversion.opportunity_id).update(owner=ada)
    return lead, conversion.opportunity


def test_what_was_known_of_the_lead_is_shown_on_the_deal(halcyon, browse, ada):
    lead, deal = halcyon
    [budget] = [each for each in deal_qualification(deal).carried if each.value == "50k"]
    assert (budget.lead, budget.criterion.key) == (lead, "budget")
    page = browse(ada).get(reverse("leads:opportunity_answers", args=[deal.pk])).content.decode()
    assert "50k" in page
    assert "By mail." in page
    assert lead.get_absolute_url() in page


def test_who_sees_the_deal_but_not_its_lead_gets_no_link_to_it(halcyon, browse, soren, ines):
    lead, deal = halcyon
    Opportunity.objects.filter(pk=deal.pk).update(owner=ines)
    page = browse(ines).get(reverse("leads:opportunity_answers", args=[deal.pk])).content.decode()
    assert "50k" in page
    assert lead.get_absolute_url() not in page


def test_the_page_answers_without_scripts(browse, deal, leo):
    client = browse(leo)
    whole = client.get(reverse("leads:opportunity_answers", args=[deal.pk])).content.decode()
    assert "<html" in whole
    sent = {"champion-state": "confirmed", "champion-value": "Ann"}
    saved = client.post(address(deal, "champion"), sent)
    back = reverse("leads:opportunity_answers", args=[deal.pk])
    assert saved["Location"] == f"{back}#q-champion"
    assert deal.answers.get().value == "Ann"


def test_the_fragment_brings_along_what_the_stage_asks_for(browse, deal, leo, needs_champion):
    sent = {"champion-state": "confirmed"}
    answered = browse(leo).post(address(deal, "champion"), sent, headers={"HX-Request": "true"})
    text = answered.content.decode()
    assert "<html" not in text
    assert 'id="exit-checks" hx-swap-oob="true"' in text
    assert "1 of 1" in text


def test_bad_input_is_kept_and_named(browse, deal, leo):
    sent = {"champion-state": "certain", "champion-value": "Ann"}
    page = browse(leo).post(address(deal, "champion"), sent)
    assert page.status_code == 422
    assert 'value="Ann"' in page.content.decode()
    assert not deal.answers.exists()


def test_the_slot_on_the_page_of_the_deal_is_filled(browse, deal, leo):
    page = browse(leo).get(deal.get_absolute_url()).content.decode()
    assert f'hx-get="{reverse("leads:opportunity_answers", args=[deal.pk])}"' in page


@pytest.mark.parametrize("number", [1, 20])
def test_the_checklist_costs_the_same_however_much_is_known(
    browse, leo, deal, django_assert_max_num_queries, number
):
    for key in MEDDIC[: 1 if number == 1 else 6]:
        answer(deal, key, value="Known")
    for _ in range(number):
        ActivityFactory(kind="call", opportunity=deal, owner=leo)
    client = browse(leo)
    # Session, user, reach, deal, rights, playbook, checklist, answers, carried,
    # leads, exit requirements.
    with django_assert_max_num_queries(12):
        client.get(reverse("leads:opportunity_answers", args=[deal.pk]))


def test_the_api_reads_and_writes_what_the_page_does(api, deal, leo):
    url = reverse("api:opportunity-qualification-qualification", args=[deal.pk])
    body = {"answers": [{"criterion": "champion", "state": "confirmed", "value": "Ann"}]}
    written = api(leo).put(url, body).json()
    assert written == api(leo).get(url).json()
    assert [each["criterion"] for each in written["answers"]] == MEDDIC
    assert written["answers"][-1]["answered_by"] == leo.pk
    assert written["carried"] == []


def test_the_api_shows_what_was_known_of_the_lead(halcyon, api, ada):
    lead, deal = halcyon
    url = reverse("api:opportunity-qualification-qualification", args=[deal.pk])
    carried = api(ada).get(url).json()["carried"]
    assert {each["lead"] for each in carried} == {lead.pk}
    assert "50k" in {each["value"] for each in carried}
