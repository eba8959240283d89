"""
The people of the tests. Whoever reads one knows who they are:

    rita   an SDR in the north team
    nadia  Rita's manager
    soren  an SDR in the south team: a stranger to Rita's records
    ada    an administrator
"""

import pytest

from people.models import Role, Team, TeamClosure, User


def make_team(name: str) -> Team:
    team = Team.objects.create(name=name)
    TeamClosure.objects.get_or_create(ancestor=team, descendant=team, defaults={"depth": 0})
    return team


def make_person(name: str, role: str, team: Team | None = None) -> User:
    email = f"{name.lower()}@example.com"
    return User.objects.create_user(
        email, "relay-demo", full_name=name, role=Role.objects.get(key=role), team=team
    )


@pytest.fixture
def north(db):
    return make_team("North")


@pytest.fixture
def south(db):
    return make_team("South")


@pytest.fixture
def rita(north):
    return make_person("Rita", "sdr", north)


@pytest.fixture
def nadia(north):
    return make_person("Nadia", "manager", north)


@pytest.fixture
def soren(south):
    return make_person("Soren", "sdr", south)


@pytest.fixture
def ada(db):
    return make_person("Ada", "admin")
