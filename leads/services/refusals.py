"""The ways in which the services of leads say no."""

from crm.errors import DomainError
from leads.models import Lead, LeadClaim, LeadStatus, Queue


class LeadIsFinal(DomainError):
    """The lead has been converted; only its owner may change."""

    code = "lead_final"

    def __init__(self, lead: Lead):
        receipt = lead.conversion.get_absolute_url()
        super().__init__(
            f"{lead} has been converted and cannot change any more.", extra={"receipt": receipt}
        )


class OnlyByConversion(DomainError):
    """A status of the kind `converted` was asked for."""

    code = "only_by_conversion"

    def __init__(self, status: LeadStatus):
        super().__init__(f"A lead becomes {status} only by being converted.")


class RequestIsOpen(DomainError):
    """The lead is in the hands of an approver."""

    code = "request_open"

    def __init__(self, lead: Lead):
        super().__init__(f"{lead} has an open conversion request. Recall it first.")


class QueueIsEmpty(DomainError):
    """Nobody waits in the queue, or somebody else is just taking the last one."""

    code = "queue_empty"

    def __init__(self, queue: Queue):
        super().__init__(f"No lead is waiting in {queue}.")


class LeadIsClaimed(DomainError):
    """A colleague has opened the lead to work it."""

    code = "lead_claimed"

    def __init__(self, claim: LeadClaim):
        super().__init__(
            f"{claim.user} is on it.",
            extra={"user": claim.user_id, "until": claim.until.isoformat()},
        )
