"""Parts that several lead screens show: what one may do with a lead, and its qualification."""

from dataclasses import dataclass, replace
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import NoReverseMatch, reverse

from activities.models import Activity, ActivityKind
from leads.forms import AnswerForm, ProvenAnswerForm
from leads.models import Answer, ApprovalRule, HandoffState, Lead, StatusKind
from leads.services import ChecklistItem, Qualification, qualification
from opportunities.models import Opportunity
from people.models import User
from people.ownership import allowed_actions
from people.reach import Action

EVIDENCE_KINDS = (ActivityKind.CALL, ActivityKind.EMAIL, ActivityKind.MEETING, ActivityKind.NOTE)
MOST_EVIDENCE = 50


@dataclass(frozen=True)
class Check:
    """One criterion of the checklist, ready to be shown and answered."""

    item: ChecklistItem
    name: str
    form: AnswerForm | None
    url: str

    @property
    def is_whole(self) -> bool:
        """Whether the form asks how we know, too."""
        return isinstance(self.form, ProvenAnswerForm)

    @property
    def is_refused(self) -> bool:
        """Whether the form shows what somebody sent."""
        return self.form is not None and self.form.is_bound

    def with_form(self, form: AnswerForm) -> "Check":
        """The same criterion with another form."""
        return replace(self, form=form)


def lead_actions(user: User, lead: Lead) -> set[str]:
    """What this person may do with this lead now: a converted one takes no changes."""
    wanted = [Action.EDIT, Action.ASSIGN, Action.DELETE, Action.REQUEST, Action.CONVERT]
    allowed = allowed_actions(lead, user, wanted)
    return allowed & {Action.ASSIGN} if lead.is_converted else allowed


def qualification_of(user: User, lead: Lead, actions: set[str] | None = None) -> dict[str, Any]:
    """The checklist with a form for each criterion, and the state of the handoff button."""
    actions = lead_actions(user, lead) if actions is None else actions
    may_answer = Action.EDIT in actions
    found = qualification(lead)
    checks = [
        Check(
            item=item,
            name=item.criterion.key,
            form=answer_form(item, item.criterion.key) if may_answer else None,
            url=reverse("leads:answer", args=[lead.pk, item.criterion.pk]),
        )
        for item in found.items
    ]
    return {
        "qualification": found,
        "checks": checks,
        "handoff": handoff_of(lead, found, actions),
    }


def said_to(record: Lead | Opportunity) -> QuerySet[Activity]:
    """The activities of a lead or a deal in which something is said or written."""
    said: QuerySet[Activity] = record.activities.live().filter(kind__in=EVIDENCE_KINDS)
    return said


def answer_form(item: ChecklistItem, name: str, data: QueryDict | None = None) -> AnswerForm:
    """The form of one criterion, filled with what is known; without how we know it."""
    answer = item.answer or Answer(criterion=item.criterion)
    initial = {
        "state": answer.state,
        "value": answer.value,
        "evidence": answer.evidence,
        "evidence_activity": answer.evidence_activity,
    }
    return AnswerForm(data, initial=initial, prefix=name)


def proven_answer_form(
    record: Lead | Opportunity, check: Check, data: QueryDict | None = None
) -> ProvenAnswerForm:
    """
    The whole form of one criterion of a lead or a deal.

    An answer can point to what was said and written last, and to what it points to now.
    """
    known = answer_form(check.item, check.name).initial
    said = list(said_to(record).order_by("-at", "-pk")[:MOST_EVIDENCE])
    if (pointed_to := known["evidence_activity"]) and pointed_to not in said:
        said.append(pointed_to)
    initial = {**known, "evidence_activity": pointed_to and pointed_to.pk}
    return ProvenAnswerForm(data, initial=initial, prefix=check.name, said=said)


@dataclass(frozen=True)
class Handoff:
    """The button that passes a lead on, or why it cannot be pressed yet."""

    label: str
    url: str
    missing: str = ""
    first_missing: str = ""
    convert_url: str = ""


def handoff_of(lead: Lead, found: Qualification, actions: set[str]) -> Handoff | None:
    """
    What the person may do to pass the lead on: request, convert, or see the open request.

    None where they may do neither. The services check again.
    """
    if lead.is_converted or not actions & {Action.REQUEST, Action.CONVERT}:
        return None
    missing = first_missing = ""
    if found.paths and not any(status.met for status in found.paths):
        nearest = min(found.paths, key=lambda status: len(status.missing))
        fewest = len(nearest.missing)
        missing = f"{fewest} {'check' if fewest == 1 else 'checks'} to go"
        first_missing = nearest.missing[0].key
    elif lead.status_kind == StatusKind.DISQUALIFIED:
        missing = "it is disqualified"
    met = [status.path for status in found.paths if status.met]
    rules = {path.approval for path in met}
    # Where a request is enough to convert, whoever may request need not ask.
    may_convert = (Action.REQUEST in actions and ApprovalRule.NEVER in rules) or (
        Action.CONVERT in actions and rules != {ApprovalRule.ALWAYS}
    )
    open_request = lead.handoff_state in (
        HandoffState.PENDING, HandoffState.SENT_BACK, HandoffState.APPROVED, HandoffState.DISPUTED
    )  # fmt: skip
    return Handoff(
        label="Open the request" if open_request else "Request conversion",
        url=address("conversion:submit", lead.pk),
        missing="" if open_request else missing,
        first_missing=first_missing,
        convert_url=address("conversion:convert", lead.pk) if may_convert else "",
    )


def address(url_name: str, pk: int) -> str:
    """A page of a higher app, by its name; empty where it is not installed."""
    try:
        return reverse(url_name, args=[pk])
    except NoReverseMatch:
        return ""
