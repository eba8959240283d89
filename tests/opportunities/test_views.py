"""What the pages of deals promise."""

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from opportunities.models import ContactRole, ExchangeRate, Opportunity, Product
from tests.factories import ContactFactory, OpportunityFactory

pytestmark = pytest.mark.django_db

HTMX = {"HTTP_HX_REQUEST": "true"}


def page(name, deal, **query):
    return reverse(f"opportunities:{name}", args=[deal.pk], query=query or None)


def text_of(answer):
    return answer.content.decode()


# --- Lists


def deals_of(account, number, **fields):
    return OpportunityFactory.create_batch(number, account=account, **fields)


@pytest.mark.parametrize(
    ("name", "queries"),
    [
        # Session, user, reach, page, sums and counts; 1 for the sidebar.
        ("list", 6),
        # And pipelines, stages, sums of the lanes; the cards instead of the page.
        ("board", 9),
    ],
)
def test_lists_cost_the_same_for_one_deal_as_for_twenty(
    browse, leo, deal, name, queries, django_assert_num_queries
):
    client, url = browse(leo), reverse(f"opportunities:{name}", query={"view": "all"})
    client.get(url)
    for _ in range(2):
        with django_assert_num_queries(queries):
            client.get(url)
        deals_of(deal.account, 19)


def test_the_head_sums_what_the_list_shows(browse, leo, deal):
    deals_of(deal.account, 2, amount=Decimal("1000"), probability=50)
    answer = browse(leo).get(reverse("opportunities:list"))
    sums = answer.context["sums"]
    assert (sums.count, sums.amount, sums.weighted) == (3, Decimal("2000"), Decimal("1000"))
    assert [row["deal"].name for row in answer.context["rows"]].count("Fernhill rollout") == 1


def test_tabs_count_and_show_the_same_deals(browse, leo, nadia, deal):
    OpportunityFactory(
        account=deal.account,
        next_step="Call",
        amount=1,
        close_date=timezone.localdate() + dt.timedelta(days=400),
    )
    client = browse(nadia)
    for tab, count, _, query in client.get(reverse("opportunities:list")).context["tabs"]:
        shown = client.get(f"{reverse('opportunities:list')}?{query}").context
        assert (tab.key, count) == (tab.key, len(shown["rows"])) == (tab.key, shown["sums"].count)


def test_a_list_goes_on_where_its_page_ends(browse, leo, deal):
    deals_of(deal.account, 55)
    first = browse(leo).get(reverse("opportunities:list"))
    assert len(first.context["rows"]) == 50
    second = browse(leo).get(reverse("opportunities:list") + first.context["next_url"])
    assert len(second.context["rows"]) == 6


def test_search_and_filters_narrow_the_list(browse, leo, deal):
    deals_of(deal.account, 1, name="Northgate renewal", type="renewal")
    for query in ({"q": "northgate"}, {"type": "renewal"}):
        answer = browse(leo).get(reverse("opportunities:list", query=query), **HTMX)
        assert "Northgate renewal" in text_of(answer)
        assert "Fernhill rollout" not in text_of(answer)
        assert "<html" not in text_of(answer)
        assert "HX-Request" in answer["Vary"]


def test_the_filter_form_takes_what_is_chosen_along(browse, leo):
    answer = browse(leo).get(reverse("opportunities:filter", query={"view": "all", "q": "x"}))
    assert '<input type="hidden" name="view" value="all">' in text_of(answer)
    assert 'name="close_date_after"' in text_of(answer)


def test_nobody_sees_deals_out_of_reach(browse, soren, deal):
    for name in ("list", "board"):
        answer = browse(soren).get(reverse(f"opportunities:{name}", query={"view": "all"}))
        assert deal.name not in text_of(answer)
        assert answer.context["sums"].count == 0


# --- The board


