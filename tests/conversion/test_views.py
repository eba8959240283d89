"""The conversion screen."""

import pytest
from django.urls import reverse

from accounts.models import Account, Contact
from conversion.models import Conversion
from conversion.services import convert_lead
from leads.models import AnswerState, Lead
from leads.services import answer_criterion, playbook_of
from opportunities.models import Opportunity
from tests.conversion.conftest import make_lead, plan_of
from tests.conversion.pages import page, shown
from tests.factories import (
    AccountFactory,
    ActivityFactory,
    ContactFactory,
    LeadFactory,
    OpportunityFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def halcyon(leo):
    """An account that strongly matches Dana's company."""
    return AccountFactory(owner=leo, name="Halcyon", domain_key="halcyonrobotics.example")


def screen(client, lead, asked=None):
    """The conversion screen's address, and its fields."""
    url = reverse("conversion:convert", args=[lead.pk])
    url += f"?request={asked.pk}" if asked else ""
    return url, shown(client.get(url))


def converting(client, lead, asked=None, **changes):
    url, fields = screen(client, lead, asked)
    return client.post(url, fields | changes | {"do": "convert"})


# --- What is chosen before anybody chooses


def test_without_a_match_everything_is_new(lead, leo, browse):
    _, fields = screen(browse(leo), lead)
    assert fields["account_action"] == "create"
    assert fields["contact_action"] == "create"
    assert fields["opportunity_action"] == "create"


def test_the_only_strong_match_is_chosen(lead, halcyon, leo, browse):
    _, fields = screen(browse(leo), lead)
    assert (fields["account_action"], fields["account_id"]) == ("existing", halcyon.pk)


def test_of_two_strong_matches_none_is_chosen(lead, halcyon, leo, browse):
    AccountFactory(owner=leo, name="Halcyon Two", domain_key="halcyonrobotics.example")
    _, fields = screen(browse(leo), lead)
    assert fields["account_action"] == "existing"
    assert "account_id" not in fields


def test_a_similar_account_is_only_told(lead, leo, browse):
    AccountFactory(owner=leo, name="Halcyon Robotic")
    answer = page(browse(leo), "convert", lead.pk)
    assert answer.context["form"]["account_action"].value() == "create"
    assert "Halcyon Robotic may be the same company" in answer.content.decode()


def test_no_deal_is_chosen_while_qualifying_and_the_budget_is_unknown(lead, leo, browse):
    need = playbook_of(lead).criteria.get(key="need")
    answer_criterion(lead=lead, criterion=need, state=AnswerState.CONFIRMED, value="yes", actor=leo)
    _, fields = screen(browse(leo), lead)
    assert fields["opportunity_action"] == "none"


def test_a_match_one_may_not_open_is_told_without_its_data(lead, ines, leo, browse):
    AccountFactory(owner=ines, name="Secret Robotics", domain_key="halcyonrobotics.example")
    text = page(browse(leo), "convert", lead.pk).content.decode()
    assert "A strong match exists in team South" in text
    assert "Secret Robotics" not in text


# --- Choosing something else


def test_showing_what_will_happen_writes_nothing(lead, leo, browse):
    url, fields = screen(browse(leo), lead)
    answer = browse(leo).post(url, fields | {"opportunity_name": "Sixty seats", "do": "preview"})
    assert "Sixty seats" in answer.content.decode()
    assert not Account.objects.exists()


def test_what_was_typed_stays_when_the_choice_changes(lead, halcyon, leo, browse):
    client = browse(leo)
    url, fields = screen(client, lead)
    typed = fields | {"contact_title": "Chief of everything", "account_name": "Halcyon Labs"}
    answer = client.post(url, typed | {"account_action": "create", "do": "preview"})
    form = answer.context["form"]
    assert form["contact_title"].value() == "Chief of everything"
    assert form["account_name"].value() == "Halcyon Labs"


def test_a_person_of_another_account_brings_that_account_along(lead, halcyon, leo, browse):
    other = ContactFactory(account=AccountFactory(owner=leo, name="Elsewhere"))
    client = browse(leo)
    url, fields = screen(client, lead)
    answer = client.post(url, fields | {"use": f"contact:{other.pk}", "do": "preview"})
    assert answer.context["draft"].plan.account.id == other.account_id
    assert "The account is now Elsewhere" in answer.content.decode()


def test_another_account_lets_go_of_the_person_of_the_first(lead, halcyon, leo, browse):
    person = ContactFactory(account=halcyon)
    client = browse(leo)
    url, fields = screen(client, lead)
    chosen = shown(client.post(url, fields | {"use": f"contact:{person.pk}"}))
    elsewhere = AccountFactory(owner=leo)
    answer = client.post(url, chosen | {"account_id": elsewhere.pk})
    plan = answer.context["draft"].plan
    assert (plan.account.id, plan.contact.action) == (elsewhere.pk, "create")


def test_a_deal_of_any_account_may_be_chosen_first(lead, leo, browse):
    deal = OpportunityFactory(account=AccountFactory(owner=leo))
    client = browse(leo)
    url, fields = screen(client, lead)
    answer = client.post(url, fields | {"use": f"opportunity:{deal.pk}"})
    plan = answer.context["draft"].plan
    assert (plan.account.id, plan.opportunity.id) == (deal.account_id, deal.pk)


def test_searching_offers_accounts_that_match_in_nothing(lead, leo, browse):
    account = AccountFactory(owner=leo, name="Zebra Holding")
    client = browse(leo)
    url, fields = screen(client, lead)
    answer = client.post(url, fields | {"account_action": "existing", "account_q": "zebra"})
    assert [c.record for c in answer.context["cards"]["account"].candidates] == [account]


def test_a_field_takes_the_leads_value_where_one_says_so(leo, browse):
    lead = make_lead(leo, website="https://halcyon.example")
    account = AccountFactory(owner=leo, website="https://old.example")
    client = browse(leo)
    url, fields = screen(client, lead)
    choices = fields | {"account_action": "existing", "account_id": account.pk}
    fields = shown(client.post(url, choices | {"take_account_website": "lead"}))
    client.post(url, fields | {"take_account_website": "lead", "do": "convert"})
    account.refresh_from_db()
    assert account.website == "https://halcyon.example"


# --- Converting


def test_a_clean_lead_is_converted_by_one_button(lead, leo, browse):
    answer = converting(browse(leo), lead)
    lead.refresh_from_db()
    assert (answer.status_code, answer.url) == (302, lead.conversion.get_absolute_url())


def test_sending_the_same_form_twice_leads_to_the_same_receipt(lead, leo, browse):
    client = browse(leo)
    url, fields = screen(client, lead)
    answers = [client.post(url, fields | {"do": "convert"}) for _ in range(2)]
    assert answers[0].url == answers[1].url
    assert Conversion.objects.count() == Account.objects.count() == 1


def test_a_converted_lead_leads_to_its_receipt(lead, leo, browse):
    conversion = convert_lead(lead=lead, plan=plan_of(), actor=leo)
    answer = page(browse(leo), "convert", lead.pk)
    assert (answer.status_code, answer.url) == (302, conversion.get_absolute_url())


def test_values_typed_since_the_preview_are_converted_with(lead, leo, browse):
    converting(browse(leo), lead, opportunity_name="Sixty seats", opportunity_amount="$48k")
    deal = Opportunity.objects.get()
    assert (deal.name, str(deal.amount)) == ("Sixty seats", "48000.00")


def test_a_choice_whose_effect_was_not_shown_is_shown_first(lead, leo, browse):
    answer = converting(browse(leo), lead, opportunity_action="none")
    assert answer.status_code == 200
    assert "See what will happen, then convert." in answer.content.decode()
    assert not Conversion.objects.exists()


def test_a_change_by_somebody_else_is_told_and_nothing_typed_is_lost(lead, halcyon, leo, browse):
    client = browse(leo)
    url, fields = screen(client, lead)
    Account.objects.filter(pk=halcyon.pk).update(phone="+1 512 555 0000")
    answer = client.post(url, fields | {"contact_title": "Chief", "do": "convert"})
    assert answer.status_code == 409
    assert answer.context["changed_cards"] >= {"account"}
    assert answer.context["form"]["contact_title"].value() == "Chief"
    assert "Nothing has been converted." in answer.content.decode()
    assert not Conversion.objects.exists()


def test_after_such_a_change_the_same_page_converts(lead, halcyon, leo, browse):
    client = browse(leo)
    url, fields = screen(client, lead)
    Account.objects.filter(pk=halcyon.pk).update(phone="+1 512 555 0000")
    again = shown(client.post(url, fields | {"do": "convert"}))
    assert client.post(url, again | {"do": "convert"}).status_code == 302


def test_a_match_that_appears_meanwhile_stops_the_conversion(lead, leo, browse):
    client = browse(leo)
    url, fields = screen(client, lead)
    AccountFactory(owner=leo, name="Halcyon", domain_key="halcyonrobotics.example")
    answer = client.post(url, fields | {"do": "convert"})
    assert answer.status_code == 409
    assert not Conversion.objects.exists()


def test_overruling_a_strong_match_needs_a_reason_that_the_receipt_keeps(
    lead, halcyon, leo, browse
):
    client = browse(leo)
    url, fields = screen(client, lead)
    new = shown(client.post(url, fields | {"account_action": "create"}))
    assert client.post(url, new | {"do": "convert"}).status_code == 409
    client.post(url, new | {"duplicate_reason": "another holding", "do": "convert"})
    assert Conversion.objects.get().duplicate_reason == "another holding"


def test_what_cannot_be_read_is_told_at_its_field(lead, leo, browse):
    answer = converting(browse(leo), lead, opportunity_amount="lots", contact_email="nobody")
    assert answer.status_code == 422
    assert answer.context["form"].errors["opportunity_amount"]


def test_what_the_plan_cannot_do_is_told_at_its_field(lead, leo, browse):
    answer = converting(browse(leo), lead, contact_email="nobody", account_employees="many")
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"contact_email", "account_employees"}


