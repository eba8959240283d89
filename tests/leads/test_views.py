"""The lead screens: who sees which, what typing keeps, and what each page costs."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import LeadSource
from activities.models import Activity, Reason, ReasonKind
from conversion.services import convert_lead
from leads.models import AnswerState, Criterion, HandoffState, Lead, LeadStatus, StatusKind
from leads.services import answer_criterion, qualification, update_lead
from tests.conversion.conftest import plan_of
from tests.factories import (
    AccountFactory,
    ActivityFactory,
    LeadFactory,
    ProductFactory,
    QueueFactory,
)

HTMX = {"HX-Request": "true"}


def at(name, *args):
    return reverse(f"leads:{name}", args=args)


def rows(response):
    return response.context["page"].rows


def form_of(lead, **typed):
    """The fields of the edit form, as a browser sends them."""
    fields = {
        "last_name": lead.last_name,
        "first_name": lead.first_name,
        "company": lead.company,
        "email": lead.email,
        "source": lead.source_id,
        "currency": lead.currency,
    }
    return fields | typed


# --- The list ---


def test_the_list_has_only_what_one_may_see(browse, rita, soren):
    ritas, _ = LeadFactory(owner=rita), LeadFactory(owner=soren)
    assert rows(browse(rita).get(at("list"))) == [ritas]


def test_who_sees_only_their_own_begins_with_their_open_leads(browse, rita):
    LeadFactory(owner=rita, kind="disqualified", disqualified_reason=a_reason())
    is_open = LeadFactory(owner=rita)
    assert rows(browse(rita).get(at("list"))) == [is_open]


def test_a_manager_begins_with_everything(browse, nadia, rita):
    lead = LeadFactory(owner=rita)
    assert rows(browse(nadia).get(at("list"))) == [lead]


def a_reason():
    return Reason.objects.for_kind(ReasonKind.DISQUALIFY).first()


@pytest.mark.parametrize(
    ("view", "fields"),
    [
        ("mine", {}),
        ("today", {}),
        ("sent_back", {"handoff_state": HandoffState.SENT_BACK}),
        ("awaiting", {"handoff_state": HandoffState.PENDING}),
    ],
)
def test_a_tab_shows_and_counts_its_own(browse, rita, view, fields):
    long_ago = timezone.now() - dt.timedelta(days=3)
    LeadFactory(
        owner=rita, kind="disqualified", disqualified_reason=a_reason(), created_at=long_ago
    )
    lead = LeadFactory(owner=rita, **fields)
    response = browse(rita).get(at("list"), {"view": view})
    assert rows(response) == [lead]
    counts = {tab.key: count for tab, count, _ in response.context["tabs"]}
    assert counts[view] == 1
    assert counts["all"] == 2


def test_the_unassigned_are_those_of_ones_queues(browse, rita, soren):
    lead = LeadFactory(owner=None, queue=QueueFactory(members=[rita]))
    LeadFactory(owner=None, queue=QueueFactory(members=[soren]))
    assert rows(browse(rita).get(at("list"), {"view": "unassigned"})) == [lead]


def test_filters_and_search_narrow_the_list_and_stand_there_as_chips(browse, rita):
    LeadFactory(owner=rita, last_name="Cold", score=10)
    hot = LeadFactory(owner=rita, last_name="Whitfield", score=80)
    response = browse(rita).get(at("list"), {"score_min": "40", "q": "whit"})
    assert rows(response) == [hot]
    (chip,) = response.context["chips"]
    assert (chip.name, chip.operator, chip.value, chip.remove) == ("Score", "≥", "40", "?q=whit")


def test_an_empty_list_names_the_filter_that_costs_most(browse, rita):
    LeadFactory.create_batch(2, owner=rita, score=50, rating="hot")
    LeadFactory(owner=rita, score=95, rating="warm")
    response = browse(rita).get(at("list"), {"score_min": "90", "rating": "hot"})
    assert rows(response) == []
    page = response.content.decode()
    assert "Without “Score” there are 2." in page
    assert "Remove “Score”" in page


def test_a_search_without_result_says_what_was_sought(browse, rita):
    LeadFactory(owner=rita)
    page = browse(rita).get(at("list"), {"q": "<zzz>"}).content.decode()
    assert "No lead found for “&lt;zzz&gt;”" in page


def test_somebody_without_leads_is_told_how_to_begin(browse, rita):
    assert "No leads yet" in browse(rita).get(at("list")).content.decode()


def test_a_filter_that_cannot_be_read_is_named_and_left_out(browse, rita):
    lead = LeadFactory(owner=rita)
    response = browse(rita).get(at("list"), {"score_min": "many"})
    assert rows(response) == [lead]
    assert "Score: Enter a number." in response.content.decode()


def test_headings_sort_one_way_and_then_the_other(browse, rita):
    low, high = LeadFactory(owner=rita, score=10), LeadFactory(owner=rita, score=90)
    client = browse(rita)
    down = client.get(at("list"), {"ordering": "-score"})
    assert rows(down) == [high, low]
    score = next(each for each in down.context["columns"] if each.label == "Score")
    assert score.direction == "descending"
    assert rows(client.get(f"{at('list')}{score.link}")) == [low, high]


def test_pages_follow_each_other_without_gap(browse, rita):
    leads = LeadFactory.create_batch(51, owner=rita)
    client = browse(rita)
    first = client.get(at("list"))
    second = client.get(f"{at('list')}{first.context['next_url']}")
    assert {*rows(first), *rows(second)} == set(leads)
    assert len(rows(second)) == 1
    assert first.context["shown"] == "50 of 51"


def test_a_cursor_of_another_order_leads_to_the_first_page(browse, rita):
    LeadFactory.create_batch(51, owner=rita)
    client = browse(rita)
    cursor = client.get(at("list")).context["page"].next
    response = client.get(at("list"), {"cursor": cursor, "ordering": "score"})
    assert response.status_code == 302
    assert response["Location"] == f"{at('list')}?ordering=score"


def test_the_address_with_a_preview_works_cold(browse, rita):
    lead = LeadFactory(owner=rita, company="Halcyon")
    page = browse(rita).get(at("list"), {"preview": lead.pk}).content.decode()
    assert f"Preview: {lead.name}" in page


def test_a_preview_of_what_one_may_not_see_is_left_out(browse, rita, soren):
    hidden = LeadFactory(owner=soren)
    client = browse(rita)
    assert "previewed" not in client.get(at("list"), {"preview": hidden.pk}).context
    assert client.get(at("preview", hidden.pk), headers=HTMX).status_code == 404


def test_htmx_gets_only_the_results(browse, rita):
    response = browse(rita).get(at("list"), {"q": "x"}, headers=HTMX)
    assert response.content.decode().lstrip().startswith('<div class="results" id="results"')
    assert "HX-Request" in response["Vary"]


def test_the_filter_form_keeps_the_tab_and_the_search(browse, rita):
    page = browse(rita).get(at("filter"), {"view": "all", "q": "x", "score_min": "5"})
    text = page.content.decode()
    assert '<input type="hidden" name="view" value="all">' in text
    assert '<input type="hidden" name="q" value="x">' in text
    assert 'name="score_min" value="5"' in text


# --- Several at once ---


def test_several_leads_are_assigned_in_one_go(browse, nadia, rita, leo):
    leads = LeadFactory.create_batch(3, owner=rita)
    data = {"act": "assign", "lead": [lead.pk for lead in leads], "owner": leo.pk, "queue": ""}
    response = browse(nadia).post(at("bulk"), data)
    assert response.status_code == 302
    assert set(Lead.objects.values_list("owner", flat=True)) == {leo.pk}


def test_each_lead_has_its_own_result(browse, rita):
    working = LeadStatus.objects.default_for(StatusKind.NURTURING)
    free, requested = LeadFactory(owner=rita), LeadFactory(owner=rita, handoff_state="pending")
    day = timezone.localdate() + dt.timedelta(days=9)
    data = {
        "act": "status",
        "lead": [free.pk, requested.pk],
        "status": working.pk,
        "reason": "",
        "wake_up_on": day,
    }
    response = browse(rita).post(at("bulk"), data)
    assert [bool(result.problem) for result in response.context["results"]] == [False, True]
    assert "has an open conversion request" in response.content.decode()
    free.refresh_from_db()
    requested.refresh_from_db()
    assert (free.status_kind, requested.status_kind) == (StatusKind.NURTURING, StatusKind.NEW)


def test_leads_one_cannot_see_are_not_touched(browse, rita, soren):
    hidden = LeadFactory(owner=soren)
    data = {"act": "next_step", "lead": [hidden.pk], "next_step": "Mine", "next_step_on": ""}
    response = browse(rita).post(at("bulk"), data)
    assert response.status_code == 422
    hidden.refresh_from_db()
    assert hidden.next_step == ""


def test_a_bulk_form_that_is_refused_keeps_what_was_typed(browse, rita):
    lead = LeadFactory(owner=rita)
    data = {"act": "next_step", "lead": [lead.pk], "next_step": "Call", "next_step_on": "soon"}
    response = browse(rita).post(at("bulk"), data)
    assert response.status_code == 422
    assert 'value="Call"' in response.content.decode()


def test_the_way_back_leads_nowhere_else(browse, rita):
    lead = LeadFactory(owner=rita)
    data = {"act": "next_step", "lead": [lead.pk], "next_step": "Call", "next_step_on": ""}
    client = browse(rita)
    assert client.post(at("bulk"), data | {"back": "https://evil.example/"})["Location"] == at(
        "list"
    )
    here = f"{at('list')}?view=all"
    assert client.post(at("bulk"), data | {"back": here})["Location"] == here


# --- Making and editing ---


def test_a_new_lead_is_ones_own(browse, rita):
    source = LeadFactory(owner=rita).source_id
    data = {"last_name": "Whitfield", "source": source, "owner": rita.pk, "queue": ""}
    response = browse(rita).post(at("create"), data)
    lead = Lead.objects.get(last_name="Whitfield")
    assert response["Location"] == lead.get_absolute_url()
    assert lead.owner == rita


def test_a_refused_form_keeps_everything_typed_and_names_the_fields(browse, rita):
    data = {
        "first_name": "Dana",
        "email": "not an address",
        "description": "Long text",
        "owner": rita.pk,
    }
    response = browse(rita).post(at("create"), data)
    assert response.status_code == 422
    page = response.content.decode()
    for kept in ("Dana", "not an address", "Long text"):
        assert kept in page
    assert {"last_name", "email", "source"} <= set(response.context["form"].errors)
    assert Lead.objects.count() == 0


def test_what_only_the_service_refuses_stands_at_its_field(browse, rita):
    data = {"last_name": "Dana", "phone": "ring me", "source": a_source(), "owner": rita.pk}
    response = browse(rita).post(at("create"), data)
    assert response.status_code == 422
    assert "phone" in response.context["form"].errors
    assert "ring me" in response.content.decode()


def a_source():
    return LeadSource.objects.active().first().pk


def test_a_likely_duplicate_is_shown_before_it_is_made(browse, rita):
    there = LeadFactory(owner=rita, email="dana@halcyon.example")
    data = {
        "last_name": "Whitfield",
        "email": "dana@halcyon.example",
        "source": a_source(),
        "owner": rita.pk,
    }
    client = browse(rita)
    response = client.post(at("create"), data)
    assert response.status_code == 422
    page = response.content.decode()
    assert there.get_absolute_url() in page
    assert "Same email" in page
    assert "Create it all the same" in page
    assert client.post(at("create"), data | {"anyway": "1"}).status_code == 302
    assert Lead.objects.count() == 2


def test_duplicates_are_told_while_one_types(browse, rita):
    there = LeadFactory(owner=rita, email="dana@halcyon.example")
    response = browse(rita).get(at("similar"), {"email": "DANA@halcyon.example"})
    assert there.get_absolute_url() in response.content.decode()


def test_a_duplicate_one_may_not_see_is_told_without_its_data(browse, rita, soren):
    hidden = LeadFactory(owner=soren, email="dana@halcyon.example", company="Secret Ltd")
    page = browse(rita).get(at("similar"), {"email": hidden.email}).content.decode()
    assert "A lead of the team South" in page
    assert "Secret" not in page
    assert hidden.get_absolute_url() not in page


def test_an_edit_is_saved(browse, rita):
    lead = LeadFactory(owner=rita)
    response = browse(rita).post(
        at("edit", lead.pk), form_of(lead, last_name="Renamed", version=lead.version)
    )
    assert response.status_code == 302
    lead.refresh_from_db()
    assert lead.last_name == "Renamed"


def test_a_partner_one_does_not_see_stays_as_it_is(browse, rita):
    partner = AccountFactory(owner__team=None)
    lead = LeadFactory(owner=rita, partner_account=partner)
    client = browse(rita)
    page = client.get(at("edit", lead.pk)).content.decode()
    assert partner.name not in page
    typed = form_of(lead, last_name="Renamed", version=lead.version)
    assert client.post(at("edit", lead.pk), typed).status_code == 302
    lead.refresh_from_db()
    assert (lead.last_name, lead.partner_account) == ("Renamed", partner)


def test_a_partner_one_does_not_see_cannot_be_chosen(browse, rita):
    partner = AccountFactory(owner__team=None)
    lead = LeadFactory(owner=rita)
    typed = form_of(lead, partner_account=partner.pk, version=lead.version)
    response = browse(rita).post(at("edit", lead.pk), typed)
    assert response.status_code == 422
    assert "partner_account" in response.context["form"].errors


def test_a_source_out_of_use_stays_with_the_lead_that_has_it(browse, rita):
    lead = LeadFactory(owner=rita)
    LeadSource.objects.filter(pk=lead.source_id).update(is_active=False)
    typed = form_of(lead, last_name="Renamed", version=lead.version)
    assert browse(rita).post(at("edit", lead.pk), typed).status_code == 302


def test_two_who_edit_the_same_field_see_both_and_choose(browse, rita, nadia):
    lead = LeadFactory(owner=rita, company="Before", city="Oslo")
    update_lead(lead=lead, changes={"company": "Theirs"}, actor=nadia)
    client = browse(rita)
    typed = form_of(lead, company="Yours", city="Bergen", version=1)
    response = client.post(at("edit", lead.pk), typed)
    assert response.status_code == 409
    (difference,) = response.context["merge"].differences
    assert (difference.field.name, difference.theirs, difference.yours) == (
        "company",
        "Theirs",
        "Yours",
    )
    again = posted_from(response) | {difference.pick: "theirs"}
    assert client.post(at("edit", lead.pk), again).status_code == 302
    lead.refresh_from_db()
    assert (lead.company, lead.city) == ("Theirs", "Bergen")


def test_what_only_the_other_changed_stays_theirs(browse, rita, nadia):
    lead = LeadFactory(owner=rita, company="Before")
    update_lead(lead=lead, changes={"company": "Theirs"}, actor=nadia)
    client = browse(rita)
    response = client.post(at("edit", lead.pk), form_of(lead, last_name="Yours", version=1))
    assert response.status_code == 409
    assert response.context["merge"].differences == []
    client.post(at("edit", lead.pk), posted_from(response))
    lead.refresh_from_db()
    assert (lead.company, lead.last_name) == ("Theirs", "Yours")


def test_two_versions_of_a_lead_with_interests_are_compared(browse, rita, nadia):
    lead, product = LeadFactory(owner=rita, company="Before"), ProductFactory()
    lead.product_interests.create(product=product)
    update_lead(lead=lead, changes={"company": "Theirs"}, actor=nadia)
    form = form_of(lead, last_name="Yours", version=1) | {"products": [product.pk]}
    response = browse(rita).post(at("edit", lead.pk), form)
    assert response.status_code == 409
    assert response.context["merge"].differences == []


def posted_from(response):
    return dict(response.context["merge"].typed)


def test_an_edit_without_version_changes_nothing(browse, rita):
    lead = LeadFactory(owner=rita, last_name="Kept")
    response = browse(rita).post(at("edit", lead.pk), form_of(lead, last_name="Lost"))
    assert response.status_code == 409
    lead.refresh_from_db()
    assert lead.last_name == "Kept"


def test_a_deleted_lead_is_gone(browse, rita):
    lead = LeadFactory(owner=rita)
    client = browse(rita)
    assert client.get(at("delete", lead.pk)).status_code == 200
    client.post(at("delete", lead.pk))
    assert client.get(at("detail", lead.pk)).status_code == 404


# --- Small changes ---


def test_disqualifying_needs_a_reason(browse, rita):
    lead = LeadFactory(owner=rita)
    client, url = browse(rita), at("status", lead.pk)
    status = LeadStatus.objects.default_for(StatusKind.DISQUALIFIED).pk
    refused = client.post(url, {"status": status})
    assert refused.status_code == 422
    assert "reason" in refused.context["form"].errors
    client.post(url, {"status": status, "reason": a_reason().pk})
    lead.refresh_from_db()
    assert lead.disqualified_reason == a_reason()


def test_nurturing_needs_a_day_that_is_still_to_come(browse, rita):
    lead = LeadFactory(owner=rita)
    status = LeadStatus.objects.default_for(StatusKind.NURTURING).pk
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    for typed in ({}, {"wake_up_on": yesterday}):
        response = browse(rita).post(at("status", lead.pk), {"status": status} | typed)
        assert response.status_code == 422
        assert "wake_up_on" in response.context["form"].errors


def test_who_gives_a_lead_away_goes_to_the_list(browse, rita, soren):
    lead = LeadFactory(owner=rita)
    response = browse(rita).post(at("assign", lead.pk), {"owner": soren.pk, "queue": ""})
    assert response["Location"] == at("list")
    lead.refresh_from_db()
    assert lead.owner == soren


def test_a_lead_goes_to_one_place(browse, rita, soren):
    lead, queue = LeadFactory(owner=rita), QueueFactory(members=[rita])
    for data in ({}, {"owner": soren.pk, "queue": queue.pk}):
        assert browse(rita).post(at("assign", lead.pk), data).status_code == 422


# --- The record ---


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


# --- What pages cost ---

LIST_QUERIES = (
    "session",
    "user",
    "reach",
    "page of leads with owner, queue, status, source and checks",
    "counts of all tabs",
    "counts of the sidebar",
)
RECORD_QUERIES = (
    "session",
    "user",
    "reach",
    "lead with all it names",
    "what one may do with it",
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


def test_the_list_costs_the_same_for_one_lead_as_for_twenty(
    browse, rita, django_assert_num_queries
):
    client = browse(rita)
    LeadFactory(owner=rita)
    with django_assert_num_queries(len(LIST_QUERIES)):
        client.get(at("list"))
    LeadFactory.create_batch(19, owner=rita)
    with django_assert_num_queries(len(LIST_QUERIES)):
        client.get(at("list"))


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
