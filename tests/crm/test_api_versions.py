"""Versions of a record: ETag, If-None-Match and If-Match."""

import pytest

from accounts.models import Account
from tests.crm.probe import address

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("probe_urls")]


def test_a_record_comes_with_its_etag_and_304_to_whoever_has_it(manager, account):
    answer = manager.get(address(account))
    assert answer["ETag"] == f'"{account.pk}-1"'
    assert manager.get(address(account), HTTP_IF_NONE_MATCH=answer["ETag"]).status_code == 304
    assert manager.get(address(account), HTTP_IF_NONE_MATCH='"1-0"').status_code == 200


def test_a_change_names_the_version_it_is_for(manager, account):
    wish = {"name": "New"}
    bare = manager.patch(address(account), wish, format="json")
    assert (bare.status_code, bare.json()["code"]) == (428, "precondition_required")
    tag = manager.get(address(account))["ETag"]
    changed = manager.patch(address(account), wish, format="json", HTTP_IF_MATCH=tag)
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    stale = manager.patch(address(account), {"name": "Old"}, format="json", HTTP_IF_MATCH=tag)
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
    again = manager.patch(address(account), wish, format="json", HTTP_IF_MATCH=changed["ETag"])
    assert again.status_code == 200
    account.refresh_from_db()
    assert account.name == "New"


@pytest.mark.parametrize(
    "named", ['"{pk}-9"', '"{pk}-0"', '"other-1"', "nonsense", '"{pk}-{many}"']
)
def test_a_version_that_never_was_is_nobodys_change(manager, account, named):
    tag = named.format(pk=account.pk, many="9" * 5000)
    answer = manager.patch(address(account), {"name": "New"}, format="json", HTTP_IF_MATCH=tag)
    assert answer.status_code == 412
    assert answer.json()["detail"] == (f"{account} is in version 1, not in the one that was named.")


@pytest.mark.parametrize(
    ("header", "status"),
    [("*", 204), ('"x", {tag}', 204), ("W/{tag}", 412), ('"1"', 412), ("nonsense", 412), ("", 412)],
)
def test_deleting_honours_every_form_of_if_match(manager, account, header, status):
    tag = manager.get(address(account))["ETag"]
    answer = manager.delete(address(account), HTTP_IF_MATCH=header.format(tag=tag))
    assert answer.status_code == status
    assert Account.objects.live().filter(pk=account.pk).exists() == (status != 204)


def test_deleting_without_a_version_is_428(manager, account):
    assert manager.delete(address(account)).status_code == 428
    assert Account.objects.live().filter(pk=account.pk).exists()
