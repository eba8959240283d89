import unicodedata

import pytest
from django.urls import reverse

from accounts.models import Account, Contact, LeadSource
from accounts.services import insert_contact
from tests.answers import ids, pointers
from tests.factories import AccountFactory, ContactFactory
from tests.odd_text import ODD_TEXTS

pytestmark = pytest.mark.django_db

ACCOUNTS, CONTACTS = "/api/v1/accounts/", "/api/v1/contacts/"
ACCOUNT_TEXTS = ("name", "industry", "website", "street", "city", "region", "description")
CONTACT_TEXTS = ("salutation", "first_name", "last_name", "title", "department", "description")


def address(record):
    return f"{CONTACTS if isinstance(record, Contact) else ACCOUNTS}{record.pk}/"


def tag(record):
    record.refresh_from_db()
    return {"HTTP_IF_MATCH": f'"{record.pk}-{record.version}"'}


# --- Create


def test_an_account_is_created_with_its_address_and_tag(api, leo):
    answer = api(leo).post(
        ACCOUNTS,
        {
            "name": "Halcyon Robotics",
            "annual_revenue": {"amount": "1200000.00", "currency": "USD"},
            "website": "halcyon.example",
        },
    )
    account = Account.objects.get()
    assert answer.status_code == 201
    assert answer["Location"].endswith(f"{ACCOUNTS}{account.pk}/")
    assert answer["ETag"] == f'"{account.pk}-1"'
    body = answer.json()
    assert (body["owner"], body["team"], body["version"]) == (leo.pk, leo.team_id, 1)
    assert body["annual_revenue"] == {"amount": "1200000.00", "currency": "USD"}


def test_a_contact_is_created_with_all_its_addresses(api, leo):
    account = AccountFactory(owner=leo)
    answer = api(leo).post(
        CONTACTS,
        {
            "account": account.pk,
            "last_name": "Kovač",
            "email": "Ana@Halcyon.example",
            "other_emails": ["ana@home.example"],
            "other_phones": ["+49 30 901820"],
            "do_not_call": True,
        },
    )
    assert answer.status_code == 201
    body = answer.json()
    assert (body["email"], body["other_emails"]) == ("ana@halcyon.example", ["ana@home.example"])
    assert (body["other_phones"], body["do_not_call"]) == (["+49 30 901820"], True)


def test_sending_a_creation_again_makes_one_account(api, leo):
    client = api(leo)
    first, second = (
        client.post(ACCOUNTS, {"name": "Halcyon"}, HTTP_IDEMPOTENCY_KEY="once") for _ in range(2)
    )
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert second["Idempotent-Replayed"] == "true"
    assert Account.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "status", "pointer"),
    [
        ({}, 400, "#/name"),
        ({"name": ""}, 400, "#/name"),
        ({"name": 7}, 400, "#/name"),
        ({"name": "x" * 201}, 400, "#/name"),
        ({"name": "Halcyon", "type": "planet"}, 400, "#/type"),
        ({"name": "Halcyon", "employees": "12"}, 400, "#/employees"),
        ({"name": "Halcyon", "parent": 999_999}, 400, "#/parent"),
        ({"name": "Halcyon", "owner": 999_999}, 400, "#/owner"),
        ({"name": "Halcyon", "collor": "red"}, 400, "#/collor"),
        (
            {"name": "Halcyon", "annual_revenue": {"amount": "-1.00", "currency": "EUR"}},
            422,
            "#/annual_revenue",
        ),
    ],
)
def test_what_an_account_cannot_be_is_refused_by_name(api, leo, fields, status, pointer):
    answer = api(leo).post(ACCOUNTS, fields)
    assert (answer.status_code, pointers(answer)) == (status, {pointer})
    assert not Account.objects.exists()


def test_a_hidden_parent_and_a_missing_one_get_the_same_answer(api, leo, ines):
    hidden = AccountFactory(owner=ines)
    answers = [
        api(leo).post(ACCOUNTS, {"name": "Halcyon", "parent": pk}).json()["errors"]
        for pk in (hidden.pk, 999_999)
    ]
    assert answers[0] == answers[1]


