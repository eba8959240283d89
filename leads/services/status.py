"""Moving leads from status to status."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from activities.events import record
from activities.models import Reason, ReasonKind
from crm.records import apply_changes, save_changes
from leads.models import Lead, LeadStatus, StatusKind
from leads.services.locking import lock_open_lead, require_no_open_request
from leads.services.refusals import OnlyByConversion
from people.models import User

STATUS_COLUMNS = ("status", "status_kind", "disqualified_reason", "wake_up_on")
VERBS = {
    StatusKind.DISQUALIFIED: "lead.disqualified",
    StatusKind.QUALIFIED: "lead.qualified",
}


@transaction.atomic
def set_status(
    *,
    lead: Lead,
    status: LeadStatus,
    actor: User,
    reason: Reason | None = None,
    wake_up_on: date | None = None,
    version: int | None = None,
) -> Lead:
    """
    The lead in another status.

    Disqualifying needs a `reason`, nurturing a `wake_up_on` after today. Raises
    PermissionDenied, LeadIsFinal, OnlyByConversion, StaleVersion, ValidationError, or
    RequestIsOpen where an approver has the lead and it would be closed.
    """
    lead = lock_open_lead(lead, actor=actor, version=version)
    if status.kind in (StatusKind.DISQUALIFIED, StatusKind.NURTURING):
        require_no_open_request(lead)
    return move_to_status(
        lead=lead, status=status, actor=actor, reason=reason, wake_up_on=wake_up_on
    )


def move_to_status(
    *,
    lead: Lead,
    status: LeadStatus,
    actor: User | None,
    reason: Reason | None = None,
    wake_up_on: date | None = None,
    note: str = "",
) -> Lead:
    """
    A locked, open lead in another status, without asking rights: its caller asked its own.

    Raises OnlyByConversion or ValidationError.
    """
    columns = status_columns(status, reason=reason, wake_up_on=wake_up_on)
    if diff := apply_changes(lead, columns, allowed=STATUS_COLUMNS):
        save_changes(lead, actor=actor, fields=STATUS_COLUMNS)
        verb = VERBS.get(StatusKind(status.kind), "lead.status_changed")
        owner = [lead.owner] if lead.owner else []
        record(verb, actor=actor, lead=lead, changes=diff, note=note, notify=owner)
    return lead


def status_columns(
    status: LeadStatus, *, reason: Reason | None, wake_up_on: date | None
) -> dict[str, Any]:
    """
    The columns that go with a status: what belongs to another kind is emptied.

    Raises OnlyByConversion, or ValidationError naming what is missing.
    """
    if status.kind == StatusKind.CONVERTED:
        raise OnlyByConversion(status)
    if not status.is_active:
        raise ValidationError({"status": f"{status} is no longer used."})
    is_disqualified = status.kind == StatusKind.DISQUALIFIED
    if is_disqualified and (reason is None or reason.kind != ReasonKind.DISQUALIFY):
        raise ValidationError({"reason": "Say why the lead is disqualified."})
    is_nurtured = status.kind == StatusKind.NURTURING
    if is_nurtured:
        if wake_up_on is None:
            raise ValidationError({"wake_up_on": "Say on which day the lead returns."})
        if wake_up_on <= timezone.localdate():
            raise ValidationError({"wake_up_on": "Choose a day after today."})
    return {
        "status": status,
        "status_kind": status.kind,
        "disqualified_reason": reason if is_disqualified else None,
        "wake_up_on": wake_up_on if is_nurtured else None,
    }
