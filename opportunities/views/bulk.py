"""Giving many deals to another owner."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from accounts.views.bulk import record_bulk
from crm.http import Request
from opportunities.models import Opportunity
from opportunities.services import assign_opportunity


@dataclass(frozen=True)
class Deals:
    """What giving many of them away has to know of deals."""

    model: Any = Opportunity
    noun: str = "opportunity"
    plural: str = "opportunities"

    @property
    def assign(self) -> Any:
        return assign_opportunity

    @property
    def list_url(self) -> str:
        return reverse("opportunities:list")

    @property
    def bulk_url(self) -> str:
        return reverse("opportunities:bulk")


def opportunity_bulk(request: Request) -> HttpResponse:
    """Assign the deals that are ticked; tells which of them could not be."""
    return record_bulk(request, Deals())
