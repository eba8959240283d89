"""What the pages of one deal promise."""

import pytest
from django.urls import reverse

from opportunities.models import ContactRole, Opportunity
from opportunities.services import move_stage, set_line_items, update_opportunity
from tests.factories import AccountFactory, ContactFactory, ProductFactory

pytestmark = pytest.mark.django_db

HTMX = {"HTTP_HX_REQUEST": "true"}


def page(name, deal, **query):
    return reverse(f"opportunities:{name}", args=[deal.pk], query=query or None)


def text_of(answer):
    return answer.content.decode()


# --- The record


def test_a_record_costs_the_same_however_much_is_in_it(
    browse, leo, deal, nadia, stages, django_assert_num_queries
):
    move_stage(opportunity=deal, stage=stages["Evaluation"], actor=nadia, override_reason="Known")
    client, url = browse(leo), page("detail", deal)
    client.get(url)
    # Session, user, reach, the deal, stages, requirements, history, people, products, 3 for
    # the timeline, 1 for the composer; 2 for the sidebar, since he was told of the move.
    for _ in range(2):
        with django_assert_num_queries(15):
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
    assert '<h1 class="vh">Move to Evaluation</h1>' in text_of(answer)
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
    assert "<b>Nadia Berg saved this opportunity while" in answer.content.decode()
    again = dict(answer.context["merge"].typed) | {difference.pick: "theirs"}
    assert browse(leo).post(page("edit", deal), again).status_code == 302
    deal.refresh_from_db()
    assert deal.next_step == "Nadia calls"


def test_who_saved_in_another_tab_is_told_so_and_finds_back(browse, leo, deal):
    mine = edited(deal, next_step="Leo mails")
    update_opportunity(opportunity=deal, changes={"next_step": "Leo calls"}, actor=leo)
    told = browse(leo).post(page("edit", deal), mine).content.decode()
    assert "<b>You, in another tab, saved this opportunity while" in told
    assert "Theirs" not in told
    assert f'<a class="link" href="{deal.get_absolute_url()}">Open Fernhill rollout</a>' in told


@pytest.mark.parametrize("version", ["99", "0", "nonsense"])
def test_a_version_that_never_was_is_nobodys_change(browse, leo, deal, version):
    mine = edited(deal, next_step="Leo mails") | {"version": version}
    answer = browse(leo).post(page("edit", deal), mine)
    assert answer.status_code == 409
    told = answer.content.decode()
    assert "This page did not say what the opportunity was before you edited it" in told
    assert "another tab" not in told
    assert "Theirs" not in told
    again = dict(answer.context["merge"].typed)
    assert browse(leo).post(page("edit", deal), again).status_code == 302
    deal.refresh_from_db()
    assert deal.next_step == "Leo mails"


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


def test_editing_is_offered_by_name_as_on_every_record(browse, leo, deal):
    assert "Edit<kbd" in text_of(browse(leo).get(page("detail", deal)))
