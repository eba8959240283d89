"""The record of a lead: what it explains, its checklist, and what it costs."""

from django.urls import reverse

from activities.models import Activity
from conversion.services import convert_lead
from leads.models import AnswerState, ApprovalRule, Criterion, Path
from leads.services import answer_criterion, qualification
from tests.conversion.conftest import plan_of
from tests.factories import ActivityFactory, LeadFactory
from tests.leads.pages import HTMX, at


def test_the_record_explains_its_score(browse, rita):
    lead = LeadFactory(owner=rita, score=25, score_explanation=[
        {"label": "Work email", "points": 15, "detail": "halcyon.example"},
        {"label": "Company known", "points": 10, "detail": "Halcyon"},
    ])  # fmt: skip
    page = browse(rita).get(at("detail", lead.pk)).content.decode()
    assert "Work email" in page
    assert "+15" in page


def test_the_request_says_how_many_checks_are_left(browse, rita):
    lead = LeadFactory(owner=rita)
    response = browse(rita).get(at("detail", lead.pk))
    assert response.context["handoff"].missing == "2 checks to go"


def test_a_met_path_opens_the_request(browse, rita):
    lead = LeadFactory(owner=rita)
    confirm(lead, rita, "need", "trial")
    assert browse(rita).get(at("detail", lead.pk)).context["handoff"].missing == ""


def test_where_a_request_is_enough_its_requester_is_offered_to_convert(browse, rita):
    lead = LeadFactory(owner=rita)
    trial = Path.objects.get(key="trial_first")
    Path.objects.filter(pk=trial.pk).update(approval=ApprovalRule.NEVER)
    convert = reverse("conversion:convert", args=[lead.pk])
    assert convert not in browse(rita).get(at("detail", lead.pk)).content.decode()
    confirm(lead, rita, "need", "trial")
    assert convert in browse(rita).get(at("detail", lead.pk)).content.decode()
    assert browse(rita).get(convert).status_code == 200


def confirm(lead, actor, *keys):
    for item in qualification(lead).items:
        if item.criterion.key in keys:
            answer_criterion(
                lead=lead, criterion=item.criterion, state=AnswerState.CONFIRMED, actor=actor
            )


def criterion_of(lead, key):
    return next(item.criterion for item in qualification(lead).items if item.criterion.key == key)


def test_an_answer_is_saved_with_its_evidence(browse, rita):
    lead = LeadFactory(owner=rita)
    call = Activity.objects.create(kind="call", owner=rita, created_by=rita, lead=lead)
    url = at("answer", lead.pk, criterion_of(lead, "budget").pk)
    data = {
        "budget-state": "confirmed",
        "budget-value": "48k",
        "budget-evidence": "Said on the call",
        "budget-evidence_activity": call.pk,
    }
    response = browse(rita).post(url, data)
    assert response["Location"] == f"{lead.get_absolute_url()}#q-budget"
    answer = lead.answers.get()
    assert (answer.state, answer.value, answer.evidence_activity) == ("confirmed", "48k", call)


def test_a_typed_answer_counts_as_assumed_until_it_is_confirmed(browse, rita):
    lead = LeadFactory(owner=rita)
    url = at("answer", lead.pk, criterion_of(lead, "budget").pk)
    browse(rita).post(url, {"budget-state": "unknown", "budget-value": "48k"})
    assert lead.answers.get().state == AnswerState.ASSUMED


def test_htmx_gets_the_criterion_the_paths_and_the_button(browse, rita):
    lead = LeadFactory(owner=rita)
    url = at("answer", lead.pk, criterion_of(lead, "need").pk)
    page = browse(rita).post(url, {"need-state": "confirmed"}, headers=HTMX).content.decode()
    assert 'id="q-need"' in page
    assert 'id="paths" hx-swap-oob="true"' in page
    assert "<html" not in page


def test_the_fields_of_the_evidence_come_when_they_are_opened(browse, rita):
    lead = LeadFactory(owner=rita)
    Activity.objects.create(
        kind="call", owner=rita, created_by=rita, lead=lead, subject="Budget call"
    )
    url = at("answer", lead.pk, criterion_of(lead, "budget").pk)
    client = browse(rita)
    assert 'name="budget-evidence"' not in client.get(lead.get_absolute_url()).content.decode()
    fields = client.get(url, headers=HTMX).content.decode()
    assert 'name="budget-evidence"' in fields
    assert "Budget call" in fields
    assert 'name="budget-value"' not in fields
    # The page for browsers without scripts has both.
    page = client.get(url).content.decode()
    assert 'name="budget-evidence"' in page
    assert 'name="budget-value"' in page


