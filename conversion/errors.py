"""What can keep a lead from being converted, or a request from its next step."""

import re
from http import HTTPStatus
from typing import Any

from django.urls import reverse
from django.utils import timezone

from conversion.models import RequestTransition
from crm.errors import DomainError
from crm.templatetags.relay import day
from leads.models import Lead

PlanProblem = dict[str, str]


class PlanInvalid(DomainError):
    """The plan cannot be carried out: every problem at once, each naming its place."""

    code = "plan_invalid"
    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, problems: list[PlanProblem]):
        errors = [problem | {"pointer": f"#{problem['pointer']}"} for problem in problems]
        super().__init__("The conversion plan cannot be carried out.", extra={"errors": errors})
        self.problems = problems

    def below(self, pointer: str) -> "PlanInvalid":
        """The same refusal for a plan that is only a part of the body."""
        return PlanInvalid(
            [problem | {"pointer": f"{pointer}{problem['pointer']}"} for problem in self.problems]
        )


class AlreadyConverted(DomainError):
    """The lead was converted before; its receipt says how."""

    code = "already_converted"

    def __init__(self, lead: Lead):
        receipt = reverse("conversion:receipt", args=[lead.conversion.pk])
        super().__init__(
            f"{lead.name} has been converted already.",
            extra={"receipt": receipt, "conversion": lead.conversion.pk},
        )


class LeadCannotConvert(DomainError):
    """A lead in its present status is not converted."""

    code = "lead_cannot_convert"

    def __init__(self, lead: Lead):
        super().__init__(f"{lead.name} is {lead.status.name.lower()} and cannot be converted.")


class PreviewStale(DomainError):
    """
    What would happen now differs from what the preview showed.

    A difference has a `pointer` into the effects of the preview, or, after "#", into the body.
    """

    code = "preview_stale"

    def __init__(self, differences: list[dict[str, Any]]):
        super().__init__("Something changed since the preview.", extra={"differences": differences})
        self.differences = differences

    def below(self, pointer: str) -> "PreviewStale":
        """The same refusal for a plan that is only a part of the body."""
        return PreviewStale(
            [
                difference | {"pointer": re.sub("^#", f"#{pointer}", difference["pointer"])}
                for difference in self.differences
            ]
        )


class DuplicatesFound(DomainError):
    """Something new would be created although a strong match exists."""

    code = "duplicates_found"

    def __init__(self, matches: list[dict[str, Any]]):
        super().__init__(
            "A strong match exists. Choose it, or give a reason for creating a new one.",
            extra={"matches": matches},
        )


class AmbiguousMatch(DomainError):
    """Several records match equally well; a person has to choose."""

    code = "ambiguous_match"
    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, matches: list[dict[str, Any]]):
        super().__init__("More than one account matches. Choose one.", extra={"matches": matches})


class ApprovalNeeded(DomainError):
    """The lead's path asks for an approved request."""

    code = "approval_needed"

    def __init__(self, lead: Lead):
        super().__init__(f"{lead.name} needs an approved conversion request first.")


class RequestIsOpen(DomainError):
    """The lead is being handed over; that request decides."""

    code = "request_open"

    def __init__(self, lead: Lead, request_id: int):
        super().__init__(
            f"{lead.name} has an open conversion request.",
            extra={"request": reverse("conversion:request", args=[request_id])},
        )


class RequestNotReady(DomainError):
    """The request is in a state that does not allow this step."""

    code = "request_state"

    def __init__(self, state: str, step: str):
        super().__init__(
            f"This request stands at “{state}” and cannot be {step}.", extra={"state": state}
        )


class NobodyAnswers(DomainError):
    """A request cannot be sent back: its requester has left, and nobody can take their place."""

    code = "nobody_answers"

    def __init__(self, requester: str):
        super().__init__(
            f"{requester} has left, and nobody else can answer this request. Give the lead an "
            "owner who may ask for conversions and does not decide this one, or decide now."
        )


class RequestLapsed(DomainError):
    """The lead or a chosen record changed materially after the request was submitted."""

    code = "request_lapsed"

    def __init__(self, differences: list[dict[str, Any]]):
        super().__init__(
            "What was asked for has changed since: the request has lapsed.",
            extra={"differences": differences},
        )


class PathNotMet(DomainError):
    """Required criteria of the path are not confirmed yet."""

    code = "path_not_met"

    def __init__(self, path: str, missing: list[str]):
        super().__init__(f"“{path}” still needs: {', '.join(missing)}.", extra={"missing": missing})


class NoApprover(DomainError):
    """The rule found nobody, or the chosen person cannot decide requests."""

    code = "no_approver"
    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, message: str = "Choose who should decide this request."):
        super().__init__(
            message,
            extra={"errors": [{"pointer": "#/approver", "code": "no_approver", "detail": message}]},
        )


class PassedOn(DomainError):
    """A request that was this person's to decide is somebody else's now; nothing else is told."""

    code = "request_passed_on"
    status = HTTPStatus.FORBIDDEN
    heading = "Somebody else decides now"

    def __init__(self, step: RequestTransition, typed: str = ""):
        self.typed = typed
        approver, on = step.request.approver.full_name, day(timezone.localdate(step.at))
        if step.request.is_open:
            super().__init__(f"{approver} decides this request now.")
        else:
            super().__init__(f"This request went to {approver}, and is closed.")
        if step.actor:
            by = "You" if step.actor.pk == step.facts["from"] else step.actor.full_name
            self.note = f"{by} reassigned it on {on}."
