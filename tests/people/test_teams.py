import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activities.models import Event
from people.models import Team, TeamClosure
from people.services import create_team, delete_team, move_team, update_team
from people.services.guards import DIRECTORY_LOCK
from people.services.teams import TeamIsInUse
from tests.concurrency import collide_at_lock
from tests.factories import LeadFactory


def closure():
    return set(TeamClosure.objects.values_list("ancestor_id", "descendant_id", "depth"))


def closure_by_walking():
    """What the closure table should hold, by climbing from every team to the top."""
    parents = dict(Team.objects.values_list("pk", "parent_id"))
    rows = set()
    for team in parents:
        above, depth = team, 0
        while above is not None:
            rows.add((above, team, depth))
            above, depth = parents[above], depth + 1
    return rows


def test_a_new_team_stands_below_its_parent_and_all_above(ada, europe, north):
    team = create_team(actor=ada, fields={"name": "Oslo", "parent": north})
    assert closure() == closure_by_walking()
    assert TeamClosure.objects.get(ancestor=europe, descendant=team).depth == 2


def test_a_team_moves_with_all_below_it(ada, europe, north, south, nadia):
    oslo = create_team(actor=ada, fields={"name": "Oslo", "parent": north})
    move_team(team=north, parent=south, actor=ada)
    assert closure() == closure_by_walking()
    assert oslo.pk not in nadia.reach.subtree
    assert Event.objects.get(verb="team.moved").changes == {"parent": [europe.pk, south.pk]}


def test_a_name_that_another_team_has_is_said_at_the_name(ada, north, south):
    taken = {"name": ["There is a team of this name already."]}
    with pytest.raises(ValidationError) as refused:
        create_team(actor=ada, fields={"name": north.name.upper()})
    assert refused.value.message_dict == taken
    with pytest.raises(ValidationError) as refused:
        update_team(team=south, changes={"name": north.name}, actor=ada)
    assert refused.value.message_dict == taken


def test_a_team_can_become_the_top(ada, north):
    move_team(team=north, parent=None, actor=ada)
    assert closure() == closure_by_walking()


@pytest.mark.parametrize("below", [0, 1])
def test_a_team_never_stands_below_itself(ada, europe, north, below):
    with pytest.raises(ValidationError, match="is Europe or below it"):
        move_team(team=europe, parent=[europe, north][below], actor=ada)
    assert closure() == closure_by_walking()


def test_staying_in_place_is_no_history(ada, north, europe):
    move_team(team=north, parent=europe, actor=ada)
    assert not Event.objects.exists()


@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(["create", "move", "delete"]),
            st.integers(0, 7),
            st.one_of(st.none(), st.integers(0, 7)),
        ),
        max_size=25,
    )
)
@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_the_closure_agrees_with_climbing_after_any_changes(ada, steps):
    with transaction.atomic():
        for number, (step, which, other) in enumerate(steps):
            teams = list(Team.objects.order_by("pk"))
            team = teams[which % len(teams)] if teams else None
            parent = teams[other % len(teams)] if teams and other is not None else None
            try:
                with transaction.atomic():
                    if step == "create":
                        fields = {"name": f"Team {number}", "parent": parent}
                        create_team(actor=ada, fields=fields)
                    elif team and step == "move":
                        move_team(team=team, parent=parent, actor=ada)
                    elif team:
                        delete_team(team=team, actor=ada)
            except (ValidationError, TeamIsInUse):
                pass
            assert closure() == closure_by_walking()
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_two_moves_at_once_cannot_close_a_circle(ada, north, south):
    """North under South and South under North, together: one of them is refused."""
    outcomes = collide_at_lock(
        DIRECTORY_LOCK,
        lambda: move_team(team=north, parent=south, actor=ada),
        lambda: move_team(team=south, parent=north, actor=ada),
    )
    assert {type(outcome) for outcome in outcomes} == {Team, ValidationError}
    assert closure() == closure_by_walking()


def test_names_are_unique_whatever_their_case(ada, north):
    with pytest.raises(ValidationError):
        create_team(actor=ada, fields={"name": "NORTH"})


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"time_zone": "Mars/Olympus"},
        {"workdays": []},
        {"workdays": [8]},
        {"workday_start": "18:00", "workday_end": "09:00"},
    ],
)
def test_impossible_teams_are_refused(ada, north, changes):
    with pytest.raises(ValidationError):
        update_team(team=north, changes=changes, actor=ada)
    assert not Event.objects.exists()


def test_a_new_name_is_history(ada, north):
    update_team(team=north, changes={"name": "Nordics"}, actor=ada)
    event = Event.objects.get()
    assert (event.verb, event.changes) == ("team.edited", {"name": ["North", "Nordics"]})


def test_a_team_with_people_teams_or_records_stays(ada, rita, europe, north, south):
    LeadFactory(owner=ada, team=south)
    for team in (europe, north, south):
        with pytest.raises(TeamIsInUse):
            delete_team(team=team, actor=ada)
    assert Team.objects.count() == 3
    assert closure() == closure_by_walking()


def test_an_empty_team_can_go(ada, south):
    delete_team(team=south, actor=ada)
    assert not Team.objects.exists()
    assert not TeamClosure.objects.exists()


@pytest.mark.parametrize(
    "act",
    [
        lambda team, actor: create_team(actor=actor, fields={"name": "Mine"}),
        lambda team, actor: update_team(team=team, changes={"name": "Mine"}, actor=actor),
        lambda team, actor: move_team(team=team, parent=None, actor=actor),
        lambda team, actor: delete_team(team=team, actor=actor),
    ],
)
def test_only_those_who_keep_teams_change_them(north, nadia, act):
    with pytest.raises(PermissionDenied):
        act(north, nadia)
    assert not Event.objects.exists()
