"""What being allowed to edit a deal does not yet allow: pure functions, no queries."""

from people.models import User
from people.reach import Action, ReachLevel, RecordType

OWN_AT_MOST = (ReachLevel.NONE, ReachLevel.OWN)


def can_overrule(user: User) -> bool:
    """Whoever edits other people's deals may skip exit requirements and re-open closed deals."""
    return user.reach.level(RecordType.OPPORTUNITY, Action.EDIT) not in OWN_AT_MOST
