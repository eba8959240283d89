"""What the pages of the handoff and the conversion read from people."""

from conversion.forms.decisions import (
    CreditedOpportunityForm,
    DecisionForm,
    DisputeForm,
    JudgeForm,
    ReassignForm,
    RecallForm,
)

__all__ = [
    "CreditedOpportunityForm",
    "DecisionForm",
    "DisputeForm",
    "JudgeForm",
    "ReassignForm",
    "RecallForm",
]
