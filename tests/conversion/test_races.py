"""Many at once: exactly one conversion, whoever asks, however often."""

import os
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, connections

from accounts.models import Account
from activities.models import Reason
from conversion.errors import (
    AlreadyConverted,
    DuplicatesFound,
    RequestIsOpen,
    RequestNotReady,
)
from conversion.invariants import broken_invariants
from conversion.models import Conversion, RequestState
from conversion.services import approve, convert_lead, reject, submit_request
from crm.errors import DomainError
from crm.idempotency import AlreadyAnswered, Idempotency
from leads.models import Lead
from leads.services import LeadIsFinal, update_lead
from people.models import User
from tests.concurrency import collide, collide_at_lock
from tests.conversion.conftest import confirm, make_lead, plan_of

pytestmark = pytest.mark.django_db(transaction=True)

CLIENTS = 16
# `make proof` runs the full numbers; the everyday run enough to meet at every lead.
LEADS = int(os.environ.get("RELAY_PROOF_LEADS", "60"))


def at_once(work):
    """What each of sixteen clients got, each on a connection of its own, started together."""
    start = Barrier(CLIENTS)

    def client(number):
        try:
            start.wait()
            return work(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(CLIENTS) as pool:
        return [outcome for outcomes in pool.map(client, range(CLIENTS)) for outcome in outcomes]


def attempt(call):
    try:
        return call()
    except (DomainError, AlreadyAnswered) as error:
        return error


def many_leads(owner, count):
    return [
        make_lead(
            owner,
            last_name=f"Person {number}",
            company=f"Company {number}",
            email=f"person@company{number}.example",
            phone="",
        )
        for number in range(count)
    ]


def convert_at_once(leads, owner, named):
    """What the clients got who all convert all leads; `named(client)` tells their keys apart."""

    def work(client):
        actor, name = User.objects.get(pk=owner.pk), named(client)
        return [
            attempt(
                lambda lead=lead: convert_lead(
                    lead=lead,
                    plan=plan_of(),
                    actor=actor,
                    idempotency=Idempotency(
                        user_id=actor.pk, key=f"{name}-{lead.pk}", fingerprint=name
                    ),
                )
            )
            for lead in leads
        ]

    return at_once(work)


def test_sixteen_clients_with_different_keys_convert_each_lead_once(leo):
    outcomes = convert_at_once(many_leads(leo, LEADS), leo, str)
    made = [outcome for outcome in outcomes if isinstance(outcome, Conversion)]
    refused = [outcome for outcome in outcomes if isinstance(outcome, AlreadyConverted)]
    assert (len(made), len(refused)) == (LEADS, LEADS * (CLIENTS - 1))
    assert Conversion.objects.count() == Account.objects.count() == LEADS
    assert broken_invariants() == {}


def test_sixteen_clients_with_the_same_key_get_the_same_answer(leo):
    leads = many_leads(leo, LEADS // 2)
    outcomes = convert_at_once(leads, leo, lambda client: "same")
    made = [outcome for outcome in outcomes if isinstance(outcome, Conversion)]
    replays = [outcome for outcome in outcomes if isinstance(outcome, AlreadyAnswered)]
    assert (len(made), len(replays)) == (len(leads), len(leads) * (CLIENTS - 1))
    assert len({replay.stored.body for replay in replays}) == len(leads)
    assert broken_invariants() == {}


def test_two_people_converting_at_once_make_one_account(lead, leo, ada):
    outcomes = collide(
        lead,
        lambda: convert_lead(lead=lead, plan=plan_of(), actor=leo),
        lambda: convert_lead(lead=lead, plan=plan_of(), actor=ada),
    )
    assert {type(outcome) for outcome in outcomes} == {Conversion, AlreadyConverted}
    assert Account.objects.count() == 1


def test_two_leads_of_one_company_at_once_make_no_unseen_twins(leo):
    """They meet at the lock of their company's domain, held until both of them wait."""
    ann, bo = [
        make_lead(leo, first_name=name, last_name=name, email=f"{name}@halcyon.example", phone="")
        for name in ("ann", "bo")
    ]
    outcomes = collide_at_lock(
        lock_number(f"domain:{ann.domain_key}"),
        lambda: convert_lead(lead=ann, plan=plan_of(), actor=leo),
        lambda: convert_lead(lead=bo, plan=plan_of(), actor=User.objects.get(pk=leo.pk)),
    )
    # The second one sees the first one's account, by name and by nothing stronger or by domain.
    assert {type(outcome) for outcome in outcomes} == {Conversion, DuplicatesFound}
    assert Account.objects.count() == 1


def lock_number(key):
    with connection.cursor() as cursor:
        cursor.execute("SELECT hashtextextended(%s, 0)", [key])
        return cursor.fetchone()[0]


def test_approving_rejecting_and_editing_at_once_leave_one_decision(rita, leo, ritas_lead):
    path = confirm(ritas_lead, rita)
    request = submit_request(lead=ritas_lead, path=path, plan=plan_of(), actor=rita, approver=leo)
    reason = Reason.objects.get(kind="reject", code="no_need")
    outcomes = collide(
        request,
        lambda: convert_lead(lead=ritas_lead, plan=plan_of(), actor=leo, request=request),
        lambda: reject(
            request=request, actor=leo, reason=reason, outcome="keep_working", note="Not now."
        ),
        lambda: approve(request=request, actor=leo),
    )
    request.refresh_from_db()
    decided = [outcome for outcome in outcomes if not isinstance(outcome, Exception)]
    refused = [outcome for outcome in outcomes if isinstance(outcome, RequestNotReady)]
    assert len(decided) + len(refused) == 3
    assert request.state in (RequestState.CONVERTED, RequestState.REJECTED)
    is_converted = Lead.objects.get(pk=ritas_lead.pk).is_converted
    assert is_converted == (request.state == RequestState.CONVERTED)
    assert broken_invariants() == {}


def test_an_edit_and_a_conversion_at_once_never_edit_a_converted_lead(lead, leo):
    outcomes = collide(
        lead,
        lambda: convert_lead(lead=lead, plan=plan_of(), actor=leo),
        lambda: update_lead(lead=lead, changes={"title": "COO"}, actor=leo),
    )
    lead.refresh_from_db()
    assert lead.is_converted
    edited = not isinstance(outcomes[1], Exception)
    assert edited or isinstance(outcomes[1], LeadIsFinal)
    assert (lead.title == "COO") == edited
    assert broken_invariants() == {}


def test_a_material_edit_and_an_approval_at_once_never_convert_what_was_not_asked_for(
    rita, leo, ritas_lead
):
    path = confirm(ritas_lead, rita)
    request = submit_request(lead=ritas_lead, path=path, plan=plan_of(), actor=rita, approver=leo)
    collide(
        ritas_lead,
        lambda: convert_lead(lead=ritas_lead, plan=plan_of(), actor=leo, request=request),
        lambda: update_lead(lead=ritas_lead, changes={"company": "Other Ltd"}, actor=rita),
    )
    request.refresh_from_db()
    ritas_lead.refresh_from_db()
    if ritas_lead.is_converted:
        assert ritas_lead.company == "Halcyon Robotics"
    else:
        assert request.state == RequestState.LAPSED
    assert broken_invariants() == {}


def test_two_requests_at_once_for_one_lead_leave_one_open(rita, leo, ritas_lead):
    path = confirm(ritas_lead, rita)

    def submit():
        return submit_request(lead=ritas_lead, path=path, plan=plan_of(), actor=rita, approver=leo)

    outcomes = collide(ritas_lead, submit, submit)
    failures = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert len(failures) == 1
    assert isinstance(failures[0], RequestIsOpen)
