"""The rules for single values of a deal, which every service on deals shares."""

import datetime as dt
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from crm.errors import DomainError
from crm.records import Diff, apply_changes
from opportunities.models import ForecastCategory, Opportunity, Stage
from opportunities.rates import rate_on

# Set by people, straight into a column. The stage, the owner, the primary contact and the
# line items have services of their own.
PLAIN = frozenset(
    {
        "name",
        "amount",
        "currency",
        "close_date",
        "type",
        "next_step",
        "next_step_on",
        "description",
        "source",
        "campaign",
        "competitor",
        "partner_account",
        "external_id",
    }
)
FORECAST = frozenset({"probability", "forecast_category"})
EDITABLE = PLAIN | FORECAST | {"primary_contact"}

# Columns that a service may have touched while it applied changes.
DERIVED = (
    "rate",
    "close_date_pushes",
    "close_date_is_default",
    "probability_overridden",
)


class OpportunityIsClosed(DomainError):
    """The deal is won or lost; only re-opening it comes before anything else."""

    code = "opportunity_closed"

    def __init__(self, opportunity: Opportunity):
        super().__init__(
            f"{opportunity.name} is {opportunity.get_stage_kind_display().lower()}. "
            "Re-open it to change it."
        )


def require_open(opportunity: Opportunity) -> None:
    """Raise OpportunityIsClosed unless the deal is open."""
    if not opportunity.is_open:
        raise OpportunityIsClosed(opportunity)


def apply_values(opportunity: Opportunity, changes: Mapping[str, Any]) -> Diff:
    """
    Set plain and forecast values on a locked deal, with what follows from them.

    An empty probability or category goes back to the stage's. A close date that moves
    later counts as a push. Raises KeyError for other fields, and ValidationError.
    """
    old_close_date = opportunity.close_date
    diff = apply_changes(
        opportunity,
        {name: value for name, value in changes.items() if name not in FORECAST},
        allowed=PLAIN,
    )
    diff |= apply_forecast(opportunity, changes)
    if "close_date" in changes:
        opportunity.close_date_is_default = False
    if "close_date" in diff and moved_later(old_close_date, opportunity.close_date):
        opportunity.close_date_pushes += 1
    if "amount" in diff and opportunity.line_items.exists():
        raise ValidationError(
            {
                "amount": ValidationError(
                    "The products make the amount. Change them instead.",
                    code="amount_from_products",
                )
            }
        )
    if {"amount", "currency"} & diff.keys():
        set_amount(opportunity, opportunity.amount)
    check(opportunity, diff)
    return diff


def apply_forecast(opportunity: Opportunity, changes: Mapping[str, Any]) -> Diff:
    """Set probability and category, or let them follow the stage again where they are empty."""
    wanted = {name: changes[name] for name in FORECAST if name in changes}
    stage = opportunity.stage
    if "probability" in wanted:
        is_own = wanted["probability"] is not None
        opportunity.probability_overridden = is_own and wanted["probability"] != stage.probability
        if not is_own:
            wanted["probability"] = stage.probability
    if "forecast_category" in wanted and not wanted["forecast_category"]:
        wanted["forecast_category"] = stage.forecast_category
    return apply_changes(opportunity, wanted, allowed=FORECAST)


def enter_stage(opportunity: Opportunity, stage: Stage, *, now: dt.datetime) -> Diff:
    """
    Put a locked deal into a stage, with the kind, probability and category that follow.

    A probability or a category that somebody has set stays while the deal stays open.
    """
    left = opportunity.stage
    has_own_category = opportunity.forecast_category != left.forecast_category
    diff = apply_changes(opportunity, {"stage": stage}, allowed=("stage",))
    opportunity.pipeline_id = stage.pipeline_id
    opportunity.stage_kind = stage.kind
    opportunity.stage_since = now
    follows: dict[str, Any] = {}
    if not (stage.is_open and opportunity.probability_overridden):
        opportunity.probability_overridden = False
        follows["probability"] = stage.probability
    if not (stage.is_open and left.is_open and has_own_category):
        follows["forecast_category"] = stage.forecast_category
    return diff | apply_changes(opportunity, follows, allowed=FORECAST)


def set_amount(
    opportunity: Opportunity,
    amount: Decimal | None,
    *,
    company_currency: str | None = None,
) -> None:
    """
    Set the amount with the exchange rate of today.

    Raises ValidationError for `currency` where there is no rate.
    """
    opportunity.amount = amount
    if amount is not None:
        opportunity.rate = rate_on(
            opportunity.currency,
            timezone.localdate(),
            company_currency=company_currency,
        )


def moved_later(before: dt.date, after: Any) -> bool:
    return isinstance(after, dt.date) and after > before


def check(opportunity: Opportunity, fields: Collection[str]) -> None:
    """
    Say by field what is wrong with the named values. Raises ValidationError.

    Foreign keys are left out, since they are rows that somebody has just seen.
    """
    problems: dict[str, Any] = {}
    for field in opportunity._meta.fields:
        if field.name not in fields or field.is_relation:
            continue
        try:
            field.clean(getattr(opportunity, field.name), opportunity)
        except ValidationError as error:
            problems[field.name] = error
    if "amount" not in problems and opportunity.amount is not None and opportunity.amount < 0:
        problems["amount"] = "An amount cannot be negative."
    if (
        "forecast_category" in fields
        and opportunity.is_open
        and opportunity.forecast_category == ForecastCategory.CLOSED
    ):
        problems["forecast_category"] = "Only a deal that is won or lost counts as closed."
    if problems:
        raise ValidationError(problems)
