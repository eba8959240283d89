"""What the pages of the handoff and the conversion read from people."""

from conversion.forms.decisions import (
    CreditedOpportunityForm,
    DecisionForm,
    DisputeForm,
    JudgeForm,
    ReassignForm,
    RecallForm,
)
from conversion.forms.handoff import HandoffForm, ResubmitForm
from conversion.forms.plans import PlanForm

__all__ = [
    "CreditedOpportunityForm",
    "DecisionForm",
    "DisputeForm",
    "HandoffForm",
    "JudgeForm",
    "PlanForm",
    "ReassignForm",
    "RecallForm",
    "ResubmitForm",
]
