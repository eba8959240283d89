"""Conversions and requests as they are answered: to programs, and to their retries."""

from typing import Any

from django.urls import reverse

from conversion.models import Conversion, ConversionRequest, Outcome
from leads.models import Lead
from people.models import User


def receipt(conversion: Conversion) -> dict[str, Any]:
    """The receipt as the REST API gives it; equal to what a retry with the same key gets."""
    return {
        "id": conversion.pk,
        "url": reverse("api:conversion-detail", args=[conversion.pk]),
        "page": conversion.get_absolute_url(),
        "lead": short(conversion.lead),
        "account": target(conversion, "account"),
        "contact": target(conversion, "contact"),
        "opportunity": target(conversion, "opportunity"),
        "mode": conversion.mode,
        "request": conversion.request_id,
        "converted_at": conversion.converted_at.isoformat(),
        "converted_by": person(conversion.converted_by),
        "sourced_by": person(conversion.sourced_by),
        "requested_by": person(conversion.requested_by),
        "approved_by": person(conversion.approved_by),
        "effects": conversion.effects,
        "lead_snapshot": conversion.lead_snapshot,
        "answers": conversion.answers,
        "duplicate_reason": conversion.duplicate_reason,
    }


def short(lead: Lead) -> dict[str, Any]:
    return {"id": lead.pk, "url": reverse("api:lead-detail", args=[lead.pk]), "name": lead.name}


def handoff(request: ConversionRequest) -> dict[str, Any]:
    """A conversion request as the REST API gives it, with the frozen evidence."""
    return {
        "id": request.pk,
        "url": reverse("api:conversion-request-detail", args=[request.pk]),
        "page": request.get_absolute_url(),
        "lead": short(request.lead),
        "path": {"id": request.path_id, "name": request.path.name},
        "state": request.state,
        "plan": request.plan,
        "answers": request.answers,
        "message": request.message,
        "next_meeting_at": moment(request.next_meeting_at),
        "requester": person(request.requester),
        "approver": person(request.approver),
        "approver_because": request.approver_because,
        "submitted_at": moment(request.submitted_at),
        "due_at": moment(request.due_at),
        "decided_at": moment(request.decided_at),
        "decided_by": person(request.decided_by),
        "reason": request.reason.code if request.reason else None,
        "decision_note": request.decision_note,
        "doubted": request.doubted,
        "lead_outcome": request.lead_outcome,
        "resubmissions": request.resubmissions,
        "dispute_statement": request.dispute_statement,
        "dispute_decision": request.dispute_decision,
        "dispute_decided_by": person(request.dispute_decided_by),
        "version": request.version,
    }


def moment(at: Any) -> str | None:
    return at.isoformat() if at else None


def target(conversion: Conversion, name: str) -> dict[str, Any] | None:
    """One target as {id, url, name, outcome}, or None for an opportunity that was not wanted."""
    record = getattr(conversion, name)
    if record is None:
        return None
    return {
        "id": record.pk,
        "url": reverse(f"api:{name}-detail", args=[record.pk]),
        "name": record.name,
        "outcome": Outcome(getattr(conversion, f"{name}_outcome")).value,
    }


def person(user: User | None) -> dict[str, Any] | None:
    return {"id": user.pk, "name": user.full_name} if user else None
