import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from accounts.models import Account, Contact
from accounts.services import add_account_member, update_account, update_contact
from tests.factories import AccountFactory, ContactFactory, UserFactory
from tests.odd_text import ODD_TEXTS

pytestmark = pytest.mark.django_db

HTMX = {"HTTP_HX_REQUEST": "true"}


def text_of(answer):
    return answer.content.decode()


def said(answer):
    return [str(message) for message in get_messages(answer.wsgi_request)]


def account_fields(**fields):
    return {"name": "Halcyon", "type": "prospect", **fields}


# --- Lists


def test_a_list_shows_what_the_person_sees_and_nothing_else(browse, leo, rita, soren, ines):
    mine, hidden = AccountFactory(owner=leo), AccountFactory(owner=ines)
    for person in (leo, rita):
        page = text_of(browse(person).get(reverse("accounts:list"), {"view": "all"}))
        assert mine.name in page
        assert hidden.name not in page
    assert mine.name not in text_of(browse(soren).get(reverse("accounts:list"), {"view": "all"}))


def test_a_contact_of_an_account_one_may_not_see_is_listed_without_its_name(browse, leo, ines):
    contact = ContactFactory(account=AccountFactory(owner=ines, name="Secret GmbH"), owner=leo)
    for url in (reverse("accounts:contacts"), contact.get_absolute_url()):
        page = text_of(browse(leo).get(url))
        assert contact.name in page
        assert "Secret GmbH" not in page


def test_searching_swaps_only_the_results(browse, leo):
    AccountFactory(owner=leo, name="Halcyon")
    AccountFactory(owner=leo, name="Fernhill")
    part = browse(leo).get(reverse("accounts:list"), {"q": "hal"}, **HTMX)
    assert "Halcyon" in text_of(part)
    assert "Fernhill" not in text_of(part)
    assert "<h1>" not in text_of(part)
    assert "HX-Request" in part["Vary"]


def test_a_list_goes_on_where_the_page_ended(browse, leo):
    for number in range(52):
        AccountFactory(owner=leo, name=f"Account {number:02}")
    client, url = browse(leo), reverse("accounts:list")
    first = client.get(url, {"ordering": "name"})
    second = client.get(url + first.context["next"])
    assert [row.name for row in second.context["page"].rows] == ["Account 50", "Account 51"]
    assert "50 of 52" in text_of(first)


def test_a_cursor_of_another_order_leads_to_the_first_page(browse, leo):
    answer = browse(leo).get(reverse("accounts:list"), {"cursor": "x", "view": "all"})
    assert answer.status_code == 302
    assert answer.url.endswith("?view=all")


def test_each_empty_list_says_what_helps(browse, leo):
    client, url = browse(leo), reverse("accounts:list")
    assert "No accounts yet" in text_of(client.get(url))
    AccountFactory(owner=leo)
    assert "Nothing found for “zzz”" in text_of(client.get(url, {"q": "zzz"}))
    assert "Without “Country” there" in text_of(client.get(url, {"country": "Peru"}))
    assert "Nothing in “Customers”" in text_of(client.get(url, {"view": "customers"}))


def test_a_filter_that_is_on_is_a_chip_with_its_way_off(browse, leo):
    page = text_of(browse(leo).get(reverse("accounts:list"), {"view": "all", "type": "customer"}))
    assert 'aria-label="Remove filter Type"' in page
    assert 'href="?view=all"' in page


@pytest.mark.parametrize("name", ["accounts:list", "accounts:contacts"])
def test_a_list_costs_the_same_for_one_row_as_for_twenty(
    browse, ada, name, django_assert_max_num_queries, django_assert_num_queries
):
    client, url = browse(ada), reverse(name)
    ContactFactory()
    # session, user, reach, page, counts; the rest are the sidebar's counts
    with django_assert_max_num_queries(8) as first:
        client.get(url, {"view": "all"})
    for _ in range(19):
        ContactFactory()
    with django_assert_num_queries(len(first)):
        client.get(url, {"view": "all"})


# --- Records


