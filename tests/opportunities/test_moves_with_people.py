"""A move that lacks people or products: both are asked for there, and come along."""

import re

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from playwright.sync_api import expect

from activities.models import Event
from opportunities.models import Stage
from opportunities.services import ExitRequirementsMissing, move_stage
from tests.answers import pointers
from tests.browser import PHONE, violations
from tests.factories import ContactFactory, OpportunityFactory, ProductFactory
from tests.opportunities.pages import asked_on_the_board

pytestmark = pytest.mark.django_db
committed = pytest.mark.django_db(transaction=True)

CONTACT, ROLE = "contact_roles.0.contact", "contact_roles.0.role"
PRODUCT, QUANTITY = "line_items.0.product", "line_items.0.quantity"
PRICE = "line_items.0.unit_price"


@pytest.fixture
def deal(leo):
    """A deal that may leave its stage with somebody in it and something to sell."""
    deal = OpportunityFactory(owner=leo, team=leo.team, account__owner=leo, name="Fernhill rollout")
    deal.stage.exit_requirements.all().delete()
    deal.stage.exit_requirements.create(field="contact_roles", label="Contact roles")
    deal.stage.exit_requirements.create(field="line_items", label="Products", position=1)
    return deal


@pytest.fixture
def ann(deal):
    return ContactFactory(account=deal.account, first_name="Ann", last_name="Lee")


@pytest.fixture
def seats(deal):
    return ProductFactory(name="Seats", unit_price=40, currency=deal.currency)


@pytest.fixture
def evaluation(db):
    return Stage.objects.get(name="Evaluation")


def stage_of(deal):
    deal.refresh_from_db()
    return deal.stage.name


def move(client, deal, stage, **fields):
    url = reverse("opportunities:move", args=[deal.pk])
    return client.post(url, {"stage": stage.pk, **fields})


# --- The service


def test_a_move_brings_people_and_products_along(deal, ann, seats, leo, evaluation):
    moved = move_stage(
        opportunity=deal,
        stage=evaluation,
        actor=leo,
        contact_roles=[{"contact": ann, "role": "champion"}],
        line_items=[{"product": seats, "quantity": 3}],
    )
    assert (moved.stage, moved.amount, moved.primary_contact) == (evaluation, 120, ann)
    assert list(moved.contact_roles.values_list("contact", "role")) == [(ann.pk, "champion")]
    verbs = Event.objects.filter(opportunity=deal).order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == [
        "opportunity.contact_role_set",
        "opportunity.products_changed",
        "opportunity.stage_changed",
    ]


def test_a_move_that_is_still_refused_keeps_neither(deal, ann, leo, evaluation):
    people = [{"contact": ann, "role": "champion"}]
    with pytest.raises(ExitRequirementsMissing) as refused:
        move_stage(opportunity=deal, stage=evaluation, actor=leo, contact_roles=people)
    assert [need.field for need in refused.value.missing] == ["line_items"]
    assert not deal.contact_roles.exists()


def test_nobody_out_of_sight_is_brought_along(deal, leo, evaluation):
    people = [{"contact": ContactFactory(), "role": "other"}]
    with pytest.raises(PermissionDenied):
        move_stage(opportunity=deal, stage=evaluation, actor=leo, contact_roles=people)


def test_a_wrong_quantity_is_named(deal, seats, leo, evaluation):
    items = [{"product": seats, "quantity": 0}]
    with pytest.raises(ValidationError) as refused:
        move_stage(opportunity=deal, stage=evaluation, actor=leo, line_items=items)
    assert set(refused.value.error_dict) == {QUANTITY}


def test_a_move_without_products_leaves_those_there_are(deal, ann, seats, leo, evaluation):
    move_stage(
        opportunity=deal,
        stage=evaluation,
        actor=leo,
        contact_roles=[{"contact": ann, "role": "champion"}],
        line_items=[{"product": seats}],
    )
    evaluation.exit_requirements.all().delete()
    move_stage(opportunity=deal, stage=Stage.objects.get(name="Proposal"), actor=leo)
    assert deal.line_items.get().product == seats


