import re

import pytest
from django.urls import reverse

from accounts.matching import similar_accounts, similar_contacts
from accounts.models import Account, Contact
from accounts.search import (
    matching_contacts,
    search_accounts,
    search_contacts,
    search_contacts_near,
)
from accounts.services import insert_account, insert_contact
from accounts.views.options import OPTIONS
from tests.factories import AccountFactory, ContactFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def halcyon(leo):
    return insert_account(
        actor=leo,
        fields={
            "name": "Halcyon Robotics GmbH",
            "website": "https://www.halcyonrobotics.example.com",
            "phone": "+49 30 901820",
            "city": "Zürich",
        },
    )


@pytest.fixture
def ana(leo, halcyon):
    return insert_contact(
        actor=leo,
        account=halcyon,
        fields={
            "first_name": "Ana",
            "last_name": "Kovač",
            "email": "ana@halcyonrobotics.example.com",
            "mobile": "+1 212 736 5000",
            "other_emails": ["ak@home.example"],
            "other_phones": ["+44 20 7946 0958"],
        },
    )


@pytest.mark.parametrize(
    "text",
    [
        "halcyon",
        "HALC robo",
        "robotics halcyon",
        "ro",
        "zurich",
        "halcyon-robotics, inc",
        "halcyonrobotics.example.com",
        "030 901820",
    ],
)
def test_an_account_is_found_by(halcyon, text):
    if text == "030 901820":
        text = "+49-30-901820"
    assert list(search_accounts(Account.objects.all(), text)) == [halcyon]


@pytest.mark.parametrize("text", ["lcyonx", "obotics y", "%", "_", "100%", "alc%on", "x"])
def test_an_account_is_not_found_by(halcyon, text):
    assert not search_accounts(Account.objects.all(), text).exists()


@pytest.mark.parametrize(
    "text",
    [
        "kovac",
        "Kovač ana",
        "an",
        "ana@halcyonrobotics.example.com",
        "ana+news@halcyonrobotics.example.com",
        "ak@home.example",
        "(212) 736-5000",
        "020 7946 0958 x",
    ],
)
def test_a_contact_is_found_by(ana, text):
    if text.endswith(" x"):
        text = "0044 20 7946 0958"
    assert list(search_contacts(Contact.objects.all(), text)) == [ana]


@pytest.mark.parametrize("text", ["na", "bob", "ann@home.example", "k@home.example", "0000000"])
def test_a_contact_is_not_found_by(ana, text):
    assert not search_contacts(Contact.objects.all(), text).exists()


def test_the_same_name_comes_before_a_beginning_and_that_before_the_middle(leo):
    for name in ("New Halcyon", "Halcyon Labs", "Halcyon Ltd"):
        insert_account(actor=leo, fields={"name": name})
    found = [account.name for account in search_accounts(Account.objects.all(), "halcyon")]
    assert found == ["Halcyon Ltd", "Halcyon Labs", "New Halcyon"]


def test_no_text_asks_for_everything(halcyon, ana):
    assert list(search_accounts(Account.objects.all(), "  ")) == [halcyon]
    assert list(matching_contacts(Contact.objects.all(), "")) == [ana]


# --- Lookalikes


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ({"name": "HALCYON ROBOTICS"}, "Same name"),
        ({"name": "Halcyon Robotic"}, "Name 96 % alike"),
        ({"website": "shop.example.com"}, "Same domain"),
        ({"phone": "+49 30 90 18 20"}, "Same phone"),
    ],
)
def test_an_account_looks_alike_by(leo, halcyon, typed, reason):
    (found,) = similar_accounts(typed, leo)
    assert (found.record, found.reasons) == (halcyon, [reason])


@pytest.mark.parametrize(
    "typed",
    [
        {"name": "Halcyon"},
        {"name": "Robotics"},
        {"website": "ann@gmail.com"},
        {"phone": "000 000 0000"},
        {"name": "", "website": "", "phone": ""},
    ],
)
def test_an_account_does_not_look_alike_by(leo, halcyon, typed):
    assert similar_accounts(typed, leo) == []


