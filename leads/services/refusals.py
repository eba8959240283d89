"""The ways in which the services of leads say no."""

from crm.errors import DomainError
from leads.models import Lead, LeadClaim, LeadStatus, Queue
from people.models import User


class LeadIsFinal(DomainError):
    """The lead has been converted; only its owner may change."""

    code = "lead_final"

    def __init__(self, lead: Lead):
        receipt = lead.conversion.get_absolute_url()
        super().__init__(
            f"{lead} has been converted and cannot change any more.", extra={"receipt": receipt}
        )


class LeadHasChanged(DomainError):
    """What was done to the lead is not the latest change any more, so it stays."""

    code = "lead_has_changed"

    def __init__(self, lead: Lead, *, by: User | None, actor: User):
        who = " by you" if by == actor else f" by {by.full_name}" if by else ""
        super().__init__(f"{lead} was changed{who} in the meantime.")


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
