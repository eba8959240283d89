import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from activities.models import Notification, Reason
from conversion.errors import (
    LeadCannotConvert,
    NoApprover,
    PathNotMet,
    RequestIsOpen,
    RequestLapsed,
    RequestNotReady,
)
from conversion.models import ConversionRequest, RequestState
from conversion.services import (
    approve,
    convert_lead,
    decide_dispute,
    dispute,
    reassign,
    recall,
    reject,
    resubmit,
    send_back,
    submit_request,
)
from leads.models import Lead, Path
from leads.services import update_lead
from people.models import Delegation
from tests.conversion.conftest import confirm, plan_of
from tests.factories import AccountFactory, OpportunityFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def request_(ritas_lead, rita, leo):
    """Rita's request that Leo accept Dana."""
    path = confirm(ritas_lead, rita)
    return submit_request(lead=ritas_lead, path=path, plan=plan_of(), actor=rita, approver=leo)


@pytest.fixture
def no_budget():
    return Reason.objects.get(kind="reject", code="no_budget")


def state_of(request):
    request.refresh_from_db()
    return request.state


def refused(request, leo, no_budget):
    return reject(
        request=request, actor=leo, reason=no_budget, outcome="keep_working", note="Not now."
    )


def test_a_request_freezes_plan_answers_and_lead_and_starts_the_clock(request_, ritas_lead, leo):
    assert request_.state == RequestState.PENDING
    assert {answer["label"] for answer in request_.answers} >= {"Budget", "Need"}
    assert request_.lead_snapshot["lead"]["email"] == "dana@halcyonrobotics.example"
    assert request_.due_at > request_.submitted_at
    ritas_lead.refresh_from_db()
    assert ritas_lead.handoff_state == "pending"
    assert Notification.objects.filter(user=leo, event__verb="request.submitted").exists()


def test_the_approver_sees_the_lead_and_may_not_edit_it(request_, ritas_lead, leo):
    assert Lead.objects.visible_to(leo).filter(pk=ritas_lead.pk).exists()
    assert not Lead.objects.visible_to(leo, "edit").filter(pk=ritas_lead.pk).exists()


def test_a_path_that_is_not_met_says_what_is_missing(ritas_lead, rita, leo):
    path = Path.objects.get(key="meeting_held")
    with pytest.raises(PathNotMet) as refusal:
        submit_request(lead=ritas_lead, path=path, plan=plan_of(), actor=rita, approver=leo)
    assert "Budget" in refusal.value.extra["missing"]


def test_a_lead_has_one_open_request(request_, ritas_lead, rita, leo):
    with pytest.raises(RequestIsOpen):
        submit_request(
            lead=ritas_lead, path=request_.path, plan=plan_of(), actor=rita, approver=leo
        )


def test_a_stranger_cannot_request(ritas_lead, rita, soren, leo):
    path = confirm(ritas_lead, rita)
    with pytest.raises(PermissionDenied):
        submit_request(lead=ritas_lead, path=path, plan=plan_of(), actor=soren, approver=leo)


def test_the_owner_of_the_matching_account_is_found_by_the_rule(ritas_lead, rita, leo):
    AccountFactory(owner=leo, name="Halcyon Robotics", domain_key="halcyonrobotics.example")
    rita.refresh_from_db()
    path = confirm(ritas_lead, rita)
    request = submit_request(lead=ritas_lead, path=path, plan=plan_of(), actor=rita)
    assert request.approver == leo
    assert request.approver_because == "Owns Halcyon Robotics"


def test_without_a_match_somebody_has_to_be_chosen(ritas_lead, rita):
    path = confirm(ritas_lead, rita)
    with pytest.raises(NoApprover):
        submit_request(lead=ritas_lead, path=path, plan=plan_of(), actor=rita)


def test_an_sdr_cannot_be_the_approver(ritas_lead, rita, soren):
    path = confirm(ritas_lead, rita)
    with pytest.raises(NoApprover, match="cannot decide"):
        submit_request(lead=ritas_lead, path=path, plan=plan_of(), actor=rita, approver=soren)


