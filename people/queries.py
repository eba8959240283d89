"""Questions about people that several apps ask: who decides, for whom, and who is above whom."""

import datetime as dt
from typing import Any

from django.db.models import Case, Q, QuerySet, Value, When

from crm.statements import Statement, for_today
from people.models import Delegation, RolePermission, TeamClosure, User, UserQuerySet
from people.reach import Action, ReachLevel, RecordType

# A longer list is searched, not read.
MOST_OFFERED = 100


def approvers() -> UserQuerySet:
    """The active people whose role may decide conversion requests, by name."""
    return User.objects.active().filter(role__in=deciding_roles()).order_by("full_name", "pk")


def close_colleagues(user: User, *, also: int | None = None) -> list[tuple[Any, ...]]:
    """
    Whom a short list offers, by key and name: the active people of the user's team, of those
    below it and of the one above; for somebody without a team, of all teams. A hundred at most.
    """
    return for_today(user, ("close colleagues", also), lambda: close_to(user, also)).rows()


def close_to(user: User, also: int | None) -> Statement:
    near = Q(pk__in=user.reach.user_ids(ReachLevel.SUBTREE)) | Q(team__children=user.team_id)
    colleagues = User.objects.visible_to(user).active().order_by("full_name", "pk")
    if user.team_id is not None:
        colleagues = colleagues.filter(near | Q(pk=also)).distinct()
    return Statement(colleagues.values_list("pk", "full_name")[:MOST_OFFERED])


def delegate_for(user: User, on_date: dt.date) -> User:
    """
    Who decides in `user`'s place on a day: their delegate, or they themselves.

    Only one step: a delegate who is absent too does not pass it on. A delegate who has left,
    or whose role may no longer decide, is passed over.
    """
    delegation = (
        Delegation.objects.filter(
            user=user, starts_on__lte=on_date, ends_on__gte=on_date, delegate__in=approvers()
        )
        .select_related("delegate")
        .order_by("-starts_on", "-pk")
        .first()
    )
    return delegation.delegate if delegation else user


def manager_of(user: User) -> User | None:
    """
    The nearest active person above `user` who may decide requests of their team.

    Searched in the person's own team first, then in each team above; within one team whoever
    has the narrowest reach comes first, so that an administrator is asked last.
    """
    if user.team_id is None:
        return None
    above = TeamClosure.objects.filter(descendant=user.team_id).order_by("depth")
    for ancestor_id, depth in above.values_list("ancestor_id", "depth"):
        levels = [ReachLevel.SUBTREE, ReachLevel.ALL]
        if depth == 0:
            levels.insert(0, ReachLevel.TEAM)
        candidates = (
            User.objects.active()
            .filter(
                team=ancestor_id,
                role__permissions__record_type=RecordType.REQUEST,
                role__permissions__action=Action.DECIDE,
                role__permissions__level__in=levels,
            )
            .exclude(pk=user.pk)
        )
        narrowest_first = Case(
            *(
                When(role__permissions__level=level, then=Value(rank))
                for rank, level in enumerate(levels)
            )
        )
        if manager := candidates.order_by(narrowest_first, "pk").first():
            return manager
    return None


def deciding_roles() -> QuerySet:
    """The keys of the roles that may decide requests, at whatever reach."""
    return (
        RolePermission.objects.filter(record_type=RecordType.REQUEST, action=Action.DECIDE)
        .exclude(level=ReachLevel.NONE)
        .values("role_id")
    )