def test_an_sdr_creates_no_accounts(api, rita):
    answer = api(rita).post(ACCOUNTS, {"name": "Halcyon"})
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")


@pytest.mark.parametrize("text", ODD_TEXTS.values(), ids=ODD_TEXTS)
def test_odd_text_comes_back_as_it_was_sent(api, leo, text):
    expected = unicodedata.normalize("NFC", text)
    account = api(leo).post(ACCOUNTS, dict.fromkeys(ACCOUNT_TEXTS, text)).json()
    assert {account[name] for name in ACCOUNT_TEXTS} == {expected}
    short = dict.fromkeys(CONTACT_TEXTS, text[:20])
    contact = api(leo).post(CONTACTS, {"account": account["id"], **short}).json()
    assert {contact[name] for name in CONTACT_TEXTS} == {
        unicodedata.normalize("NFC", text[:20]).strip()
    }
    found = api(leo).get(ACCOUNTS, {"q": text})
    assert ids(found) == [account["id"]]


@pytest.mark.parametrize("name", [*CONTACT_TEXTS, "email", "phone", "mobile", "country"])
def test_more_text_than_a_column_holds_is_refused_by_name(api, leo, name):
    longest = Contact._meta.get_field(name).max_length
    if longest is None:
        pytest.skip("free text has no limit but the body's")
    fields = {"account": AccountFactory(owner=leo).pk, "last_name": "Kovač"}
    answer = api(leo).post(CONTACTS, {**fields, name: "x" * (longest + 1)})
    assert (answer.status_code, pointers(answer)) == (400, {f"#/{name}"})


# --- Read


def test_what_one_may_not_see_is_absent(api, rita, soren, leo):
    contact = ContactFactory(account__owner=leo)
    for record in (contact, contact.account):
        assert api(rita).get(address(record)).status_code == 200
        assert api(soren).get(address(record)).status_code == 404
    assert ids(api(soren).get(ACCOUNTS)) == []
    assert ids(api(soren).get(CONTACTS)) == []


def test_whoever_has_a_version_already_is_not_sent_it_again(api, leo):
    account = AccountFactory(owner=leo)
    first = api(leo).get(address(account))
    again = api(leo).get(address(account), HTTP_IF_NONE_MATCH=first["ETag"])
    assert again.status_code == 304


def test_lists_are_paged_by_cursor_in_either_direction(api, leo):
    accounts = [AccountFactory(owner=leo, name=f"Account {letter}") for letter in "ABCDE"]
    client = api(leo)
    first = client.get(ACCOUNTS, {"ordering": "name", "page_size": 2})
    second = client.get(first.json()["next"])
    assert ids(first) + ids(second) == [account.pk for account in accounts[:4]]
    assert ids(client.get(second.json()["previous"])) == ids(first)


def test_expanding_shows_the_record_only_to_whoever_sees_it(api, leo, ines):
    hidden = AccountFactory(owner=ines)
    contact = ContactFactory(account=hidden, owner=leo)
    shown = ContactFactory(account__owner=leo)
    rows = api(leo).get(CONTACTS, {"expand": "account"}).json()["results"]
    by_id = {row["id"]: row["account"] for row in rows}
    assert by_id[contact.pk] == hidden.pk
    assert by_id[shown.pk]["name"] == shown.account.name


@pytest.mark.parametrize(
    "query",
    [{"foo": "1"}, {"type": "planet"}, {"owner": "x"}, {"expand": "foo"}, {"ordering": "x"}],
)
def test_a_parameter_that_means_nothing_is_refused(api, leo, query):
    answer = api(leo).get(ACCOUNTS, query)
    assert (answer.status_code, pointers(answer)) == (400, set(query))


@pytest.mark.parametrize("url", [ACCOUNTS, CONTACTS])
def test_a_list_costs_the_same_for_one_row_as_for_twenty(api, leo, url, django_assert_num_queries):
    client = api(leo)
    account = ContactFactory(account__owner=leo).account
    for _ in range(2):
        leo.refresh_from_db()
        with django_assert_num_queries(2):  # reach, page
            client.get(url)
        for _ in range(19):
            ContactFactory(account=AccountFactory(owner=leo, parent=account))


