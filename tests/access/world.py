"""The cast, and what Rita and Leo own: every address of the site can be asked about it."""

import copy
from collections.abc import Callable
from functools import wraps
from types import SimpleNamespace
from typing import Any

from allauth.account.models import EmailAddress
from django.core.files.uploadedfile import SimpleUploadedFile

from activities.models import Reason
from activities.services import log_activity
from conversion import services as conversion
from integrations.services import create_import, create_token
from leads.services import deal_qualification, qualification
from opportunities.models import Stage
from people.ownership import MemberKind
from tests.conversion.conftest import confirm, plan_of
from tests.factories import (
    AccountFactory,
    ActivityFactory,
    ContactFactory,
    LeadFactory,
    OpportunityFactory,
    ProductFactory,
    QueueFactory,
    TeamFactory,
    UserFactory,
)

CAST = ("rita", "nadia", "soren", "leo", "ada")
NEW = plan_of().as_json()


def make_world() -> SimpleNamespace:
    """
    Rita's records, and a contact and a deal of Leo's.

    Files go where MEDIA_ROOT says; nothing else outside the database is touched.
    """
    europe = TeamFactory(name="Europe")
    north = TeamFactory(name="North", parent=europe)
    rita = UserFactory(role="sdr", team=north, full_name="Rita Ono", email="rita@example.com")
    leo = UserFactory(role="ae", team=north, full_name="Leo Haddad", email="leo@example.com")
    account = AccountFactory(owner=rita)
    task = log_activity(
        kind="task",
        actor=rita,
        fields={"subject": "Send the guide"},
        account=account,
        files=[SimpleUploadedFile("guide.pdf", b"%PDF-1.7")],
    )
    leos = ContactFactory(account__owner=leo)
    deal = OpportunityFactory(account__owner=leo, next_step="Call")
    someone = ContactFactory(account=deal.account)
    queue = QueueFactory(members=[rita])
    LeadFactory(owner=None, queue=queue)
    world = SimpleNamespace(
        prepared={},
        rita=rita,
        nadia=UserFactory(role="manager", team=europe, full_name="Nadia Berg"),
        soren=UserFactory(role="sdr", team=TeamFactory(name="South"), full_name="Søren Dahl"),
        leo=leo,
        ada=UserFactory(role="admin", full_name="Ada Admin"),
        deal=deal,
        part=deal.contact_roles.create(contact=someone, role="user"),
        product=ProductFactory(),
        next_stage=Stage.objects.get(name="Evaluation"),
        reopening=Reason.objects.for_kind("reopen")[0],
        account=account,
        task=task,
        file=task.attachments.get(),
        leos=leos,
        batch=create_import(actor=rita, data="Last name\nKovač\n".encode(), name="leads.csv"),
        token=create_token(user=rita, name="Sync", scopes=["read"], actor=None)[0],
        leos_delegation=leo.delegations.create(
            delegate=UserFactory(role="ae"), starts_on="2099-01-01", ends_on="2099-01-02"
        ),
        lead=LeadFactory(owner=rita),
        queue=queue,
        member=leos.account.members.create(user=rita, kind=MemberKind.APPROVER),
    )
    world.said = ActivityFactory(lead=world.lead, owner=rita, kind="call")
    world.said_of_deal = ActivityFactory(opportunity=deal, owner=leo, kind="call")
    # As whoever was invited has it; allauth would add what is missing to a page that is read.
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, verified=True, primary=True)
        for user in (getattr(world, person) for person in CAST)
    )
    return world


def criterion_of(lead):
    return qualification(lead).items[0].criterion


def asked_of(deal):
    return deal_qualification(deal).items[0].criterion


def prepared_once(make: Callable[[SimpleNamespace], Any]) -> Callable[[SimpleNamespace], Any]:
    """What `prepare` has made is found; in a world without it, it is made of her lead now."""

    @wraps(make)
    def found(ritas):
        return ritas.prepared.get(make.__name__) or make(ritas)

    return found


@prepared_once
def met_path(ritas):
    """The path of which her lead has every answer."""
    return confirm(ritas.lead, ritas.rita)


@prepared_once
def requested(ritas):
    """Her request that Leo accept her lead."""
    path = met_path(ritas)
    return conversion.submit_request(
        lead=ritas.lead, path=path, plan=plan_of(), actor=ritas.rita, approver=ritas.leo
    )


@prepared_once
def sent_back(ritas):
    return conversion.send_back(request=requested(ritas), actor=ritas.leo, message="What budget?")


@prepared_once
def rejected(ritas):
    return conversion.reject(
        request=requested(ritas),
        actor=ritas.leo,
        reason=Reason.objects.get(kind="reject", code="no_budget"),
        outcome="keep_working",
        note="Not this year.",
    )


@prepared_once
def disputed(ritas):
    return conversion.dispute(
        request=rejected(ritas), actor=ritas.rita, statement="They have a budget."
    )


def convert(ritas, opportunity="create"):
    """Her lead, requested and approved, is converted by Leo."""
    return conversion.convert_lead(
        lead=ritas.lead,
        plan=plan_of(opportunity=opportunity),
        actor=ritas.leo,
        request=requested(ritas),
    )


@prepared_once
def receipt(ritas):
    """The conversion of a lead of hers, which Leo approved."""
    return convert(ritas)


@prepared_once
def receipt_without_deal(ritas):
    """The same where no opportunity was made."""
    return convert(ritas, opportunity="none")


def later_deal(ritas):
    """A deal of Leo's with the account of a conversion that made none."""
    return OpportunityFactory(owner=ritas.leo, account=receipt_without_deal(ritas).account)


def prepare(world: SimpleNamespace) -> None:
    """Make everything that addresses name about the handoff, each of a lead of its own."""
    for make in (requested, sent_back, rejected, disputed, receipt, receipt_without_deal):
        apart = copy.copy(world)
        apart.prepared, apart.lead = {}, LeadFactory(owner=world.rita)
        world.prepared[make.__name__] = make(apart)
