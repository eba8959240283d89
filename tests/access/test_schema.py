"""
Every operation of the REST API answers as its own description says, whoever asks.

Schemathesis makes up what is sent from the description: half of it fits, half does not. What
no description can tell, such as the id of a record that exists, comes from the access table.
What is known to fit is sent by somebody of each role, the rest by any of them; all of it is
undone.
"""

import os
from collections import defaultdict

import pytest
import schemathesis
from django.core.cache import caches
from django.core.files import File
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.urls import resolve
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
)

from integrations.models.tokens import Scope
from integrations.services import create_token
from people.models import Role
from tests.access.conftest import Undone
from tests.access.questions import ARGUMENTS, BODIES
from tests.access.test_access import ROWS, nothing
from tests.factories import UserFactory

# Of what fits, and of what does not; `make proof` asks for more.
EXAMPLES = int(os.environ.get("RELAY_PROOF_EXAMPLES", "2"))
# The description of the API itself, and its table of contents, are no operations.
NO_OPERATIONS = {"api:api-root", "api:docs", "api:schema"}
NAMES = sorted({name for name, _ in ROWS if name.startswith("api:")} - NO_OPERATIONS)
# Somebody of each role that an installation starts with.
ROLES = ("rita", "leo", "nadia", "ada", "program")
# What any request may be told, wherever it goes.
ANYWHERE = {405, 406, 413, 429}
CHECKS = [
    not_a_server_error,
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="session")
def operations():
    """{url name: its operations}, as a reader of the description finds them."""
    description = SchemaGenerator().get_schema(request=None, public=True)
    schema = schemathesis.openapi.from_dict(description)
    schema.app = get_wsgi_application()
    found = defaultdict(list)
    for result in schema.get_all_operations():
        operation = result.ok()
        found[resolve(operation.path.replace("{id}", "1")).view_name].append(operation)
    return dict(found)


@pytest.fixture
def kept_connection():
    """Requests leave the connection alone, in which the world's transaction is open."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture
def secrets(ritas):
    """{person: the secret of a token that may do whatever they may}, of each role somebody."""
    people = {
        person: getattr(ritas, person, None) or UserFactory(role="integration") for person in ROLES
    }
    assert {user.role for user in people.values()} == set(Role.objects.all())
    return {
        person: create_token(user=user, name="All", scopes=Scope.values, actor=None)[1]
        for person, user in people.items()
    }


def test_the_description_has_every_operation(operations):
    described = {
        (name, operation.method) for name, found in operations.items() for operation in found
    }
    assert described == {(name, method) for name, method in ROWS if name in NAMES}


@pytest.mark.usefixtures("kept_connection")
@pytest.mark.parametrize("name", NAMES)
def test_every_answer_is_as_described(ritas, secrets, operations, name):
    def send(case, people):
        for person in people:
            headers = {"Authorization": f"Bearer {secrets[person]}"}
            with Undone():
                answer = case.call(headers=headers)
            case.validate_response(
                answer,
                checks=CHECKS,
                # As forms send it: an empty parameter is one that is not there.
                excluded_checks=[negative_data_rejection] if "" in case.query.values() else [],
            )
            described = case.operation.definition.raw["responses"]
            status = answer.status_code
            assert str(status) in described or status in ANYWHERE, (person, status, answer.text)

    where = dict(zip(["id"], ARGUMENTS.get(name, nothing)(ritas), strict=False))
    for operation in operations[name]:
        caches["throttle"].clear()
        body = BODIES[name](ritas) if name in BODIES and operation.body else None
        media_type = operation.body[0].media_type if operation.body else "application/json"
        send(known(operation.Case(media_type=media_type), where, body), ROLES)
        for mode in GenerationMode:
            fuzz(operation, mode, where, body, send)


def known(case, path_parameters, body):
    """The case with records that exist, in whatever version they have, and all that they name."""
    if path_parameters:
        case.path_parameters = dict(path_parameters)
    if "If-Match" in {parameter.name for parameter in case.operation.headers}:
        case.headers = {**(case.headers or {}), "If-Match": "*"}
    for parameter in case.operation.query:
        if parameter.name == "expand":
            case.query = {"expand": ",".join(parameter.definition["schema"]["items"]["enum"])}
    if body:
        case.body = {
            name: value.open().read().decode() if isinstance(value, File) else value
            for name, value in body.items()
        }
    return case


def fuzz(operation, mode, path_parameters, body, send):
    """Send cases of one mode; those that fit are about records that exist."""

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(
        case=operation.as_strategy(generation_mode=mode),
        about_known=st.booleans(),
        person=st.sampled_from(ROLES),
    )
    def run(case, about_known, person):
        if mode is GenerationMode.POSITIVE and about_known:
            both = {**case.body, **body} if body and isinstance(case.body, dict) else None
            known(case, path_parameters, both)
        send(case, [person])

    run()
