from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from accounts.models import Campaign
from activities.models import Event, Notification, Reason
from crm.records import StaleVersion
from leads.models import Lead, LeadStatus, Playbook, Queue
from leads.services import (
    OnlyByConversion,
    RequestIsOpen,
    create_lead,
    delete_lead,
    set_status,
    update_lead,
)
from opportunities.models import Product
from tests.factories import AccountFactory, LeadFactory, QueueFactory, UserFactory

pytestmark = pytest.mark.django_db

TOMORROW = date.today() + timedelta(days=1)


def status_of(kind):
    return LeadStatus.objects.default_for(kind)


def latest(verb):
    return Event.objects.filter(verb=verb).latest("pk")


def refused(error):
    """The names of the fields that an error is about."""
    return set(error.value.message_dict)


# --- Creating


def test_a_new_lead_keeps_everything_it_was_given(rita, needed):
    product = Product.objects.create(name="Seats")
    fields = needed | {
        "salutation": "Dr.",
        "first_name": "Zoë",
        "title": "VP Operations",
        "company": "Halcyon Robotics GmbH",
        "email": "zoe@halcyon-robotics.com",
        "other_email": "zoe.private@gmail.com",
        "phone": "+49 30 901820",
        "mobile": "+49 171 1234567",
        "website": "https://halcyon-robotics.com/about?x=1",
        "industry": "Robotics",
        "employees": 120,
        "annual_revenue": Decimal("1500000.00"),
        "currency": "USD",
        "street": "Hauptstraße 1\nHinterhaus",
        "city": "Berlin",
        "region": "BE",
        "postal_code": "10115",
        "country": "Germany",
        "source_detail": "Booth 12",
        "campaign": Campaign.objects.create(name="Spring"),
        "products": [(product, Decimal("60"))],
        "rating": "hot",
        "description": "Wants **sixty** seats.\nSoon.",
        "partner_account": AccountFactory(owner=rita),
        "do_not_call": True,
        "do_not_email": True,
        "next_step": "Call back",
        "next_step_on": TOMORROW,
        "external_id": "hs-17",
        "imported_owner": "gone@example.com",
        "imported_values": {"Lifecycle": "MQL"},
        "playbook": Playbook.objects.get(name="BANT"),
    }
    pk = create_lead(actor=rita, fields=fields).pk
    lead = Lead.objects.get(pk=pk)
    interest = lead.product_interests.get()
    assert (interest.product, interest.quantity) == (fields.pop("products")[0][0], 60)
    fields["street"] = "Hauptstraße 1 Hinterhaus"
    assert {name: getattr(lead, name) for name in fields} == fields


def test_a_new_lead_belongs_to_its_creator_and_their_team(rita, needed):
    lead = create_lead(actor=rita, fields=needed)
    assert (lead.owner, lead.team, lead.created_by) == (rita, rita.team, rita)
    assert lead.assigned_at == lead.created_at
    assert lead.status_kind == "new"
    assert latest("lead.created").note == "Kept by its creator."


def test_a_new_lead_has_its_matching_keys(rita, needed):
    fields = {
        "first_name": "Zoë",
        "company": "Halcyon Robotics GmbH",
        "email": "Zoe+news@Halcyon-Robotics.com",
        "other_email": "ZOE@gmail.com",
        "phone": "+49 30 901820-17",
        "mobile": "00491711234567",
    }
    lead = create_lead(actor=rita, fields=needed | fields)
    assert lead.email == "zoe+news@halcyon-robotics.com"
    assert (lead.email_key, lead.other_email_key) == (
        "zoe@halcyon-robotics.com",
        "zoe@gmail.com",
    )
    assert (lead.phone_key, lead.mobile_key) == ("+493090182017", "+491711234567")
    assert (lead.domain_key, lead.company_key) == ("halcyon-robotics.com", "halcyon robotics")
    assert lead.person_key == "zoe nowak"


def test_without_a_work_email_the_website_tells_the_domain(rita, needed):
    lead = create_lead(
        actor=rita, fields=needed | {"email": "zoe@gmail.com", "website": "www.halcyon.com"}
    )
    assert lead.domain_key == "halcyon.com"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("last_name", "  "),
        ("source", None),
        ("email", "zoe@"),
        ("email", "zoe@example.com, ann@example.com"),
        ("other_email", "not an address"),
        ("phone", "call the front desk"),
        ("mobile", "--"),
        ("website", "javascript:alert(1)"),
        ("website", "not a host"),
        ("employees", -1),
        ("employees", 2**31),
        ("annual_revenue", Decimal("-0.01")),
        ("annual_revenue", Decimal("1e17")),
        ("currency", "EURO"),
        ("rating", "boiling"),
        ("first_name", "x" * 121),
        ("description", "a\x00b"),
        ("imported_values", {"Notes": "a\x00b"}),
    ],
)
def test_a_fault_is_named_by_its_field_and_writes_nothing(rita, needed, name, value):
    with pytest.raises(ValidationError) as error:
        create_lead(actor=rita, fields=needed | {name: value})
    assert refused(error) == {name}
    assert not Lead.objects.exists()


