"""Erasing a person who asks for it by law, from what is final too."""

import json
import re

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.db.models import Q

from activities.models import Attachment
from conversion.models import Conversion, Outcome
from crm.errors import require
from crm.models import IdempotencyKey
from crm.records import clean_texts, lock_record
from leads.models import Lead
from leads.services.locking import require_no_open_request
from people.models import User
from people.permissions import edits_settings
from people.reach import Action

# What a program still has to know of an answer that has lost its words.
KEPT_IN_ANSWERS = [
    "action", "code", "converted_at", "created_at", "kind", "mode", "outcome", "page", "state",
    "status", "submitted_at", "type", "updated_at", "url",
]  # fmt: skip
BLANK_ANSWERS = f"""
    UPDATE {IdempotencyKey._meta.db_table}
       SET body = without_words(body::jsonb, %(kept)s)::text
     WHERE nullif(body, '')::jsonb @? %(pointing)s::jsonpath
        OR headers ->> 'Location' ~ %(addresses)s
        OR lower(body) LIKE ANY (%(words)s)
"""  # noqa: S608 - the table's name is ours


@transaction.atomic
def erase_person(*, lead: Lead, actor: User, reason: str) -> None:
    """
    Erase the person of a lead: from it, its contact, activities, requests, receipt and history.

    What says nothing of them stays: that there was a lead, what became of it, dates, amounts
    and credit. It cannot be undone. The event log names the actor and the reason, which
    therefore should not name the person. An API call that is repeated afterwards still does
    nothing twice; its stored answer has lost its words.

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
    blank_stored_answers(lead)
    with connection.cursor() as cursor:
        cursor.execute("SELECT erase_person(%s, %s, %s)", [lead.pk, actor.pk, reason])
    transaction.on_commit(lambda: delete_unused(paths))


def blank_stored_answers(lead: Lead) -> None:
    """
    Take the words out of all stored answers of the API that are about the person of a lead:
    those that point to the lead or to what bears their name, and those that name them.
    """
    people, named = {"lead": lead.pk}, {"leads": lead.pk}
    words = {lead.name} if lead.first_name else set()
    words |= {lead.email, lead.other_email, lead.phone, lead.mobile}
    conversion = Conversion.objects.filter(lead=lead).select_related("contact").first()
    if conversion is not None:
        contact = conversion.contact
        people["contact"] = named["contacts"] = contact.pk
        words |= {contact.email, contact.phone, contact.mobile}
        if not lead.company and conversion.account_outcome == Outcome.CREATED:
            named["accounts"] = conversion.account_id
        deal = conversion.opportunity_id
        if deal and not lead.company and conversion.opportunity_outcome == Outcome.CREATED:
            named["opportunities"] = deal
    pointing = " || ".join(
        f"@.{name} == {pk} || @.{name}.id == {pk}" for name, pk in people.items()
    )
    addresses = "|".join(f"{name}/{pk}" for name, pk in named.items())
    with connection.cursor() as cursor:
        cursor.execute(
            BLANK_ANSWERS,
            {
                "kept": KEPT_IN_ANSWERS,
                "pointing": f"$.** ? ({pointing})",
                "addresses": f"/({addresses})/$",
                "words": [as_pattern(word) for word in words if word],
            },
        )


def as_pattern(word: str) -> str:
    """What LIKE finds a word by in the text of a JSON body in lower case."""
    written = json.dumps(word.lower(), ensure_ascii=False)[1:-1]
    return "%" + re.sub(r"[%_\\]", r"\\\g<0>", written) + "%"


def delete_unused(paths: set[str]) -> None:
    """Delete files from the disk, except those that somebody else has attached as well."""
    used = Attachment.objects.filter(file__in=paths).values_list("file", flat=True)
    for path in paths - set(used):
        default_storage.delete(path)
