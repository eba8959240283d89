"""A plan survives the way through the form, and what the form says becomes the plan."""

import datetime as dt

import pytest

from conversion.choosing import first_plan, settle
from conversion.drafts import Draft
from conversion.errors import PlanInvalid
from conversion.forms import PlanForm
from conversion.plans import read_plan
from leads.known import find_matches
from leads.services import qualification
from opportunities.models import Stage
from tests.conversion.conftest import make_lead, plan_of
from tests.factories import AccountFactory, ContactFactory, OpportunityFactory, UserFactory

pytestmark = pytest.mark.django_db

NEW = {"action": "create"}


def through_the_form(lead, actor, plan, **options):
    """The plan that a form started with, read back as it would be posted."""
    form = PlanForm(lead, actor, plan=plan, **options)
    posted = {name: form[name].value() for name in form.fields}
    posted |= {key: value for key, value in form.data.items() if key.startswith("take_")}
    posted = {name: str(value) for name, value in posted.items() if value not in (None, False)}
    form = PlanForm(lead, actor, plan=plan, data=posted, **options)
    assert form.is_valid(), form.errors
    return form.plan()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"opportunity": {"action": "none"}},
        {"contact_role": "champion", "hand_over_tasks": False},
        {"duplicate_override": {"reason": "another holding"}},
        {"account": NEW | {"fields": {"name": "Halcyon Labs", "employees": 12}}},
        {"contact": NEW | {"fields": {"title": "", "mobile": "+1 512 555 0111"}}},
        {"opportunity": NEW | {"fields": {"amount": "48000.00", "close_date": "2027-01-31"}}},
        {"opportunity": NEW | {"fields": {"description": "Sixty seats", "competitor": "Acme"}}},
    ],
)
def test_a_plan_survives_the_form(lead, leo, body):
    plan = read_plan({"account": NEW, "contact": NEW, "opportunity": NEW} | body)
    again = through_the_form(lead, leo, plan).as_json()
    if employees := body.get("account", {}).get("fields", {}).get("employees"):
        # A number that is typed is text; it means the same to the plan.
        assert again["account"]["fields"].pop("employees") == str(employees)
        again["account"]["fields"]["employees"] = employees
    assert again == plan.as_json()


def test_a_plan_with_existing_records_survives_the_form(leo):
    lead = make_lead(leo, website="https://halcyon.example")
    deal = OpportunityFactory(account__owner=leo)
    contact = ContactFactory(account=deal.account)
    account = {"action": "existing", "id": deal.account_id, "take_from_lead": ["website"]}
    plan = plan_of(account=account, contact=contact, opportunity=deal)
    assert through_the_form(lead, leo, plan).as_json() == plan.as_json()


def test_what_the_lead_gives_anyway_is_not_repeated_in_the_plan(lead, leo):
    plan = through_the_form(lead, leo, plan_of())
    assert plan.account.fields == plan.contact.fields == plan.opportunity.fields == {}


def test_another_stage_and_owner_go_into_the_plan(lead, leo, north):
    colleague = UserFactory(role="ae", team=north)
    stage = Stage.objects.get(name="Proposal")
    form = PlanForm(lead, leo, plan=plan_of())
    changes = {"owner": str(colleague.pk), "opportunity_stage": str(stage.pk)}
    plan = PlanForm(lead, leo, plan=plan_of(), data=form.data | changes)
    assert plan.is_valid(), plan.errors
    assert (plan.plan().owner, plan.plan().opportunity.fields) == (
        colleague.pk,
        {"stage": stage.pk},
    )


def test_a_requester_need_not_name_an_owner(ritas_lead, rita):
    plan = through_the_form(ritas_lead, rita, plan_of(), for_execution=False)
    assert plan.owner is None


def test_for_somebody_elses_request_the_approver_becomes_the_owner(asked, nadia, leo):
    plan = through_the_form(asked.lead, nadia, plan_of(), asked=asked)
    assert plan.owner == leo.pk


