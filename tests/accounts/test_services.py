import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.models import Account, Contact
from accounts.services import (
    AccountInUse,
    add_account_member,
    assign_account,
    assign_contact,
    create_account,
    create_contact,
    delete_account,
    delete_contact,
    fill_contact,
    insert_account,
    insert_contact,
    remove_account_member,
    update_account,
    update_contact,
)
from activities.models import Event, Notification
from crm.records import StaleVersion
from tests.factories import AccountFactory, ContactFactory

pytestmark = pytest.mark.django_db


def latest(verb):
    return Event.objects.filter(verb=verb).latest("pk")


# --- Accounts


def test_a_new_account_has_its_keys_its_owners_team_and_one_event(leo):
    account = create_account(
        actor=leo,
        fields={
            "name": " The Müller & Söhne GmbH ",
            "website": "https://www.mueller.example.de/about",
            "phone": "+49 30 901820",
        },
    )
    account.refresh_from_db()
    assert (account.name, account.name_key) == ("The Müller & Söhne GmbH", "muller and sohne")
    assert (account.domain_key, account.phone_key) == ("example.de", "+4930901820")
    assert (account.owner, account.team, account.created_by) == (leo, leo.team, leo)
    event = Event.objects.get()
    assert (event.verb, event.actor, event.account) == ("account.created", leo, account)


def test_a_revenue_without_a_currency_is_in_the_companys(leo):
    account = create_account(actor=leo, fields={"name": "Halcyon", "annual_revenue": 5})
    assert account.currency == "EUR"


def test_whoever_cannot_create_accounts_may_still_have_them_inserted(rita, leo):
    with pytest.raises(PermissionDenied):
        create_account(actor=rita, fields={"name": "Halcyon"})
    account = insert_account(actor=rita, fields={"name": "Halcyon", "owner": leo})
    assert (account.owner, account.created_by) == (leo, rita)


def test_the_owner_of_a_new_account_is_told_unless_they_made_it(leo, nadia):
    create_account(actor=nadia, fields={"name": "Halcyon", "owner": leo})
    create_account(actor=nadia, fields={"name": "Fernhill"})
    assert Notification.objects.get().user == leo


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 201),
        ("name", "a\x00b"),
        ("type", "planet"),
        ("currency", "euro"),
        ("annual_revenue", -1),
        ("employees", -1),
        ("website", "w" * 251),
    ],
)
def test_a_value_an_account_cannot_have_is_refused_by_name(leo, field, value):
    with pytest.raises(ValidationError) as refused:
        create_account(actor=leo, fields={"name": "Halcyon", field: value})
    assert field in refused.value.error_dict
    assert not Account.objects.exists()


def test_an_account_cannot_be_given_to_somebody_whose_account_is_closed(leo, ines):
    ines.is_active = False
    ines.save(update_fields=["is_active"])
    with pytest.raises(ValidationError, match="cannot own"):
        insert_account(actor=leo, fields={"name": "Halcyon", "owner": ines})


def test_an_update_moves_the_keys_and_tells_what_changed(leo):
    account = AccountFactory(owner=leo, name="Halcyon")
    updated = update_account(account=account, changes={"name": "Fernhill Ltd"}, actor=leo)
    account.refresh_from_db()
    assert (account.name_key, account.version, account.updated_by) == ("fernhill", 2, leo)
    assert updated.version == 2
    assert latest("account.edited").changes == {"name": ["Halcyon", "Fernhill Ltd"]}


def test_an_update_that_changes_nothing_leaves_no_trace(leo):
    account = AccountFactory(owner=leo, name="Halcyon")
    update_account(account=account, changes={"name": "Halcyon"}, actor=leo)
    account.refresh_from_db()
    assert account.version == 1
    assert not Event.objects.exists()


def test_update_goes_by_the_owner_now_not_the_owner_when_the_page_loaded(leo, ines):
    account = AccountFactory(owner=leo)
    Account.objects.update(owner=ines)
    with pytest.raises(PermissionDenied):
        update_account(account=account, changes={"name": "Still mine"}, actor=leo)


def test_an_update_of_an_older_version_is_refused(leo):
    account = AccountFactory(owner=leo, version=3)
    with pytest.raises(StaleVersion):
        update_account(account=account, changes={"name": "New"}, actor=leo, version=2)


def test_assigning_an_account_moves_its_team_and_tells_the_new_owner(leo, ines):
    account = AccountFactory(owner=leo)
    assign_account(account=account, to=ines, actor=leo)
    account.refresh_from_db()
    assert (account.owner, account.team) == (ines, ines.team)
    assert latest("account.assigned").changes == {"owner": [leo.pk, ines.pk]}
    assert Notification.objects.get().user == ines


