"""The conversion happens completely or not at all, whatever breaks and whenever."""

import itertools
import signal
import socket
import sys

import pytest
from django.db import connection

from conversion.invariants import broken_invariants
from conversion.models import Conversion
from conversion.preview import preview_conversion
from conversion.services import convert_lead, submit_request
from crm.idempotency import AlreadyAnswered, Idempotency
from leads.models import Lead
from tests.conversion.conftest import confirm, make_lead, plan_of
from tests.factories import AccountFactory, ActivityFactory, ContactFactory, ProductFactory
from tests.proof import At, Fault, fail, in_child, kill, table_states

pytestmark = pytest.mark.django_db(transaction=True)

# A conversion that takes fewer was not followed to its end.
FEWEST_STATEMENTS = 20
WIDEST_PLAN = {"duplicate_override": {"reason": "proof"}}


@pytest.fixture
def product():
    return ProductFactory(name="Team plan", unit_price=250)


@pytest.fixture
def requested(rita, leo, product):
    """A request with everything a conversion can touch: products, activities, open tasks."""

    def make(number=0):
        lead = make_lead(
            rita,
            last_name=f"Whitfield {number}",
            email=f"dana{number}@halcyonrobotics.example",
            other_email=f"d{number}@home.example",
            products=[(product, 2)],
        )
        ActivityFactory(kind="call", lead=lead, owner=rita)
        ActivityFactory(kind="task", lead=lead, owner=rita)
        path = confirm(lead, rita)
        return submit_request(
            lead=lead, path=path, plan=plan_of(**WIDEST_PLAN), actor=rita, approver=leo
        )

    return make


def key(user, name):
    return Idempotency(user_id=user.pk, key=name, fingerprint="proof")


def convert(request, leo, name="once"):
    return convert_lead(
        lead=request.lead,
        plan=plan_of(**WIDEST_PLAN),
        actor=leo,
        request=request,
        idempotency=key(leo, name),
    )


def test_a_fault_at_any_statement_leaves_every_table_unchanged(requested, leo):
    request = requested()
    before = table_states()
    for point in itertools.count(1):
        try:
            with connection.execute_wrapper(At(point, fail)):
                convert(request, leo)
        except Fault:
            assert table_states() == before, f"fault before statement {point}"
        else:
            break
    assert point > FEWEST_STATEMENTS
    assert broken_invariants() == {}


def test_killed_at_any_statement_it_is_done_or_not_done_and_the_key_knows(requested, leo):
    for point in itertools.count(1):
        request = requested(point)

        def die(request=request, point=point):
            with connection.execute_wrapper(At(point, kill)):
                convert(request, leo, f"kill-{point}")

        if (ending := in_child(die)) == 0:
            break
        assert ending == -signal.SIGKILL
        assert not Lead.objects.get(pk=request.lead_id).is_converted, f"statement {point}"
        conversion = convert(request, leo, f"kill-{point}")
        assert Conversion.objects.get(lead=request.lead) == conversion
    assert point > FEWEST_STATEMENTS
    assert broken_invariants() == {}


@pytest.mark.parametrize("committed", [False, True])
def test_killed_at_commit_the_key_tells_whether_it_happened(requested, leo, committed):
    request = requested()

    def die():
        connection.ensure_connection()
        commit = connection._commit

        def dying_commit():
            if committed:
                commit()
            kill()

        connection._commit = dying_commit
        convert(request, leo)

    assert in_child(die) == -signal.SIGKILL
    assert Lead.objects.get(pk=request.lead_id).is_converted == committed
    if not committed:
        convert(request, leo)
    with pytest.raises(AlreadyAnswered) as replay:
        convert(request, leo)
    assert replay.value.stored.status == 201
    assert Conversion.objects.count() == 1
    assert broken_invariants() == {}


def test_no_socket_is_opened_between_begin_and_commit(requested, leo):
    request = requested()
    connection.ensure_connection()
    opened = []
    watching = True

    def watch(event, arguments):
        if watching and event in {"socket.connect", "socket.getaddrinfo", "subprocess.Popen"}:
            opened.append((event, arguments[1:]))

    sys.addaudithook(watch)
    with pytest.raises(ConnectionRefusedError):
        # The watch works: this one is seen.
        socket.create_connection(("127.0.0.1", 1), timeout=0.1)
    assert opened
    opened.clear()
    convert(request, leo)
    watching = False
    assert opened == []


def test_a_preview_writes_nothing(leo):
    account = AccountFactory(owner=leo, name="Halcyon Robotics")
    contact = ContactFactory(account=account)
    lead = make_lead(leo, email="")
    before = table_states()
    preview_conversion(lead=lead, plan=plan_of(), actor=leo)
    preview_conversion(lead=lead, plan=plan_of(account=account, contact=contact), actor=leo)
    assert table_states() == before
