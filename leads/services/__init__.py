"""Every change of a lead. Nothing else writes to the tables of this app."""

from leads.services.answers import NEAREST_PLAYBOOK, ChecklistItem
from leads.services.assignment import assign_lead, hand_over, take_next
from leads.services.claims import claim_lead, release_claim, release_lead
from leads.services.creation import LeadMaker, NewLead, create_lead, insert_leads
from leads.services.deals import (
    DealQualification,
    answer_deal_criteria,
    answer_deal_criterion,
    deal_qualification,
)
from leads.services.leads import delete_lead, delete_untouched, rescore, update_lead
from leads.services.qualification import (
    PathStatus,
    Qualification,
    answer_criteria,
    answer_criterion,
    path_statuses,
    playbook_of,
    qualification,
)
from leads.services.queue import wake_up_leads
from leads.services.refusals import (
    LeadIsClaimed,
    LeadIsFinal,
    OnlyByConversion,
    QueueIsEmpty,
    RequestIsOpen,
)
from leads.services.status import move_to_status, set_status
from leads.services.undoing import undo_change

__all__ = [
    "NEAREST_PLAYBOOK",
    "ChecklistItem",
    "DealQualification",
    "LeadIsClaimed",
    "LeadIsFinal",
    "LeadMaker",
    "NewLead",
    "OnlyByConversion",
    "PathStatus",
    "Qualification",
    "QueueIsEmpty",
    "RequestIsOpen",
    "answer_criteria",
    "answer_criterion",
    "answer_deal_criteria",
    "answer_deal_criterion",
    "assign_lead",
    "claim_lead",
    "create_lead",
    "deal_qualification",
    "delete_lead",
    "delete_untouched",
    "hand_over",
    "insert_leads",
    "move_to_status",
    "path_statuses",
    "playbook_of",
    "qualification",
    "release_claim",
    "release_lead",
    "rescore",
    "set_status",
    "take_next",
    "undo_change",
    "update_lead",
    "wake_up_leads",
]
