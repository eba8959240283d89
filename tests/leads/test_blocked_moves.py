"""A move to another stage that lacks something: it is asked for right there, and moves on."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from playwright.sync_api import expect

from leads.models import Answer, Criterion
from leads.services import answer_deal_criterion
from opportunities.models import Stage
from opportunities.services import ExitRequirementsMissing, move_stage
from tests.answers import pointers
from tests.browser import PHONE, violations
from tests.factories import ActivityFactory, OpportunityFactory
from tests.opportunities.pages import asked_on_the_board

pytestmark = pytest.mark.django_db
committed = pytest.mark.django_db(transaction=True)


@pytest.fixture
def deal(leo):
    """A deal that may leave its stage with a next step, and with a champion."""
    deal = OpportunityFactory(owner=leo, team=leo.team, account__owner=leo, name="Fernhill rollout")
    deal.stage.exit_requirements.all().delete()
    deal.stage.exit_requirements.create(field="next_step", label="Next step")
    deal.stage.exit_requirements.create(criterion=champion(), label="Champion", position=1)
    return deal


@pytest.fixture
def evaluation(db):
    return Stage.objects.get(name="Evaluation")


def champion():
    return Criterion.objects.get(playbook__name="MEDDIC", key="champion")


def value_of(criterion):
    return f"answers.{criterion.pk}.value"


def evidence_of(criterion):
    return f"answers.{criterion.pk}.evidence"


def move(client, deal, stage, **fields):
    url = reverse("opportunities:move", args=[deal.pk])
    return client.post(url, {"stage": stage.pk, **fields})


def stage_of(deal):
    deal.refresh_from_db()
    return deal.stage.name


# --- The service


def test_a_move_brings_the_answer_along_that_it_needs(deal, leo, evaluation):
    moved = move_stage(
        opportunity=deal,
        stage=evaluation,
        actor=leo,
        changes={"next_step": "Call"},
        answers={champion().pk: {"value": "Ann Lee", "evidence": "She booked the room."}},
    )
    assert moved.stage == evaluation
    answer = Answer.objects.get(opportunity=deal)
    assert (answer.state, answer.value, answer.evidence) == (
        "confirmed", "Ann Lee", "She booked the room.",
    )  # fmt: skip
    assert answer.answered_by == leo


def test_a_move_that_is_refused_keeps_no_answer(deal, leo, evaluation):
    with pytest.raises(ExitRequirementsMissing):
        move_stage(
            opportunity=deal,
            stage=evaluation,
            actor=leo,
            answers={champion().pk: {"value": "Ann Lee"}},
        )
    assert not Answer.objects.filter(opportunity=deal).exists()


def test_an_answer_confirmed_on_the_way_keeps_the_call_it_points_to(deal, leo, evaluation):
    call = ActivityFactory(kind="call", owner=leo, opportunity=deal)
    answer_deal_criterion(
        opportunity=deal,
        criterion=champion(),
        state="assumed",
        value="Ann",
        evidence_activity=call,
        actor=leo,
    )
    move_stage(
        opportunity=deal,
        stage=evaluation,
        actor=leo,
        changes={"next_step": "Call"},
        answers={champion().pk: {"value": "Ann Lee"}},
    )
    assert Answer.objects.get(opportunity=deal).evidence_activity == call


def test_what_is_not_asked_of_the_deal_is_named(deal, leo, evaluation):
    budget = Criterion.objects.get(playbook__name="BANT", key="budget")
    with pytest.raises(ValidationError) as refused:
        move_stage(
            opportunity=deal, stage=evaluation, actor=leo, answers={budget.pk: {"value": "50k"}}
        )
    assert set(refused.value.error_dict) == {f"answers.{budget.pk}"}


# --- The page, as it is without scripts


def test_a_blocked_move_asks_for_fields_and_answers(deal, leo, evaluation, browse):
    answer_deal_criterion(
        opportunity=deal, criterion=champion(), state="assumed", value="Ann?", actor=leo
    )
    page = move(browse(leo), deal, evaluation)
    form = page.context["form"]
    assert page.status_code == 409
    assert {"next_step", value_of(champion()), evidence_of(champion())} <= set(form.fields)
    assert form[value_of(champion())].value() == "Ann?"
    assert champion().question in page.content.decode()


def test_what_was_asked_for_moves_the_deal_in_one_go(deal, leo, evaluation, browse):
    fields = {"asked": "yes", "next_step": "Call", value_of(champion()): "Ann Lee"}
    moved = move(browse(leo), deal, evaluation, **fields, **{evidence_of(champion()): "By mail."})
    assert moved["Location"] == deal.get_absolute_url()
    assert stage_of(deal) == "Evaluation"
    assert deal.next_step == "Call"
    assert Answer.objects.get(opportunity=deal).state == "confirmed"


def test_half_of_it_is_refused_and_kept(deal, leo, evaluation, browse):
    fields = {"asked": "yes", "next_step": "", value_of(champion()): "Ann Lee"}
    page = move(browse(leo), deal, evaluation, **fields)
    assert page.status_code == 422
    assert page.context["form"].errors["next_step"]
    assert page.context["form"][value_of(champion())].value() == "Ann Lee"
    assert stage_of(deal) == "Discovery"


def test_an_answer_that_cannot_be_stored_is_refused_at_its_field(deal, leo, evaluation, browse):
    fields = {"asked": "yes", "next_step": "Call", value_of(champion()): "x" * 501}
    page = move(browse(leo), deal, evaluation, **fields)
    assert page.status_code == 422
    assert page.context["form"].errors[value_of(champion())]


def test_winning_shows_what_is_missing_from_the_start(deal, leo, browse):
    url = reverse("opportunities:close", args=[deal.pk], query={"as": "won"})
    form = browse(leo).get(url).context["form"]
    assert {"amount", "close_date", "next_step", value_of(champion())} <= set(form.fields)


def test_what_was_typed_to_win_is_kept_when_something_is_missing(deal, leo, browse):
    won = Stage.objects.get(kind="won", pipeline=deal.pipeline)
    fields = {"asked": "yes", "amount": "900", "close_date": "2030-01-31", "note": "At last"}
    page = move(browse(leo), deal, won, **fields)
    assert page.status_code == 409
    form = page.context["form"]
    assert (str(form["amount"].value()), form["note"].value()) == ("900", "At last")
    assert value_of(champion()) in form.fields


def test_what_was_answered_to_win_is_kept_when_something_is_missing(deal, leo, browse):
    won = Stage.objects.get(kind="won", pipeline=deal.pipeline)
    fields = {value_of(champion()): "Ann Lee", evidence_of(champion()): "", "next_step": ""}
    page = move(browse(leo), deal, won, asked="yes", **fields)
    assert page.status_code == 409
    assert page.context["form"][value_of(champion())].value() == "Ann Lee"


def test_losing_asks_for_no_answers(deal, leo, browse):
    url = reverse("opportunities:close", args=[deal.pk], query={"as": "lost"})
    assert value_of(champion()) not in browse(leo).get(url).context["form"].fields


# --- By REST


def moved_by(client, deal, stage, **fields):
    return client.post(f"/api/v1/opportunities/{deal.pk}/move/", {"stage": stage.pk, **fields})


def test_a_program_is_told_what_is_missing_and_brings_it(deal, leo, evaluation, api):
    client = api(leo)
    missing = moved_by(client, deal, evaluation).json()["missing"]
    assert [need["criterion"] for need in missing] == [None, champion().pk]
    answers = {missing[1]["criterion"]: {"value": "Ann Lee", "evidence": "By mail."}}
    moved = moved_by(client, deal, evaluation, changes={"next_step": "Call"}, answers=answers)
    assert (moved.status_code, moved.json()["stage"]) == (200, evaluation.pk)
    answer = Answer.objects.get(opportunity=deal)
    assert (answer.value, answer.evidence, answer.answered_by) == ("Ann Lee", "By mail.", leo)


@pytest.mark.parametrize(
    ("answer", "pointer"),
    [
        ({}, "/value"),
        ({"value": ""}, "/value"),
        ({"value": 5}, "/value"),
        ({"value": "x" * 501}, "/value"),
        ({"value": "Ann", "evidence": None}, "/evidence"),
        ({"value": "Ann", "state": "confirmed"}, "/state"),
        ("Ann", ""),
    ],
)
def test_an_answer_of_the_wrong_shape_is_named(deal, leo, evaluation, api, answer, pointer):
    refused = moved_by(api(leo), deal, evaluation, answers={champion().pk: answer})
    assert refused.status_code == 400
    assert pointers(refused) == {f"#/answers/{champion().pk}{pointer}"}


def test_a_criterion_is_named_by_its_key_too(deal, leo, evaluation, api):
    answers = {"champion": {"value": "Ann Lee"}}
    moved = moved_by(api(leo), deal, evaluation, changes={"next_step": "Call"}, answers=answers)
    assert moved.status_code == 200
    assert Answer.objects.get(opportunity=deal, criterion=champion()).value == "Ann Lee"


@pytest.mark.parametrize("key", ["", "two words", "a.b", "\u0661"])
def test_what_names_no_criterion_is_named(deal, leo, evaluation, api, key):
    refused = moved_by(api(leo), deal, evaluation, answers={key: {"value": "Ann"}})
    assert (refused.status_code, pointers(refused)) == (400, {f"#/answers/{key}"})


@pytest.mark.parametrize("key", ["budget", "0", "-1", "012", "1" * 19])
def test_a_key_of_nothing_asked_of_the_deal_is_named(deal, leo, evaluation, api, key):
    refused = moved_by(api(leo), deal, evaluation, answers={key: {"value": "Ann"}})
    assert (refused.status_code, pointers(refused)) == (422, {f"#/answers/{key}"})


def test_a_criterion_has_one_answer_however_it_is_named(deal, leo, evaluation, api):
    pk = champion().pk
    answers = {pk: {"value": "Ann"}, "champion": {"value": "Ben"}}
    refused = moved_by(api(leo), deal, evaluation, answers=answers)
    assert (refused.status_code, pointers(refused)) == (422, {"#/answers/champion"})
    assert not Answer.objects.filter(opportunity=deal).exists()


def test_an_answer_that_cannot_be_stored_is_named_as_it_was_sent(deal, leo, evaluation):
    with pytest.raises(ValidationError) as refused:
        move_stage(
            opportunity=deal,
            stage=evaluation,
            actor=leo,
            answers={"champion": {"value": "x" * 501}},
        )
    assert set(refused.value.error_dict) == {"answers.champion.value"}


def test_a_criterion_not_asked_of_the_deal_is_named(deal, leo, evaluation, api):
    budget, absent = Criterion.objects.get(playbook__name="BANT", key="budget").pk, 10**12
    answers = {budget: {"value": "50k"}, absent: {"value": "x"}, champion().pk: {"value": "Ann"}}
    refused = moved_by(api(leo), deal, evaluation, answers=answers)
    assert refused.status_code == 422
    assert pointers(refused) == {f"#/answers/{budget}", f"#/answers/{absent}"}
    assert not Answer.objects.filter(opportunity=deal).exists()


# --- In a browser


@committed
def test_the_dialog_takes_what_is_missing_and_the_deal_moves(deal, leo, evaluation, browser_of):
    page = browser_of(leo, refusals=[409])
    page.goto(deal.get_absolute_url())
    page.get_by_role("button", name="Move to Evaluation").first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(champion().question)
    assert violations(page) == []
    dialog.get_by_label("Champion", exact=True).fill("Ann Lee")
    dialog.get_by_role("button", name="Move to Evaluation").click()
    # The browser itself insists on the next step.
    assert stage_of(deal) == "Discovery"
    dialog.get_by_label("Next step").fill("Call")
    dialog.get_by_role("button", name="Move to Evaluation").click()
    expect(page.get_by_text("Fernhill rollout is in Evaluation now.")).to_be_visible()
    assert stage_of(deal) == "Evaluation"
    assert Answer.objects.get(opportunity=deal).value == "Ann Lee"


@committed
def test_a_card_on_the_board_is_asked_there(deal, leo, evaluation, browser_of):
    page = browser_of(leo, refusals=[409])
    dialog = asked_on_the_board(page, "Fernhill rollout", to="Evaluation")
    dialog.get_by_label("Next step").fill("Call")
    dialog.get_by_label("Champion", exact=True).fill("Ann Lee")
    dialog.get_by_role("button", name="Move to Evaluation").click()
    expect(page.get_by_text("Fernhill rollout is in Evaluation now.")).to_be_visible()
    expect(dialog).to_be_hidden()
    assert stage_of(deal) == "Evaluation"


@committed
def test_the_page_does_the_same_on_a_phone_without_scripts(deal, leo, evaluation, browser_of):
    page = browser_of(leo, refusals=[409], java_script_enabled=False, viewport=PHONE)
    page.goto(deal.get_absolute_url())
    page.get_by_role("button", name="Move to Evaluation").first.click()
    page.get_by_label("Next step").fill("Call")
    page.get_by_label("Champion", exact=True).fill("Ann Lee")
    page.get_by_role("button", name="Move to Evaluation").click()
    expect(page.get_by_text("Fernhill rollout is in Evaluation now.")).to_be_visible()
    assert stage_of(deal) == "Evaluation"
