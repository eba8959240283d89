from opportunities.models.opportunity import (
    ContactRole,
    LineItem,
    Opportunity,
    OpportunityMember,
    OpportunityQuerySet,
    OpportunityRole,
    OpportunityType,
)
from opportunities.models.pipeline import (
    ExitRequirement,
    ForecastCategory,
    Pipeline,
    Stage,
    StageKind,
)
from opportunities.models.product import ExchangeRate, Product, ProductQuerySet

__all__ = [
    "ContactRole",
    "ExchangeRate",
    "ExitRequirement",
    "ForecastCategory",
    "LineItem",
    "Opportunity",
    "OpportunityMember",
    "OpportunityQuerySet",
    "OpportunityRole",
    "OpportunityType",
    "Pipeline",
    "Product",
    "ProductQuerySet",
    "Stage",
    "StageKind",
]
