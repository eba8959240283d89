"""The approval inbox: deciding, recalling, passing on, disputing, and what each reader sees."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from activities.models import Reason
from conversion import services
from conversion.models import ConversionRequest
from conversion.queries import inbox, to_decide
from leads.models import Lead
from tests.conversion.conftest import confirm, make_lead, plan_of
from tests.factories import AccountFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def no_budget():
    return Reason.objects.get(kind="reject", code="no_budget")


@pytest.fixture
def rejected(asked, leo, no_budget):
    return services.reject(
        request=asked, actor=leo, reason=no_budget, outcome="keep_working", note="Not now."
    )


@pytest.fixture
def disputed(rejected, rita):
    return services.dispute(request=rejected, actor=rita, statement="They have a budget.")


def address(name, *args):
    return reverse(f"conversion:{name}", args=args)


def read(client, name, *args, **query):
    return client.get(address(name, *args), query).content.decode()


def state_of(request):
    request.refresh_from_db()
    return request.state


# --- Reading


def test_the_approver_reads_the_request_with_its_evidence(asked, leo, browse):
    text = read(browse(leo), "request", asked.pk)
    assert "She wants a plan by Tuesday." in text
    assert "said so on the phone" in text
    assert "Approve and convert" in text


def test_the_inbox_opens_the_request_that_is_due_first(asked, leo, browse):
    text = read(browse(leo), "approvals")
    assert "1 waiting for you" in text
    assert "She wants a plan by Tuesday." in text


def test_an_empty_inbox_says_what_it_is_for(leo, browse):
    assert "Nothing waits for you" in read(browse(leo), "approvals")


def test_an_overdue_request_is_told(asked, leo, browse):
    ConversionRequest.objects.update(due_at=timezone.now() - dt.timedelta(hours=1))
    text = read(browse(leo), "approvals")
    assert "1 overdue" in text
    assert "Overdue" in text


def test_what_changed_since_it_was_submitted_is_shown(asked, ritas_lead, leo, browse):
    Lead.objects.filter(pk=ritas_lead.pk).update(title="Chief")
    text = read(browse(leo), "request", asked.pk)
    assert "Changed since submitted" in text
    assert "<del>VP Operations</del>" in text


def test_a_material_change_is_marked(asked, ritas_lead, leo, browse):
    Lead.objects.filter(pk=ritas_lead.pk).update(company="Halcyon Labs")
    assert "a material change: the request lapses" in read(browse(leo), "request", asked.pk)


def test_the_approver_sees_what_is_in_the_crm_already(asked, leo, browse):
    AccountFactory(owner=leo, name="Halcyon", domain_key="halcyonrobotics.example")
    assert "Account · 90% match: same domain" in read(browse(leo), "request", asked.pk)


def test_the_requester_sees_what_they_may_do(asked, rita, browse):
    text = read(browse(rita), "request", asked.pk)
    assert "Recall the request" in text
    assert "Approve and convert" not in text


def test_a_stranger_finds_no_such_request(asked, soren, browse):
    assert browse(soren).get(address("request", asked.pk)).status_code == 404


def test_only_what_one_has_to_decide_counts_as_waiting(asked, leo, nadia, rita):
    assert [to_decide(user).count() for user in (leo, nadia, rita)] == [1, 0, 0]


def test_a_manager_finds_the_requests_of_others_apart_from_their_own(asked, nadia):
    found = inbox(nadia)
    assert (found.own, found.others) == ([], [asked])


def test_approved_requests_wait_in_a_list_of_their_own(asked, leo):
    services.approve(request=asked, actor=leo)
    assert inbox(leo, "approved").own == [asked]
    assert inbox(leo, "waiting").own == []


def test_an_sdr_finds_their_own_requests(asked, rita):
    found = inbox(rita)
    assert (found.show, found.own) == ("mine", [asked])


def test_the_history_tells_every_step(rejected, leo, browse):
    text = read(browse(leo), "request", rejected.pk)
    assert "requested the conversion" in text
    assert "rejected it: No budget" in text


def test_the_inbox_costs_the_same_for_one_request_as_for_many(
    asked, rita, leo, browse, django_assert_max_num_queries
):
    client = browse(leo)
    for number in range(5):
        lead = make_lead(rita, company=f"Company {number}", email=f"dana{number}@c.example")
        services.submit_request(
            lead=lead, path=confirm(lead, rita), plan=plan_of(), actor=rita, approver=leo
        )
    with django_assert_max_num_queries(17):
        assert client.get(address("approvals")).status_code == 200


# --- Deciding


def decide(client, request, **fields):
    return client.post(address("decide", request.pk), fields)


def test_approving_leads_to_the_conversion_screen_and_writes_nothing(asked, leo, browse):
    answer = decide(browse(leo), asked, decision="approve")
    assert answer.url == f"{address('convert', asked.lead_id)}?request={asked.pk}"
    assert state_of(asked) == "pending"


def test_approving_only_gives_the_go_ahead(asked, leo, browse):
    decide(browse(leo), asked, decision="approve_only", message="Good one.")
    assert state_of(asked) == "approved"
    assert asked.decision_note == "Good one."


def test_doubted_rows_are_sent_back(asked, leo, browse):
    first, second = (answer["criterion"] for answer in asked.answers[:2])
    checks = {f"check-{first}": "doubt", f"check-{second}": "agree"}
    decide(browse(leo), asked, decision="send_back", **checks)
    assert (state_of(asked), asked.doubted) == ("sent_back", [first])


def test_sending_back_without_a_doubt_needs_a_message(asked, leo, browse):
    answer = decide(browse(leo), asked, decision="send_back")
    assert answer.status_code == 422
    assert "Say what is missing, or doubt a row." in answer.content.decode()
    assert state_of(asked) == "pending"


def test_rejecting_needs_a_reason(asked, leo, browse):
    answer = decide(browse(leo), asked, decision="reject", outcome="", message="Not now.")
    assert answer.status_code == 422
    assert set(answer.context["decision"].errors) == {"reason", "outcome"}


def test_rejecting_needs_a_comment_and_keeps_what_was_chosen(asked, leo, no_budget, browse):
    fields = {"decision": "reject", "reason": no_budget.pk, "outcome": "disqualify"}
    answer = decide(browse(leo), asked, **fields, message=" \n")
    assert answer.status_code == 422
    form = answer.context["decision"]
    assert set(form.errors) == {"message"}
    page = answer.content.decode()
    assert "Say why in a comment" in page
    assert f'<option value="{no_budget.pk}" selected>' in page
    assert '<option value="disqualify" selected>' in page
    assert state_of(asked) == "pending"


def test_a_rejected_lead_comes_back_on_a_day(asked, leo, no_budget, browse):
    fields = {
        "decision": "reject", "reason": no_budget.pk, "outcome": "recycle", "message": "In spring.",
    }  # fmt: skip
    assert decide(browse(leo), asked, **fields).status_code == 422
    decide(browse(leo), asked, **fields, recycle_on="2030-01-31")
    asked.lead.refresh_from_db()
    assert state_of(asked) == "rejected"
    assert asked.lead.wake_up_on == dt.date(2030, 1, 31)


def test_a_rejected_lead_goes_to_somebody_else(asked, leo, no_budget, north, browse):
    sdr = UserFactory(role="sdr", team=north)
    fields = {
        "decision": "reject", "reason": no_budget.pk, "outcome": "reassign", "message": "Hers.",
    }  # fmt: skip
    decide(browse(leo), asked, **fields, reassign_to=sdr.pk)
    asked.lead.refresh_from_db()
    assert asked.lead.owner == sdr


def test_a_decision_of_somebody_faster_is_told_without_an_error(asked, leo, nadia, browse):
    services.approve(request=asked, actor=nadia)
    url = address("decide", asked.pk)
    answer = browse(leo).post(url, {"decision": "send_back", "message": "What budget?"})
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "Nadia Berg approved it" in text
    assert "changed nothing" in text
    assert "You wrote: “What budget?”" in text
    assert state_of(asked) == "approved"


def test_approving_what_has_changed_lets_it_lapse(asked, ritas_lead, leo, browse):
    Lead.objects.filter(pk=ritas_lead.pk).update(company="Halcyon Labs")
    url = address("decide", asked.pk)
    answer = browse(leo).post(url, {"decision": "approve_only"}, follow=True)
    assert state_of(asked) == "lapsed"
    assert "the request has lapsed" in answer.content.decode()


def test_nobody_decides_their_own_request(asked, rita, browse):
    assert decide(browse(rita), asked, decision="approve_only").status_code == 403


# --- Recalling, resubmitting, passing on


def test_a_requester_recalls_their_request(asked, rita, browse):
    browse(rita).post(address("recall", asked.pk), {"note": "Wrong person"})
    assert state_of(asked) == "recalled"


def test_a_request_that_was_sent_back_is_resubmitted(asked, leo, rita, browse):
    services.send_back(request=asked, actor=leo, message="What budget?")
    client, url = browse(rita), address("resubmit", asked.pk)
    page = client.get(url)
    assert "What budget?" in page.content.decode()
    form = page.context["form"]
    fields = {name: form[name].value() or "" for name in form.fields}
    fields |= {"hand_over_tasks": "on", "message": "60 thousand.", "do": "submit"}
    assert client.post(url, fields).url == asked.get_absolute_url()
    assert (state_of(asked), asked.message, asked.resubmissions) == ("pending", "60 thousand.", 1)


def test_only_the_requester_resubmits(asked, leo, browse):
    services.send_back(request=asked, actor=leo, message="What budget?")
    assert browse(leo).get(address("resubmit", asked.pk)).status_code == 403


def test_a_manager_takes_a_request_over(asked, nadia, browse):
    browse(nadia).post(address("reassign", asked.pk), {"to": nadia.pk})
    asked.refresh_from_db()
    assert asked.approver == nadia


def test_only_those_who_decide_requests_can_get_one(asked, soren, nadia, browse):
    answer = browse(nadia).post(address("reassign", asked.pk), {"to": soren.pk})
    assert answer.status_code == 422
    assert answer.context["reassign"].errors["to"]


# --- Disputes


def test_a_requester_disputes_a_rejection(rejected, rita, browse):
    assert "Dispute the rejection" in read(browse(rita), "request", rejected.pk)
    browse(rita).post(address("dispute", rejected.pk), {"statement": "They have a budget."})
    assert state_of(rejected) == "disputed"


def test_a_dispute_stands_on_the_home_of_who_judges_it(disputed, nadia, leo, browse):
    assert browse(nadia).get(reverse("home")).context["to_decide"] == [disputed]
    assert browse(leo).get(reverse("home")).context["to_decide"] == []


def test_a_dispute_is_counted_beside_approvals_for_who_judges_it(
    disputed, nadia, leo, rita, ines, browse
):
    people = (nadia, leo, rita, ines)
    assert [to_decide(user).count() for user in people] == [1, 0, 0, 0]
    page = browse(nadia).get(address("approvals"), {"show": "disputes"})
    assert page.context["navigation"].counts["conversion:approvals"] == 1
    assert "1 waiting for you" in page.content.decode()
    assert 'Disputes <span class="num">1</span>' in page.content.decode()


def test_who_rejected_for_somebody_else_is_not_asked_to_judge(asked, nadia, rita, no_budget):
    services.reject(
        request=asked, actor=nadia, reason=no_budget, outcome="keep_working", note="Not now."
    )
    services.dispute(request=asked, actor=rita, statement="They have a budget.")
    assert not to_decide(nadia).exists()


def test_a_manager_overturns_a_rejection(disputed, nadia, browse):
    assert "Decide the dispute" in read(browse(nadia), "request", disputed.pk)
    browse(nadia).post(
        address("judge", disputed.pk), {"verdict": "overturn", "statement": "They do."}
    )
    assert (state_of(disputed), disputed.approver) == ("pending", nadia)


def test_a_manager_upholds_a_rejection(disputed, nadia, browse):
    browse(nadia).post(
        address("judge", disputed.pk), {"verdict": "uphold", "statement": "They do not."}
    )
    assert state_of(disputed) == "upheld"


def test_a_dispute_is_not_decided_by_the_one_who_rejected(disputed, leo, browse):
    assert "Decide the dispute" not in read(browse(leo), "request", disputed.pk)
    answer = browse(leo).post(
        address("judge", disputed.pk), {"verdict": "uphold", "statement": "No."}
    )
    assert answer.status_code == 403


def test_the_inbox_costs_the_same_with_one_request_as_with_many(
    browse, asked, rita, leo, django_assert_num_queries
):
    client = browse(leo)
    # session, user, reach, counts, requests, workspace, contact matches, account matches,
    # history, reasons, people, counts of the sidebar, what is seen of the notifications
    with django_assert_num_queries(13):
        client.get(address("approvals"))
    for number in range(3):
        lead = make_lead(rita, email=f"dana{number}@another{number}.example")
        services.submit_request(
            lead=lead, path=confirm(lead, rita), plan=plan_of(), actor=rita, approver=leo
        )
    with django_assert_num_queries(13):
        client.get(address("approvals"))


def test_a_request_is_passed_on_to_who_decides_and_a_lead_to_who_works_with_its_requester(
    browse, asked, rita, leo, nadia, soren, ines
):
    context = browse(leo).get(asked.get_absolute_url()).context
    offered = {str(name) for _, name in context["reassign"].fields["to"].choices}
    assert {ines.full_name, nadia.full_name} <= offered
    assert not {leo.full_name, rita.full_name, soren.full_name} & offered
    owners = {str(name) for _, name in context["decision"].fields["reassign_to"].choices}
    assert {rita.full_name, leo.full_name} <= owners
    assert soren.full_name not in owners
