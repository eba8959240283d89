"""Who decides requests while somebody is away."""

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import transaction

from crm.errors import require
from people.events import record
from people.models import Delegation, User
from people.queries import approvers
from people.services.users import can_administer


@transaction.atomic
def set_delegate(
    *,
    user: User,
    delegate: User,
    starts_on: dt.date,
    ends_on: dt.date,
    actor: User,
    today: dt.date,
) -> Delegation:
    """
    Send the requests of `user` to `delegate` from one day to another, both included.

    For oneself, or for those one administers. Raises PermissionDenied, or ValidationError
    for somebody who cannot decide requests, for days that are over, and for those that another
    delegation has.
    """
    require(actor.pk == user.pk or can_administer(actor, user))
    # Two delegations of one person for one day would contradict each other.
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if not approvers().filter(pk=delegate.pk).exists():
        raise ValidationError({"delegate": f"{delegate} cannot decide conversion requests."})
    delegation = Delegation(user=user, delegate=delegate, starts_on=starts_on, ends_on=ends_on)
    delegation.full_clean()
    if ends_on < today:
        raise ValidationError({"ends_on": "This day is over."})
    if (
        Delegation.objects.filter(user=user, starts_on__lte=ends_on, ends_on__gte=starts_on)
    ).exists():
        raise ValidationError({"starts_on": "There is a delegate for some of these days already."})
    delegation.save(force_insert=True)
    record(
        "user.delegated",
        actor=actor,
        user=user,
        notify=[delegate],
        changes={
            "delegate": [None, delegate.pk],
            "starts_on": starts_on.isoformat(),
            "ends_on": ends_on.isoformat(),
        },
    )
    return delegation


@transaction.atomic
def end_delegation(*, delegation: Delegation, actor: User, today: dt.date) -> None:
    """
    Let somebody decide for themselves again, from `today` on.

    What has been stays; a delegation that has not begun is removed. Raises PermissionDenied.
    """
    delegation = (
        Delegation.objects.select_for_update(of=("self",))
        .select_related("user", "delegate")
        .get(pk=delegation.pk)
    )
    user = delegation.user
    require(actor.pk == user.pk or can_administer(actor, user))
    if delegation.ends_on < today:
        return
    record(
        "user.delegation_ended",
        actor=actor,
        user=user,
        notify=[delegation.delegate],
        changes={"delegate": [delegation.delegate_id, None]},
    )
    if delegation.starts_on >= today:
        delegation.delete()
        return
    delegation.ends_on = today - dt.timedelta(days=1)
    delegation.save(update_fields=["ends_on"])
