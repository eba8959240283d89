import threading
from contextlib import suppress

import psycopg2
import pytest
from django.core.exceptions import ValidationError
from django.db import connection, connections

from activities.models import Activity, Event
from conversion.models import ConversionRequest, RequestTransition
from leads.models import Lead, LeadMember, Path
from people.handover import held_by, holdings
from people.ownership import Record
from people.services import deactivate_user
from tests.concurrency import PATIENCE_SECONDS, held_elsewhere, wait_until_blocked
from tests.factories import (
    AccountFactory,
    ActivityFactory,
    ContactFactory,
    LeadFactory,
    OpportunityFactory,
    UserFactory,
)


def request_to(approver, requester, lead, **fields):
    return ConversionRequest.objects.create(
        lead=lead,
        path=Path.objects.first(),
        plan={},
        requester=requester,
        approver=approver,
        due_at="2026-12-01T12:00Z",
        **fields,
    )


@pytest.fixture
def holder(leo):
    """Leo, with one of everything that can be held."""
    account = AccountFactory(owner=leo)
    ContactFactory(account=account)
    OpportunityFactory(account=account, owner=leo)
    lead = LeadFactory(owner=leo)
    ActivityFactory(kind="task", owner=leo, created_by=leo, lead=lead)
    return leo


def test_every_kind_of_record_changes_hands():
    kinds = {holding.record_type for holding in holdings()}
    assert {model.record_type for model in Record.__subclasses__()} <= kinds
    assert {"request", "activity"} <= kinds


def test_everything_goes_to_the_successor(ada, holder, rita, ines):
    request = request_to(holder, rita, LeadFactory(owner=rita))
    counts = deactivate_user(user=holder, actor=ada, to=ines)
    assert counts == {
        "request": 1,
        "lead": 1,
        "account": 1,
        "contact": 1,
        "opportunity": 1,
        "activity": 1,
    }
    assert held_by(holder) == []
    request.refresh_from_db()
    assert request.approver == ines


def test_the_event_tells_how_much_went_to_whom(ada, holder, ines):
    deactivate_user(user=holder, actor=ada, to=ines)
    event = Event.objects.get(verb="user.deactivated")
    assert event.changes["to"] == ines.pk
    assert event.changes["handed_over"]["opportunity"] == 1
    assert event.notifications.get().user == ines


def test_records_come_to_the_team_of_their_new_owner(ada, holder, ines, south):
    version = Lead.objects.get(owner=holder).version
    deactivate_user(user=holder, actor=ada, to=ines)
    lead = Lead.objects.get(owner=ines)
    assert (lead.team, lead.updated_by, lead.version) == (south, ada, version + 1)


def test_only_open_tasks_change_hands(ada, holder, ines):
    Activity.objects.update(done_at="2026-01-01T12:00Z", done_by=holder)
    note = ActivityFactory(kind="note", owner=holder, created_by=holder)
    counts = deactivate_user(user=holder, actor=ada, to=ines)
    assert "activity" not in counts
    note.refresh_from_db()
    assert note.owner == holder


def test_deleted_records_stay_where_they_are(ada, rita, soren):
    lead = LeadFactory(owner=rita, deleted_at="2026-01-01T12:00Z")
    assert deactivate_user(user=rita, actor=ada) == {}
    lead.refresh_from_db()
    assert lead.owner == rita


def test_who_holds_something_cannot_leave_without_a_successor(ada, holder):
    with pytest.raises(ValidationError, match="Say who takes over their leads"):
        deactivate_user(user=holder, actor=ada)
    holder.refresh_from_db()
    assert holder.is_active


def test_the_successor_is_somebody_else_who_is_here(ada, holder):
    gone = UserFactory(role="ae", is_active=False)
    for nobody in (holder, gone):
        with pytest.raises(ValidationError, match="somebody else"):
            deactivate_user(user=holder, actor=ada, to=nobody)


def test_the_successor_may_have_what_they_get(ada, holder):
    without_rights = UserFactory(role=None)
    with pytest.raises(ValidationError, match="does not allow"):
        deactivate_user(user=holder, actor=ada, to=without_rights)


def test_requests_go_to_somebody_who_may_decide(ada, leo, rita, soren, ines):
    request = request_to(leo, rita, LeadFactory(owner=rita))
    with pytest.raises(ValidationError, match="requests to decide"):
        deactivate_user(user=leo, actor=ada, to=soren)
    deactivate_user(user=leo, actor=ada, to=soren, approver=ines)
    request.refresh_from_db()
    assert request.approver == ines
    assert request.approver_because == "Took over from Leo Haddad"


def test_a_new_approver_sees_the_lead_and_the_step_is_history(ada, leo, rita, ines):
    lead = LeadFactory(owner=rita)
    request = request_to(leo, rita, lead)
    deactivate_user(user=leo, actor=ada, approver=ines)
    assert LeadMember.objects.get(record=lead, user=ines).kind == "approver"
    step = RequestTransition.objects.get(request=request)
    assert (step.action, step.facts) == ("reassign", {"from": leo.pk, "to": ines.pk})


def test_nobody_gets_their_own_request_to_decide(ada, leo, nadia):
    request = request_to(leo, nadia, LeadFactory(owner=nadia))
    with pytest.raises(ValidationError, match="made one of these requests"):
        deactivate_user(user=leo, actor=ada, approver=nadia)
    request.refresh_from_db()
    leo.refresh_from_db()
    assert request.approver == leo
    assert leo.is_active


def test_decided_requests_keep_their_approver(ada, leo, rita):
    request = request_to(leo, rita, LeadFactory(owner=rita), state="recalled")
    deactivate_user(user=leo, actor=ada)
    request.refresh_from_db()
    assert request.approver == leo


@pytest.mark.django_db(transaction=True)
def test_leaving_is_tried_again_after_a_deadlock(ada, rita, nadia, caplog):
    """PostgreSQL chooses which of the two goes on: it is repeated until that is the other."""
    caplog.set_level("INFO", logger="crm.transactions")
    for _ in range(5):
        leaving = UserFactory(role=rita.role, team=rita.team)
        leave_in_a_deadlock(leaving, ada, nadia)
        if "failed with 40P01; trying again" in caplog.text:
            return
    pytest.fail("leaving was never tried again")


def leave_in_a_deadlock(leaving, ada, nadia):
    """Beside somebody who changes a record of theirs, then needs the row they wait with."""
    lead = LeadFactory(owner=leaving)
    backends = {}

    def leave():
        try:
            connection.ensure_connection()
            backends[0] = connection.connection.info.backend_pid
            deactivate_user(user=leaving, actor=ada, to=nadia)
        finally:
            connections.close_all()

    thread = threading.Thread(target=leave)
    with suppress(psycopg2.errors.DeadlockDetected), held_elsewhere(lead) as other:
        thread.start()
        wait_until_blocked([thread], backends)
        other.execute("SELECT FROM people_user WHERE id = %s FOR SHARE", [leaving.pk])
    thread.join(PATIENCE_SECONDS)
    leaving.refresh_from_db()
    lead.refresh_from_db()
    assert (leaving.is_active, lead.owner) == (False, nadia)