def test_amounts_and_days_are_read_as_people_type_them(lead, leo):
    form = PlanForm(lead, leo, plan=plan_of())
    typed = {"opportunity_amount": "$1.2m", "opportunity_close_date": "2027-01-31"}
    form = PlanForm(lead, leo, plan=plan_of(), data=form.data | typed)
    assert form.is_valid(), form.errors
    assert form.plan().opportunity.fields == {"amount": "1200000.00", "close_date": "2027-01-31"}
    assert form.cleaned_data["opportunity_close_date"] == dt.date(2027, 1, 31)


@pytest.mark.parametrize(
    ("pointer", "field"),
    [
        ("/account/id", "account_id"),
        ("/account/fields/name", "account_name"),
        ("/account/take_from_lead", "account_action"),
        ("/contact/fields/department", "contact_action"),
        ("/opportunity/fields/amount", "opportunity_amount"),
        ("/owner", "owner"),
        ("/duplicate_override/reason", "duplicate_reason"),
        ("/lead_version", None),
        ("", None),
    ],
)
def test_every_problem_of_a_plan_has_a_place_in_the_form(lead, leo, pointer, field):
    assert PlanForm(lead, leo, plan=plan_of()).field_at(pointer) == field


def test_using_an_existing_record_without_saying_which_is_refused(lead, leo):
    form = PlanForm(lead, leo, plan=plan_of())
    form = PlanForm(lead, leo, plan=plan_of(), data=form.data | {"account_action": "existing"})
    assert form.is_valid(), form.errors
    with pytest.raises(PlanInvalid) as refusal:
        form.plan()
    assert refusal.value.problems[0]["pointer"] == "/account/id"


# --- What is chosen first, and what follows from a choice


def test_a_strong_match_that_one_may_not_change_is_not_chosen(lead, leo, north):
    colleague = UserFactory(role="ae", team=north)
    AccountFactory(owner=colleague, name="Halcyon", domain_key="halcyonrobotics.example")
    plan = first_plan(find_matches(lead, leo), qualification(lead))
    assert plan.account.action == "create"


def test_a_requester_may_ask_for_a_match_they_may_not_change(leo, rita, ritas_lead):
    account = AccountFactory(owner=leo, name="Halcyon", domain_key="halcyonrobotics.example")
    found = find_matches(ritas_lead, rita)
    plan = first_plan(found, qualification(ritas_lead), for_execution=False)
    assert (plan.account.action, plan.account.id) == ("existing", account.pk)


def test_a_person_known_by_email_is_chosen_with_their_account(lead, leo):
    account = AccountFactory(owner=leo, name="Halcyon")
    contact = ContactFactory(account=account, email=lead.email)
    plan = first_plan(find_matches(lead, leo), qualification(lead))
    assert (plan.account.id, plan.contact.id) == (account.pk, contact.pk)


def test_choices_that_fit_stay_as_they_are(leo):
    deal = OpportunityFactory(account__owner=leo)
    chosen = {
        "account": ("existing", deal.account_id),
        "contact": ("create", None),
        "opportunity": ("existing", deal.pk),
    }
    assert settle(chosen, None, leo) == (chosen, [])


def test_a_record_one_may_not_see_changes_no_other_choice(leo, ines):
    hidden = ContactFactory(account__owner=ines)
    chosen = {
        "account": ("create", None),
        "contact": ("existing", hidden.pk),
        "opportunity": ("create", None),
    }
    assert settle(chosen, None, leo) == (chosen, [])


@pytest.mark.parametrize(
    "shown", ["", "{", "[]", "nonsense", '{"account": 1}', "[" * 5000, '{"account": {}}']
)
def test_a_page_that_was_tampered_with_counts_as_one_that_showed_nothing(lead, leo, shown):
    data = PlanForm(lead, leo, plan=plan_of()).data | {"shown": shown}
    draft = Draft(lead, leo, data=data)
    assert draft.shown is None
    assert draft.preview is not None