def test_nobody_is_chosen_as_their_own_approver(leo, lead):
    path = confirm(lead, leo)
    with pytest.raises(NoApprover, match="own request"):
        submit_request(lead=lead, path=path, plan=plan_of(), actor=leo, approver=leo)


def test_a_path_may_allow_self_approval(leo, lead):
    path = confirm(lead, leo)
    Path.objects.filter(pk=path.pk).update(allows_self_approval=True)
    path.refresh_from_db()
    request = submit_request(lead=lead, path=path, plan=plan_of(), actor=leo, approver=leo)
    conversion = convert_lead(lead=lead, plan=plan_of(), actor=leo, request=request)
    assert conversion.approved_by == conversion.requested_by == leo


def test_an_absent_approver_is_represented(ritas_lead, rita, leo, ines):
    today = timezone.localdate()
    Delegation.objects.create(user=leo, delegate=ines, starts_on=today, ends_on=today)
    path = confirm(ritas_lead, rita)
    request = submit_request(lead=ritas_lead, path=path, plan=plan_of(), actor=rita, approver=leo)
    assert request.approver == ines
    assert request.approver_because == "Stands in for Leo Haddad"


def test_approve_and_convert_is_one_step_with_credit_for_everybody(request_, rita, leo):
    conversion = convert_lead(lead=request_.lead, plan=plan_of(), actor=leo, request=request_)
    assert state_of(request_) == RequestState.CONVERTED
    assert (conversion.requested_by, conversion.approved_by) == (rita, leo)
    assert (conversion.converted_by, conversion.sourced_by) == (leo, rita)
    assert conversion.mode == "requested"
    assert Notification.objects.filter(user=rita, event__verb="lead.converted").exists()


def test_a_go_ahead_is_converted_later(request_, leo):
    approve(request=request_, actor=leo)
    assert state_of(request_) == RequestState.APPROVED
    convert_lead(lead=request_.lead, plan=plan_of(), actor=leo, request=request_)
    assert state_of(request_) == RequestState.CONVERTED


def test_the_requester_cannot_decide_their_own_request(request_, rita):
    with pytest.raises(PermissionDenied):
        approve(request=request_, actor=rita)


def test_a_manager_who_requested_cannot_decide_either(lead, nadia, leo):
    path = confirm(lead, leo)
    request = submit_request(lead=lead, path=path, plan=plan_of(), actor=nadia, approver=leo)
    with pytest.raises(PermissionDenied):
        approve(request=request, actor=nadia)
    with pytest.raises(PermissionDenied):
        convert_lead(lead=lead, plan=plan_of(), actor=nadia, request=request)


def test_an_ae_of_another_team_cannot_decide(request_, ines):
    with pytest.raises(PermissionDenied):
        approve(request=request_, actor=ines)


def test_the_approvers_manager_may_decide(request_, nadia):
    approve(request=request_, actor=nadia)
    assert state_of(request_) == RequestState.APPROVED


def test_while_a_request_is_open_nobody_converts_past_it(request_, nadia):
    with pytest.raises(RequestIsOpen):
        convert_lead(lead=request_.lead, plan=plan_of(), actor=nadia)


def test_sending_back_needs_a_doubt_or_a_message(request_, leo):
    with pytest.raises(ValidationError):
        send_back(request=request_, actor=leo)
    assert state_of(request_) == RequestState.PENDING


def test_only_answered_criteria_can_be_doubted(request_, leo):
    with pytest.raises(ValidationError, match="doubted"):
        send_back(request=request_, actor=leo, doubted=[987654])


def test_a_sent_back_request_is_resubmitted_with_what_is_new(request_, rita, leo):
    doubted = request_.answers[0]["criterion"]
    send_back(request=request_, actor=leo, doubted=[doubted])
    assert state_of(request_) == RequestState.SENT_BACK
    update_lead(lead=request_.lead, changes={"title": "COO"}, actor=rita)
    resubmit(request=request_, actor=rita, plan=plan_of(opportunity="none"), message="now?")
    assert state_of(request_) == RequestState.PENDING
    assert request_.lead_snapshot["lead"]["title"] == "COO"
    assert request_.plan["opportunity"] == {"action": "none"}
    assert (request_.resubmissions, request_.doubted) == (1, [])