# --- Change


def test_a_change_names_the_version_it_is_for(api, leo):
    account = AccountFactory(owner=leo)
    client = api(leo)
    assert client.patch(address(account), {"city": "Porto"}).status_code == 428
    answer = client.patch(address(account), {"city": "Porto"}, **tag(account))
    assert (answer.status_code, answer["ETag"]) == (200, f'"{account.pk}-2"')
    stale = client.patch(address(account), {"city": "Faro"}, HTTP_IF_MATCH=f'"{account.pk}-1"')
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
    account.refresh_from_db()
    assert account.city == "Porto"


def test_a_revenue_can_be_emptied(api, leo):
    account = AccountFactory(owner=leo, annual_revenue=5, currency="EUR")
    answer = api(leo).patch(address(account), {"annual_revenue": None}, **tag(account))
    assert answer.json()["annual_revenue"] is None


def test_further_addresses_are_replaced_as_a_whole(api, leo):
    contact = insert_contact(
        actor=leo,
        account=AccountFactory(owner=leo),
        fields={"last_name": "Kovač", "other_emails": ["a@x.example", "b@x.example"]},
    )
    answer = api(leo).patch(address(contact), {"other_emails": ["b@x.example"]}, **tag(contact))
    assert answer.json()["other_emails"] == ["b@x.example"]
    assert api(leo).get(address(contact)).json()["other_emails"] == ["b@x.example"]


def test_seeing_is_not_changing(api, rita, leo):
    account = AccountFactory(owner=leo)
    answer = api(rita).patch(address(account), {"city": "Porto"}, **tag(account))
    assert answer.status_code == 403


def test_the_owner_changes_by_assigning_only(api, leo, ines):
    account = AccountFactory(owner=leo)
    client = api(leo)
    assert client.patch(address(account), {"owner": leo.pk}, **tag(account)).status_code == 200
    refused = client.patch(address(account), {"owner": ines.pk}, **tag(account))
    assert (refused.status_code, pointers(refused)) == (400, {"#/owner"})
    answer = client.post(f"{address(account)}assign/", {"owner": ines.pk})
    assert (answer.status_code, answer.json()["owner"]) == (200, ines.pk)
    assert client.get(address(account)).status_code == 404


def test_a_contact_is_assigned(api, leo, nadia):
    contact = ContactFactory(account__owner=leo)
    answer = api(nadia).post(f"{address(contact)}assign/", {"owner": nadia.pk})
    assert (answer.status_code, answer.json()["owner"]) == (200, nadia.pk)


def test_a_circle_is_refused_by_the_name_of_the_field(api, leo):
    top = AccountFactory(owner=leo)
    bottom = AccountFactory(owner=leo, parent=top)
    answer = api(leo).patch(address(top), {"parent": bottom.pk}, **tag(top))
    assert (answer.status_code, pointers(answer)) == (422, {"#/parent"})


# --- Delete


def test_a_deleted_account_is_gone_and_one_in_use_stays(api, leo):
    contact = ContactFactory(account__owner=leo)
    client = api(leo)
    refused = client.delete(address(contact.account), **tag(contact.account))
    assert (refused.status_code, refused.json()["code"]) == (409, "account_in_use")
    for record in (contact, contact.account):
        assert client.delete(address(record), **tag(record)).status_code == 204
        assert client.get(address(record)).status_code == 404


# --- Bulk