def test_an_account_page_shows_what_belongs_to_it(browse, leo, rita, ines):
    parent = AccountFactory(owner=leo, name="Top Holding")
    account = AccountFactory(owner=leo, name="Halcyon", parent=parent, website="halcyon.example")
    contact = ContactFactory(account=account)
    child = AccountFactory(owner=leo, name="Halcyon Iberia", parent=account)
    hidden = AccountFactory(owner=ines, name="Hidden Daughter", parent=account)
    add_account_member(account=account, user=rita, actor=leo)
    page = text_of(browse(leo).get(account.get_absolute_url()))
    for part in (parent.name, contact.name, child.name, rita.full_name, "https://halcyon.example"):
        assert part in page
    assert hidden.name not in page


@pytest.mark.parametrize(
    "website", ["javascript:alert(1)", "data:text/html,x", "https://user@host/", "no address", ""]
)
def test_a_website_that_is_no_web_address_is_never_a_link(browse, leo, website):
    account = AccountFactory(owner=leo, website=website)
    assert account.web_address == ""
    assert f'href="{website}"' not in text_of(browse(leo).get(account.get_absolute_url()))


def test_a_contact_page_shows_what_belongs_to_it(browse, leo, ines):
    contact = ContactFactory(account__owner=leo, title="CFO", do_not_call=True, phone="123456")
    chief = ContactFactory(account=contact.account, last_name="Chief")
    below = ContactFactory(account=contact.account, last_name="Below", reports_to=contact)
    hidden = ContactFactory(account__owner=ines, last_name="Hidden", reports_to=contact)
    update_contact(
        contact=contact,
        changes={"reports_to": chief, "other_emails": ["home@mail.example"]},
        actor=leo,
    )
    page = text_of(browse(leo).get(contact.get_absolute_url()))
    for part in (contact.account.name, chief.name, below.name, "home@mail.example", "do not call"):
        assert part in page
    assert hidden.name not in page
    assert 'href="tel:' not in page


@pytest.mark.parametrize("is_account", [True, False])
def test_a_record_costs_the_same_for_one_relation_as_for_twenty(
    browse, leo, is_account, django_assert_max_num_queries, django_assert_num_queries
):
    contact = ContactFactory(account__owner=leo)
    account = contact.account
    update_account(account=account, changes={"city": "Porto"}, actor=leo)
    update_contact(contact=contact, changes={"title": "CFO"}, actor=leo)
    client, url = browse(leo), (account if is_account else contact).get_absolute_url()
    # session, user, reach, record, rights; for an account parent and children, contacts, team;
    # for a contact those above and below; activities, events, their names; composer and sidebar
    with django_assert_max_num_queries(15) as first:
        client.get(url)
    for _ in range(19):
        ContactFactory(account=account, reports_to=contact)
        AccountFactory(owner=leo, parent=account)
    with django_assert_num_queries(len(first)):
        client.get(url)


def test_actions_one_may_not_take_are_not_offered(browse, leo, rita):
    account = AccountFactory(owner=leo)
    edit_url = reverse("accounts:edit", args=[account.pk])
    assert edit_url in text_of(browse(leo).get(account.get_absolute_url()))
    assert edit_url not in text_of(browse(rita).get(account.get_absolute_url()))


# --- Creating


def test_an_account_is_made_from_the_form(browse, leo):
    answer = browse(leo).post(
        reverse("accounts:create"),
        account_fields(annual_revenue="$48k", currency="eur", owner=leo.pk),
    )
    account = Account.objects.get()
    assert (answer.status_code, answer.url) == (302, account.get_absolute_url())
    assert (account.annual_revenue, account.currency, account.owner) == (48000, "EUR", leo)


def test_a_contact_is_made_at_the_account_in_the_address(browse, leo):
    account = AccountFactory(owner=leo)
    client, url = browse(leo), reverse("accounts:contact_create")
    form = client.get(url, {"account": account.pk}).context["form"]
    assert form["account"].value() == account.pk
    answer = client.post(
        url,
        {
            "account": account.pk,
            "last_name": "Kovač",
            "other_emails": "a@x.example\nb@x.example",
            "owner": leo.pk,
        },
    )
    contact = Contact.objects.get()
    assert answer.url == contact.get_absolute_url()
    assert contact.other_emails.count() == 2


