"""What seeing an activity does not yet allow: pure functions, without queries."""

from activities.models import Activity
from people.models import User
from people.reach import Action, ReachLevel, RecordType


def can_edit(user: User, activity: Activity, action: str = Action.EDIT) -> bool:
    """The rule of `Activity.objects.visible_to(user, "edit")`, for a row the user sees."""
    level = user.reach.level(RecordType.ACTIVITY, action)
    if level in (ReachLevel.NONE, ReachLevel.ALL):
        return level == ReachLevel.ALL
    return activity.created_by_id == user.pk or activity.owner_id in user.reach.user_ids(level)
