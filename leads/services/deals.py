"""What is known of a deal by its playbook, such as MEDDIC, and by the leads it came from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Value, When

from crm.records import lock_record
from leads.models import Answer, AnswerState, Criterion, Playbook, PlaybookSubject
from leads.services.answers import (
    Checklist,
    Known,
    checklist,
    nearest_playbook,
    write_answer,
    write_each,
)
from opportunities.models import ExitRequirement, Opportunity
from opportunities.services.values import require_open
from people.models import User


@dataclass(frozen=True)
class DealQualification(Checklist):
    """The playbook of a deal as a checklist, and what was known when it was a lead."""

    carried: list[Answer]


def criteria_of(opportunity: Opportunity, playbook: Playbook | None) -> QuerySet:
    """
    What is asked of a deal: the criteria of its playbook, and those its stage cannot be left
    without, which may be those of another playbook.
    """
    needed = ExitRequirement.objects.filter(stage=opportunity.stage_id, criterion=OuterRef("pk"))
    own_first = Case(When(playbook=playbook, then=Value(0)), default=Value(1))
    asked = Criterion.objects.filter(Q(playbook=playbook, is_active=True) | Exists(needed))
    return asked.order_by(own_first, "playbook", "position", "pk")


def deal_playbook(opportunity: Opportunity) -> Playbook | None:
    """The playbook of the nearest team that has one for deals, else the default."""
    return nearest_playbook(PlaybookSubject.OPPORTUNITY, opportunity.team_id)


def deal_qualification(opportunity: Opportunity) -> DealQualification:
    """The deal's checklist, and the answers of the leads that became it. Four queries."""
    playbook = deal_playbook(opportunity)
    carried = (
        Answer.objects.filter(lead__converted_opportunity=opportunity)
        .exclude(state=AnswerState.UNKNOWN)
        .select_related("criterion__playbook", "answered_by", "lead")
        .order_by("lead", "criterion__position", "pk")
    )
    return DealQualification(
        playbook=playbook,
        items=checklist(opportunity, criteria_of(opportunity, playbook)),
        carried=list(carried),
    )


@transaction.atomic
def answer_deal_criterion(
    *,
    opportunity: Opportunity,
    criterion: Criterion,
    actor: User,
    **known: Unpack[Known],
) -> Answer:
    """
    What is now known of one criterion of an open deal, by whom and since when.

    Locks the deal. Raises PermissionDenied, OpportunityIsClosed, or ValidationError.
    """
    opportunity = lock_deal(opportunity, actor=actor)
    asked = criteria_of(opportunity, deal_playbook(opportunity))
    if not asked.filter(pk=criterion.pk).exists():
        raise ValidationError({"criterion": f"{criterion} is not asked of this opportunity."})
    return write_answer(opportunity, criterion, actor=actor, account=opportunity.account, **known)


@transaction.atomic
def answer_deal_criteria(
    *, opportunity: Opportunity, answers: Sequence[Mapping[str, Any]], actor: User
) -> DealQualification:
    """
    Several answers at once, all or none, and what is then known of the deal.

    Each is what `answer_deal_criterion` takes, with the key of its criterion. Raises the
    same, a ValidationError with names such as `answers.0.value`.
    """
    opportunity = lock_deal(opportunity, actor=actor)
    asked = criteria_of(opportunity, deal_playbook(opportunity))
    write_each(answers, asked, partial(answer_deal_criterion, opportunity=opportunity, actor=actor))
    return deal_qualification(opportunity)


def confirm_answers(
    opportunity: Opportunity, answers: Mapping[int | str, Mapping[str, str]], *, actor: User
) -> None:
    """
    Confirm criteria of a locked deal by their ids or keys, as a move to another stage brings
    them; a key is that of the deal's own playbook where another one has it too.

    The call or mail that an answer points to stays. Raises ValidationError with names such
    as `answers.12.value`, or `answers.12` for what is not asked of the deal or named twice.
    """
    criteria: dict[int | str, Criterion] = {}
    for criterion in reversed(criteria_of(opportunity, deal_playbook(opportunity))):
        criteria |= {criterion.pk: criterion, criterion.key: criterion}
    errors: dict[str, str] = {}
    asked: dict[int | str, Criterion] = {}
    for name in answers:
        if name not in criteria:
            errors[f"answers.{name}"] = "This is not asked of the opportunity."
        elif criteria[name] in asked.values():
            errors[f"answers.{name}"] = "This has an answer already."
        else:
            asked[name] = criteria[name]
    if errors:
        raise ValidationError(errors)
    pointed_to = opportunity.answers.filter(evidence_activity__deleted_at__isnull=True)
    said = {answer.criterion_id: answer.evidence_activity for answer in pointed_to}
    for name, criterion in asked.items():
        try:
            answer_deal_criterion(
                opportunity=opportunity,
                criterion=criterion,
                state=AnswerState.CONFIRMED,
                value=answers[name]["value"],
                evidence=answers[name].get("evidence", ""),
                evidence_activity=said.get(criterion.pk),
                actor=actor,
            )
        except ValidationError as error:
            raise ValidationError(
                {f"answers.{name}.{field}": found for field, found in error.error_dict.items()}
            ) from error


def lock_deal(opportunity: Opportunity, *, actor: User) -> Opportunity:
    locked: Opportunity = lock_record(
        Opportunity.objects.select_related("account"), pk=opportunity.pk, actor=actor
    )
    require_open(locked)
    return locked