def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_is_kept(browse, leo):
    answer = browse(leo).post(
        reverse("accounts:create"),
        account_fields(name="", city="Porto", employees="-3", owner=leo.pk),
    )
    form = answer.context["form"]
    assert answer.status_code == 422
    assert {"name", "employees"} <= set(form.errors)
    assert 'value="Porto"' in text_of(answer)
    assert not Account.objects.exists()


def test_a_lookalike_is_shown_first_and_made_only_when_insisted_on(browse, leo, ines):
    AccountFactory(owner=leo, name="Halcyon GmbH")
    AccountFactory(owner=ines, name="HALCYON Ltd.")
    client, url = browse(leo), reverse("accounts:create")
    fields = account_fields(owner=leo.pk)
    warned = client.post(url, fields)
    assert warned.status_code == 409
    assert "Halcyon GmbH" in text_of(warned)
    assert "of the team South that you may not see" in text_of(warned)
    assert "HALCYON Ltd." not in text_of(warned)
    assert Account.objects.count() == 2
    assert client.post(url, fields | {"anyway": "1"}).status_code == 302
    assert Account.objects.count() == 3


def test_lookalikes_are_found_while_one_types(browse, leo):
    contact = ContactFactory(account__owner=leo, email="ann@x.example", email_key="ann@x.example")
    part = browse(leo).get(reverse("accounts:contact_similar"), {"email": "Ann+1@x.example"})
    assert contact.name in text_of(part)
    assert "Same email" in text_of(part)


@pytest.mark.parametrize("text", ODD_TEXTS.values(), ids=ODD_TEXTS)
def test_odd_text_is_shown_as_text_wherever_it_stands(browse, leo, text):
    client = browse(leo)
    names = ("industry", "city", "region", "street", "country", "description", "website")
    client.post(
        reverse("accounts:create"),
        account_fields(name=text, owner=leo.pk, **dict.fromkeys(names, text)),
    )
    account = Account.objects.get()
    contact = ContactFactory(account=account, first_name="", last_name=text[:100], title=text[:90])
    for url in (
        reverse("accounts:list"),
        reverse("accounts:contacts"),
        account.get_absolute_url(),
        contact.get_absolute_url(),
        reverse("accounts:edit", args=[account.pk]),
    ):
        answer = client.get(url, {"q": text} if url.endswith("s/") else None)
        assert answer.status_code == 200
        assert "<script>alert" not in text_of(answer)


# --- Editing


def test_an_edit_is_saved_and_told(browse, leo):
    account = AccountFactory(owner=leo, name="Halcyon")
    url = reverse("accounts:edit", args=[account.pk])
    answer = browse(leo).post(url, account_fields(city="Porto", version=1))
    account.refresh_from_db()
    assert answer.url == account.get_absolute_url()
    assert (account.city, account.version) == ("Porto", 2)
    assert said(answer) == ["Halcyon is saved."]


def test_whoever_only_sees_a_record_cannot_edit_it(browse, leo, rita):
    account = AccountFactory(owner=leo)
    url = reverse("accounts:edit", args=[account.pk])
    assert browse(rita).post(url, account_fields(version=1)).status_code == 403


def test_two_edits_of_different_fields_are_both_kept(browse, leo):
    account = AccountFactory(owner=leo, name="Halcyon")
    update_account(account=account, changes={"city": "Porto"}, actor=leo)
    url = reverse("accounts:edit", args=[account.pk])
    client = browse(leo)
    answer = client.post(url, account_fields(industry="Robotics", version=1))
    assert answer.status_code == 409
    assert "both can be kept" in text_of(answer)
    client.post(url, dict(answer.context["merge"].typed))
    account.refresh_from_db()
    assert (account.city, account.industry) == ("Porto", "Robotics")


