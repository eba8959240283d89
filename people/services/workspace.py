"""What holds for the whole company."""

from collections.abc import Mapping
from typing import Any

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import DomainNameValidator
from django.db import transaction

from crm.errors import require
from crm.records import apply_changes, clean_texts
from crm.shown import Shown, require_as_shown, shown_of
from people.events import record
from people.models import User, Workspace
from people.permissions import edits_settings

EDITABLE = frozenset(
    {
        "name",
        "currency",
        "region",
        "fiscal_year_start_month",
        "extra_free_mail_domains",
        "credit_window_days",
    }
)


@transaction.atomic
def update_workspace(
    *, changes: Mapping[str, Any], actor: User, shown: Shown | None = None
) -> Workspace:
    """
    Change the company's settings. Amounts that were converted at a rate are not again.

    Raises PermissionDenied, ChangedMeanwhile if they are no longer as they were `shown`, or
    ValidationError.
    """
    require(edits_settings(actor))
    Workspace.objects.get_or_create(pk=1)
    workspace = Workspace.objects.select_for_update(no_key=True).get(pk=1)
    stands = shown_workspace(workspace)
    require_as_shown(workspace, shown=shown, stands=stands, actor=actor, workspace=workspace)
    if diff := apply_changes(workspace, normalized(changes), allowed=EDITABLE):
        workspace.full_clean()
        require_known_places(workspace)
        workspace.save(update_fields=list(diff))
        record("settings.edited", actor=actor, workspace=workspace, changes=diff)
    return workspace


def shown_workspace(workspace: Workspace) -> Shown:
    """What the form for the company's settings shows."""
    return shown_of(workspace, EDITABLE)


def normalized(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Texts as they may be stored; countries and domains are compared in one case."""
    cleaned = clean_texts(changes)
    if "region" in cleaned:
        cleaned["region"] = cleaned["region"].upper()
    if "extra_free_mail_domains" in cleaned:
        typed = cleaned["extra_free_mail_domains"]
        cleaned["extra_free_mail_domains"] = [each.removeprefix("@").lower() for each in typed]
    return cleaned


def require_known_places(workspace: Workspace) -> None:
    """Raise ValidationError for a country without telephones, or what is no mail domain."""
    errors = {}
    if workspace.region not in phonenumbers.SUPPORTED_REGIONS:
        errors["region"] = "Use the two-letter code of a country, such as US."
    for domain in workspace.extra_free_mail_domains:
        try:
            DomainNameValidator()(domain)
        except ValidationError:
            errors["extra_free_mail_domains"] = f"{domain} is not a domain, such as example.com."
    if errors:
        raise ValidationError(errors)
