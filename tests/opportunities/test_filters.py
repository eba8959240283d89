"""Each filter of deals finds what it names, and nothing else."""

import datetime as dt

import pytest
from django.http import QueryDict
from django.utils import timezone

from accounts.models import Campaign, LeadSource
from opportunities.filters import OpportunityFilter
from opportunities.models import ContactRole, Opportunity
from opportunities.search import search_opportunities
from tests.factories import AccountFactory, ContactFactory, OpportunityFactory

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()


@pytest.fixture
def found(rf, ada):
    """`found("kind=won")` are the names of the deals that a query string finds."""

    def ask(query):
        request = rf.get("/")
        request.user = ada
        filterset = OpportunityFilter(
            QueryDict(query),
            queryset=Opportunity.objects.visible_to(ada).for_list(),
            request=request,
        )
        assert filterset.is_valid(), filterset.errors
        return [deal.name for deal in filterset.qs]

    return ask


@pytest.fixture
def northgate(ines, stages, reason):
    """A deal that is unlike Fernhill in everything: the others are found against it."""
    return OpportunityFactory(
        name="Northgate renewal",
        account=AccountFactory(name="Northgate Clinics", owner=ines),
        owner=ines,
        team=ines.team,
        stage=stages["Lost"],
        closed_at=timezone.now(),
        closed_reason=reason("lost", "price"),
        amount=500,
        close_date=TODAY - dt.timedelta(days=40),
        type="renewal",
        forecast_category="omitted",
        created_at=timezone.now() - dt.timedelta(days=90),
        source=LeadSource.objects.create(name="Fair"),
        campaign=Campaign.objects.create(name="Spring"),
        next_step="Send the contract",
    )


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        ("kind=open", "kind=lost"),
        ("q=fernhill", "q=NORTHGATE+ren"),
        ("q=rollout+fern", "q=clinics"),
        ("type=new", "type=renewal"),
        ("forecast_category=pipeline", "forecast_category=omitted"),
        ("amount_min=1000", "amount_max=1000"),
        ("issue=no_next_step", "q=contract"),
    ],
)
def test_filters_tell_two_deals_apart(found, deal, northgate, mine, theirs):
    Opportunity.objects.filter(pk=deal.pk).update(amount=72_000)
    assert found(mine) == ["Fernhill rollout"]
    assert found(theirs) == ["Northgate renewal"]


@pytest.mark.parametrize("field", ["stage", "owner", "team", "account", "source", "campaign"])
def test_filters_by_record(found, deal, northgate, field):
    pk = getattr(northgate, f"{field}_id")
    assert found(f"{field}={pk}") == ["Northgate renewal"]


@pytest.mark.parametrize("field", ["close_date", "closed", "created"])
def test_filters_by_day_include_both_ends(found, deal, northgate, field):
    moments = {
        "close_date": northgate.close_date,
        "closed": timezone.localdate(northgate.closed_at),
        "created": timezone.localdate(northgate.created_at),
    }
    day = moments[field].isoformat()
    assert "Northgate renewal" in found(f"{field}_after={day}&{field}_before={day}")
    assert found(f"{field}_after=2090-01-01") == []


def test_filter_by_pipeline(found, deal):
    assert found(f"pipeline={deal.pipeline_id}") == ["Fernhill rollout"]


def test_filter_by_contact_finds_every_part(found, deal, northgate):
    contact = ContactFactory(account=deal.account)
    ContactRole.objects.create(opportunity=deal, contact=contact, role="user")
    assert found(f"contact={contact.pk}") == ["Fernhill rollout"]


def test_each_issue_finds_its_deals(found, leo, stages):
    healthy = {
        "owner": leo,
        "amount": 1,
        "next_step": "Call",
        "close_date": TODAY + dt.timedelta(days=5),
        "stage": stages["Discovery"],
    }
    long_ago = timezone.now() - dt.timedelta(days=stages["Discovery"].rotting_days + 1)
    for name, change in {
        "healthy": {},
        "close_date_passed": {"close_date": TODAY - dt.timedelta(days=1)},
        "no_next_step": {"next_step": ""},
        "no_amount": {"amount": None},
        "stuck": {"stage_since": long_ago},
    }.items():
        OpportunityFactory(name=name, **healthy | change)
    for issue in ("close_date_passed", "no_next_step", "no_amount", "stuck"):
        assert found(f"issue={issue}") == [issue]
    assert len(found("issue=any")) == 4


def test_closed_deals_have_no_issues(found, northgate):
    assert found("issue=any") == []


def test_filters_offer_and_take_only_people_in_sight(rf, leo, ines):
    request = rf.get("/")
    request.user = leo
    leo.reach.levels["user:view"] = "team"
    filterset = OpportunityFilter(
        QueryDict(f"owner={ines.pk}"), queryset=Opportunity.objects.all(), request=request
    )
    assert "owner" in filterset.errors


@pytest.mark.parametrize("odd", ["%", "_", "\\", "'", "🙂", "x" * 300, "a b c d e f g h i j"])
def test_odd_searches_find_nothing_and_break_nothing(deal, odd):
    assert list(search_opportunities(Opportunity.objects.all(), odd)) == []


def test_the_likeliest_deal_comes_first(deal, leo):
    OpportunityFactory(name="Extension for Fernhill", owner=leo)
    names = [d.name for d in search_opportunities(Opportunity.objects.all(), "fernhill")]
    assert names == ["Fernhill rollout", "Extension for Fernhill"]
