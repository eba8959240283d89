"""What being allowed to edit a deal does not yet allow: pure functions, no queries."""

from opportunities.models import Opportunity
from people.models import User
from people.reach import Action, ReachLevel, RecordType

OWN_AT_MOST = (ReachLevel.NONE, ReachLevel.OWN)


def can_overrule(user: User) -> bool:
    """Whoever edits other people's deals may skip exit requirements and re-open closed deals."""
    return user.reach.level(RecordType.OPPORTUNITY, Action.EDIT) not in OWN_AT_MOST


def can_reopen(user: User, opportunity: Opportunity, actions: set[str]) -> bool:
    """Whether a deal is closed and this person, who may do `actions` with it, may undo that."""
    return Action.EDIT in actions and not opportunity.is_open and can_overrule(user)
