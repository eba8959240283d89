"""
Who is in the tests:

    rita   an SDR in the north team
    nadia  Rita's manager, in the team above
    leo    an AE in the north team
    soren  an SDR in the south team: a stranger to Rita's records
    ines   an AE in the south team
    ada    an administrator
"""

import gc

import pytest
from django.test import Client
from hypothesis import HealthCheck, settings
from rest_framework.test import APIClient

from tests.factories import TeamFactory, UserFactory

pytest_plugins = ["tests.database", "tests.browser"]

# A slow machine is no failure.
settings.register_profile(
    "patient", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("patient")


def pytest_collection_finish():
    """
    Keep the garbage collector away from what stays: all that is imported, and the tests.

    It would go through it again and again, which is a tenth of what tests take by themselves.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture
def europe(db):
    return TeamFactory(name="Europe")


@pytest.fixture
def north(europe):
    return TeamFactory(name="North", parent=europe)


@pytest.fixture
def south(db):
    return TeamFactory(name="South")


@pytest.fixture
def rita(north):
    return UserFactory(role="sdr", team=north, full_name="Rita Ono", email="rita@example.com")


@pytest.fixture
def nadia(europe):
    return UserFactory(
        role="manager", team=europe, full_name="Nadia Berg", email="nadia@example.com"
    )


@pytest.fixture
def leo(north):
    return UserFactory(role="ae", team=north, full_name="Leo Haddad", email="leo@example.com")


@pytest.fixture
def soren(south):
    return UserFactory(role="sdr", team=south, full_name="Søren Dahl", email="soren@example.com")


@pytest.fixture
def ines(south):
    return UserFactory(role="ae", team=south, full_name="Inês Prado", email="ines@example.com")


@pytest.fixture
def ada(db):
    return UserFactory(role="admin", full_name="Ada Admin", email="ada@example.com")


@pytest.fixture
def browse():
    """`browse(user)` is a browser in which that user has signed in."""

    def sign_in(user):
        client = Client()
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def api():
    """`api(user)` is a program that uses the REST API as that user."""

    def sign_in(user):
        client = APIClient()
        client.default_format = "json"
        client.force_authenticate(user)
        return client

    return sign_in