def test_all_faults_are_named_at_once(rita, needed):
    with pytest.raises(ValidationError) as error:
        create_lead(actor=rita, fields={"email": "x", "phone": "y", "rating": "z"})
    assert refused(error) == {"last_name", "source", "email", "phone", "rating"}


def test_a_revenue_without_a_currency_is_in_the_companys(rita, needed):
    lead = create_lead(actor=rita, fields=needed | {"annual_revenue": Decimal(5)})
    lead.refresh_from_db()
    assert lead.currency == "EUR"


def test_a_partner_account_one_may_not_see_is_refused(rita, soren, needed):
    with pytest.raises(ValidationError) as error:
        create_lead(actor=rita, fields=needed | {"partner_account": AccountFactory(owner=soren)})
    assert refused(error) == {"partner_account"}


def test_a_lead_may_be_made_for_somebody_else_who_is_told(rita, leo, needed):
    lead = create_lead(actor=rita, fields=needed, owner=leo, why="Asked for Leo by name.")
    assert (lead.owner, lead.created_by) == (leo, rita)
    assert Notification.objects.get().user == leo
    assert latest("lead.created").note == "Asked for Leo by name."


def test_a_lead_in_a_queue_is_nobodys_yet(rita, needed):
    queue = QueueFactory(members=[rita], team=rita.team)
    lead = create_lead(actor=rita, fields=needed, queue=queue)
    assert (lead.owner, lead.queue, lead.assigned_at) == (None, queue, None)
    assert lead.team == rita.team


def test_nobody_gets_a_lead_they_cannot_work_on(rita, needed):
    gone = UserFactory(is_active=False)
    with pytest.raises(ValidationError) as error:
        create_lead(actor=rita, fields=needed, owner=gone)
    assert refused(error) == {"owner"}


def test_a_program_may_create_for_a_queue_without_the_right_to_assign(needed):
    program = UserFactory(role="integration")
    queue = Queue.objects.get(is_default=True)
    assert create_lead(actor=program, fields=needed, queue=queue).queue == queue


def test_whoever_may_not_create_leads_creates_none(needed):
    roleless = UserFactory(role=None)
    with pytest.raises(PermissionDenied):
        create_lead(actor=roleless, fields=needed)


def test_a_lead_may_begin_in_another_status(rita, needed):
    reason = Reason.objects.for_kind("disqualify").first()
    lead = create_lead(
        actor=rita,
        fields=needed | {"status": status_of("disqualified"), "disqualified_reason": reason},
    )
    lead.refresh_from_db()
    assert (lead.status_kind, lead.disqualified_reason) == ("disqualified", reason)


def test_no_lead_begins_converted(rita, needed):
    with pytest.raises(OnlyByConversion):
        create_lead(actor=rita, fields=needed | {"status": status_of("converted")})


# --- Editing


def test_an_edit_renews_keys_version_and_history(rita, lead):
    update_lead(lead=lead, changes={"email": "new@elsewhere.com", "city": "Köln"}, actor=rita)
    lead.refresh_from_db()
    assert (lead.email_key, lead.domain_key) == ("new@elsewhere.com", "elsewhere.com")
    assert (lead.version, lead.updated_by) == (2, rita)
    assert latest("lead.edited").changes["city"] == ["", "Köln"]


def test_an_edit_that_changes_nothing_writes_nothing(rita, lead):
    update_lead(lead=lead, changes={"company": f" {lead.company} "}, actor=rita)
    lead.refresh_from_db()
    assert lead.version == 1
    assert not Event.objects.exists()


def test_an_edit_of_an_old_version_is_refused(rita, lead):
    update_lead(lead=lead, changes={"city": "Köln"}, actor=rita, version=1)
    with pytest.raises(StaleVersion):
        update_lead(lead=lead, changes={"city": "Bonn"}, actor=rita, version=1)


def test_an_edit_goes_by_the_owner_now_not_when_the_page_loaded(rita, soren, lead):
    Lead.objects.filter(pk=lead.pk).update(owner=soren)
    with pytest.raises(PermissionDenied):
        update_lead(lead=lead, changes={"city": "Köln"}, actor=rita)


