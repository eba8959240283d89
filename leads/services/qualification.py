"""What is known of a lead, criterion by criterion, and which paths that meets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from activities.events import record
from activities.models import Activity
from crm.records import apply_changes
from leads.cleaning import clean_line, storable
from leads.models import (
    Answer,
    AnswerState,
    Criterion,
    Lead,
    Path,
    Playbook,
    PlaybookSubject,
)
from leads.services.locking import lock_open_lead
from people.models import TeamClosure, User

ANSWER_COLUMNS = ("state", "value", "evidence", "evidence_activity")


@dataclass(frozen=True)
class PathStatus:
    """How far a lead is on one path: `confirmed` of the `total` required criteria."""

    path: Path
    met: bool
    missing: list[Criterion]
    confirmed: int
    total: int


@dataclass(frozen=True)
class ChecklistItem:
    """One criterion of the playbook, with the lead's answer if there is one."""

    criterion: Criterion
    answer: Answer | None

    @property
    def state(self) -> str:
        return self.answer.state if self.answer else AnswerState.UNKNOWN


@dataclass(frozen=True)
class Qualification:
    """The playbook of a lead as a checklist, and what each path still misses."""

    playbook: Playbook | None
    items: list[ChecklistItem]
    paths: list[PathStatus]

    @property
    def confirmed(self) -> int:
        return sum(item.state == AnswerState.CONFIRMED for item in self.items)


def playbook_of(lead: Lead) -> Playbook | None:
    """The lead's own playbook, else that of the nearest team that has one, else the default."""
    return lead.playbook if lead.playbook_id else playbooks_for(lead).first()


def playbooks_for(lead: Lead) -> QuerySet[Playbook]:
    """What a lead that has no playbook of its own may follow, the nearest first."""
    distance = TeamClosure.objects.filter(
        ancestor=OuterRef("team"), descendant=lead.team_id
    ).values("depth")
    return (
        Playbook.objects.filter(subject=PlaybookSubject.LEAD, is_active=True)
        .annotate(distance=Subquery(distance))
        .filter(Q(distance__isnull=False) | Q(is_default=True))
        .order_by(F("distance").asc(nulls_last=True))
    )


def qualification(lead: Lead) -> Qualification:
    """The lead's checklist and path statuses. Four queries at most."""
    playbook = playbook_of(lead)
    if playbook is None:
        return Qualification(playbook=None, items=[], paths=[])
    criteria = playbook.criteria.filter(is_active=True).order_by("position", "pk")
    answers = {
        answer.criterion_id: answer
        for answer in lead.answers.select_related("answered_by", "evidence_activity")
    }
    items = [ChecklistItem(criterion, answers.get(criterion.pk)) for criterion in criteria]
    is_required = Q(path_criteria__is_required=True)
    paths = (
        playbook.paths.filter(is_active=True)
        .annotate(required=ArrayAgg("path_criteria__criterion", filter=is_required, default=[]))
        .order_by("position", "pk")
    )
    return Qualification(playbook, items, [path_status(path, items) for path in paths])


def path_statuses(lead: Lead) -> list[PathStatus]:
    """Every active path of the lead's playbook, with what it still misses."""
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
    state: str,
    value: str = "",
    evidence: str = "",
    evidence_activity: Activity | None = None,
    actor: User,
) -> Answer:
    """
    What is now known of one criterion, by whom and since when.

    Raises PermissionDenied, LeadIsFinal, or ValidationError.
    """
    lead = lock_open_lead(lead, actor=actor)
    playbook = playbook_of(lead)
    if playbook is None or criterion.playbook_id != playbook.pk or not criterion.is_active:
        raise ValidationError({"criterion": f"{criterion} is not asked of this lead."})
    if evidence_activity is not None:
        require_evidence(evidence_activity, lead)
    answer = lead.answers.filter(criterion=criterion).first() or Answer(
        lead=lead, criterion=criterion
    )
    columns = clean_answer(state, value, evidence) | {"evidence_activity": evidence_activity}
    if diff := apply_changes(answer, columns, allowed=ANSWER_COLUMNS):
        answer.answered_by, answer.answered_at = actor, timezone.now()
        answer.save()
        record(
            "lead.answered",
            actor=actor,
            lead=lead,
            changes={"criterion": criterion.key, **diff},
            criterion=criterion,
        )
    return answer


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
    criteria = {each.key: each for each in playbook.criteria.all()} if playbook else {}
    errors: dict[str, Any] = {}
    for place, answer in enumerate(answers):
        try:
            if answer["criterion"] not in criteria:
                raise ValidationError({"criterion": "This is not asked of the lead."})
            criterion = criteria[answer["criterion"]]
            answer_criterion(lead=lead, actor=actor, **{**answer, "criterion": criterion})
        except ValidationError as error:
            for name, messages in error.error_dict.items():
                errors[f"answers.{place}.{name}"] = messages
    if errors:
        raise ValidationError(errors)
    return qualification(lead)


def clean_answer(state: str, value: str, evidence: str) -> dict[str, str]:
    """An answer's texts, fit to be stored. Raises ValidationError by field."""
    columns: dict[str, str] = {}
    errors: dict[str, ValidationError] = {}
    for name, text, clean in (
        ("state", state, storable),
        ("value", value, clean_line),
        ("evidence", evidence, storable),
    ):
        try:
            field: Any = Answer._meta.get_field(name)
            columns[name] = field.clean(clean(text), None)
        except ValidationError as error:
            errors[name] = error
    if errors:
        raise ValidationError(errors)
    return columns


def require_evidence(activity: Activity, lead: Lead) -> None:
    """Raises ValidationError if an activity is not one of this lead's own."""
    if activity.lead_id != lead.pk or activity.deleted_at is not None:
        raise ValidationError({"evidence_activity": "This is not an activity of the lead."})
