"""What a plan comes to, decided down to every value: three targets, and all that follows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from accounts.models import Account, Contact
from conversion.plans import ConversionPlan
from leads.models import Lead, LeadStatus
from opportunities.models import Opportunity
from people.models import User, Workspace

TARGET_MODELS: dict[str, Any] = {
    "account": Account,
    "contact": Contact,
    "opportunity": Opportunity,
}


@dataclass
class Target:
    """One of the three targets, decided: an existing record, or the values of a new one."""

    name: str
    outcome: str
    record: Any = None
    values: dict[str, Any] = field(default_factory=dict)
    filled: list[dict[str, Any]] = field(default_factory=list)
    replaced: list[dict[str, Any]] = field(default_factory=list)
    kept: list[dict[str, Any]] = field(default_factory=list)

    @property
    def is_new(self) -> bool:
        return self.outcome == "created"

    def effect(self) -> dict[str, Any]:
        """What happens to it, as the preview and the receipt say it."""
        title = self.record.name if self.record else name_of(self.name, self.values)
        return {
            "outcome": self.outcome,
            "id": self.record.pk if self.record else None,
            "name": title,
            "filled": self.filled,
            "replaced": self.replaced,
            "kept": self.kept,
        }


@dataclass
class Resolution:
    """A plan that can be carried out, down to every value."""

    lead: Lead
    plan: ConversionPlan
    workspace: Workspace
    owner: User
    status: LeadStatus
    account: Target
    contact: Target
    opportunity: Target | None
    line_items: list[dict[str, Any]] = field(default_factory=list)
    effects: dict[str, Any] = field(default_factory=dict)


def name_of(target: str, values: Mapping[str, Any]) -> str:
    if target == "contact":
        return f"{values.get('first_name', '')} {values.get('last_name', '')}".strip()
    return values["name"]