# --- The page, as it is without scripts


def test_a_blocked_move_asks_for_a_person_and_a_product(deal, ann, seats, leo, evaluation, browse):
    page = move(browse(leo), deal, evaluation)
    assert page.status_code == 409
    form = page.context["form"]
    asked = {name: field.label for name, field in form.fields.items() if name != "asked"}
    assert asked == {
        CONTACT: "Contact", ROLE: "Their part",
        PRODUCT: "Product", QUANTITY: "Quantity", PRICE: "Unit price",
    }  # fmt: skip
    text = page.content.decode()
    assert f'<option value="{ann.pk}">Ann Lee' in text
    assert f'<option value="{seats.pk}">Seats' in text
    for name in ("people", "line_items"):
        assert f'href="{reverse(f"opportunities:{name}", args=[deal.pk])}"' in text


def test_what_was_asked_for_moves_the_deal_in_one_go(deal, ann, seats, leo, evaluation, browse):
    fields = {CONTACT: ann.pk, ROLE: "decision_maker", PRODUCT: seats.pk, QUANTITY: "2", PRICE: ""}
    moved = move(browse(leo), deal, evaluation, asked="yes", **fields)
    assert moved["Location"] == deal.get_absolute_url()
    assert stage_of(deal) == "Evaluation"
    assert deal.contact_roles.get().role == "decision_maker"
    assert deal.line_items.get().unit_price == 40


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({CONTACT: ""}, CONTACT),
        ({CONTACT: "999999"}, CONTACT),
        ({ROLE: "king"}, ROLE),
        ({PRODUCT: ""}, PRODUCT),
        ({QUANTITY: "0"}, QUANTITY),
        ({QUANTITY: "many"}, QUANTITY),
        ({PRICE: "-1"}, PRICE),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_the_rest_kept(
    deal, ann, seats, leo, evaluation, browse, change, wrong
):
    fields = {CONTACT: ann.pk, ROLE: "champion", PRODUCT: seats.pk, QUANTITY: "2", PRICE: "30"}
    page = move(browse(leo), deal, evaluation, asked="yes", **(fields | change))
    assert page.status_code == 422
    form = page.context["form"]
    assert set(form.errors) == {wrong}
    for name in set(fields) - {wrong}:
        assert str(form[name].value()) == str(fields[name])
    assert stage_of(deal) == "Discovery"
    assert not deal.contact_roles.exists()


def test_what_was_typed_to_win_is_kept_when_something_is_missing(deal, ann, leo, browse):
    won = Stage.objects.get(kind="won", pipeline=deal.pipeline)
    fields = {CONTACT: ann.pk, ROLE: "champion", PRODUCT: "", QUANTITY: "1", PRICE: ""}
    page = move(browse(leo), deal, won, asked="yes", amount="900", **fields)
    assert page.status_code == 409
    form = page.context["form"]
    assert (form[CONTACT].value(), form[ROLE].value()) == (ann.pk, "champion")
    assert f'<option value="{ann.pk}" selected>' in page.content.decode()
    assert form.fields[PRODUCT].required


def test_a_reason_to_do_without_still_moves_it(deal, nadia, evaluation, browse):
    fields = {CONTACT: "", ROLE: "champion", PRODUCT: "", QUANTITY: "1", PRICE: ""}
    fields |= {"override_reason": "The order is signed."}
    assert move(browse(nadia), deal, evaluation, asked="yes", **fields).status_code == 302
    assert stage_of(deal) == "Evaluation"
    assert not deal.line_items.exists()


# --- By REST


def moved_by(client, deal, stage, **fields):
    return client.post(f"/api/v1/opportunities/{deal.pk}/move/", {"stage": stage.pk, **fields})


