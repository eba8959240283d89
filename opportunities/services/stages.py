"""The way of a deal through its stages, to its end, and exceptionally back."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import Contact
from activities.events import record
from activities.models import Reason, ReasonKind
from crm.errors import DomainError, require
from crm.hooks import Hook
from crm.records import as_json, clean_texts, lock_record, save_changes
from opportunities.defaults import default_stage
from opportunities.history import stage_before_closing
from opportunities.models import ExitRequirement, Opportunity, Stage, StageKind
from opportunities.permissions import can_overrule
from opportunities.requirements import missing_to_leave
from opportunities.services.items import Item, write_line_items
from opportunities.services.records import require_visible, write_changes
from opportunities.services.roles import insert_contact_role
from opportunities.services.values import DERIVED, enter_stage, require_open
from people.models import User

CLOSING = ("closed_at", "closed_reason", "closed_note")
STAGE_COLUMNS = (
    "stage",
    "pipeline",
    "stage_kind",
    "stage_since",
    "probability",
    "forecast_category",
    *DERIVED,
)
REASON_FOR = {StageKind.WON: ReasonKind.WON, StageKind.LOST: ReasonKind.LOST}
VERBS = {
    StageKind.OPEN: "opportunity.stage_changed",
    StageKind.WON: "opportunity.won",
    StageKind.LOST: "opportunity.lost",
}


# Called with the locked deal, the answers that a move brings along, and the actor.
ANSWERS_BROUGHT = Hook()


class ExitRequirementsMissing(DomainError):
    """The deal lacks what its stage asks for before it may be left."""

    code = "exit_requirements_missing"

    def __init__(self, opportunity: Opportunity, missing: Sequence[ExitRequirement]):
        names = ", ".join(requirement.label for requirement in missing)
        super().__init__(
            f"Before {opportunity.name} leaves {opportunity.stage}, it needs: {names}.",
            extra={
                "missing": [
                    {
                        "label": requirement.label,
                        "field": requirement.field or None,
                        "criterion": requirement.criterion_id,
                    }
                    for requirement in missing
                ]
            },
        )
        self.missing = list(missing)


class OpportunityIsOpen(DomainError):
    """Only a closed deal can be re-opened."""

    code = "opportunity_open"

    def __init__(self, opportunity: Opportunity):
        super().__init__(f"{opportunity.name} is open already.")


@transaction.atomic
def move_stage(
    *,
    opportunity: Opportunity,
    stage: Stage,
    actor: User,
    reason: Reason | None = None,
    note: str = "",
    changes: Mapping[str, Any] | None = None,
    answers: Mapping[int | str, Mapping[str, str]] | None = None,
    contact_roles: Iterable[Mapping[str, Any]] = (),
    line_items: Iterable[Item] = (),
    override_reason: str = "",
    version: int | None = None,
) -> Opportunity:
    """
    Take an open deal to another stage, the last ones included; the fresh row.

    `changes`, `answers` that confirm criteria ({id or key: {"value": ..., "evidence":
    ...}}), `contact_roles` (`contact`, `role`, perhaps `is_primary`) and `line_items` (as
    `set_line_items` takes them) are written first, so that what the stage asks for can come
    along; without line items those of the deal stay. Going forward and winning need the
    exit requirements of the stage left; going back and losing do not. Losing needs a
    `reason` of its kind; winning may have one. Moving to the stage that the deal is in
    already changes nothing more.

    Locks the deal. Raises PermissionDenied (also for an `override_reason` of somebody who
    may not overrule), StaleVersion, OpportunityIsClosed, ExitRequirementsMissing, or
    ValidationError.
    """
    opportunity = lock_record(
        Opportunity.objects.all(),
        pk=opportunity.pk,
        actor=actor,
        version=version,
    )
    require_open(opportunity)
    require_visible(changes or {}, actor)
    require(not override_reason or can_overrule(actor))
    words = clean_texts({"note": note, "override_reason": override_reason})
    if not stage.is_active:
        raise ValidationError({"stage": f"{stage} is not used any more."})
    check_reason(stage, reason)

    diff: dict[str, Any] = {**write_changes(opportunity, changes or {}, actor=actor)}
    if stage.pk == opportunity.stage_id:
        if diff:
            tell(opportunity, "opportunity.edited", actor=actor, changes=diff)
        return opportunity
    bring_people(opportunity, contact_roles, actor=actor)
    if items := list(line_items):
        write_line_items(opportunity, items, actor=actor, called="line_items")
    if answers:
        ANSWERS_BROUGHT.run(opportunity, answers, actor=actor)
    missing = missing_for(opportunity, stage)
    if missing and not override_reason:
        raise ExitRequirementsMissing(opportunity, missing)

    now = timezone.now()
    diff |= enter_stage(opportunity, stage, now=now)
    if not stage.is_open:
        opportunity.closed_at = now
        opportunity.closed_reason = reason
        opportunity.closed_note = words["note"]
        diff["closed_reason"] = [None, as_json(reason)]
    save_changes(opportunity, actor=actor, fields=[*STAGE_COLUMNS, *CLOSING])
    if missing:
        diff["override"] = {
            "reason": words["override_reason"],
            "missing": [requirement.label for requirement in missing],
        }
    tell(
        opportunity,
        VERBS[StageKind(stage.kind)],
        actor=actor,
        changes=diff,
        note=words["note"] or (words["override_reason"] if missing else ""),
    )
    return opportunity


def bring_people(
    opportunity: Opportunity, people: Iterable[Mapping[str, Any]], *, actor: User
) -> None:
    """Give contacts their parts in a locked deal. Raises PermissionDenied for one unseen."""
    people = list(people)
    wanted = {each["contact"].pk for each in people}
    if wanted:
        require(Contact.objects.visible_to(actor).filter(pk__in=wanted).count() == len(wanted))
    for each in people:
        insert_contact_role(
            opportunity=opportunity,
            contact=each["contact"],
            role=each["role"],
            primary=each.get("is_primary"),
            actor=actor,
        )


@transaction.atomic
def reopen_opportunity(
    *,
    opportunity: Opportunity,
    actor: User,
    reason: Reason,
    stage: Stage | None = None,
    note: str = "",
    version: int | None = None,
) -> Opportunity:
    """
    Take a won or lost deal back to an open stage: by default the one it was closed from.

    Why it had been closed stays in its history. Locks the deal. Raises PermissionDenied
    unless the actor may overrule, StaleVersion, OpportunityIsOpen, or ValidationError.
    """
    opportunity = lock_record(
        Opportunity.objects.all(),
        pk=opportunity.pk,
        actor=actor,
        version=version,
    )
    require(can_overrule(actor))
    if opportunity.is_open:
        raise OpportunityIsOpen(opportunity)
    if reason.kind != ReasonKind.REOPEN:
        raise ValidationError({"reason": "Choose a reason for re-opening."})
    if stage is None:
        stage = stage_before_closing(opportunity) or default_stage(opportunity.pipeline)
    if not stage.is_open or not stage.is_active:
        raise ValidationError({"stage": "Choose an open stage."})
    diff = enter_stage(opportunity, stage, now=timezone.now())
    diff["closed_reason"] = [opportunity.closed_reason_id, None]
    diff["reason"] = [None, reason.pk]
    opportunity.closed_at = None
    opportunity.closed_reason = None
    opportunity.closed_note = ""
    save_changes(opportunity, actor=actor, fields=[*STAGE_COLUMNS, *CLOSING])
    note = clean_texts({"note": note})["note"]
    tell(opportunity, "opportunity.reopened", actor=actor, changes=diff, note=note)
    return opportunity


def missing_for(opportunity: Opportunity, stage: Stage) -> list[ExitRequirement]:
    """What the deal still needs before it may go from its stage to this one."""
    return missing_to_leave(opportunity) if is_forward(opportunity.stage, stage) else []


def is_forward(left: Stage, entered: Stage) -> bool:
    """Whether a move needs the exit requirements: not when losing, nor when going back."""
    if entered.kind == StageKind.LOST:
        return False
    if entered.pipeline_id != left.pipeline_id or entered.kind == StageKind.WON:
        return True
    return (entered.position, entered.pk) > (left.position, left.pk)


def check_reason(stage: Stage, reason: Reason | None) -> None:
    """Raise ValidationError for a missing reason, or for one that is for something else."""
    if reason is None:
        if stage.kind == StageKind.LOST:
            raise ValidationError(
                {"reason": ValidationError("Say why it was lost.", code="required")}
            )
        return
    if REASON_FOR.get(StageKind(stage.kind)) != reason.kind:
        raise ValidationError({"reason": f"“{reason}” is not a reason for {stage}."})


def tell(
    opportunity: Opportunity,
    verb: str,
    *,
    actor: User,
    changes: Mapping[str, Any],
    note: str = "",
) -> None:
    """Write the event, and notify the owner if somebody else did it."""
    record(
        verb,
        actor=actor,
        opportunity=opportunity,
        account=opportunity.account,
        notify=[opportunity.owner],
        changes=dict(changes),
        note=note,
    )
