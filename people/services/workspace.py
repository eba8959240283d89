"""What holds for the whole company."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from crm.errors import require
from crm.records import apply_changes, clean_texts
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
def update_workspace(*, changes: Mapping[str, Any], actor: User) -> Workspace:
    """
    Change the company's settings. Amounts that were converted at a rate are not again.

    Raises PermissionDenied or ValidationError.
    """
    require(edits_settings(actor))
    Workspace.objects.get_or_create(pk=1)
    workspace = Workspace.objects.select_for_update(no_key=True).get(pk=1)
    if diff := apply_changes(workspace, clean_texts(changes), allowed=EDITABLE):
        workspace.full_clean()
        workspace.save(update_fields=list(diff))
        record("settings.edited", actor=actor, workspace=workspace, changes=diff)
    return workspace
