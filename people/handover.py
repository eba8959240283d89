"""
What people hold, and how it goes to others when they leave.

Records with an owner are found by themselves. Another app that lets people hold something
says so with `register` when it is loaded.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db.models import F, QuerySet
from django.utils import timezone

from people.models import User
from people.ownership import EqualsAny, Record, id_array
from people.queries import approvers
from people.reach import Action, RecordType

# Everybody locks in this order, so that nobody waits for each other in a circle.
LOCK_ORDER = (
    RecordType.REQUEST,
    RecordType.LEAD,
    RecordType.ACCOUNT,
    RecordType.CONTACT,
    RecordType.OPPORTUNITY,
    RecordType.ACTIVITY,
)


class Transfer(Protocol):
    """Gives locked rows of `leaver` to somebody else and tells how many there were."""

    def __call__(self, *, leaver: User, to: User, actor: User) -> int: ...


@dataclass(frozen=True)
class Holding:
    """
    One kind of thing that a person may hold.

    `held_by` gives the rows that somebody has to take over; `hand_over` locks them and gives
    them away. `needs_approver`: only those who may decide requests can take it.
    """

    record_type: RecordType
    label: str
    held_by: Callable[[User], QuerySet]
    hand_over: Transfer
    needs_approver: bool = False


@dataclass(frozen=True)
class Held:
    """How much of one kind somebody holds."""

    holding: Holding
    count: int

    @property
    def label(self) -> str:
        return self.holding.label


_registered: list[Holding] = []


def register(holding: Holding) -> None:
    """Let a kind of thing change hands too; called when its app is loaded."""
    _registered.append(holding)


def holdings() -> list[Holding]:
    """Every kind of thing that people hold, in the order in which to lock it."""
    records = [record_holding(model) for model in apps.get_models() if issubclass(model, Record)]
    return sorted(
        [*_registered, *records],
        key=lambda holding: LOCK_ORDER.index(holding.record_type),
    )


def held_by(user: User) -> list[Held]:
    """What somebody holds, with counts; nothing of which there is none."""
    counts = [Held(holding, holding.held_by(user).count()) for holding in holdings()]
    return [held for held in counts if held.count]


def check_successors(leaver: User, *, to: User | None, approver: User | None) -> None:
    """Raise ValidationError unless what `leaver` holds can go to `to` and `approver`."""
    for field, person in {"to": to, "approver": approver}.items():
        if person is not None and (person.pk == leaver.pk or not person.is_active):
            raise ValidationError({field: "Choose somebody else who is active."})
    for held in held_by(leaver):
        what = held.label.lower()
        if held.holding.needs_approver:
            if not approvers().filter(pk=getattr(approver or to, "pk", None)).exists():
                raise ValidationError({"approver": f"Say who takes over their {what}."})
        elif to is None:
            raise ValidationError({"to": f"Say who takes over their {what}."})
        elif not to.can(held.holding.record_type, Action.VIEW):
            raise ValidationError({"to": f"The role of {to} does not allow them {what}."})


def hand_over(
    leaver: User, *, to: User | None, approver: User | None, actor: User
) -> dict[str, int]:
    """
    Give everything `leaver` holds to others: {"lead": 12, "request": 2}.

    For a service, inside its transaction and after `check_successors`.
    """
    counts: dict[str, int] = {}
    for holding in holdings():
        successor = (approver or to) if holding.needs_approver else to
        if successor is None:
            continue  # They hold none of it, or the check would have refused.
        if count := holding.hand_over(leaver=leaver, to=successor, actor=actor):
            kind = str(holding.record_type)
            counts[kind] = counts.get(kind, 0) + count
    return counts


def record_holding(model: Any) -> Holding:
    """How the records of one model change hands: their owner, and with the owner their team."""

    def owned_by(user: User) -> QuerySet:
        return model.objects.unscoped(reason="they need an owner, whoever sees them").filter(
            owner=user, deleted_at__isnull=True
        )

    def hand_over(*, leaver: User, to: User, actor: User) -> int:
        rows = owned_by(leaver).order_by("pk").select_for_update(of=("self",), no_key=True)
        ids = list(rows.values_list("pk", flat=True))
        everything = model.objects.unscoped(reason="the rows just locked")
        return everything.filter(EqualsAny(F("pk"), id_array(ids))).update(
            owner=to,
            team=to.team_id,
            version=F("version") + 1,
            updated_by=actor,
            updated_at=timezone.now(),
        )

    return Holding(model.record_type, model.record_type.label, owned_by, hand_over)
