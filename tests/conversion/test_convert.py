import pytest
from django.core.exceptions import PermissionDenied

from accounts.models import Account, Contact
from accounts.services import update_contact
from accounts.services.addresses import MAX_OTHERS
from activities.models import Activity, Event, Reason
from conversion.errors import (
    AlreadyConverted,
    ApprovalNeeded,
    DuplicatesFound,
    LeadCannotConvert,
    PlanInvalid,
    PreviewStale,
)
from conversion.models import Conversion
from conversion.preview import preview_conversion
from conversion.services import convert_lead
from crm.records import StaleVersion
from leads.models import LeadStatus
from leads.services import set_status, update_lead
from opportunities.models import Opportunity
from people.models import User
from tests.conversion.conftest import confirm, make_lead, plan_of
from tests.factories import (
    AccountFactory,
    ActivityFactory,
    ContactFactory,
    OpportunityFactory,
    ProductFactory,
    UserFactory,
)
from tests.proof import table_states

pytestmark = pytest.mark.django_db


def test_a_lead_becomes_an_account_a_contact_and_an_opportunity(lead, leo):
    conversion = convert_lead(lead=lead, plan=plan_of(), actor=leo)
    lead.refresh_from_db()
    assert lead.is_converted
    assert conversion.account.name == "Halcyon Robotics"
    assert conversion.contact.name == "Dana Whitfield"
    assert conversion.contact.account == conversion.account
    assert conversion.opportunity.name == "Halcyon Robotics - New business"
    assert conversion.opportunity.primary_contact == conversion.contact
    assert conversion.opportunity.close_date_is_default
    assert [conversion.account.owner, conversion.opportunity.owner] == [leo, leo]
    assert Event.objects.filter(lead=lead, verb="lead.converted").count() == 1


def test_no_opportunity_means_none_is_made_and_the_receipt_says_so(lead, leo):
    conversion = convert_lead(lead=lead, plan=plan_of(opportunity="none"), actor=leo)
    assert conversion.opportunity is None
    assert conversion.opportunity_outcome == "none"
    assert not Opportunity.objects.exists()


def test_an_existing_opportunity_gets_the_contact_with_a_role(lead, leo):
    account = AccountFactory(owner=leo)
    deal = OpportunityFactory(owner=leo, account=account)
    conversion = convert_lead(
        lead=lead,
        plan=plan_of(account=account, opportunity=deal, contact_role="champion"),
        actor=leo,
    )
    role = deal.contact_roles.get()
    assert conversion.opportunity == deal
    assert (role.contact, role.role, role.is_primary) == (conversion.contact, "champion", True)


def test_the_primary_contact_of_an_existing_opportunity_stays(lead, leo):
    account = AccountFactory(owner=leo)
    first = ContactFactory(account=account)
    deal = OpportunityFactory(owner=leo, account=account, primary_contact=first)
    convert_lead(lead=lead, plan=plan_of(account=account, opportunity=deal), actor=leo)
    deal.refresh_from_db()
    assert deal.primary_contact == first


def test_an_existing_account_is_filled_only_where_it_is_empty(leo):
    lead = make_lead(leo, industry="Robotics", website="https://halcyon.example")
    account = AccountFactory(owner=leo, website="https://old.example", industry="")
    convert_lead(lead=lead, plan=plan_of(account=account), actor=leo)
    account.refresh_from_db()
    assert account.industry == "Robotics"
    assert account.website == "https://old.example"


def test_the_leads_value_replaces_one_field_where_the_plan_says_so(leo):
    lead = make_lead(leo, website="https://halcyon.example")
    account = AccountFactory(owner=leo, website="https://old.example")
    choice = {"action": "existing", "id": account.pk, "take_from_lead": ["website"]}
    convert_lead(lead=lead, plan=plan_of(account=choice), actor=leo)
    account.refresh_from_db()
    assert account.website == "https://halcyon.example"