def test_an_account_with_contacts_cannot_be_deleted_until_they_are_gone(leo):
    contact = ContactFactory(account__owner=leo)
    with pytest.raises(AccountInUse, match="still has contacts"):
        delete_account(account=contact.account, actor=leo)
    delete_contact(contact=contact, actor=leo)
    delete_account(account=contact.account, actor=leo)
    assert not Account.objects.visible_to(leo).exists()
    assert Account.objects.get().deleted_at
    assert latest("account.deleted").account == contact.account


def test_an_account_with_accounts_below_it_cannot_be_deleted(leo):
    parent = AccountFactory(owner=leo)
    AccountFactory(owner=leo, parent=parent)
    with pytest.raises(AccountInUse, match="accounts below it"):
        delete_account(account=parent, actor=leo)


# --- The tree


def test_an_account_cannot_stand_above_itself_by_any_number_of_steps(leo):
    top = AccountFactory(owner=leo)
    middle = AccountFactory(owner=leo, parent=top)
    bottom = AccountFactory(owner=leo, parent=middle)
    for below in (top, middle, bottom):
        with pytest.raises(ValidationError, match="stands below"):
            update_account(account=top, changes={"parent": below}, actor=leo)
    update_account(account=bottom, changes={"parent": top}, actor=leo)
    bottom.refresh_from_db()
    assert bottom.parent == top


def test_a_parent_must_be_an_account_the_person_sees(leo, ines):
    hidden = AccountFactory(owner=ines)
    with pytest.raises(ValidationError, match="may not see it"):
        create_account(actor=leo, fields={"name": "Halcyon", "parent": hidden})
    mine = AccountFactory(owner=leo)
    with pytest.raises(ValidationError, match="may not see it"):
        update_account(account=mine, changes={"parent": hidden}, actor=leo)


# --- The team list


def test_a_member_may_work_on_the_account_and_its_contacts_until_taken_off(leo, ines):
    account = AccountFactory(owner=leo)
    contact = ContactFactory(account=account)
    add_account_member(account=account, user=ines, actor=leo)
    add_account_member(account=account, user=ines, actor=leo)
    update_account(account=account, changes={"city": "Porto"}, actor=ines)
    update_contact(contact=contact, changes={"title": "CFO"}, actor=ines)
    assert Event.objects.filter(verb="account.member_added").count() == 1
    assert Notification.objects.get().user == ines

    remove_account_member(account=account, user=ines, actor=leo)
    remove_account_member(account=account, user=ines, actor=leo)
    with pytest.raises(PermissionDenied):
        update_account(account=account, changes={"city": "Faro"}, actor=ines)
    assert Event.objects.filter(verb="account.member_removed").count() == 1


def test_only_whoever_may_assign_an_account_changes_its_team_list(leo, ines, rita):
    account = AccountFactory(owner=leo)
    with pytest.raises(PermissionDenied):
        add_account_member(account=account, user=ines, actor=rita)


# --- Contacts


def test_a_new_contact_has_its_keys_and_all_its_addresses(leo):
    account = AccountFactory(owner=leo)
    contact = create_contact(
        actor=leo,
        account=account,
        fields={
            "first_name": "Anne-Marie",
            "last_name": "O'Neill",
            "email": "Ann+news@Halcyon.example",
            "phone": "(212) 736-5000",
            "mobile": "+44 20 7946 0958",
            "other_emails": ["ann@halcyon.example", "am@home.example", "AM@home.example", ""],
            "other_phones": ["+49 30 901820"],
        },
    )
    contact.refresh_from_db()
    assert (contact.email, contact.email_key) == (
        "ann+news@halcyon.example",
        "ann@halcyon.example",
    )
    assert (contact.phone_key, contact.mobile_key) == ("+12127365000", "+442079460958")
    assert contact.person_key == "anne marie oneill"
    assert [row.email for row in contact.other_emails.all()] == ["am@home.example"]
    assert [row.phone_key for row in contact.other_phones.all()] == ["+4930901820"]
    event = Event.objects.get()
    assert (event.verb, event.contact, event.account) == ("contact.created", contact, account)


