import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from activities.models import Event
from people.matrix import MATRIX
from people.models import Role, Workspace
from people.services import create_role, delete_role, update_role, update_workspace
from people.services.guards import LastAdministrator
from people.services.roles import RoleIsInUse


@pytest.fixture
def sdr(db):
    return Role.objects.get(key="sdr")


def test_the_table_has_a_place_for_all_that_the_seeded_roles_grant(db):
    for role in Role.objects.all():
        for key in role.levels():
            record_type, action = key.split(":")
            assert action in MATRIX[record_type], key


def test_a_new_role_grants_what_it_says_and_nothing_else(ada):
    role = create_role(
        actor=ada,
        fields={"name": "Partner manager", "description": "Looks after partners."},
        levels={"account:view": "all", "lead:view": "none"},
    )
    assert (role.key, role.levels()) == ("partner-manager", {"account:view": "all"})
    assert Event.objects.get().verb == "role.created"


def test_two_names_that_look_alike_have_two_keys(ada):
    create_role(actor=ada, fields={"name": "Sales Ops"}, levels={})
    assert create_role(actor=ada, fields={"name": "Sales, Ops"}, levels={}).key == "sales-ops-2"


def test_editing_a_role_counts_on_the_next_request(ada, sdr, rita):
    update_role(role=sdr, levels=sdr.levels() | {"lead:view": "all"}, actor=ada)
    rita.refresh_from_db()
    assert rita.reach.level("lead", "view") == "all"
    event = Event.objects.get()
    assert (event.verb, event.changes) == ("role.edited", {"lead:view": ["own", "all"]})


def test_what_is_left_out_is_taken_away(ada, sdr, rita):
    update_role(role=sdr, levels={"lead:view": "own"}, actor=ada)
    rita.refresh_from_db()
    assert not rita.can("lead", "create")


def test_saving_a_role_as_it_is_is_no_history(ada, sdr):
    update_role(role=sdr, changes={"name": sdr.name}, levels=sdr.levels(), actor=ada)
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    ("levels", "message"),
    [
        ({"lead:fly": "all"}, "no permission lead:fly"),
        ({"moon:view": "all"}, "no permission moon:view"),
        ({"import:delete": "all"}, "no permission import:delete"),
        ({"lead:view": "galaxy"}, "cannot be galaxy"),
        ({"settings:edit": "team"}, "cannot be team"),
    ],
)
def test_permissions_that_make_no_sense_are_refused(ada, sdr, levels, message):
    before = sdr.levels()
    with pytest.raises(ValidationError, match=message):
        update_role(role=sdr, levels=levels, actor=ada)
    assert sdr.levels() == before


@pytest.mark.parametrize("right", ["user:edit", "settings:edit"])
def test_the_last_administrators_role_keeps_what_makes_it_one(ada, right):
    with pytest.raises(LastAdministrator):
        update_role(role=ada.role, levels=ada.role.levels() | {right: "none"}, actor=ada)
    ada.refresh_from_db()
    assert ada.reach.level(*right.split(":")) == "all"


def test_a_role_that_somebody_has_stays(ada, sdr, rita):
    with pytest.raises(RoleIsInUse):
        delete_role(role=sdr, actor=ada)


def test_a_role_that_nobody_has_can_go(ada, sdr):
    delete_role(role=sdr, actor=ada)
    assert not Role.objects.filter(key="sdr").exists()


def test_names_are_needed_and_unique(ada):
    for name in ("", "sdr", "…"):
        with pytest.raises(ValidationError):
            create_role(actor=ada, fields={"name": name}, levels={})


def test_the_workspace_is_history_too(ada):
    update_workspace(changes={"currency": "USD", "credit_window_days": 90}, actor=ada)
    assert Workspace.load().currency == "USD"
    event = Event.objects.get()
    assert (event.verb, event.changes["currency"]) == ("settings.edited", ["EUR", "USD"])


@pytest.mark.parametrize(
    "changes",
    [
        {"currency": "EURO"},
        {"fiscal_year_start_month": 13},
        {"name": ""},
        {"region": "XX"},
        {"extra_free_mail_domains": ["http://example.com/mail"]},
    ],
)
def test_a_workspace_refuses_what_cannot_be(ada, changes):
    with pytest.raises(ValidationError) as refused:
        update_workspace(changes=changes, actor=ada)
    assert list(refused.value.message_dict) == list(changes)


def test_countries_and_mail_domains_are_kept_as_they_are_compared(ada):
    changes = {"region": "de", "extra_free_mail_domains": ["@GMX.example"]}
    saved = update_workspace(changes=changes, actor=ada)
    assert (saved.region, saved.extra_free_mail_domains) == ("DE", ["gmx.example"])


@pytest.mark.parametrize(
    "act",
    [
        lambda role, actor: create_role(actor=actor, fields={"name": "Mine"}, levels={}),
        lambda role, actor: update_role(role=role, levels={}, actor=actor),
        lambda role, actor: delete_role(role=role, actor=actor),
        lambda role, actor: update_workspace(changes={"name": "Mine"}, actor=actor),
    ],
)
def test_only_those_who_keep_settings_change_them(sdr, nadia, act):
    with pytest.raises(PermissionDenied):
        act(sdr, nadia)
