"""A conversion as it is shown and answered: to people, to programs, and to retries."""

from typing import Any

from django.urls import reverse

from conversion.models import Conversion, Outcome
from people.models import User


def receipt(conversion: Conversion) -> dict[str, Any]:
    """The receipt as the REST API gives it; equal to what a retry with the same key gets."""
    return {
        "id": conversion.pk,
        "url": reverse("api:conversion-detail", args=[conversion.pk]),
        "page": conversion.get_absolute_url(),
        "lead": {
            "id": conversion.lead_id,
            "url": reverse("api:lead-detail", args=[conversion.lead_id]),
            "name": conversion.lead.name,
        },
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