def test_an_existing_contact_keeps_its_address_and_gets_the_leads_as_a_further_one(leo):
    lead = make_lead(leo, other_email="d.whitfield@home.example")
    contact = ContactFactory(account=AccountFactory(owner=leo), email="dw@work.example")
    convert_lead(lead=lead, plan=plan_of(account=contact.account, contact=contact), actor=leo)
    contact.refresh_from_db()
    assert contact.email == "dw@work.example"
    assert {row.email for row in contact.other_emails.all()} == {
        "dana@halcyonrobotics.example",
        "d.whitfield@home.example",
    }


def test_a_contact_that_has_no_place_for_the_address_is_refused_by_name(leo):
    contact = ContactFactory(
        owner=leo, account=AccountFactory(owner=leo), email="dana@work.example"
    )
    addresses = [f"dana{number}@work.example" for number in range(MAX_OTHERS)]
    update_contact(contact=contact, changes={"other_emails": addresses}, actor=leo)
    lead = make_lead(leo)
    with pytest.raises(PlanInvalid) as refusal:
        convert_lead(lead=lead, plan=plan_of(account=contact.account, contact=contact), actor=leo)
    assert [problem["code"] for problem in refusal.value.problems] == ["too_many_addresses"]
    lead.refresh_from_db()
    assert not lead.is_converted


def test_opt_outs_are_never_loosened(leo):
    lead = make_lead(leo, do_not_call=True)
    contact = ContactFactory(account=AccountFactory(owner=leo), do_not_email=True)
    convert_lead(lead=lead, plan=plan_of(account=contact.account, contact=contact), actor=leo)
    contact.refresh_from_db()
    assert contact.do_not_call
    assert contact.do_not_email


def test_a_contact_of_another_account_is_refused(lead, leo):
    account, contact = AccountFactory(owner=leo), ContactFactory(account__owner=leo)
    with pytest.raises(PlanInvalid) as refusal:
        convert_lead(lead=lead, plan=plan_of(account=account, contact=contact), actor=leo)
    assert refusal.value.problems[0]["pointer"] == "/contact/id"


def test_without_a_status_for_converted_leads_nothing_is_converted(lead, leo):
    LeadStatus.objects.filter(kind="converted").update(is_active=False)
    before = table_states()
    with pytest.raises(PlanInvalid) as refusal:
        convert_lead(lead=lead, plan=plan_of(), actor=leo)
    assert [problem["pointer"] for problem in refusal.value.problems] == ["/status"]
    assert table_states() == before


def test_activities_are_linked_not_copied_and_open_tasks_handed_over(lead, leo, rita):
    call = ActivityFactory(kind="call", lead=lead, owner=rita)
    task = ActivityFactory(kind="task", lead=lead, owner=rita)
    conversion = convert_lead(lead=lead, plan=plan_of(), actor=leo)
    call.refresh_from_db()
    task.refresh_from_db()
    assert Activity.objects.count() == 2
    assert (call.account, call.contact) == (conversion.account, conversion.contact)
    assert call.opportunity == conversion.opportunity
    assert (call.owner, task.owner) == (rita, leo)


def test_product_interests_become_line_items_that_make_the_amount(leo):
    product = ProductFactory(name="Team plan", unit_price="250.00", currency="EUR")
    lead = make_lead(leo, products=[(product, 4)])
    conversion = convert_lead(lead=lead, plan=plan_of(), actor=leo)
    assert conversion.opportunity.name == "Halcyon Robotics - Team plan"
    assert str(conversion.opportunity.amount) == "1000.00"
    assert conversion.opportunity.line_items.count() == 1


def test_a_second_conversion_is_refused_with_the_receipt_of_the_first(lead, leo):
    first = convert_lead(lead=lead, plan=plan_of(), actor=leo)
    with pytest.raises(AlreadyConverted) as refusal:
        convert_lead(lead=lead, plan=plan_of(), actor=leo)
    assert refusal.value.extra["conversion"] == first.pk
    assert Conversion.objects.count() == Account.objects.count() == 1


def test_a_colleague_who_does_not_see_the_lead_cannot_convert_it(lead, ines):
    with pytest.raises(PermissionDenied):
        convert_lead(lead=lead, plan=plan_of(), actor=ines)


