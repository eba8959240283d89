"""What the pages of deals promise."""

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from opportunities.models import ContactRole, ExchangeRate, Opportunity, Product
from opportunities.services import move_stage, set_line_items, update_opportunity
from tests.factories import AccountFactory, ContactFactory, OpportunityFactory, ProductFactory

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
        # Session, user, reach, page, sums and counts; 3 for the sidebar.
        ("list", 8),
        # And pipelines, stages, sums of the lanes; the cards instead of the page.
        ("board", 11),
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


# --- The record


def test_a_record_costs_the_same_however_much_is_in_it(
    browse, leo, deal, nadia, stages, django_assert_num_queries
):
    move_stage(opportunity=deal, stage=stages["Evaluation"], actor=nadia, override_reason="Known")
    client, url = browse(leo), page("detail", deal)
    client.get(url)
    # Session, user, reach, the deal, stages, requirements, history, people, products, 3 for
    # the timeline, 1 for the composer; 3 for the sidebar.
    for _ in range(2):
        with django_assert_num_queries(16):
            client.get(url)
        for step in range(20):
            update_opportunity(opportunity=deal, changes={"next_step": f"{step}"}, actor=leo)
            ContactRole.objects.create(
                opportunity=deal, contact=ContactFactory(account=deal.account), role="user"
            )
        set_line_items(
            opportunity=deal,
            items=[{"product": ProductFactory(unit_price=1)} for _ in range(20)],
            actor=leo,
        )


def test_the_record_tells_what_its_stage_asks_for(browse, leo, deal):
    answer = browse(leo).get(page("detail", deal))
    assert "To leave Discovery" in text_of(answer)
    assert "0 of 1" in text_of(answer)
    assert "Move to Evaluation" in text_of(answer)


def test_who_may_only_look_is_offered_nothing(browse, rita, deal):
    text = text_of(browse(rita).get(page("detail", deal)))
    assert "Move to Evaluation" not in text
    assert page("edit", deal) not in text


def test_a_refused_move_on_the_record_asks_on_a_page_without_scripts(browse, leo, deal, stages):
    answer = browse(leo).post(page("move", deal), {"stage": stages["Evaluation"].pk})
    assert answer.status_code == 409
    assert "<h1>Move to Evaluation</h1>" in text_of(answer)
    body = {"stage": stages["Evaluation"].pk, "next_step": "Call", "asked": "yes"}
    answer = browse(leo).post(page("move", deal), body)
    assert answer["Location"] == deal.get_absolute_url()


def test_only_who_may_overrule_is_offered_to(browse, leo, nadia, deal, stages):
    url, body = page("move", deal), {"stage": stages["Evaluation"].pk}
    assert "override_reason" not in text_of(browse(leo).post(url, body))
    assert "override_reason" in text_of(browse(nadia).post(url, body))
    body |= {"asked": "yes", "next_step": "", "override_reason": "Spoke to them"}
    assert browse(leo).post(url, body).status_code == 403
    assert browse(nadia).post(url, body).status_code == 302


def test_losing_asks_why_first(browse, leo, deal, reason, stages):
    client, url = browse(leo), page("close", deal, **{"as": "lost"})
    assert "Price" in text_of(client.get(url))
    body = {"stage": stages["Lost"].pk, "asked": "yes", "competitor": "Initech", "note": "Cheaper"}
    assert client.post(page("move", deal), body).status_code == 422
    body["reason"] = reason("lost", "competitor").pk
    assert client.post(page("move", deal), body).status_code == 302
    deal.refresh_from_db()
    assert (deal.closed_note, deal.competitor) == ("Cheaper", "Initech")
    assert "Chose a competitor" in text_of(client.get(page("detail", deal)))


