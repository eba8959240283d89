"""What conversion tests start from: a lead of Leo's, and plans."""

import pytest

from accounts.models import LeadSource
from conversion.plans import read_plan
from conversion.services import submit_request
from leads.models import AnswerState, Path
from leads.services import answer_criterion, create_lead

# A plan as a client sends it: everything new.
NEW = {
    "account": {"action": "create"},
    "contact": {"action": "create"},
    "opportunity": {"action": "create"},
}


@pytest.fixture
def lead(leo):
    """Dana of Halcyon Robotics, who is Leo's: he may convert her directly."""
    return make_lead(leo)


@pytest.fixture
def ritas_lead(rita):
    """The same person, being qualified by Rita, who has to request a conversion."""
    return make_lead(rita)


def make_lead(owner, **fields):
    values = {
        "first_name": "Dana",
        "last_name": "Whitfield",
        "company": "Halcyon Robotics",
        "email": "dana@halcyonrobotics.example",
        "phone": "+1 512 555 0199",
        "title": "VP Operations",
        "source": LeadSource.objects.get(name="Referral"),
    }
    return create_lead(actor=owner, fields=values | fields)


def plan_of(account="create", contact="create", opportunity="create", **options):
    """A plan by actions: a record instead of "create" means that existing record."""

    def part(choice):
        if isinstance(choice, dict):
            return choice
        if isinstance(choice, str):
            return {"action": choice}
        return {"action": "existing", "id": choice.pk}

    return read_plan(
        {
            "account": part(account),
            "contact": part(contact),
            "opportunity": part(opportunity),
            **options,
        }
    )


def confirm(lead, actor, path_key="meeting_held"):
    """Answer what a path requires, and return the path."""
    path = Path.objects.get(key=path_key)
    for requirement in path.path_criteria.filter(is_required=True).select_related("criterion"):
        answer_criterion(
            lead=lead,
            criterion=requirement.criterion,
            state=AnswerState.CONFIRMED,
            value="yes",
            evidence="said so on the phone",
            actor=actor,
        )
    return path


@pytest.fixture
def asked(ritas_lead, rita, leo):
    """Rita's request that Leo accept Dana."""
    return submit_request(
        lead=ritas_lead,
        path=confirm(ritas_lead, rita),
        plan=plan_of(),
        actor=rita,
        approver=leo,
        message="She wants a plan by Tuesday.",
    )
