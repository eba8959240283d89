from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from django.http import QueryDict
from django.utils import timezone

from accounts.models import Campaign, LeadSource
from leads.filters import LeadFilter
from leads.models import Lead, LeadStatus
from tests.factories import AccountFactory, LeadFactory, QueueFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def narrow(rita):
    """`narrow("score_min=5")` is what Rita sees of her leads through that filter."""

    def run(query, user=rita):
        request = SimpleNamespace(user=user)
        leads = Lead.objects.visible_to(user).for_list()
        filterset = LeadFilter(QueryDict(query), queryset=leads, request=request)
        assert filterset.is_valid(), filterset.errors
        return list(filterset.qs)

    return run


@pytest.fixture
def other(rita):
    """A lead of Rita's that no filter here means."""
    return LeadFactory(owner=rita, company="Zebra")


def test_search(narrow, rita, other):
    lead = LeadFactory(owner=rita, last_name="Nowak")
    assert narrow("q=nowak") == [lead]


def test_status(narrow, rita, other):
    lead = LeadFactory(owner=rita, kind="working")
    assert narrow(f"status={LeadStatus.objects.default_for('working').pk}") == [lead]


def test_kind_of_status(narrow, rita, other):
    working, qualified = (LeadFactory(owner=rita, kind=kind) for kind in ("working", "qualified"))
    assert narrow("kind=working&kind=qualified") == [qualified, working]


def test_owner(narrow, rita, nadia, leo, other):
    leos = LeadFactory(owner=leo)
    assert narrow(f"owner={leo.pk}", nadia) == [leos]
    assert narrow(f"owner={leo.pk}&owner={rita.pk}", nadia) == [leos, other]


def test_owner_me(narrow, rita, nadia, leo, other):
    LeadFactory(owner=leo)
    hers = LeadFactory(owner=nadia)
    assert narrow("owner=me", nadia) == [hers]
    assert narrow(f"owner=me&owner={rita.pk}", nadia) == [hers, other]


def test_queue(narrow, rita, other):
    queue = QueueFactory(members=[rita])
    lead = LeadFactory(owner=None, queue=queue)
    assert narrow(f"queue={queue.pk}") == [lead]
    assert narrow("unassigned=true") == [lead]
    assert narrow("unassigned=false") == [other]


def test_a_queue_one_is_not_in_is_no_choice(rita, soren):
    queue = QueueFactory(members=[soren])
    filterset = LeadFilter(
        QueryDict(f"queue={queue.pk}"),
        queryset=Lead.objects.all(),
        request=SimpleNamespace(user=rita),
    )
    assert set(filterset.errors) == {"queue"}


def test_team(narrow, rita, nadia, other):
    LeadFactory(owner=nadia)
    assert narrow(f"team={rita.team_id}", nadia) == [other]


def test_source(narrow, rita, other):
    source = LeadSource.objects.create(name="Fair")
    assert narrow(f"source={source.pk}") == []
    lead = LeadFactory(owner=rita, source=source)
    assert narrow(f"source={source.pk}") == [lead]


def test_campaign(narrow, rita, other):
    lead = LeadFactory(owner=rita, campaign=Campaign.objects.create(name="Spring"))
    assert narrow(f"campaign={lead.campaign_id}") == [lead]


def test_rating(narrow, rita, other):
    lead = LeadFactory(owner=rita, rating="hot")
    assert narrow("rating=hot") == [lead]


def test_score_range(narrow, rita):
    leads = [LeadFactory(owner=rita, score=score) for score in (10, 20, 30)]
    assert narrow("score_min=20") == [leads[2], leads[1]]
    assert narrow("score_max=20") == [leads[1], leads[0]]
    assert narrow("score_min=15&score_max=25") == [leads[1]]


def test_created_range(narrow, rita):
    leads = [
        LeadFactory(owner=rita, created_at=datetime(2026, 5, day, 23, 59, tzinfo=UTC))
        for day in (1, 2, 3)
    ]
    assert narrow("created_after=2026-05-02") == [leads[2], leads[1]]
    assert narrow("created_before=2026-05-02") == [leads[1], leads[0]]


def test_next_step_due(narrow, rita, other):
    lead = LeadFactory(owner=rita, next_step_on=date(2026, 5, 2))
    LeadFactory(owner=rita, next_step_on=date(2026, 5, 9))
    assert narrow("next_step_on_before=2026-05-02") == [lead]


def test_handoff_state(narrow, rita, other):
    lead = LeadFactory(owner=rita, handoff_state="sent_back")
    assert narrow("handoff_state=sent_back&handoff_state=pending") == [lead]


def test_converted(narrow, converted_lead, leo):
    lead = LeadFactory(owner=leo)
    assert narrow("converted=true", leo) == [converted_lead]
    assert narrow("converted=false", leo) == [lead]


def test_industry_and_country_whatever_their_case(narrow, rita, other):
    lead = LeadFactory(owner=rita, industry="Robotics", country="Germany")
    assert narrow("industry=ROBOTICS") == narrow("country=germany") == [lead]


def test_partner_account(narrow, rita, other):
    lead = LeadFactory(owner=rita, partner_account=AccountFactory(owner=rita))
    assert narrow(f"partner_account={lead.partner_account_id}") == [lead]


def test_external_id(narrow, rita, other):
    lead = LeadFactory(owner=rita, external_id="hs-17")
    assert narrow("external_id=hs-17") == [lead]


@pytest.mark.parametrize(
    ("ordering", "expected"),
    [
        ("score", "cab"),
        ("-score", "bac"),
        ("last_name", "abc"),
        ("company", "bca"),
        ("created_at", "abc"),
        ("-created_at", "cba"),
        ("next_step_on", "bca"),
        ("-next_step_on", "cba"),
    ],
)
def test_ordering(narrow, rita, ordering, expected):
    days = {"a": None, "b": date(2026, 1, 1), "c": date(2026, 1, 2)}
    for name, score, company in (("a", 50, "z"), ("b", 90, "x"), ("c", 5, "y")):
        LeadFactory(
            owner=rita,
            last_name=name,
            score=score,
            company=company,
            next_step_on=days[name],
            created_at=timezone.now(),
        )
    assert "".join(lead.last_name for lead in narrow(f"ordering={ordering}")) == expected
