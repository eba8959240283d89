"""What is known of a lead or a deal, criterion by criterion: what both kinds share."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Required, TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import Account
from activities.events import record
from activities.models import Activity
from crm.records import apply_changes
from leads.cleaning import clean_line, storable
from leads.models import Answer, AnswerState, Criterion, Lead, Playbook
from opportunities.models import Opportunity
from people.models import User

ANSWER_COLUMNS = ("state", "value", "evidence", "evidence_activity")

# Of a team's own playbook and those of the teams above it, the nearest; else the default one.
NEAREST_PLAYBOOK = """
    SELECT playbook.id
      FROM leads_playbook playbook
      LEFT JOIN people_teamclosure above
        ON above.ancestor_id = playbook.team_id AND above.descendant_id = %(team)s
     WHERE playbook.subject = %(subject)s AND playbook.is_active
       AND (above.depth IS NOT NULL OR playbook.is_default)
     ORDER BY above.depth NULLS LAST, playbook.id
     LIMIT 1
"""

Subject = Lead | Opportunity


class Known(TypedDict, total=False):
    """What is known of a criterion, and how: an AnswerState, then whatever there is besides."""

    state: Required[str]
    value: str
    evidence: str
    evidence_activity: Activity | None


@dataclass(frozen=True)
class ChecklistItem:
    """One criterion of the playbook, with the record's answer if there is one."""

    criterion: Criterion
    answer: Answer | None

    @property
    def state(self) -> str:
        return self.answer.state if self.answer else AnswerState.UNKNOWN

    @property
    def has_evidence(self) -> bool:
        answer = self.answer
        return answer is not None and bool(answer.evidence or answer.evidence_activity_id)


@dataclass(frozen=True)
class Checklist:
    """What a playbook asks of a record, each criterion with the record's answer."""

    playbook: Playbook | None
    items: list[ChecklistItem]

    @property
    def confirmed(self) -> int:
        return sum(item.state == AnswerState.CONFIRMED for item in self.items)


def nearest_playbook(subject: str, team_id: int | None) -> Playbook | None:
    """The playbook that a team follows for this kind of record, the nearest one above it."""
    found = Playbook.objects.raw(
        f"SELECT * FROM leads_playbook WHERE id = ({NEAREST_PLAYBOOK})",  # noqa: S608 - ours
        {"subject": subject, "team": team_id},
    )
    return next(iter(found), None)


def checklist(subject: Subject, criteria: Iterable[Criterion]) -> list[ChecklistItem]:
    """The criteria in their order, each with the record's answer."""
    answers = {
        answer.criterion_id: answer
        for answer in subject.answers.select_related("answered_by", "evidence_activity")
    }
    return [ChecklistItem(criterion, answers.get(criterion.pk)) for criterion in criteria]


def write_answer(
    subject: Subject,
    criterion: Criterion,
    *,
    actor: User,
    account: Account | None = None,
    **known: Unpack[Known],
) -> Answer:
    """
    Save what is known of one criterion of a locked record, and say so in its history and that
    of its `account`.

    Raises ValidationError.
    """
    kind = str(subject.record_type)
    evidence_activity = known.get("evidence_activity")
    if evidence_activity is not None:
        require_evidence(evidence_activity, subject)
    answer = subject.answers.filter(criterion=criterion).first() or Answer(
        criterion=criterion, **{kind: subject}
    )
    texts = clean_answer(known["state"], known.get("value", ""), known.get("evidence", ""))
    columns = texts | {"evidence_activity": evidence_activity}
    if diff := apply_changes(answer, columns, allowed=ANSWER_COLUMNS):
        answer.answered_by, answer.answered_at = actor, timezone.now()
        answer.save()
        about: dict[str, Any] = {kind: subject, "criterion": criterion}
        if account is not None:
            about["account"] = account
        changes = {"criterion": criterion.key, "label": criterion.label, **diff}
        record(f"{kind}.answered", actor=actor, changes=changes, **about)
    return answer


def write_each(
    answers: Sequence[Mapping[str, Any]],
    criteria: Iterable[Criterion],
    write: Callable[..., Answer],
) -> None:
    """
    Call `write` for each answer with its criterion, which the answer names by its key: the
    first one where two playbooks have the same key.

    Raises one ValidationError for all of them, with names such as `answers.0.value`.
    """
    known = {criterion.key: criterion for criterion in reversed(list(criteria))}
    errors: dict[str, Any] = {}
    for place, answer in enumerate(answers):
        try:
            if answer["criterion"] not in known:
                raise ValidationError({"criterion": "This is not asked here."})
            write(**{**answer, "criterion": known[answer["criterion"]]})
        except ValidationError as error:
            for name, messages in error.error_dict.items():
                errors[f"answers.{place}.{name}"] = messages
    if errors:
        raise ValidationError(errors)


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


def require_evidence(activity: Activity, subject: Subject) -> None:
    """Raises ValidationError if an activity is not one of this record's own."""
    kind = str(subject.record_type)
    if getattr(activity, f"{kind}_id") != subject.pk or activity.deleted_at is not None:
        raise ValidationError({"evidence_activity": f"This is not an activity of the {kind}."})