def test_fields_without_a_place_are_named(leo, browse):
    lead = make_lead(leo, rating="hot", source_detail="Trade fair")
    text = page(browse(leo), "convert", lead.pk).content.decode()
    assert "2 fields have no place and are kept on the lead: source detail, rating." in text


def test_an_sdr_is_told_that_they_may_not_convert(ritas_lead, rita, browse):
    assert page(browse(rita), "convert", ritas_lead.pk).status_code == 403


def test_a_stranger_finds_no_such_lead(ritas_lead, soren, browse):
    assert page(browse(soren), "convert", ritas_lead.pk).status_code == 404


def test_page_and_program_convert_alike(leo, browse, api):
    by_page = make_lead(leo, industry="Robotics", employees=420)
    twin = {"company": "Other Robotics", "email": "dana@other.example", "phone": "+1 512 555 0100"}
    by_api = make_lead(leo, industry="Robotics", employees=420, **twin)
    fields = {"name": "Sixty seats", "amount": "48000.00"}
    converting(
        browse(leo),
        by_page,
        contact_role="champion",
        opportunity_name="Sixty seats",
        opportunity_amount="48,000",
    )
    answer = api(leo).post(
        f"/api/v1/leads/{by_api.pk}/convert/",
        {
            "account": {"action": "create"},
            "contact": {"action": "create"},
            "opportunity": {"action": "create", "fields": fields},
            "contact_role": "champion",
        },
        HTTP_IDEMPOTENCY_KEY="once",
    )
    assert answer.status_code == 201, answer.json()
    first, second = Conversion.objects.order_by("pk")
    assert first.plan == second.plan
    own = {"name", "email", "phone", "pk", "company", "website"}
    for name in ("account", "contact", "opportunity"):
        assert written(getattr(first, name), own) == written(getattr(second, name), own)


