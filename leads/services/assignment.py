"""Who works on a lead: handing it to a person or a queue, and taking it from one."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from activities.events import record
from crm.errors import require
from crm.records import apply_changes, lock_record, require_can_own, save_changes
from leads.models import Lead, Queue, QueueMember, StatusKind
from leads.services.locking import LOCKED_WITH
from leads.services.refusals import LeadIsFinal, QueueIsEmpty
from people.models import User
from people.reach import Action, RecordType

ASSIGNMENT_COLUMNS = ("owner", "queue", "team", "assigned_at")
NOT_WAITING = (StatusKind.NURTURING, StatusKind.DISQUALIFIED, StatusKind.CONVERTED)


@transaction.atomic
def assign_lead(
    *,
    lead: Lead,
    to: User | None = None,
    queue: Queue | None = None,
    actor: User,
    why: str = "",
    version: int | None = None,
) -> Lead:
    """
    The lead in the hands of another person, who is told, or waiting in a queue.

    A converted lead may only go to another person. `why` is kept in the history. Raises
    PermissionDenied, LeadIsFinal, StaleVersion, or ValidationError.
    """
    if (to is None) == (queue is None):
        raise ValidationError({"owner": "Choose a person or a queue."})
    lead = lock_record(LOCKED_WITH, pk=lead.pk, actor=actor, action=Action.ASSIGN, version=version)
    if lead.is_converted and to is None:
        raise LeadIsFinal(lead)
    if to is not None:
        require_can_own(to, RecordType.LEAD)
    elif queue is not None and not queue.is_active:
        raise ValidationError({"queue": f"{queue} is no longer used."})
    return hand_over(lead=lead, to=to, queue=queue, actor=actor, why=why or "Chosen by hand.")


def hand_over(
    *,
    lead: Lead,
    actor: User | None,
    why: str,
    to: User | None = None,
    queue: Queue | None = None,
    verb: str = "lead.assigned",
) -> Lead:
    """A locked lead with another owner or queue, without asking rights: its caller asked."""
    if (lead.owner, lead.queue) == (to, queue):
        return lead
    team = to.team if to else queue.team if queue else None
    columns: dict[str, Any] = {"owner": to, "queue": queue, "team": team or lead.team}
    if not lead.is_converted:
        columns["assigned_at"] = timezone.now() if to else None
    diff = apply_changes(lead, columns, allowed=ASSIGNMENT_COLUMNS)
    diff.pop("assigned_at", None)
    save_changes(lead, actor=actor, fields=columns)
    record(verb, actor=actor, lead=lead, changes=diff, note=why, notify=[to] if to else [])
    return lead


@transaction.atomic
def take_next(*, queue: Queue, actor: User) -> Lead:
    """
    The queue's best waiting lead, now the actor's: highest score first, then longest waiting.

    Two members who take at once get two leads: one that is being taken is passed over, and so
    is one that somebody else has opened.
    Raises PermissionDenied for those who are no members, and QueueIsEmpty.
    """
    is_member = QueueMember.objects.filter(queue=queue, user=actor).exists()
    require(is_member and actor.can(RecordType.LEAD, Action.EDIT))
    waiting = (
        Lead.objects.filter(queue=queue, owner__isnull=True)
        .live()
        .exclude(status_kind__in=NOT_WAITING)
        .free_for(actor)
        .order_by("-score", "created_at", "pk")
        .select_for_update(of=("self",), no_key=True, skip_locked=True)
    )
    lead = waiting.first()
    if lead is None:
        raise QueueIsEmpty(queue)
    why = f"Taken from {queue}: its highest score, {lead.score}, of those waiting."
    return hand_over(lead=lead, to=actor, actor=actor, why=why, verb="lead.taken")
