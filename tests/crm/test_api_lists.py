"""Lists of the API: links, filters, parameters and expanding."""

import pytest

from accounts.models import Account
from people.models import User
from tests.crm.probe import ACCOUNTS, address

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("probe_urls")]


def test_a_list_is_walked_by_its_links(manager, rita):
    for number in range(5):
        Account.objects.create(name=f"A{number}", owner=rita, employees=number or None)
    url, names, pages = f"{ACCOUNTS}?page_size=2&ordering=-employees", [], 0
    while url:
        page = manager.get(url).json()
        names += [row["name"] for row in page["results"]]
        url, pages = page["next"], pages + 1
    assert (names, pages) == (["A4", "A3", "A2", "A1", "A0"], 3)
    back = manager.get(page["previous"]).json()
    assert [row["name"] for row in back["results"]] == ["A2", "A1"]


def test_filters_narrow_and_bad_values_are_named_by_parameter(manager, rita, account):
    Account.objects.create(name="Other", owner=rita)
    [row] = manager.get(f"{ACCOUNTS}?name=Halcyon&created_after=2020-01-01").json()["results"]
    assert row["id"] == account.pk
    answer = manager.get(f"{ACCOUNTS}?owner={2**40}&created_before=never&ordering=password")
    assert answer.status_code == 400
    assert {error["parameter"] for error in answer.json()["errors"]} == {
        "owner",
        "created_before",
        "ordering",
    }


@pytest.mark.parametrize(
    "query", ["?nmae=x", "?created=2020-01-01", "?cursor_=x", "?owner__email=x"]
)
def test_unknown_parameters_are_named(manager, query):
    answer = manager.get(f"{ACCOUNTS}{query}")
    [error] = answer.json()["errors"]
    assert answer.status_code == 400
    assert error["code"] == "unknown_parameter"
    assert error["parameter"] in query


def test_a_record_takes_no_parameters_of_the_list(manager, account):
    assert manager.get(f"{address(account)}?name=Other").status_code == 400
    assert manager.get(f"{address(account)}?page_size=5").status_code == 400


def test_a_list_costs_the_same_for_one_row_as_for_twenty(manager, rita, django_assert_num_queries):
    url = f"{ACCOUNTS}?expand=owner&name=A&owner={rita.pk}"
    for rows in (1, 19):
        for _ in range(rows):
            Account.objects.create(name="A", owner=rita)
        manager.get(url)
        with django_assert_num_queries(3):  # chosen owner, page, owners to expand
            assert manager.get(url).status_code == 200


# --- Expanding ---


def test_expand_puts_the_record_in_the_place_of_its_id(manager, account, rita):
    row = manager.get(f"{address(account)}?expand=owner").json()
    assert row["owner"] == {"id": rita.pk, "full_name": rita.full_name}
    [row] = manager.get(f"{ACCOUNTS}?expand=owner").json()["results"]
    assert row["owner"] == {"id": rita.pk, "full_name": rita.full_name}


def test_expand_shows_nothing_that_the_caller_may_not_see(manager, account, rita, monkeypatch):
    monkeypatch.setattr(
        type(User.objects.all()), "visible_to", lambda self, user, action="view": self.none()
    )
    assert manager.get(f"{address(account)}?expand=owner").json()["owner"] == rita.pk


def test_what_cannot_be_expanded_is_refused(manager):
    answer = manager.get(f"{ACCOUNTS}?expand=owner,parent")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["parameter"] == "expand"
