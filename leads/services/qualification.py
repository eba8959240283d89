"""What is known of a lead, criterion by criterion, and which paths that meets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Unpack

from django.contrib.postgres.aggregates import ArrayAgg
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from leads.models import Answer, AnswerState, Criterion, Lead, Path, Playbook, PlaybookSubject
from leads.services.answers import (
    Checklist,
    ChecklistItem,
    Known,
    checklist,
    nearest_playbook,
    write_answer,
    write_each,
)
from leads.services.locking import lock_open_lead
from people.models import User


@dataclass(frozen=True)
class PathStatus:
    """How far a lead is on one path: `confirmed` of the `total` required criteria."""

    path: Path
    met: bool
    missing: list[Criterion]
    confirmed: int
    total: int


@dataclass(frozen=True)
class Qualification(Checklist):
    """The playbook of a lead as a checklist, and what each path still misses."""

    paths: list[PathStatus]


def playbook_of(lead: Lead) -> Playbook | None:
    """The lead's own playbook, else that of the nearest team that has one, else the default."""
    if lead.playbook_id:
        return lead.playbook
    return nearest_playbook(PlaybookSubject.LEAD, lead.team_id)


def qualification(lead: Lead) -> Qualification:
    """The lead's checklist and path statuses. Four queries at most."""
    playbook = playbook_of(lead)
    if playbook is None:
        return Qualification(playbook=None, items=[], paths=[])
    items = checklist(lead, playbook.criteria.filter(is_active=True).order_by("position", "pk"))
    is_required = Q(path_criteria__is_required=True)
    paths = (
        playbook.paths.filter(is_active=True)
        .annotate(required=ArrayAgg("path_criteria__criterion", filter=is_required, default=[]))
        .order_by("position", "pk")
    )
    statuses = [path_status(path, items) for path in paths]
    # What asks for nothing is no way to qualify: it would be met by whoever comes.
    return Qualification(playbook, items, [status for status in statuses if status.total])


def path_statuses(lead: Lead) -> list[PathStatus]:
    """Every active path of the lead's playbook that requires anything, with what it misses."""
    return qualification(lead).paths


def path_status(path: Any, items: list[ChecklistItem]) -> PathStatus:
    """A criterion that is no longer used cannot be missing."""
    required = [item for item in items if item.criterion.pk in path.required]
    missing = [item.criterion for item in required if item.state != AnswerState.CONFIRMED]
    return PathStatus(
        path=path,
        met=not missing,
        missing=missing,
        confirmed=len(required) - len(missing),
        total=len(required),
    )


@transaction.atomic
def answer_criterion(
    *,
    lead: Lead,
    criterion: Criterion,
    actor: User,
    **known: Unpack[Known],
) -> Answer:
    """
    What is now known of one criterion, by whom and since when.

    Raises PermissionDenied, LeadIsFinal, or ValidationError.
    """
    lead = lock_open_lead(lead, actor=actor)
    playbook = playbook_of(lead)
    if playbook is None or criterion.playbook_id != playbook.pk or not criterion.is_active:
        raise ValidationError({"criterion": f"{criterion} is not asked of this lead."})
    return write_answer(lead, criterion, actor=actor, **known)


@transaction.atomic
def answer_criteria(
    *, lead: Lead, answers: Sequence[Mapping[str, Any]], actor: User
) -> Qualification:
    """
    Several answers at once, all or none, and what the lead's qualification then is.

    Each is what `answer_criterion` takes, with the key of its criterion. Raises the same,
    a ValidationError with names such as `answers.0.value`.
    """
    lead = lock_open_lead(lead, actor=actor)
    playbook = playbook_of(lead)
    criteria = playbook.criteria.all() if playbook else []
    write_each(answers, criteria, partial(answer_criterion, lead=lead, actor=actor))
    return qualification(lead)
