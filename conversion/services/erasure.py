"""Erasing a person who asks for it by law, from what is final too."""

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.db.models import Q

from activities.models import Attachment
from crm.errors import require
from crm.records import clean_texts, lock_record
from leads.models import Lead
from leads.services.locking import require_no_open_request
from people.models import User
from people.permissions import edits_settings
from people.reach import Action


@transaction.atomic
def erase_person(*, lead: Lead, actor: User, reason: str) -> None:
    """
    Erase the person of a lead: from it, its contact, activities, requests, receipt and history.

    What says nothing of them stays: that there was a lead, what became of it, dates, amounts
    and credit. It cannot be undone. The event log names the actor and the reason, which
    therefore should not name the person. Stored answers of the API are forgotten by
    themselves within a week.

    Locks the lead. Raises PermissionDenied unless the actor keeps the settings, RequestIsOpen,
    or ValidationError without a reason.
    """
    require(edits_settings(actor))
    lead = lock_record(Lead.objects.all(), pk=lead.pk, actor=actor, action=Action.VIEW)
    require_no_open_request(lead)
    reason = clean_texts({"reason": reason.strip()})["reason"]
    if not reason:
        raise ValidationError({"reason": "Say why the person is erased."})
    of_person = Q(activity__lead=lead)
    if lead.converted_contact_id:
        of_person |= Q(activity__contact=lead.converted_contact_id)
    files = Attachment.objects.filter(of_person)
    paths = set(files.values_list("file", flat=True))
    files.delete()
    with connection.cursor() as cursor:
        cursor.execute("SELECT erase_person(%s, %s, %s)", [lead.pk, actor.pk, reason])
    transaction.on_commit(lambda: delete_unused(paths))


def delete_unused(paths: set[str]) -> None:
    """Delete files from the disk, except those that somebody else has attached as well."""
    used = Attachment.objects.filter(file__in=paths).values_list("file", flat=True)
    for path in paths - set(used):
        default_storage.delete(path)