def test_a_lane_shows_its_first_cards_and_counts_all(browse, leo, deal, stages):
    deals_of(deal.account, 26, amount=Decimal("10"))
    lanes = browse(leo).get(reverse("opportunities:board")).context["lanes"]
    assert [lane.stage.name for lane in lanes] == [
        "Discovery",
        "Evaluation",
        "Proposal",
        "Negotiation",
    ]
    assert (lanes[0].count, len(lanes[0].rows), lanes[0].amount) == (27, 25, Decimal("260"))
    assert f"stage={stages['Discovery'].pk}" in lanes[0].all_of_it


def test_a_card_of_somebody_else_cannot_be_moved(browse, rita, leo, deal):
    assert "data-card" in text_of(browse(leo).get(reverse("opportunities:board")))
    answer = browse(rita).get(reverse("opportunities:board"))
    assert deal.name in text_of(answer)
    assert "data-card" not in text_of(answer)


def test_a_moved_card_answers_with_the_board(browse, leo, deal, stages):
    Opportunity.objects.filter(pk=deal.pk).update(next_step="Call")
    answer = browse(leo).post(
        page("board_move", deal, view="mine"), {"stage": stages["Evaluation"].pk}, **HTMX
    )
    assert answer.status_code == 200
    assert 'id="board"' in text_of(answer)
    assert "Fernhill rollout is in Evaluation now" in text_of(answer)
    deal.refresh_from_db()
    assert deal.stage == stages["Evaluation"]


def test_without_scripts_a_moved_card_leads_back_to_the_board(browse, leo, deal, stages):
    Opportunity.objects.filter(pk=deal.pk).update(next_step="Call")
    answer = browse(leo).post(
        page("board_move", deal, view="mine"), {"stage": stages["Evaluation"].pk}
    )
    assert answer["Location"] == reverse("opportunities:board", query={"view": "mine"})


def test_a_drop_that_lacks_something_asks_for_it_and_goes_on(browse, leo, deal, stages):
    client, stage = browse(leo), stages["Evaluation"]
    answer = client.post(page("board_move", deal), {"stage": stage.pk}, **HTMX)
    assert (answer.status_code, answer["HX-Retarget"]) == (409, "#ask")
    assert "Next step agreed" in text_of(answer)
    assert 'name="next_step"' in text_of(answer)
    body = {"stage": stage.pk, "asked": "yes", "next_step": ""}
    again = client.post(page("board_move", deal), body, **HTMX)
    assert (again.status_code, again["HX-Retarget"]) == (422, "#ask")
    body["next_step"] = "Pricing review"
    assert client.post(page("board_move", deal), body, **HTMX).status_code == 200
    deal.refresh_from_db()
    assert (deal.stage, deal.next_step) == (stage, "Pricing review")


# --- Parts of other pages


@pytest.mark.parametrize("name", ["of_account", "of_contact"])
def test_deals_are_shown_on_accounts_and_contacts(browse, leo, soren, deal, name):
    contact = ContactFactory(account=deal.account, owner=leo)
    ContactRole.objects.create(opportunity=deal, contact=contact, role="user")
    pk = contact.pk if name == "of_contact" else deal.account_id
    url = reverse(f"opportunities:{name}", args=[pk])
    assert deal.name in text_of(browse(leo).get(url))
    assert browse(soren).get(url).status_code == 404


# --- Settings


def test_an_administrator_keeps_products_and_rates(browse, ada):
    client = browse(ada)
    body = {"name": "Team plan", "unit_price": "1,080", "currency": "EUR", "is_active": "on"}
    assert client.post(reverse("opportunities:product_create"), body).status_code == 302
    product = Product.objects.get()
    assert product.unit_price == 1080
    assert client.post(reverse("opportunities:product_create"), body).status_code == 422
    edit = reverse("opportunities:product_edit", args=[product.pk])
    assert client.post(edit, body | {"is_active": ""}).status_code == 302
    assert "Team plan" in text_of(client.get(reverse("opportunities:products")))
    rate = {"currency": "USD", "rate": "0.92", "starts_on": "2026-01-01"}
    assert client.post(reverse("opportunities:rates"), rate).status_code == 302
    assert ExchangeRate.objects.get().rate == Decimal("0.92")
