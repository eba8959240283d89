from conversion.models.conversion import (
    Conversion,
    ConversionCredit,
    ConversionQuerySet,
    Mode,
    Outcome,
)
from conversion.models.request import (
    OPEN_STATES,
    ConversionRequest,
    ConversionRequestQuerySet,
    LeadOutcome,
    RequestState,
    RequestTransition,
)

__all__ = [
    "OPEN_STATES",
    "Conversion",
    "ConversionCredit",
    "ConversionQuerySet",
    "ConversionRequest",
    "ConversionRequestQuerySet",
    "LeadOutcome",
    "Mode",
    "Outcome",
    "RequestState",
    "RequestTransition",
]