def test_evidence_that_nobody_opened_stays(browse, rita):
    lead = LeadFactory(owner=rita)
    budget = criterion_of(lead, "budget")
    call = Activity.objects.create(kind="call", owner=rita, created_by=rita, lead=lead)
    known = {"state": AnswerState.ASSUMED, "evidence": "He said so.", "evidence_activity": call}
    answer_criterion(lead=lead, criterion=budget, actor=rita, **known)
    url = at("answer", lead.pk, budget.pk)
    browse(rita).post(url, {"budget-state": "confirmed", "budget-value": "48k"})
    answer = lead.answers.get()
    assert (answer.state, answer.value) == ("confirmed", "48k")
    assert (answer.evidence, answer.evidence_activity) == ("He said so.", call)


def test_evidence_that_somebody_emptied_is_gone(browse, rita):
    lead = LeadFactory(owner=rita)
    budget = criterion_of(lead, "budget")
    answer_criterion(
        lead=lead, criterion=budget, actor=rita, state=AnswerState.CONFIRMED, evidence="Hearsay"
    )
    emptied = {"budget-state": "confirmed", "budget-evidence": "", "budget-evidence_activity": ""}
    browse(rita).post(at("answer", lead.pk, budget.pk), emptied)
    assert lead.answers.get().evidence == ""


def test_evidence_of_another_lead_is_not_taken(browse, rita):
    lead, other = LeadFactory(owner=rita), LeadFactory(owner=rita)
    call = Activity.objects.create(kind="call", owner=rita, created_by=rita, lead=other)
    url = at("answer", lead.pk, criterion_of(lead, "need").pk)
    response = browse(rita).post(url, {"need-value": "x", "need-evidence_activity": call.pk})
    assert response.status_code == 422
    assert lead.answers.count() == 0


def test_a_criterion_of_another_playbook_is_not_found(browse, rita):
    lead = LeadFactory(owner=rita)
    other = Criterion.objects.get(key="champion")
    response = browse(rita).post(at("answer", lead.pk, other.pk), {"champion-state": "confirmed"})
    assert response.status_code == 404


def test_related_leads_are_those_one_may_see(browse, rita, soren):
    lead = LeadFactory(owner=rita, company="Halcyon Robotics")
    colleague = LeadFactory(owner=rita, company="Halcyon Robotics")
    LeadFactory(owner=soren, company="Halcyon Robotics")
    response = browse(rita).get(at("related", lead.pk))
    assert list(response.context["colleagues"]) == [colleague]


def test_a_converted_lead_is_read_only_and_names_its_receipt(browse, leo):
    lead = LeadFactory(owner=leo)
    conversion = convert_lead(lead=lead, plan=plan_of(), actor=leo)
    response = browse(leo).get(at("detail", lead.pk))
    page = response.content.decode()
    assert conversion.get_absolute_url() in page
    assert 'id="composer"' not in page
    assert response.context["handoff"] is None
    for name in ("edit", "status", "next_step", "delete"):
        assert browse(leo).get(at(name, lead.pk)).status_code == 403


# --- What it costs ---

RECORD_QUERIES = (
    "session",
    "user",
    "reach",
    "lead with all it names",
    "playbook",
    "criteria",
    "answers",
    "paths with what they require",
    "timeline: activities",
    "timeline: files",
    "timeline: events",
    "composer: people",
    "counts of the sidebar",
)


def test_the_record_costs_the_same_with_one_entry_as_with_twenty(
    browse, rita, django_assert_num_queries
):
    client, lead = browse(rita), LeadFactory(owner=rita)
    url = at("detail", lead.pk)
    confirm(lead, rita, "budget")
    ActivityFactory(lead=lead, owner=rita)
    with django_assert_num_queries(len(RECORD_QUERIES)):
        client.get(url)
    confirm(lead, rita, "authority", "need", "timeline")
    ActivityFactory.create_batch(20, lead=lead, owner=rita)
    with django_assert_num_queries(len(RECORD_QUERIES)):
        client.get(url)
