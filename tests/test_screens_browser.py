"""How screens lie on the page, which only a browser can tell."""

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import expect

from conversion.services import convert_lead
from opportunities.models import Stage
from tests.browser import PHONE, press, violations, wait_until_drawn
from tests.conversion.conftest import make_lead, plan_of
from tests.factories import AccountFactory, OpportunityFactory

pytestmark = pytest.mark.django_db(transaction=True)


def answer_with_200(route):
    """What is refused is shown all the same; only the browser does not complain of a 422."""
    route.fulfill(response=route.fetch(), status=200)


def bottom(locator) -> float:
    box = locator.bounding_box()
    return box["y"] + box["height"]


def test_a_wrong_field_stays_beside_its_neighbor(rita, browser_of):
    page = browser_of(rita)
    page.goto(reverse("leads:create"))
    page.route("**/leads/new/", answer_with_200)
    page.get_by_label("Employees").fill("-3")
    page.get_by_role("button", name="Create lead").click()
    page.get_by_text("Ensure this value is greater than or equal to 0").first.wait_for()
    wait_until_drawn(page)
    wrong, neighbor = page.get_by_label("Employees"), page.get_by_label("Industry")
    assert wrong.bounding_box()["y"] == neighbor.bounding_box()["y"]
    assert wrong.bounding_box()["width"] == neighbor.bounding_box()["width"]


@pytest.mark.parametrize("name", ["settings:roles", "integrations:import", "opportunities:list"])
def test_a_short_page_fills_a_phone(ada, browser_of, name):
    page = browser_of(ada, viewport=PHONE)
    page.goto(reverse(name))
    wait_until_drawn(page)
    assert bottom(page.locator("#main")) == page.locator(".tabbar").bounding_box()["y"]


@pytest.mark.parametrize(
    "name",
    [
        "accounts:contacts",
        "accounts:list",
        "conversion:conversions",
        "leads:list",
        "opportunities:list",
    ],
)
def test_a_list_fits_into_its_window(nadia, leo, browser_of, name):
    make_lead(leo)
    convert_lead(lead=make_lead(leo), plan=plan_of(), actor=leo)
    page = browser_of(nadia)
    page.goto(f"{reverse(name)}?view=all")
    for width in (768, 1024, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        wait_until_drawn(page)
        expect(page.locator("tbody tr").first).to_be_visible()
        table = page.locator(".grid-wrap")
        assert table.evaluate("table => table.scrollWidth <= table.clientWidth")


def test_the_sheet_of_keys_names_views_without_their_counts(rita, browser_of):
    page = browser_of(rita)
    page.goto(reverse("leads:list"))
    press(page, "?")
    expect(page.locator("#keys dd").get_by_text("My open leads", exact=True)).to_be_visible()


def test_the_step_one_is_at_is_in_sight_on_a_phone(leo, browser_of):
    deal = OpportunityFactory(owner=leo, stage=Stage.objects.get(name="Negotiation"))
    page = browser_of(leo, viewport=PHONE)
    page.goto(deal.get_absolute_url())
    wait_until_drawn(page)
    expect(page.locator(".path .now")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("name", ["opportunities:list", "conversion:conversions"])
def test_the_pages_of_a_list_stand_at_its_bottom(leo, browser_of, name):
    convert_lead(lead=make_lead(leo), plan=plan_of(), actor=leo)
    page = browser_of(leo)
    page.goto(reverse(name))
    wait_until_drawn(page)
    end = bottom(page.locator("#main"))
    assert end - 2 <= bottom(page.get_by_role("navigation", name="Pages")) <= end


def test_an_amount_in_a_related_list_is_never_cut(leo, browser_of):
    account = AccountFactory(owner=leo)
    OpportunityFactory(owner=leo, account=account, name="A deal with a name", amount="19000.00")
    page = browser_of(leo)
    page.goto(account.get_absolute_url())
    amount = page.locator("#opportunities .end.num").last
    expect(amount).to_be_visible()
    wait_until_drawn(page)
    assert amount.evaluate("amount => amount.scrollWidth <= amount.clientWidth")


def test_what_was_typed_is_back_after_a_session_has_expired(rita, browser_of):
    rita.set_password("relay-demo")
    rita.save()
    lead = make_lead(rita)
    page = browser_of(rita)
    page.goto(lead.get_absolute_url())
    note = page.locator(".composer [name=body]")
    note.fill("She signs on Friday")
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(f"**{reverse('account_login')}**")
    page.get_by_label("Email").fill(rita.email)
    page.get_by_label("Password").fill("relay-demo")
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"**{lead.get_absolute_url()}")
    expect(note).to_have_value("She signs on Friday")


def test_a_draft_is_offered_only_where_it_was_written(rita, browser_of):
    one, other = make_lead(rita), make_lead(rita, first_name="Eve", email="", phone="")
    page = browser_of(rita)
    page.goto(reverse("leads:edit", args=[one.pk]))
    page.get_by_label("Description").fill("Only about Dana")
    page.goto(reverse("leads:edit", args=[other.pk]))
    expect(page.get_by_label("Description")).to_have_value("")
    page.goto(reverse("leads:edit", args=[one.pk]))
    expect(page.get_by_label("Description")).to_have_value("Only about Dana")


def test_a_refused_field_is_looked_at_again_once_it_is_left(rita, browser_of):
    page = browser_of(rita)
    page.goto(reverse("leads:create"))
    page.route("**/leads/new/", answer_with_200)
    page.get_by_label("First name").fill("Nora")
    employees = page.get_by_label("Employees")
    employees.fill("-3")
    page.get_by_role("button", name="Create lead").click()
    summary = page.locator(".errors li", has_text="Employees")
    expect(summary).to_contain_text("greater than or equal to 0")
    wait_until_drawn(page)
    message, below = page.locator("#id_employees_error"), page.get_by_label("Annual revenue")
    place = below.bounding_box()["y"] - employees.bounding_box()["y"]

    employees.fill("-5")
    press(page, "Tab")
    expect(message).to_have_text(employees.evaluate("field => field.validationMessage"))
    expect(employees).to_have_attribute("aria-invalid", "true")

    employees.fill("5")
    press(page, "Tab")
    expect(message).to_have_text("Changed, not checked yet.")
    expect(employees).to_have_attribute("aria-invalid", "false")
    expect(page.locator("#voice")).to_have_text("Changed, not checked yet.")
    expect(summary).to_have_class("again")
    expect(page.get_by_label("First name")).to_have_value("Nora")
    assert below.bounding_box()["y"] - employees.bounding_box()["y"] <= place
    assert violations(page) == []