def test_bulk_answers_row_by_row_and_keeps_what_succeeded(api, leo, ines):
    mine, stale = AccountFactory(owner=leo), AccountFactory(owner=leo, version=4)
    hidden = AccountFactory(owner=ines)
    rows = [
        {"name": "Halcyon"},
        {"name": ""},
        {"id": mine.pk, "city": "Porto"},
        {"id": stale.pk, "version": 3, "city": "Porto"},
        {"id": hidden.pk, "city": "Porto"},
        {"id": "x"},
        {"name": "Fernhill", "annual_revenue": {"amount": "-1.00", "currency": "EUR"}},
    ]
    answer = api(leo).post(f"{ACCOUNTS}bulk/", {"rows": rows})
    results = answer.json()["results"]
    assert [row["status"] for row in results] == [201, 400, 200, 412, 404, 400, 422]
    assert [row["row"] for row in results] == list(range(7))
    assert results[1]["problem"]["errors"][0]["pointer"] == "#/name"
    assert results[2] == {"row": 2, "status": 200, "id": mine.pk, "version": 2}
    assert set(Account.objects.filter(city="Porto")) == {mine}
    assert Account.objects.filter(name="Halcyon").exists()


def test_bulk_takes_up_to_200_rows(api, leo):
    account = AccountFactory(owner=leo)
    rows = [{"account": account.pk, "last_name": f"Contact {n}"} for n in range(201)]
    refused = api(leo).post(f"{CONTACTS}bulk/", {"rows": rows})
    assert (refused.status_code, Contact.objects.count()) == (400, 0)
    answer = api(leo).post(f"{CONTACTS}bulk/", {"rows": rows[:200]})
    assert {row["status"] for row in answer.json()["results"]} == {201}


def test_bulk_sent_again_is_answered_again_and_done_once(api, leo):
    client, body = api(leo), {"rows": [{"name": "Halcyon"}, {"name": ""}]}
    answers = [
        client.post(f"{ACCOUNTS}bulk/", body, HTTP_IDEMPOTENCY_KEY="once").json() for _ in range(2)
    ]
    assert answers[0] == answers[1]
    assert Account.objects.count() == 1


# --- Filters, one by one


@pytest.fixture
def halcyon(leo):
    return AccountFactory(
        owner=leo,
        name="Halcyon Robotics",
        type="customer",
        industry="Robotics",
        country="Portugal",
        external_id="H-1",
        source=LeadSource.objects.first(),
        created_at="2026-03-01T12:00:00Z",
    )


@pytest.fixture
def fernhill(leo, halcyon):
    return AccountFactory(
        owner=leo, name="Fernhill", parent=halcyon, created_at="2026-05-01T12:00:00Z"
    )


@pytest.mark.parametrize(
    "query",
    [
        {"q": "robo halc"},
        {"type": "customer"},
        {"industry": "robotics"},
        {"country": "portugal"},
        {"external_id": "H-1"},
        {"created_before": "2026-04-01"},
    ],
)
def test_each_filter_of_accounts_finds_its_own(api, leo, halcyon, fernhill, query):
    assert ids(api(leo).get(ACCOUNTS, query)) == [halcyon.pk]


def test_accounts_are_filtered_by_what_they_point_to(api, leo, nadia, halcyon, fernhill):
    theirs = AccountFactory(owner=nadia)
    client = api(nadia)
    assert ids(client.get(ACCOUNTS, {"owner": nadia.pk})) == [theirs.pk]
    assert ids(client.get(ACCOUNTS, {"team": nadia.team_id})) == [theirs.pk]
    assert ids(client.get(ACCOUNTS, {"source": halcyon.source_id})) == [halcyon.pk]
    assert ids(client.get(ACCOUNTS, {"parent": halcyon.pk})) == [fernhill.pk]


def test_each_filter_of_contacts_finds_its_own(api, leo, halcyon, fernhill):
    ana = ContactFactory(account=halcyon, first_name="Ana", last_name="Kovač", do_not_call=True)
    ContactFactory(account=fernhill, first_name="Bea", last_name="Silva", do_not_email=True)
    for query in (
        {"q": "kovac"},
        {"account": halcyon.pk},
        {"do_not_call": "true"},
        {"do_not_email": "false"},
    ):
        assert ids(api(leo).get(CONTACTS, query)) == [ana.pk]


def test_the_resources_are_where_the_router_says(leo):
    assert reverse("api:account-list") == ACCOUNTS
    assert reverse("api:contact-list") == CONTACTS