def test_only_the_requester_recalls(request_, leo, rita):
    with pytest.raises(PermissionDenied):
        recall(request=request_, actor=leo)
    recall(request=request_, actor=rita)
    assert state_of(request_) == RequestState.RECALLED
    request_.lead.refresh_from_db()
    assert request_.lead.handoff_state == "recalled"


def test_a_decided_request_cannot_be_decided_again(request_, leo, no_budget):
    refused(request_, leo, no_budget)
    with pytest.raises(RequestNotReady):
        approve(request=request_, actor=leo)
    with pytest.raises(RequestNotReady):
        convert_lead(lead=request_.lead, plan=plan_of(), actor=leo, request=request_)


def test_rejecting_needs_a_reason_for_rejecting(request_, leo):
    lost = Reason.objects.get(kind="lost", code="price")
    with pytest.raises(ValidationError):
        reject(request=request_, actor=leo, reason=lost, outcome="keep_working", note="Not now.")


@pytest.mark.parametrize(
    ("outcome", "options", "kind"),
    [
        ("keep_working", {}, "working"),
        ("recycle", {"recycle_on": dt.date(2099, 1, 4)}, "nurturing"),
        ("disqualify", {}, "disqualified"),
    ],
)
def test_rejecting_decides_what_happens_to_the_lead(
    request_, leo, no_budget, outcome, options, kind
):
    reject(
        request=request_, actor=leo, reason=no_budget, outcome=outcome, note="Not now.", **options
    )
    request_.lead.refresh_from_db()
    assert request_.lead.status_kind == kind


def test_a_rejected_lead_may_go_to_somebody_else(request_, leo, no_budget, soren):
    reject(
        request=request_,
        actor=leo,
        reason=no_budget,
        outcome="reassign",
        note="Not now.",
        reassign_to=soren,
    )
    request_.lead.refresh_from_db()
    assert request_.lead.owner == soren


@pytest.mark.parametrize("blank", ["", " \n\t"])
def test_what_is_refused_or_contested_needs_words(request_, rita, leo, nadia, no_budget, blank):
    lost = Reason.objects.get(kind="lost", code="price")
    with pytest.raises(ValidationError) as refusal:
        reject(request=request_, actor=leo, reason=lost, outcome="", note=blank)
    assert set(refusal.value.message_dict) == {"reason", "outcome", "note"}
    with pytest.raises(ValidationError, match="Say what is missing"):
        send_back(request=request_, actor=leo, message=blank)
    assert state_of(request_) == RequestState.PENDING
    refused(request_, leo, no_budget)
    with pytest.raises(ValidationError, match="Say why the rejection is wrong"):
        dispute(request=request_, actor=rita, statement=blank)
    assert state_of(request_) == RequestState.REJECTED
    dispute(request=request_, actor=rita, statement="They have 60k.")
    with pytest.raises(ValidationError, match="Say why"):
        decide_dispute(request=request_, actor=nadia, overturn=False, statement=blank)
    assert state_of(request_) == RequestState.DISPUTED


def test_recycling_without_a_day_changes_nothing(request_, leo, no_budget):
    with pytest.raises(ValidationError, match="day"):
        reject(request=request_, actor=leo, reason=no_budget, outcome="recycle", note="Not now.")
    assert state_of(request_) == RequestState.PENDING


def test_reassigning_changes_the_approver_and_not_the_clock(request_, leo, ines):
    due = request_.due_at
    reassign(request=request_, to=ines, actor=leo)
    request_.refresh_from_db()
    assert (request_.approver, request_.due_at) == (ines, due)
    assert Lead.objects.visible_to(ines).filter(pk=request_.lead_id).exists()


def test_a_material_change_lets_the_request_lapse_at_once(request_, rita):
    update_lead(lead=request_.lead, changes={"email": "new@halcyon.example"}, actor=rita)
    assert state_of(request_) == RequestState.LAPSED
    facts = request_.transitions.latest("pk").facts
    assert facts["differences"][0]["field"] == "email"


