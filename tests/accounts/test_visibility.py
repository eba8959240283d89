import pytest
from django.contrib.auth.models import AnonymousUser

from accounts.models import Account, Contact
from people.models import User
from people.ownership import MemberKind
from tests.factories import AccountFactory, ContactFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def halcyon(leo):
    return AccountFactory(owner=leo)


@pytest.fixture
def dana(halcyon):
    return ContactFactory(account=halcyon)


@pytest.mark.parametrize(
    ("person", "view", "edit"),
    [
        ("leo", True, True),
        ("rita", True, False),
        ("nadia", True, True),
        ("ada", True, True),
        ("soren", False, False),
        ("ines", False, False),
    ],
)
def test_reach_decides_who_sees_and_who_works(request, dana, halcyon, person, view, edit):
    user = request.getfixturevalue(person)
    for record in (halcyon, dana):
        rows = type(record).objects
        assert rows.visible_to(user).filter(pk=record.pk).exists() is view
        assert rows.visible_to(user, "edit").filter(pk=record.pk).exists() is edit


def test_nobody_in_particular_sees_nothing(dana, leo):
    leo.is_active = False
    leo.save(update_fields=["is_active"])
    for user in (AnonymousUser(), User.objects.get(pk=leo.pk)):
        assert not Account.objects.visible_to(user).exists()
        assert not Contact.objects.visible_to(user).exists()


def test_a_contact_counts_as_that_of_whoever_is_on_its_accounts_team(halcyon, dana, ines):
    halcyon.members.create(user=ines)
    assert set(Contact.objects.visible_to(ines, "edit")) == {dana}


def test_an_approver_sees_an_account_and_its_contacts_but_changes_neither(halcyon, dana, ines):
    halcyon.members.create(user=ines, kind=MemberKind.APPROVER)
    assert set(Account.objects.visible_to(ines)) == {halcyon}
    assert set(Contact.objects.visible_to(ines)) == {dana}
    assert not Account.objects.visible_to(ines, "edit").exists()
    assert not Contact.objects.visible_to(ines, "edit").exists()


def test_owning_a_contact_shows_not_its_account(halcyon, ines):
    ContactFactory(account=halcyon, owner=ines)
    assert Contact.objects.visible_to(ines).count() == 1
    assert not Account.objects.visible_to(ines).exists()