def test_winning_shows_amount_and_date_once_more(browse, leo, deal, stages):
    Opportunity.objects.filter(pk=deal.pk).update(next_step="Sign", amount=48_000)
    client = browse(leo)
    assert 'value="48,000"' in text_of(client.get(page("close", deal, **{"as": "won"})))
    body = {"stage": stages["Won"].pk, "asked": "yes", "amount": "50k", "close_date": "2026-11-30"}
    assert client.post(page("move", deal), body).status_code == 302
    deal.refresh_from_db()
    assert (deal.stage_kind, deal.amount) == ("won", 50_000)


def test_converted_in_error_is_a_reason_to_close(browse, leo, deal, reason):
    text = text_of(browse(leo).get(page("close", deal, **{"as": "error"})))
    assert f'value="{reason("lost", "converted_in_error").pk}" selected' in text


def test_a_manager_opens_a_closed_deal_again(browse, leo, nadia, deal, stages, reason):
    move_stage(opportunity=deal, stage=stages["Lost"], actor=leo, reason=reason("lost", "price"))
    assert browse(leo).get(page("reopen", deal)).status_code == 403
    body = {"reason": reason("reopen", "other").pk}
    assert browse(nadia).post(page("reopen", deal), body).status_code == 302
    deal.refresh_from_db()
    assert deal.stage == stages["Discovery"]


def test_the_history_says_who_changed_what(browse, leo, deal):
    update_opportunity(opportunity=deal, changes={"next_step": "Call"}, actor=leo)
    text = text_of(browse(leo).get(page("history", deal)))
    assert "Next step" in text
    assert "Leo Haddad" in text


# --- Making and editing


def test_a_deal_made_from_a_contact_knows_both(browse, leo):
    contact = ContactFactory(account__owner=leo, account__name="Fernhill", owner=leo)
    client = browse(leo)
    url = reverse("opportunities:create", query={"contact": contact.pk})
    text = text_of(client.get(url))
    assert f'<option value="{contact.pk}" selected>' in text
    assert f'<option value="{contact.account_id}" selected>' in text
    body = {
        "account": contact.account_id,
        "primary_contact": contact.pk,
        "name": "Fernhill - New business",
        "amount": "48k",
        "currency": "eur",
        "type": "new",
        "stage": Opportunity(stage_id=1).stage_id,
        "owner": leo.pk,
    }
    body["stage"] = client.get(url).context["form"].initial["stage"]
    answer = client.post(url, body)
    deal = Opportunity.objects.get()
    assert answer["Location"] == deal.get_absolute_url()
    assert (deal.amount, deal.currency, deal.primary_contact) == (48_000, "EUR", contact)


def test_what_was_typed_stays_when_something_is_wrong(browse, leo):
    account = AccountFactory(owner=leo)
    url = reverse("opportunities:create", query={"account": account.pk})
    stage = browse(leo).get(url).context["form"].initial["stage"]
    body = {
        "account": account.pk, "name": "Deal", "amount": "48k", "currency": "USD",
        "type": "new", "stage": stage, "owner": leo.pk,
    }  # fmt: skip
    answer = browse(leo).post(url, body)
    assert answer.status_code == 422
    assert "no exchange rate from USD to EUR" in text_of(answer)
    assert 'value="48k"' in text_of(answer)
    assert not Opportunity.objects.exists()


@pytest.mark.parametrize("query", [{"account": 10**9}, {"contact": 10**9}])
def test_a_deal_cannot_start_from_what_is_out_of_sight(browse, leo, query):
    assert browse(leo).get(reverse("opportunities:create", query=query)).status_code == 404


def edited(deal, **changes):
    """The body of the edit form as a browser sends it."""
    body = {
        "version": deal.version, "name": deal.name, "currency": deal.currency,
        "close_date": deal.close_date.isoformat(), "type": deal.type, "next_step": deal.next_step,
        "competitor": deal.competitor, "amount": "", "probability": "", "forecast_category": "",
    }  # fmt: skip
    return body | changes


def test_saving_a_form_unchanged_changes_nothing(browse, leo, deal):
    assert browse(leo).post(page("edit", deal), edited(deal)).status_code == 302
    deal.refresh_from_db()
    assert (deal.version, deal.probability_overridden) == (1, False)


