"""
Who sees what: one queryset for every record that has an owner.

A record is within a person's reach when its owner is, or when the person is on the
record's team list (its members).
"""

from collections.abc import Iterable
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.expressions import RawSQL
from django.utils import timezone

from people.reach import Action, Reach, ReachLevel


class EqualsAny(Func):
    """`column = ANY(array)`: one plan for any number of ids, and an index condition."""

    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    output_field = models.BooleanField()


def id_array(ids: list[int]) -> RawSQL:
    """A list of ids as one array parameter."""
    return RawSQL("%s::bigint[]", [ids])


def ids_where(column: str, model: type[models.Model], **values: list[Any]) -> RawSQL:
    """
    What a column has in the rows where each named column has one of its values, as an array.

    `visible_to` stands several times in every request. The ORM takes longer to put such a
    subquery together than PostgreSQL to answer it.
    """
    conditions = " AND ".join(f"{name} = ANY(%s)" for name in values)
    sql = f"ARRAY(SELECT {column} FROM {model._meta.db_table} WHERE {conditions})"  # noqa: S608
    return RawSQL(sql, list(values.values()))  # noqa: S611 - the names are ours


def shared_with(user_id: int | None, action: str, members: type["Member"]) -> RawSQL:
    """The records on whose team list somebody is; an approver there may only look."""
    kinds = list(MemberKind) if action == Action.VIEW else [MemberKind.MEMBER]
    return ids_where("record_id", members, user_id=[user_id], kind=kinds)


class OwnedQuerySet(models.QuerySet):
    """Records with an owner. The model names its `record_type` and its `member_model`."""

    def visible_to(self, user: Any, action: str = Action.VIEW) -> Self:
        """
        The rows on which `user` may perform `action`; any other row must look like a 404.

        Deleted rows are nobody's. Anonymous and inactive users, unknown roles and
        actions the role does not have get nothing.
        """
        if not user.is_authenticated:
            return self.none()
        reach = user.reach
        level = reach.level(self.model.record_type, action)
        if level == ReachLevel.NONE:
            return self.none()
        if level == ReachLevel.ALL:
            return self.live()
        return self.filter(self.within(reach, level, action), deleted_at__isnull=True)

    def own(self, user: Any, action: str = Action.VIEW) -> Self:
        """Those of the rows `visible_to` somebody that are their own: no level covers less."""
        if not user.is_authenticated or not user.can(self.model.record_type, action):
            return self.none()
        return self.filter(owner=user, deleted_at__isnull=True)

    def within(self, reach: Reach, level: str, action: str) -> Q:
        """The condition that visible_to puts on rows; a model may widen it."""
        shared = shared_with(reach.user_id, action, self.model.member_model)
        owned = Q(EqualsAny(F("owner_id"), id_array(reach.user_ids(level))))
        return owned | Q(EqualsAny(F("pk"), shared))

    def owned_by_team_of(self, user: Any) -> Self:
        """The rows of the people in the user's team and below, as far as the user's role looks."""
        mates = user.reach.team_mates_seen(self.model.record_type)
        return self.filter(EqualsAny(F("owner_id"), id_array(mates)))

    def unscoped(self, *, reason: str) -> Self:
        """Every row, deleted ones too: for services, whose `reason` is written where it is used."""
        return self

    def live(self) -> Self:
        return self.filter(deleted_at__isnull=True)


def allowed_actions(record: "Record", user: Any, actions: Iterable[str]) -> set[str]:
    """
    Which of these actions a person may perform on a record they see.

    No query where its owner says so; else one for each level that their role gives these
    actions, mostly one.
    """
    by_level: dict[ReachLevel, list[str]] = {}
    for action in actions:
        by_level.setdefault(user.reach.level(record.record_type, action), []).append(action)
    allowed: set[str] = set()
    for level, same in by_level.items():
        visible = type(record).objects.visible_to(user, same[0])
        if owner_is_within(record, user.reach, level) or visible.filter(pk=record.pk).exists():
            allowed.update(same)
    return allowed


def owner_is_within(record: "Record", reach: Reach, level: ReachLevel) -> bool:
    """Whether a level reaches a record by its owner alone: what `visible_to` begins with."""
    if record.deleted_at is not None:
        return False
    return level == ReachLevel.ALL or record.owner_id in reach.user_ids(level)


class Record(models.Model):
    """
    What every record has: an owner, bookkeeping, a version, and soft deletion.

    Every model has an index that begins with the owner. Nobody looks for what somebody once
    created or changed, and people are never deleted, so those columns need none.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    team = models.ForeignKey(
        "people.Team", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        db_index=False,
        null=True,
        editable=False,
        related_name="+",
    )
    updated_at = models.DateTimeField(auto_now=True)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        db_index=False,
        null=True,
        editable=False,
        related_name="+",
    )
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        abstract = True


class MemberKind(models.TextChoices):
    MEMBER = "member", "Team member"
    APPROVER = "approver", "Approver"


class Member(models.Model):
    """Somebody on a record's team list: the record counts as their own."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=MemberKind, default=MemberKind.MEMBER)

    class Meta:
        abstract = True
