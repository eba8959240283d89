import unicodedata

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from activities.models import Event
from leads.models import Answer, Criterion, Path, Playbook
from leads.services import (
    LeadIsFinal,
    answer_criteria,
    answer_criterion,
    path_statuses,
    playbook_of,
    qualification,
)
from tests.factories import ActivityFactory, LeadFactory
from tests.odd_text import ODD_TEXTS

pytestmark = pytest.mark.django_db


@pytest.fixture
def bant():
    return Playbook.objects.get(name="BANT")


def criterion(key):
    return Criterion.objects.get(playbook__name="BANT", key=key)


def answer(lead, key, state="confirmed", **facts):
    return answer_criterion(
        lead=lead, criterion=criterion(key), state=state, actor=lead.owner, **facts
    )


def status_of(lead, path):
    return next(status for status in path_statuses(lead) if status.path.key == path)


def test_at_first_nothing_is_known(lead):
    known = qualification(lead)
    keys = [item.criterion.key for item in known.items]
    assert keys == ["budget", "authority", "need", "timeline", "meeting", "trial"]
    assert {item.state for item in known.items} == {"unknown"}
    assert [(status.met, status.confirmed, status.total) for status in known.paths] == [
        (False, 0, 5),
        (False, 0, 3),
        (False, 0, 2),
    ]


def test_a_path_is_met_when_what_it_requires_is_confirmed(lead):
    answer(lead, "need")
    answer(lead, "trial", "assumed")
    trial_first = status_of(lead, "trial_first")
    assert (trial_first.met, trial_first.confirmed) == (False, 1)
    assert [each.key for each in trial_first.missing] == ["trial"]
    answer(lead, "trial")
    assert status_of(lead, "trial_first").met
    assert not status_of(lead, "phone_interest").met


def test_an_answer_says_what_how_by_whom_and_when(lead, rita):
    call = ActivityFactory(kind="call", lead=lead, owner=rita)
    answer(lead, "budget", value=" 50k ", evidence="Said so.\r\nTwice.", evidence_activity=call)
    kept = Answer.objects.get()
    assert (kept.state, kept.value, kept.evidence) == ("confirmed", "50k", "Said so.\nTwice.")
    assert (kept.evidence_activity, kept.answered_by) == (call, rita)
    assert kept.answered_at
    event = Event.objects.get(verb="lead.answered")
    assert event.changes["criterion"] == "budget"
    assert event.changes["state"] == ["unknown", "confirmed"]


def test_a_second_answer_replaces_the_first(lead):
    answer(lead, "budget", "assumed", value="10k")
    answer(lead, "budget", "confirmed", value="12k")
    assert Answer.objects.get().value == "12k"
    answer(lead, "budget", "confirmed", value="12k")
    assert Event.objects.count() == 2


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("state", {"state": "perhaps"}),
        ("value", {"value": "x" * 501}),
        ("value", {"value": "a\x00b"}),
        ("evidence", {"evidence": "\ud800"}),
    ],
)
def test_a_fault_is_named_by_its_field(lead, name, facts):
    with pytest.raises(ValidationError) as error:
        answer(lead, "budget", **facts)
    assert set(error.value.message_dict) == {name}
    assert not Answer.objects.exists()


@pytest.mark.parametrize("text", ODD_TEXTS.values(), ids=ODD_TEXTS)
def test_odd_text_comes_back_as_it_went_in(lead, text):
    answer(lead, "budget", value=text, evidence=text)
    kept = Answer.objects.get()
    assert kept.value == kept.evidence == unicodedata.normalize("NFC", text)


def test_evidence_is_an_activity_of_the_same_lead(lead, rita):
    others = ActivityFactory(lead=LeadFactory(owner=rita), owner=rita)
    with pytest.raises(ValidationError) as error:
        answer(lead, "budget", evidence_activity=others)
    assert set(error.value.message_dict) == {"evidence_activity"}


def test_a_criterion_of_another_playbook_is_not_asked(lead, rita):
    metrics = Criterion.objects.get(playbook__name="MEDDIC", key="metrics")
    with pytest.raises(ValidationError) as error:
        answer_criterion(lead=lead, criterion=metrics, state="confirmed", actor=rita)
    assert set(error.value.message_dict) == {"criterion"}


def test_a_stranger_answers_nothing(lead, soren):
    with pytest.raises(PermissionDenied):
        answer_criterion(lead=lead, criterion=criterion("need"), state="confirmed", actor=soren)


def test_a_converted_lead_takes_no_answers(converted_lead, leo):
    with pytest.raises(LeadIsFinal):
        answer_criterion(
            lead=converted_lead, criterion=criterion("need"), state="confirmed", actor=leo
        )


def test_several_answers_are_written_or_none(lead, rita):
    good = {"criterion": "need", "state": "confirmed"}
    with pytest.raises(ValidationError) as error:
        answer_criteria(
            lead=lead,
            answers=[good, {"criterion": "luck", "state": "confirmed"}, good | {"value": "\x00"}],
            actor=rita,
        )
    assert set(error.value.message_dict) == {"answers.1.criterion", "answers.2.value"}
    known = answer_criteria(lead=lead, answers=[good], actor=rita)
    assert known.confirmed == 1


def test_a_criterion_out_of_use_is_neither_asked_nor_missing(lead):
    Criterion.objects.filter(key="need").update(is_active=False)
    assert "need" not in [item.criterion.key for item in qualification(lead).items]
    assert [each.key for each in status_of(lead, "trial_first").missing] == ["trial"]


def test_a_path_out_of_use_is_not_offered(lead):
    Path.objects.filter(key="trial_first").update(is_active=False)
    assert len(path_statuses(lead)) == 2


def test_the_nearest_team_with_a_playbook_decides(lead, europe, north, bant):
    assert playbook_of(lead) == bant
    wide = Playbook.objects.create(name="Europe", team=europe)
    assert playbook_of(lead) == wide
    near = Playbook.objects.create(name="North", team=north)
    assert playbook_of(lead) == near
    lead.playbook = wide
    assert playbook_of(lead) == wide


def test_the_checklist_costs_four_queries_whatever_is_known(lead, rita, django_assert_num_queries):
    for answered in (0, 6):
        for item in qualification(lead).items[:answered]:
            answer(lead, item.criterion.key)
        with django_assert_num_queries(4):  # playbook, criteria, answers, paths
            assert qualification(lead).confirmed == answered