def test_a_program_is_told_what_is_missing_and_brings_it(deal, ann, seats, leo, evaluation, api):
    client = api(leo)
    missing = moved_by(client, deal, evaluation).json()["missing"]
    assert [need["field"] for need in missing] == ["contact_roles", "line_items"]
    people = [{"contact": ann.pk, "role": "champion"}]
    items = [{"product": seats.pk, "quantity": "2"}]
    moved = moved_by(client, deal, evaluation, contact_roles=people, line_items=items)
    assert (moved.status_code, moved.json()["stage"]) == (200, evaluation.pk)
    assert moved.json()["amount"]["amount"] == "80.00"
    assert deal.contact_roles.get().is_primary


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"contact_roles": [{"role": "champion"}]}, "#/contact_roles/0/contact"),
        ({"contact_roles": [{"contact": 10**9, "role": "other"}]}, "#/contact_roles/0/contact"),
        ({"line_items": [{"quantity": "2"}]}, "#/line_items/0/product"),
    ],
)
def test_what_a_program_sends_in_the_wrong_shape_is_named(
    deal, leo, evaluation, api, fields, pointer
):
    refused = moved_by(api(leo), deal, evaluation, **fields)
    assert (refused.status_code, pointers(refused)) == (400, {pointer})


def test_a_quantity_that_no_deal_can_have_is_named(deal, seats, leo, evaluation, api):
    items = [{"product": seats.pk, "quantity": "0"}]
    refused = moved_by(api(leo), deal, evaluation, line_items=items)
    assert (refused.status_code, pointers(refused)) == (422, {"#/line_items/0/quantity"})


# --- In a browser


def choose_ann_and_seats(dialog):
    expect(dialog).to_contain_text("Their part")
    dialog.get_by_role("combobox", name="Contact", exact=True).click()
    dialog.get_by_role("option", name="Ann Lee").click()
    dialog.get_by_label("Their part", exact=True).select_option(label="Champion")
    dialog.get_by_label("Product", exact=True).select_option(label="Seats")


@committed
def test_the_dialog_takes_a_person_and_a_product(deal, ann, seats, leo, evaluation, browser_of):
    ContactFactory(account__owner=leo, first_name="Abel", last_name="Abel")
    page = browser_of(leo, refusals=[409])
    page.goto(deal.get_absolute_url())
    page.get_by_role("button", name="Move to Evaluation").first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Their part")
    assert violations(page) == []
    dialog.get_by_role("combobox", name="Contact", exact=True).click()
    # The account's own people stand first, whoever else comes before them by name.
    offered = dialog.get_by_role("listbox", name="Suggestions").get_by_role("option")
    expect(offered).to_have_text([re.compile("Ann Lee"), re.compile("Abel")])
    choose_ann_and_seats(dialog)
    dialog.get_by_label("Quantity optional", exact=True).fill("5")
    dialog.get_by_role("button", name="Move to Evaluation").click()
    expect(page.get_by_text("Fernhill rollout is in Evaluation now.")).to_be_visible()
    assert stage_of(deal) == "Evaluation"
    assert (deal.contact_roles.get().contact, deal.amount) == (ann, 200)


@committed
def test_a_card_on_the_board_is_asked_there(deal, ann, seats, leo, evaluation, browser_of):
    page = browser_of(leo, refusals=[409])
    dialog = asked_on_the_board(page, "Fernhill rollout", to="Evaluation")
    choose_ann_and_seats(dialog)
    dialog.get_by_role("button", name="Move to Evaluation").click()
    expect(page.get_by_text("Fernhill rollout is in Evaluation now.")).to_be_visible()
    assert stage_of(deal) == "Evaluation"


@committed
def test_the_page_does_the_same_on_a_phone_without_scripts(
    deal, ann, seats, leo, evaluation, browser_of
):
    page = browser_of(leo, refusals=[409], java_script_enabled=False, viewport=PHONE)
    page.goto(deal.get_absolute_url())
    page.get_by_role("button", name="Move to Evaluation").first.click()
    page.get_by_label("Contact", exact=True).select_option(label="Ann Lee")
    page.get_by_label("Product", exact=True).select_option(label="Seats")
    page.get_by_role("button", name="Move to Evaluation").click()
    expect(page.get_by_text("Fernhill rollout is in Evaluation now.")).to_be_visible()
    assert stage_of(deal) == "Evaluation"