def test_two_people_who_change_different_fields_both_keep_theirs(browse, leo, nadia, deal):
    mine = edited(deal, competitor="Initech")
    update_opportunity(opportunity=deal, changes={"next_step": "Nadia calls"}, actor=nadia)
    answer = browse(leo).post(page("edit", deal), mine)
    assert answer.status_code == 409
    assert answer.context["merge"].differences == []
    again = dict(answer.context["merge"].typed)
    assert browse(leo).post(page("edit", deal), again).status_code == 302
    deal.refresh_from_db()
    assert (deal.next_step, deal.competitor) == ("Nadia calls", "Initech")


def test_two_people_who_change_the_same_field_choose(browse, leo, nadia, deal):
    mine = edited(deal, next_step="Leo mails")
    update_opportunity(opportunity=deal, changes={"next_step": "Nadia calls"}, actor=nadia)
    answer = browse(leo).post(page("edit", deal), mine)
    (difference,) = answer.context["merge"].differences
    assert (difference.theirs, difference.yours) == ("Nadia calls", "Leo mails")
    again = dict(answer.context["merge"].typed) | {difference.pick: "theirs"}
    assert browse(leo).post(page("edit", deal), again).status_code == 302
    deal.refresh_from_db()
    assert deal.next_step == "Nadia calls"


def test_who_gives_a_deal_away_out_of_sight_is_led_to_the_list(browse, leo, ines, deal):
    answer = browse(leo).post(page("assign", deal), {"to": ines.pk})
    assert answer["Location"] == reverse("opportunities:list")
    deal.refresh_from_db()
    assert deal.owner == ines


def test_deleting_asks_first(browse, leo, deal):
    client = browse(leo)
    assert "Delete Fernhill rollout" in text_of(client.get(page("delete", deal)))
    assert client.post(page("delete", deal))["Location"] == reverse("opportunities:list")
    assert client.get(page("detail", deal)).status_code == 404


# --- People and products


def test_people_are_added_and_taken_out(browse, leo, deal):
    contact = ContactFactory(account=deal.account, owner=leo)
    client = browse(leo)
    client.post(page("people", deal), {"contact": contact.pk, "role": "champion"})
    role = deal.contact_roles.get()
    assert (role.role, role.is_primary) == ("champion", True)
    assert contact.name in text_of(client.get(page("people", deal)))
    client.post(reverse("opportunities:person_remove", args=[deal.pk, role.pk]))
    assert not deal.contact_roles.exists()


def lines(deal, *items, version=None):
    body = {
        "version": version or deal.version,
        "form-TOTAL_FORMS": len(items),
        "form-INITIAL_FORMS": 0,
    }
    for number, item in enumerate(items):
        body |= {f"form-{number}-{name}": value for name, value in item.items()}
    return body


def test_products_are_edited_as_lines(browse, leo, deal):
    seats = ProductFactory(name="Seats", unit_price="1080")
    body = lines(deal, {"product": seats.pk, "quantity": "60", "discount_percent": "10"}, {})
    assert browse(leo).post(page("line_items", deal), body).status_code == 302
    deal.refresh_from_db()
    assert deal.amount == 58_320
    text = text_of(browse(leo).get(page("line_items", deal)))
    assert 'value="1,080"' in text
    assert 'value="60"' in text


def test_a_bad_line_keeps_what_was_typed_and_says_which(browse, leo, deal):
    seats = ProductFactory()
    body = lines(deal, {}, {"product": seats.pk, "quantity": "0"})
    answer = browse(leo).post(page("line_items", deal), body)
    assert answer.status_code == 422
    assert answer.context["formset"].errors[1] == {"quantity": ["A quantity is more than zero."]}


def test_lines_of_an_older_version_are_refused(browse, leo, deal):
    update_opportunity(opportunity=deal, changes={"next_step": "Call"}, actor=leo)
    answer = browse(leo).post(page("line_items", deal), lines(deal, version=1))
    assert answer.status_code == 412


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