def test_naming_another_address_the_primary_takes_it_off_the_list(leo):
    contact = ContactFactory(account__owner=leo, email="a@x.example")
    update_contact(
        contact=contact, changes={"other_emails": ["b@x.example", "c@x.example"]}, actor=leo
    )
    update_contact(contact=contact, changes={"email": "c@x.example"}, actor=leo)
    contact.refresh_from_db()
    assert contact.email_key == "c@x.example"
    assert [row.email for row in contact.other_emails.all()] == ["b@x.example"]
    assert latest("contact.edited").changes == {
        "email": ["a@x.example", "c@x.example"],
        "other_emails": [["b@x.example", "c@x.example"], ["b@x.example"]],
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("last_name", ""),
        ("email", "not an address"),
        ("email", f"ann@{'halcyon.' * 40}example"),
        ("other_emails", ["ann@halcyon.example", "nobody"]),
        ("other_emails", [f"ann{number}@halcyon.example" for number in range(21)]),
        ("other_phones", ["1" * 61]),
        ("other_phones", ["1\x002"]),
        ("first_name", "x" * 121),
    ],
)
def test_a_value_a_contact_cannot_have_is_refused_by_name(leo, field, value):
    account = AccountFactory(owner=leo)
    with pytest.raises(ValidationError) as refused:
        create_contact(actor=leo, account=account, fields={"last_name": "Kovač", field: value})
    assert field in refused.value.error_dict


def test_a_contact_is_made_only_at_an_account_the_person_sees(leo, ines):
    with pytest.raises(PermissionDenied):
        create_contact(actor=leo, account=AccountFactory(owner=ines), fields={"last_name": "Kovač"})


def test_whoever_cannot_create_contacts_may_still_have_them_inserted(rita, leo):
    account = AccountFactory(owner=leo)
    with pytest.raises(PermissionDenied):
        create_contact(actor=rita, account=account, fields={"last_name": "Kovač"})
    contact = insert_contact(
        actor=rita, account=account, fields={"last_name": "Kovač", "owner": leo}
    )
    assert (contact.owner, contact.created_by) == (leo, rita)


def test_filling_writes_decided_changes_without_asking_for_rights(rita, leo):
    contact = ContactFactory(account__owner=leo, title="")
    fill_contact(contact=contact, changes={"title": "CFO", "other_phones": ["1"]}, actor=rita)
    contact.refresh_from_db()
    assert (contact.title, contact.version, contact.updated_by) == ("CFO", 2, rita)
    assert latest("contact.edited").changes == {"title": ["", "CFO"], "other_phones": [[], ["1"]]}


def test_a_contact_moves_to_another_account_and_both_accounts_hear_of_it(leo):
    contact = ContactFactory(account__owner=leo)
    before, after = contact.account, AccountFactory(owner=leo)
    update_contact(contact=contact, changes={"account": after}, actor=leo)
    contact.refresh_from_db()
    assert contact.account == after
    event = latest("contact.edited")
    assert (event.account, event.changes) == (after, {"account": [before.pk, after.pk]})


def test_a_contact_cannot_be_without_an_account(leo):
    contact = ContactFactory(account__owner=leo)
    with pytest.raises(ValidationError, match="belongs to an account"):
        update_contact(contact=contact, changes={"account": None}, actor=leo)


def test_a_contact_reports_to_somebody_else_whom_the_person_sees(leo, ines):
    contact = ContactFactory(account__owner=leo)
    hidden = ContactFactory(account__owner=ines)
    chief = ContactFactory(account=contact.account)
    with pytest.raises(ValidationError, match="themselves"):
        update_contact(contact=contact, changes={"reports_to": contact}, actor=leo)
    with pytest.raises(ValidationError, match="may not see it"):
        update_contact(contact=contact, changes={"reports_to": hidden}, actor=leo)
    update_contact(contact=contact, changes={"reports_to": chief}, actor=leo)
    contact.refresh_from_db()
    assert contact.reports_to == chief


def test_assigning_a_contact_tells_the_new_owner(leo, ines):
    contact = ContactFactory(account__owner=leo)
    assign_contact(contact=contact, to=ines, actor=leo)
    contact.refresh_from_db()
    assert (contact.owner, contact.team) == (ines, ines.team)
    assert latest("contact.assigned").changes == {"owner": [leo.pk, ines.pk]}
    assert Notification.objects.get().user == ines


def test_opt_outs_are_kept_and_can_be_told_apart(leo):
    contact = ContactFactory(account__owner=leo)
    update_contact(contact=contact, changes={"do_not_call": True}, actor=leo)
    contact.refresh_from_db()
    assert (contact.do_not_call, contact.do_not_email) == (True, False)


def test_a_deleted_contact_is_nobodys_and_stays_in_the_table(leo, ada):
    contact = ContactFactory(account__owner=leo)
    delete_contact(contact=contact, actor=leo)
    assert not Contact.objects.visible_to(ada).exists()
    assert Contact.objects.get().deleted_at
    assert latest("contact.deleted").account == contact.account