def test_an_sdr_needs_a_request(ritas_lead, rita):
    with pytest.raises(PermissionDenied):
        convert_lead(lead=ritas_lead, plan=plan_of(), actor=rita)


def test_a_path_that_always_needs_approval_binds_also_those_who_may_convert(lead, leo):
    confirm(lead, leo, "phone_interest")
    with pytest.raises(ApprovalNeeded):
        convert_lead(lead=lead, plan=plan_of(), actor=leo)


def test_a_disqualified_lead_cannot_be_converted(lead, leo):
    set_status(
        lead=lead,
        status=LeadStatus.objects.default_for("disqualified"),
        reason=Reason.objects.get(kind="disqualify", code="bad_fit"),
        actor=leo,
    )
    with pytest.raises(LeadCannotConvert, match="disqualified"):
        convert_lead(lead=lead, plan=plan_of(), actor=leo)


@pytest.mark.parametrize(
    ("version", "told"),
    [
        (1, "was changed by you, in another tab, in the meantime"),
        (99, "is in version 2, not in the one that was named"),
    ],
)
def test_a_plan_for_another_version_of_the_lead_is_refused(lead, leo, version, told):
    lead = update_lead(lead=lead, changes={"title": "COO"}, actor=leo)
    with pytest.raises(StaleVersion, match=told):
        convert_lead(lead=lead, plan=plan_of(lead_version=version), actor=leo)


def test_a_strong_match_must_be_chosen_or_overruled_for_a_reason(lead, leo):
    AccountFactory(owner=leo, name="Halcyon", domain_key="halcyonrobotics.example")
    with pytest.raises(DuplicatesFound):
        convert_lead(lead=lead, plan=plan_of(), actor=leo)
    override = {"reason": "another subsidiary"}
    conversion = convert_lead(lead=lead, plan=plan_of(duplicate_override=override), actor=leo)
    assert conversion.duplicate_reason == "another subsidiary"


def test_an_account_of_somebody_elses_can_be_seen_but_not_used(lead, leo, north):
    account = AccountFactory(owner=UserFactory(role="ae", team=north))
    with pytest.raises(PlanInvalid) as refusal:
        convert_lead(lead=lead, plan=plan_of(account=account), actor=User.objects.get(pk=leo.pk))
    assert refusal.value.problems[0]["code"] == "not_editable"


def test_every_problem_of_a_plan_is_told_at_once(lead, leo):
    fields = {"amount": "lots", "close_date": "2027-02-30", "stage": 999999}
    with pytest.raises(PlanInvalid) as refusal:
        convert_lead(
            lead=lead, plan=plan_of(opportunity={"action": "create", "fields": fields}), actor=leo
        )
    assert {problem["pointer"] for problem in refusal.value.problems} == {
        "/opportunity/fields/amount",
        "/opportunity/fields/close_date",
        "/opportunity/fields/stage",
    }
    assert not Account.objects.exists()
    assert not Contact.objects.exists()


def test_converting_by_a_preview_does_what_the_preview_said(lead, leo):
    preview = preview_conversion(lead=lead, plan=plan_of(), actor=leo)
    conversion = convert_lead(lead=lead, plan=plan_of(preview_token=preview.token), actor=leo)
    told = {**preview.effects["account"], "id": conversion.account_id}
    assert conversion.effects["account"] == told


def test_a_stale_preview_is_answered_with_the_difference(lead, leo):
    account = AccountFactory(owner=leo, industry="")
    lead.industry = "Robotics"
    lead.save()
    token = preview_conversion(lead=lead, plan=plan_of(account=account), actor=leo).token
    Account.objects.update(industry="Mining")
    with pytest.raises(PreviewStale) as refusal:
        convert_lead(lead=lead, plan=plan_of(account=account, preview_token=token), actor=leo)
    assert any("filled" in change["pointer"] for change in refusal.value.extra["differences"])
    lead.refresh_from_db()
    assert not lead.is_converted
