"""
What seeing does not yet say of a lead.

`visible_to` settles who may see, edit and hand on one; here is for whom one may be made.
"""

from leads.models import Queue
from people.models import User
from people.reach import Action, ReachLevel, RecordType


def can_create_for(actor: User, *, owner: User | None, queue: Queue | None) -> bool:
    """A new lead lands within the actor's reach; who may assign leads may send it further."""
    level = actor.reach.level(RecordType.LEAD, Action.CREATE)
    if level == ReachLevel.NONE:
        return False
    if level == ReachLevel.ALL or actor.can(RecordType.LEAD, Action.ASSIGN):
        return True
    if owner is not None:
        return owner.pk in actor.reach.user_ids(level)
    return queue is not None and (
        Queue.objects.visible_to(actor, Action.CREATE).filter(pk=queue.pk).exists()
    )