def test_the_last_name_cannot_be_emptied(rita, lead):
    with pytest.raises(ValidationError) as error:
        update_lead(lead=lead, changes={"last_name": ""}, actor=rita)
    assert refused(error) == {"last_name"}


def test_product_interests_are_replaced_and_quantities_kept(rita, lead):
    seats, support = (Product.objects.create(name=name) for name in ("Seats", "Support"))
    update_lead(lead=lead, changes={"products": [(seats, Decimal(60))]}, actor=rita)
    update_lead(lead=lead, changes={"products": [seats, support]}, actor=rita)
    quantities = dict(lead.product_interests.values_list("product__name", "quantity"))
    assert quantities == {"Seats": 60, "Support": 1}
    update_lead(lead=lead, changes={"products": []}, actor=rita)
    assert not lead.product_interests.exists()
    assert latest("lead.edited").changes["products"][1] == {}


# --- Status


def test_disqualifying_needs_a_reason_of_that_kind(rita, lead):
    lost = Reason.objects.for_kind("lost").first()
    for reason in (None, lost):
        with pytest.raises(ValidationError) as error:
            set_status(lead=lead, status=status_of("disqualified"), reason=reason, actor=rita)
        assert refused(error) == {"reason"}
    reason = Reason.objects.for_kind("disqualify").first()
    set_status(lead=lead, status=status_of("disqualified"), reason=reason, actor=rita)
    assert latest("lead.disqualified").changes["disqualified_reason"] == [None, reason.pk]


def test_nurturing_needs_a_day_to_come(rita, lead):
    for day in (None, timezone.localdate()):
        with pytest.raises(ValidationError) as error:
            set_status(lead=lead, status=status_of("nurturing"), wake_up_on=day, actor=rita)
        assert refused(error) == {"wake_up_on"}
    set_status(lead=lead, status=status_of("nurturing"), wake_up_on=TOMORROW, actor=rita)
    lead.refresh_from_db()
    assert (lead.status_kind, lead.wake_up_on) == ("nurturing", TOMORROW)


def test_leaving_a_status_empties_what_belonged_to_it(rita, lead):
    set_status(lead=lead, status=status_of("nurturing"), wake_up_on=TOMORROW, actor=rita)
    set_status(lead=lead, status=status_of("qualified"), actor=rita)
    lead.refresh_from_db()
    assert (lead.status_kind, lead.wake_up_on) == ("qualified", None)
    assert latest("lead.qualified").changes["status"][1] == status_of("qualified").pk


def test_only_conversion_leads_to_converted(rita, lead):
    with pytest.raises(OnlyByConversion):
        set_status(lead=lead, status=status_of("converted"), actor=rita)


def test_a_status_no_longer_used_cannot_be_chosen(rita, lead):
    retired = LeadStatus.objects.create(name="Old", kind="working", is_active=False)
    with pytest.raises(ValidationError) as error:
        set_status(lead=lead, status=retired, actor=rita)
    assert refused(error) == {"status"}


def test_a_lead_in_an_approvers_hands_is_not_closed(rita):
    lead = LeadFactory(owner=rita, handoff_state="pending")
    reason = Reason.objects.for_kind("disqualify").first()
    with pytest.raises(RequestIsOpen):
        set_status(lead=lead, status=status_of("disqualified"), reason=reason, actor=rita)
    set_status(lead=lead, status=status_of("working"), actor=rita)


# --- Deleting


def test_a_deleted_lead_is_gone_for_everybody_but_its_history_stays(rita, ada, lead):
    delete_lead(lead=lead, actor=rita)
    assert not Lead.objects.visible_to(ada).exists()
    assert Lead.objects.get(pk=lead.pk).deleted_at
    assert latest("lead.deleted").lead_id == lead.pk


def test_a_lead_in_an_approvers_hands_is_not_deleted(rita):
    lead = LeadFactory(owner=rita, handoff_state="approved")
    with pytest.raises(RequestIsOpen):
        delete_lead(lead=lead, actor=rita)


def test_a_stranger_deletes_nothing(soren, lead):
    with pytest.raises(PermissionDenied):
        delete_lead(lead=lead, actor=soren)


# --- Speed


def test_a_new_lead_costs_seven_statements(rita, needed, django_assert_num_queries):
    rita.reach  # noqa: B018 - read once for each request, and not of this service
    # Savepoint, workspace, usual status, score rules, lead, event, savepoint's end.
    with django_assert_num_queries(7):
        create_lead(actor=rita, fields=needed | {"company": "Halcyon", "email": "z@halcyon.com"})
