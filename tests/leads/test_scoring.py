from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import LeadSource
from activities.services import delete_activity, log_activity
from leads.models import Lead, ScoreKind, ScoreOperator, ScoreRule
from leads.scoring import Touch, rescore_leads, score_lead
from leads.services import create_lead, update_lead
from opportunities.models import Product
from tests.factories import ActivityFactory, LeadFactory

NOW = timezone.now()


def rule(points=10, **columns):
    defaults = {"kind": "fit", "label": "Rule", "field": "company", "operator": "filled"}
    return ScoreRule(points=points, **defaults | columns)


def score(lead, *rules, has_products=False, touches=()):
    return score_lead(lead, rules=rules, has_products=has_products, touches=touches, now=NOW)


def points(lead, *rules, **facts):
    return score(lead, *rules, **facts)[0]


# --- Rules


@pytest.mark.parametrize(
    ("operator", "wanted", "title", "counts"),
    [
        ("filled", "", "VP", True),
        ("filled", "", "", False),
        ("equals", "vp sales", "VP Sales", True),
        ("equals", "vp", "VP Sales", False),
        ("equals", "cto|vp", "VP", True),
        ("contains", "chief|vp|head", "Deputy Head of IT", True),
        ("contains", "director", "Directory clerk", False),
        ("contains", "vice president", "Senior Vice-President", True),
        ("contains", "", "VP", False),
    ],
)
def test_text_is_compared_by_whole_words(operator, wanted, title, counts):
    asked = rule(field="title", operator=operator, value=wanted)
    assert points(Lead(title=title), asked) == (10 if counts else 0)


@pytest.mark.parametrize(
    ("employees", "counts"), [(None, False), (49, False), (50, True), (51, True)]
)
def test_numbers_are_compared_as_numbers(employees, counts):
    asked = rule(field="employees", operator="at_least", value="50")
    assert points(Lead(employees=employees), asked) == (10 if counts else 0)


def test_a_rule_that_makes_no_sense_gives_no_points():
    asked = rule(field="employees", operator="at_least", value="many")
    assert points(Lead(employees=50), asked) == 0
    assert points(Lead(), rule(field="no_such_field")) == 0


def test_a_source_is_compared_by_its_name():
    asked = rule(field="source", operator="equals", value="partner referral")
    assert points(Lead(source=LeadSource(name="Partner referral")), asked) == 10


def test_a_product_interest_counts():
    assert points(Lead(), rule(field="products"), has_products=True) == 10
    assert points(Lead(), rule(field="products"), has_products=False) == 0


@pytest.mark.parametrize(("days", "left"), [(0, 16), (14, 8), (28, 4), (140, 0)])
def test_behavior_halves_with_every_half_life(days, left):
    asked = rule(16, kind="behavior", field="call", half_life_days=14)
    assert points(Lead(), asked, touches=[Touch("call", NOW - timedelta(days=days))]) == left


def test_behavior_without_a_half_life_never_decays():
    asked = rule(16, kind="behavior", field="call")
    assert points(Lead(), asked, touches=[Touch("call", NOW - timedelta(days=900))]) == 16


def test_only_the_outcome_or_direction_that_is_asked_for_counts():
    asked = rule(8, kind="behavior", field="call", operator="equals", value="connected|inbound")
    connected = Touch("call", NOW, outcome="connected")
    inbound = Touch("call", NOW, direction="inbound")
    missed = Touch("call", NOW, outcome="no_answer", direction="outbound")
    mail = Touch("email", NOW, direction="inbound")
    assert points(Lead(), asked, touches=[connected, inbound, missed, mail]) == 16


def test_each_point_is_explained():
    lead = Lead(company="Halcyon", title="VP")
    calls = [Touch("call", NOW), Touch("call", NOW - timedelta(days=3))]
    total, explanation = score(
        lead,
        rule(10, label="Company known"),
        rule(-5, label="No title", field="title", operator="equals", value="intern"),
        rule(20, label="Call", kind="behavior", field="call"),
        touches=calls,
    )
    assert total == 50
    assert explanation == [
        {"label": "Company known", "points": 10, "detail": "Halcyon"},
        {"label": "Call", "points": 40, "detail": f"2 times, last on {NOW.date()}"},
    ]