def test_an_immaterial_change_does_not(request_, rita):
    update_lead(lead=request_.lead, changes={"title": "COO"}, actor=rita)
    assert state_of(request_) == RequestState.PENDING


def test_a_target_that_changed_lets_the_request_lapse_when_it_is_decided(ritas_lead, rita, leo):
    account = AccountFactory(owner=leo)
    deal = OpportunityFactory(owner=leo, account=account, amount=100)
    rita.refresh_from_db()
    path = confirm(ritas_lead, rita)
    plan = plan_of(account=account, opportunity=deal)
    request = submit_request(lead=ritas_lead, path=path, plan=plan, actor=rita, approver=leo)
    type(deal).objects.filter(pk=deal.pk).update(amount=900)
    with pytest.raises(RequestLapsed):
        convert_lead(lead=ritas_lead, plan=plan, actor=leo, request=request)
    assert state_of(request) == RequestState.LAPSED
    ritas_lead.refresh_from_db()
    assert not ritas_lead.is_converted


def test_a_lapsed_request_is_resubmitted(request_, rita):
    update_lead(lead=request_.lead, changes={"company": "Halcyon Labs"}, actor=rita)
    resubmit(request=request_, actor=rita, plan=plan_of())
    assert state_of(request_) == RequestState.PENDING


def test_a_rejection_is_disputed_once_and_overturned_by_somebody_else(
    request_, rita, leo, nadia, no_budget
):
    reject(request=request_, actor=leo, reason=no_budget, outcome="disqualify", note="Not now.")
    dispute(request=request_, actor=rita, statement="They have 60k, see the mail.")
    assert state_of(request_) == RequestState.DISPUTED
    with pytest.raises(PermissionDenied):
        decide_dispute(request=request_, actor=leo, overturn=False, statement="No.")
    decide_dispute(request=request_, actor=nadia, overturn=True, statement="She is right.")
    assert state_of(request_) == RequestState.PENDING
    assert request_.approver == nadia
    request_.lead.refresh_from_db()
    assert request_.lead.status_kind == "working"


def test_an_upheld_rejection_is_the_end(request_, rita, leo, nadia, no_budget):
    refused(request_, leo, no_budget)
    dispute(request=request_, actor=rita, statement="They have 60k.")
    decide_dispute(request=request_, actor=nadia, overturn=False, statement="They do not.")
    assert state_of(request_) == RequestState.UPHELD
    with pytest.raises(RequestNotReady):
        dispute(request=request_, actor=rita, statement="Again.")


def test_a_request_on_a_closed_lead_is_refused(request_, rita, leo, no_budget):
    reject(request=request_, actor=leo, reason=no_budget, outcome="disqualify", note="Not now.")
    with pytest.raises(LeadCannotConvert):
        submit_request(
            lead=request_.lead, path=request_.path, plan=plan_of(), actor=rita, approver=leo
        )


def test_every_step_is_in_the_history_with_author_and_states(request_, rita, leo):
    send_back(request=request_, actor=leo, message="Which budget?")
    resubmit(request=request_, actor=rita, plan=plan_of())
    approve(request=request_, actor=leo)
    steps = [
        (step.action, step.from_state, step.to_state, step.actor)
        for step in request_.transitions.order_by("pk")
    ]
    assert steps == [
        ("submit", "", "pending", rita),
        ("send_back", "pending", "sent_back", leo),
        ("resubmit", "sent_back", "pending", rita),
        ("approve", "pending", "approved", leo),
    ]


def test_requests_are_seen_by_both_sides_and_those_above(request_, rita, leo, nadia, soren, ines):
    def sees(user):
        return ConversionRequest.objects.visible_to(
            UserFactory._meta.model.objects.get(pk=user.pk)
        ).exists()

    assert [sees(user) for user in (rita, leo, nadia, soren, ines)] == [
        True,
        True,
        True,
        False,
        False,
    ]