def written(record, own):
    """The values of a record, but for those that tell twins apart."""
    kept = own | {"id", "search_text", "created_at", "updated_at", "stage_since"}
    return {
        field.name: getattr(record, field.attname)
        for field in record._meta.concrete_fields
        if field.name not in kept
        and not field.name.endswith("_key")
        and field.name not in ("account", "primary_contact")
    }


# --- By request


def test_the_approver_approves_and_converts_by_one_button(asked, ritas_lead, leo, browse):
    answer = converting(browse(leo), ritas_lead, asked)
    conversion = Conversion.objects.get()
    assert answer.url == conversion.get_absolute_url()
    assert (conversion.mode, conversion.request, conversion.approved_by) == (
        "requested",
        asked,
        leo,
    )
    assert conversion.opportunity.owner == leo


def test_a_manager_who_converts_leaves_the_deal_to_the_approver(
    asked, ritas_lead, leo, nadia, browse
):
    assert converting(browse(nadia), ritas_lead, asked).status_code == 302
    conversion = Conversion.objects.get()
    assert (conversion.converted_by, conversion.opportunity.owner) == (nadia, leo)


def test_the_lead_of_an_open_request_is_converted_through_it(asked, ritas_lead, leo, browse):
    answer = page(browse(leo), "convert", ritas_lead.pk)
    assert answer.status_code == 302
    assert answer.url.endswith(f"?request={asked.pk}")


def test_the_screen_of_a_request_is_for_those_who_decide_it(asked, ritas_lead, rita, browse):
    answer = page(browse(rita), "convert", ritas_lead.pk, request=asked.pk)
    assert answer.status_code == 404


def test_a_request_that_lapses_is_told_on_its_page(asked, ritas_lead, leo, browse):
    client = browse(leo)
    url, fields = screen(client, ritas_lead, asked)
    Lead.objects.filter(pk=ritas_lead.pk).update(company="Halcyon Labs")
    answer = client.post(url, fields | {"do": "convert"}, follow=True)
    asked.refresh_from_db()
    assert asked.state == "lapsed"
    assert not Conversion.objects.exists()
    assert "the request has lapsed" in answer.content.decode()


# --- What it costs


def test_the_list_of_conversions_costs_the_same_for_one_and_for_many(
    leo, browse, django_assert_max_num_queries
):
    client = browse(leo)
    for number in range(6):
        lead = LeadFactory(owner=leo, company=f"Company {number}")
        convert_lead(lead=lead, plan=plan_of(), actor=leo)
    with django_assert_max_num_queries(8):
        assert len(page(client, "conversions").context["page"].rows) == 6


def test_the_conversion_screen_costs_the_same_for_few_and_for_many_matches(
    lead, leo, browse, django_assert_max_num_queries
):
    client = browse(leo)
    for number in range(8):
        account = AccountFactory(
            owner=leo, name=f"Halcyon {number}", domain_key="halcyonrobotics.example"
        )
        OpportunityFactory(account=account)
        Contact.objects.filter(pk=ContactFactory(account=account).pk).update(
            email_key=lead.email_key
        )
    ActivityFactory(lead=lead, owner=leo)
    with django_assert_max_num_queries(28):
        page(client, "convert", lead.pk)
