"""A company with deals, leads and requests of every kind, in two teams and two currencies."""

import datetime as dt
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.utils import timezone

from conversion.services import convert_lead, create_credited_opportunity, submit_request
from opportunities.models import ExchangeRate, Pipeline, Stage
from opportunities.services import move_stage
from tests.conversion.conftest import confirm, make_lead, plan_of
from tests.factories import AccountFactory, LeadFactory, OpportunityFactory, UserFactory

LONG_AGO = timezone.now() - dt.timedelta(days=800)


@pytest.fixture
def stages(db):
    """The seeded stages by name."""
    return {stage.name: stage for stage in Stage.objects.select_related("pipeline")}


@pytest.fixture
def company(rita, leo, ines, soren, ada, stages):
    """What it gives back is only what a test has to name; the rest is there to be counted."""
    ExchangeRate.objects.create(currency="USD", starts_on="2020-01-01", rate=Decimal("0.91"))
    alone = UserFactory(role="ae", full_name="Otto Solo")
    account = {owner: AccountFactory(owner=owner) for owner in (leo, ines, alone)}
    partners = Pipeline.objects.create(name="Partners", position=9)
    first_call = Stage.objects.create(
        pipeline=partners, name="First call", position=1, probability=5
    )
    for owner, amount, currency, stage in [
        (leo, "72000.55", "EUR", stages["Proposal"]),
        (leo, "10000.10", "USD", stages["Proposal"]),
        (leo, None, "EUR", stages["Discovery"]),
        (ines, "333.33", "USD", stages["Discovery"]),
        (alone, "41", "EUR", first_call),
    ]:
        OpportunityFactory(
            account=account[owner],
            owner=owner,
            team=owner.team,
            stage=stage,
            currency=currency,
            rate=Decimal("0.91") if currency == "USD" else 1,
            amount=amount,
        )
    far = OpportunityFactory(account=account[leo], owner=leo, team=leo.team, amount=9)
    far.close_date += dt.timedelta(days=700)
    far.save()
    OpportunityFactory(
        account=account[leo], stage=stages["Won"], closed_at=LONG_AGO, amount=7, owner=leo
    )
    OpportunityFactory(account=account[leo], owner=leo, deleted_at=timezone.now())

    LeadFactory(owner=rita, team=rita.team, created_at=LONG_AGO)
    LeadFactory(owner=soren, team=soren.team)
    late = request_of(rita, leo, "Late")
    late.due_at = timezone.now() - dt.timedelta(hours=1)
    late.save()
    request_of(soren, ines, "Soon")
    win(converted(leo, "Won").opportunity, leo, stages)
    converted(ines, "Open")
    nothing = converted(leo, "None", opportunity="none")
    credited = create_credited_opportunity(conversion=nothing, fields={"name": "Later"}, actor=leo)
    win(credited, leo, stages)
    return SimpleNamespace(alone=alone, late=late)


def request_of(requester, approver, name):
    """A request that waits for its approver."""
    lead = make_lead(requester, first_name="Req", last_name=name, company=name, email="", phone="")
    return submit_request(
        lead=lead,
        path=confirm(lead, requester),
        plan=plan_of(),
        actor=requester,
        approver=approver,
        message="",
    )


def converted(owner, name, opportunity="create"):
    """The conversion of a lead by its owner, without a request."""
    lead = make_lead(owner, first_name="Con", last_name=name, company=name, email="", phone="")
    return convert_lead(lead=lead, plan=plan_of(opportunity=opportunity), actor=owner)


def win(deal, actor, stages):
    changes = {"next_step": "Sign", "amount": Decimal(500)}
    move_stage(opportunity=deal, stage=stages["Won"], actor=actor, changes=changes)


def listed(client, url):
    """What the list behind a number shows: how many rows, and for deals what they come to."""
    response = client.get(url)
    assert response.status_code == 200, url
    context = response.context
    if sums := context.get("sums"):
        assert len(context["rows"]) == sums.count
        return sums.count, sums.amount, sums.weighted
    count = context["total"][0] if "total" in context else context["count"]
    assert len(context["page"].rows) == count
    return count, Decimal(0), Decimal(0)