rules = st.builds(
    rule,
    points=st.integers(-100, 100).filter(bool),
    kind=st.sampled_from(ScoreKind.values),
    field=st.sampled_from(["company", "title", "employees", "call", "meeting", "products"]),
    operator=st.sampled_from(ScoreOperator.values),
    value=st.sampled_from(["", "50", "vp|head", "connected"]),
    half_life_days=st.none() | st.integers(1, 60),
)
touches = st.builds(
    Touch,
    kind=st.sampled_from(["call", "meeting", "note"]),
    at=st.integers(0, 400).map(lambda days: NOW - timedelta(days=days)),
    outcome=st.sampled_from(["", "connected"]),
)


@given(
    rules=st.lists(rules, max_size=12),
    touches=st.lists(touches, max_size=20),
    employees=st.none() | st.integers(0, 100),
    title=st.sampled_from(["", "VP Sales"]),
)
def test_a_score_is_a_percentage_and_its_explanation_adds_up(rules, touches, employees, title):
    lead = Lead(company="Halcyon", title=title, employees=employees)
    total, explanation = score(lead, *rules, touches=touches, has_products=True)
    assert 0 <= total <= 100
    assert sum(entry["points"] for entry in explanation) == total


# --- Keeping it up to date


@pytest.fixture
def lead(rita):
    source = LeadSource.objects.active()[0]
    return create_lead(
        actor=rita,
        fields={
            "last_name": "Nowak",
            "source": source,
            "company": "Halcyon",
            "email": "z@halcyon.com",
        },
    )


def kept(lead):
    lead.refresh_from_db()
    assert sum(entry["points"] for entry in lead.score_explanation) == lead.score
    return lead.score


@pytest.mark.django_db
def test_a_new_lead_has_a_score(lead):
    assert kept(lead) == 25  # Company known 10, work email 15.


@pytest.mark.django_db
def test_the_score_follows_an_edit(lead, rita):
    product = Product.objects.create(name="Seats")
    changes = {"rating": "hot", "employees": 50, "products": [product]}
    edited = update_lead(lead=lead, changes=changes, actor=rita)
    assert edited.score == kept(lead) == 25 + 15 + 10 + 10


@pytest.mark.django_db
def test_the_score_follows_what_happens_and_the_version_does_not(lead, rita):
    call = log_activity(
        kind="call", actor=rita, lead=lead, fields={"direction": "outbound", "outcome": "connected"}
    )
    assert (kept(lead), lead.version) == (25 + 12, 1)
    delete_activity(activity=call, actor=rita)
    assert kept(lead) == 25


@pytest.mark.django_db
def test_the_score_decays_overnight(lead, rita):
    log_activity(
        kind="call", actor=rita, lead=lead, fields={"direction": "outbound", "outcome": "connected"}
    )
    with time_machine.travel(timezone.now() + timedelta(days=14)):
        call_command("rescore_leads")
    assert kept(lead) == 25 + 6


@pytest.mark.django_db
def test_after_a_change_of_rules_all_scores_are_renewed(lead):
    ScoreRule.objects.filter(field="company").update(points=40)
    call_command("rescore_leads")
    assert kept(lead) == 25
    call_command("rescore_leads", "--all")
    assert kept(lead) == 55


@pytest.mark.django_db
def test_what_has_not_happened_yet_does_not_count(rita):
    lead = LeadFactory(owner=rita, company="", email="")
    for columns in (
        {"kind": "meeting", "at": timezone.now() + timedelta(days=1)},
        {"kind": "meeting", "deleted_at": timezone.now()},
        {"kind": "task", "subject": "Call"},
    ):
        ActivityFactory(owner=rita, lead=lead, **columns)
    ScoreRule.objects.create(kind="behavior", label="Task done", field="task", points=5)
    rescore_leads(Lead.objects.all(), now=timezone.now())
    assert kept(lead) == 0


@pytest.mark.django_db
def test_a_converted_lead_keeps_its_score(converted_lead):
    ScoreRule.objects.update(points=1)
    before = converted_lead.score
    assert rescore_leads(Lead.objects.all(), now=timezone.now()) == 0
    assert kept(converted_lead) == before > 3


@pytest.mark.django_db
def test_many_are_rescored_in_batches(rita, django_assert_num_queries):
    for _ in range(5):
        LeadFactory(owner=rita)
    # Rules; then for each batch its leads, their activities, the update, and a savepoint's two.
    with django_assert_num_queries(1 + 3 * 5 + 3):
        assert rescore_leads(Lead.objects.all(), now=timezone.now(), batch_size=2) == 5
    assert set(Lead.objects.values_list("score", flat=True)) == {25}
