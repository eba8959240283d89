from leads.models.claim import LeadClaim
from leads.models.interest import ProductInterest
from leads.models.lead import (
    HandoffState,
    Lead,
    LeadMember,
    Rating,
)
from leads.models.lead_queryset import LeadQuerySet
from leads.models.playbook import (
    Answer,
    AnswerState,
    ApprovalRule,
    ApproverRule,
    Criterion,
    Path,
    PathCriterion,
    Playbook,
    PlaybookSubject,
)
from leads.models.queue import Queue, QueueMember
from leads.models.scoring import ScoreKind, ScoreOperator, ScoreRule
from leads.models.status import LeadStatus, StatusKind

__all__ = [
    "Answer",
    "AnswerState",
    "ApprovalRule",
    "ApproverRule",
    "Criterion",
    "HandoffState",
    "Lead",
    "LeadClaim",
    "LeadMember",
    "LeadQuerySet",
    "LeadStatus",
    "Path",
    "PathCriterion",
    "Playbook",
    "PlaybookSubject",
    "ProductInterest",
    "Queue",
    "QueueMember",
    "Rating",
    "ScoreKind",
    "ScoreOperator",
    "ScoreRule",
    "StatusKind",
]
