"""A deal of Leo's in the first stage, and the stages it may go to."""

import pytest

from activities.models import Reason
from opportunities.models import Stage
from tests.factories import OpportunityFactory


@pytest.fixture
def stages(db):
    """The seeded stages by name."""
    return {stage.name: stage for stage in Stage.objects.select_related("pipeline")}


@pytest.fixture
def deal(leo):
    return OpportunityFactory(owner=leo, account__owner=leo, name="Fernhill rollout")


@pytest.fixture
def reason(db):
    """`reason("lost", "price")` is one of the seeded reasons."""
    return lambda kind, code: Reason.objects.get(kind=kind, code=code)
