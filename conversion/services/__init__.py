"""Every step of the handoff, and the conversion itself."""

from conversion.services.bulk import BulkOutcome, BulkRow, convert_many
from conversion.services.conversion import convert_lead
from conversion.services.credits import (
    CreditRefused,
    create_credited_opportunity,
    link_for_credit,
    reengage,
)
from conversion.services.decisions import approve, reassign, reject, send_back
from conversion.services.delegating import delegate_requests
from conversion.services.disputes import decide_dispute, dispute
from conversion.services.erasure import erase_person
from conversion.services.lapsing import changes_since_submitted, lapse_changed_requests
from conversion.services.overdue import tell_overdue
from conversion.services.requests import recall, resubmit, submit_request

__all__ = [
    "BulkOutcome",
    "BulkRow",
    "CreditRefused",
    "approve",
    "changes_since_submitted",
    "convert_lead",
    "convert_many",
    "create_credited_opportunity",
    "decide_dispute",
    "delegate_requests",
    "dispute",
    "erase_person",
    "lapse_changed_requests",
    "link_for_credit",
    "reassign",
    "recall",
    "reengage",
    "reject",
    "resubmit",
    "send_back",
    "submit_request",
    "tell_overdue",
]