def test_two_free_mail_addresses_are_no_common_domain(leo):
    insert_account(actor=leo, fields={"name": "One", "website": "gmail.com"})
    assert similar_accounts({"name": "Two", "website": "gmail.com"}, leo) == []


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ({"email": "Ana@HalcyonRobotics.example.com"}, "Same email"),
        ({"email": "ak+x@home.example"}, "Same email"),
        ({"phone": "+1 (212) 736-5000"}, "Same phone"),
        ({"mobile": "+44 20 7946 0958"}, "Same phone"),
    ],
)
def test_a_contact_looks_alike_by(leo, ana, typed, reason):
    (found,) = similar_contacts(typed, leo)
    assert (found.record, found.reasons) == (ana, [reason])


def test_a_name_alone_is_alike_only_at_the_same_account(leo, ana):
    name = {"first_name": "ANA", "last_name": "Kovac"}
    (found,) = similar_contacts({**name, "account": ana.account_id}, leo)
    assert found.reasons == ["Same name"]
    elsewhere = AccountFactory(owner=leo)
    assert similar_contacts({**name, "account": elsewhere.pk}, leo) == []


@pytest.mark.parametrize("typed", [{"email": "joana@halcyonrobotics.example.com"}, {"email": ""}])
def test_a_contact_does_not_look_alike_by(leo, ana, typed):
    assert similar_contacts(typed, leo) == []


def test_a_lookalike_one_may_not_see_is_told_without_its_data(soren, ana):
    (found,) = similar_contacts({"email": ana.email}, soren)
    assert (found.record, found.team, found.reasons) == (None, "North", ["Same email"])


# --- The people of an account first


@pytest.fixture
def annas(leo):
    """More people elsewhere than are offered, each the likelier answer to "ann"."""
    elsewhere = AccountFactory(owner=leo, name="Elsewhere")
    return [ContactFactory(account=elsewhere, last_name="Ann") for _ in range(OPTIONS + 1)]


def offered(client, asked):
    page = client.get(reverse("accounts:contact_options"), asked).content.decode()
    return re.findall('data-text="([^"]*)"', page)


@pytest.mark.parametrize("typed", ["", "ann"])
def test_people_of_an_account_stand_before_likelier_ones(leo, halcyon, annas, typed):
    near = ContactFactory(account=halcyon, owner=leo, first_name="Zora", last_name="Hermann")
    contacts = Contact.objects.visible_to(leo).order_by("pk")
    found = search_contacts_near(contacts, typed, account=halcyon.pk, most=3)
    assert found == [near, *annas[:2]]
    assert search_contacts_near(contacts, typed, account=halcyon.pk, most=1) == [near]
    assert near not in search_contacts_near(contacts, "kovač", account=halcyon.pk, most=3)


def test_without_an_account_the_likeliest_people_come_first(leo, annas):
    contacts = Contact.objects.visible_to(leo)
    assert search_contacts_near(contacts, "ann", account=None, most=2) == annas[:2]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "ann", "first": "{halcyon}"}, ["Zora Hermann", *["Ana Ann"] * (OPTIONS - 1)]),
        ({"q": "ann", "account": "{halcyon}"}, ["Zora Hermann"]),
        ({"q": "ann", "first": "x"}, ["Ana Ann"] * OPTIONS),
        ({"q": "ann", "first": "9" * 30}, ["Ana Ann"] * OPTIONS),
    ],
)
def test_the_box_offers_the_people_of_an_account_first(browse, leo, halcyon, annas, query, found):
    ContactFactory(account=halcyon, owner=leo, first_name="Zora", last_name="Hermann")
    asked = {name: value.format(halcyon=halcyon.pk) for name, value in query.items()}
    assert offered(browse(leo), asked) == found


def test_the_people_of_an_account_out_of_sight_are_not_offered(browse, leo, ines, annas):
    hidden = ContactFactory(account__owner=ines, last_name="Annable")
    asked = {"q": "ann", "first": hidden.account_id}
    assert offered(browse(leo), asked) == ["Ana Ann"] * OPTIONS


def test_offering_the_people_of_an_account_first_costs_one_statement_more(
    browse, leo, halcyon, annas, django_assert_num_queries
):
    client, at = browse(leo), reverse("accounts:contact_options")
    client.get(at)
    with django_assert_num_queries(4):
        client.get(at, {"q": "ann"})
    with django_assert_num_queries(5):
        client.get(at, {"q": "ann", "first": halcyon.pk})
