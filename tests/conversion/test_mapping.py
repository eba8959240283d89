"""Every field of a lead goes somewhere, or is named as staying."""

from unicodedata import normalize

import pytest
from django.db.models import CharField, TextField

from conversion.mapping import FIELD_MAP, KEPT_ON_LEAD, SPECIAL, SYSTEM, TARGET_FIELDS, values_for
from conversion.plans import CREATE
from conversion.services import convert_lead
from conversion.targets import TARGET_MODELS
from leads.models import Lead
from tests.conversion.conftest import make_lead, plan_of
from tests.factories import AccountFactory
from tests.odd_text import ODD_TEXTS

pytestmark = pytest.mark.django_db

# Names, addresses and the like; what has a form of its own, as a phone number, has its own tests.
TEXT_PLACES = [
    place
    for place in FIELD_MAP
    if type(Lead._meta.get_field(place.lead_field)) in (CharField, TextField)
    and not Lead._meta.get_field(place.lead_field).choices
    and place.lead_field not in ("currency", "mobile", "phone", "website")
]


def test_every_field_of_a_lead_has_exactly_one_place():
    mapped = {place.lead_field for place in FIELD_MAP}
    places = [mapped, set(SPECIAL), set(KEPT_ON_LEAD), set(SYSTEM)]
    fields = {
        field.name for field in Lead._meta.get_fields() if not field.auto_created or field.concrete
    }
    assert set().union(*places) == fields
    assert sum(map(len, places)) == len(fields)


@pytest.mark.parametrize("place", FIELD_MAP, ids=str)
def test_every_mapped_field_exists_on_its_target(place):
    assert TARGET_MODELS[place.target]._meta.get_field(place.target_field)
    assert place.target_field in TARGET_FIELDS[place.target]


@pytest.mark.parametrize("place", FIELD_MAP, ids=str)
def test_every_mapped_value_arrives(leo, place):
    values = {
        "employees": 420,
        "annual_revenue": "1500000.00",
        "currency": "USD",
        "do_not_call": True,
        "do_not_email": True,
        "next_step_on": "2027-02-01",
        "website": "https://halcyon.example",
        "email": "dana@halcyon.example",
        "phone": "+1 512 555 0199",
        "mobile": "+1 512 555 0142",
    }
    lead = make_lead(leo)
    if place.lead_field == "partner_account":
        lead = make_lead(leo, partner_account=AccountFactory(owner=leo))
    elif place.lead_field == "campaign":
        from accounts.models import Campaign

        lead = make_lead(leo, campaign=Campaign.objects.create(name="Spring"))
    elif place.lead_field != "source":
        lead = make_lead(leo, **{place.lead_field: values.get(place.lead_field, "Some text")})
    conversion = convert_lead(
        lead=lead, plan=plan_of(duplicate_override={"reason": "test"}), actor=leo
    )
    target = getattr(conversion, place.target)
    target.refresh_from_db()
    lead.refresh_from_db()
    assert getattr(target, place.target_field) == getattr(lead, place.lead_field)


@pytest.mark.parametrize("name", KEPT_ON_LEAD)
def test_what_has_no_place_is_named_on_the_receipt(leo, name):
    value = {"Fax": "none"} if name == "imported_values" else "hot" if name == "rating" else "kept"
    lead = make_lead(leo)
    Lead.objects.filter(pk=lead.pk).update(**{name: value})
    conversion = convert_lead(lead=lead, plan=plan_of(), actor=leo)
    assert name in {kept["field"] for kept in conversion.effects["kept_on_lead"]}


def test_without_an_opportunity_its_fields_are_named_as_kept(leo):
    lead = make_lead(leo, next_step="Send the offer")
    conversion = convert_lead(lead=lead, plan=plan_of(opportunity="none"), actor=leo)
    kept = {each["field"]: each["value"] for each in conversion.effects["kept_on_lead"]}
    assert kept["next_step"] == "Send the offer"


def test_a_lead_without_a_company_becomes_an_account_with_the_persons_name(leo):
    conversion = convert_lead(lead=make_lead(leo, company=""), plan=plan_of(), actor=leo)
    assert conversion.account.name == "Dana Whitfield"


@pytest.mark.parametrize("text", ODD_TEXTS.values(), ids=ODD_TEXTS)
def test_odd_text_arrives_as_it_was(leo, text):
    longest = {
        place.lead_field: Lead._meta.get_field(place.lead_field).max_length for place in TEXT_PLACES
    }
    lead = make_lead(leo, **{name: text[:length].strip() for name, length in longest.items()})
    conversion = convert_lead(lead=lead, plan=plan_of(), actor=leo)
    lead.refresh_from_db()
    assert lead.company == normalize("NFC", text)
    for place in TEXT_PLACES:
        target = getattr(conversion, place.target)
        target.refresh_from_db()
        assert getattr(target, place.target_field) == getattr(lead, place.lead_field), place


def test_a_company_as_long_as_it_may_be_still_gives_an_opportunity_name(leo):
    conversion = convert_lead(lead=make_lead(leo, company="x" * 200), plan=plan_of(), actor=leo)
    assert conversion.opportunity.name.startswith("x" * 200)


def test_the_plans_own_values_go_before_the_map(leo):
    account = {"action": CREATE, "fields": {"name": "Halcyon Group", "industry": "Mining"}}
    conversion = convert_lead(
        lead=make_lead(leo, industry="Robotics"), plan=plan_of(account=account), actor=leo
    )
    assert (conversion.account.name, conversion.account.industry) == ("Halcyon Group", "Mining")


def test_empty_fields_give_nothing(leo):
    lead = make_lead(leo, title="", phone="")
    assert "title" not in values_for(lead, "contact")
    assert "phone" not in values_for(lead, "account")