@pytest.mark.parametrize(("choice", "kept"), [("theirs", "Porto"), ("yours", "Faro")])
def test_of_two_edits_of_one_field_the_chosen_one_is_kept(browse, leo, choice, kept):
    account = AccountFactory(owner=leo, name="Halcyon")
    update_account(account=account, changes={"city": "Porto"}, actor=leo)
    url = reverse("accounts:edit", args=[account.pk])
    client = browse(leo)
    answer = client.post(url, account_fields(city="Faro", version=1))
    (difference,) = answer.context["merge"].differences
    assert (difference.theirs, difference.yours) == ("Porto", "Faro")
    client.post(url, dict(answer.context["merge"].typed) | {difference.pick: choice})
    account.refresh_from_db()
    assert account.city == kept


# --- Assigning and deleting


def test_assigning_away_what_one_then_no_longer_sees_leads_to_the_list(browse, leo, ines):
    account = AccountFactory(owner=leo)
    answer = browse(leo).post(reverse("accounts:assign", args=[account.pk]), {"owner": ines.pk})
    account.refresh_from_db()
    assert account.owner == ines
    assert answer.url == reverse("accounts:list")


def test_a_deletion_that_is_refused_says_why(browse, leo):
    contact = ContactFactory(account__owner=leo)
    client = browse(leo)
    url = reverse("accounts:delete", args=[contact.account_id])
    refused = client.post(url)
    assert refused.status_code == 409
    assert "still has contacts" in text_of(refused)
    assert client.post(reverse("accounts:contact_delete", args=[contact.pk])).status_code == 302
    assert client.post(url).url == reverse("accounts:list")


def test_the_team_list_is_changed_on_the_account_page(browse, leo, ines):
    account = AccountFactory(owner=leo)
    client = browse(leo)
    client.post(reverse("accounts:member_add", args=[account.pk]), {"user": ines.pk})
    member = account.members.get()
    assert member.user == ines
    client.post(reverse("accounts:member_remove", args=[account.pk, member.pk]))
    assert not account.members.exists()


def test_ticked_records_are_assigned_and_refusals_are_told_one_by_one(browse, nadia, leo, ines):
    first, second = AccountFactory(owner=leo), AccountFactory(owner=leo)
    hidden = AccountFactory(owner=ines)
    client, url = browse(nadia), reverse("accounts:bulk")
    ticked = {"record": [first.pk, second.pk, hidden.pk], "back": "/accounts/?view=all"}
    assert [row.pk for row in client.get(url, ticked).context["records"]] == [second.pk, first.pk]
    answer = client.post(url, ticked | {"owner": nadia.pk})
    assert answer.url == "/accounts/?view=all"
    assert set(Account.objects.filter(owner=nadia)) == {first, second}
    hidden.refresh_from_db()
    assert hidden.owner == ines

    nobody = UserFactory(role="integration", full_name="Robot")
    nobody.role = None
    nobody.save(update_fields=["role"])
    refused = client.post(url, ticked | {"owner": nobody.pk})
    assert all("cannot own" in result.problem for result in refused.context["results"])


def test_bulk_never_leads_to_another_site(browse, leo):
    account = AccountFactory(owner=leo)
    answer = browse(leo).post(
        reverse("accounts:bulk"),
        {"record": [account.pk], "owner": leo.pk, "back": "https://evil.example/"},
    )
    assert answer.url == reverse("accounts:list")


# --- Search boxes


def test_search_boxes_offer_only_what_the_person_sees(browse, leo, ines):
    mine = ContactFactory(account__owner=leo, account__name="Halcyon", last_name="Kovač")
    ContactFactory(account__owner=ines, account__name="Halcyon Two", last_name="Kovačević")
    client = browse(leo)
    accounts = text_of(client.get(reverse("accounts:options"), {"q": "halc"}))
    assert f'data-value="{mine.account_id}"' in accounts
    assert accounts.count("role=") == 1
    contacts = client.get(
        reverse("accounts:contact_options"), {"q": "kov", "account": mine.account_id}
    )
    assert text_of(contacts).count("role=") == 1
