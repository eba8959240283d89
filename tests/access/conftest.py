"""One world for all cells of the table, made once; each cell undoes what it did to it."""

import pickle

import pytest
from django.core.cache import caches
from django.core.files import File
from django.db import transaction
from django.test import Client, override_settings
from rest_framework.test import APIClient

from tests.access.world import CAST, make_world, prepare


class Undone(transaction.Atomic):
    """A transaction that never commits, and in which conversions may think theirs does."""

    def __init__(self):
        super().__init__(using=None, savepoint=True, durable=False)
        self._from_testcase = True

    def __exit__(self, *raised):
        transaction.set_rollback(True)
        super().__exit__(*raised)


@pytest.fixture(scope="module")
def world(databases, django_db_setup, django_db_blocker, tmp_path_factory):
    """Committed: an open transaction as long as this would hold up what other tests wait for."""
    media = tmp_path_factory.mktemp("media")
    with django_db_blocker.unblock(), override_settings(MEDIA_ROOT=media):
        world = make_world()
        prepare(world)
        world.browsers = {}
        for person in CAST:
            client = Client()
            client.force_login(getattr(world, person))
            world.browsers[person] = client.cookies
        yield world
        databases.copy_template()


@pytest.fixture(scope="module")
def untouched(world):
    """The world as it was before any test, which none can reach."""
    return pickle.dumps(world)


@pytest.fixture
def ritas(untouched):
    """Her records, as they were before any other test."""
    caches["throttle"].clear()
    with Undone():
        yield pickle.loads(untouched)  # noqa: S301  # our own


@pytest.fixture
def ask(ritas):
    """`ask(person, name, method, address, body)` is the answer the person gets."""

    def send(person, name, method, address, body=None, **headers):
        if name.startswith("api:"):
            client = APIClient()
            has_file = any(isinstance(value, File) for value in (body or {}).values())
            client.default_format = "multipart" if has_file else "json"
            client.force_authenticate(getattr(ritas, person))
            headers = {"HTTP_IF_MATCH": "*", "HTTP_IDEMPOTENCY_KEY": "once"} | headers
        else:
            client = Client()
            client.cookies = ritas.browsers[person]
        answer = getattr(client, method)(address, body or {}, **headers)
        if answer.streaming:
            # Read to its end, a file closes itself; close() would close the connection too.
            list(answer)
        return answer

    return send
