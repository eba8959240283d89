"""A contact's further e-mail addresses and phone numbers, beside the primary ones."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError

from accounts.keys import email_address, email_key, phone_key
from accounts.models import Contact, ContactEmail, ContactPhone
from crm.records import Diff
from crm.text import clean_text
from people.models import Workspace

# The names under which services take and tell whole lists.
LISTS = ("other_emails", "other_phones")
MAX_OTHERS = 20


def replace_lists(
    contact: Contact, lists: Mapping[str, Iterable[str]], workspace: Workspace
) -> Diff:
    """
    Make the lists that are named what they should be; {name: [old, new]} where they differ.

    The primary address never stands among the others, so naming one of them as the primary
    takes it off the list. Raises ValidationError by field.
    """
    diff: Diff = {}
    old_emails = list(contact.other_emails.order_by("pk").values_list("email", flat=True))
    emails = distinct_emails(lists.get("other_emails", old_emails), primary=contact.email_key)
    if emails != old_emails:
        contact.other_emails.all().delete()
        ContactEmail.objects.bulk_create(
            ContactEmail(contact=contact, email=email, email_key=email_key(email))
            for email in emails
        )
        diff["other_emails"] = [old_emails, emails]
    if "other_phones" not in lists:
        return diff
    old_phones = list(contact.other_phones.order_by("pk").values_list("phone", flat=True))
    phones = distinct_phones(lists["other_phones"])
    if phones != old_phones:
        contact.other_phones.all().delete()
        ContactPhone.objects.bulk_create(
            ContactPhone(contact=contact, phone=phone, phone_key=phone_key(phone, workspace.region))
            for phone in phones
        )
        diff["other_phones"] = [old_phones, phones]
    return diff


def distinct_emails(texts: Iterable[str], *, primary: str) -> list[str]:
    """The addresses, each mailbox once and without the primary one."""
    by_mailbox: dict[str, str] = {}
    for text in clean_lines("other_emails", texts):
        address = email_address(text)
        if not address:
            raise ValidationError({"other_emails": f"{text} is not an email address."})
        by_mailbox.setdefault(email_key(address), address)
    by_mailbox.pop(primary, None)
    return list(by_mailbox.values())


def distinct_phones(texts: Iterable[str]) -> list[str]:
    """The numbers as typed, each once."""
    phones = list(dict.fromkeys(clean_lines("other_phones", texts)))
    longest = ContactPhone._meta.get_field("phone").max_length or 0
    if too_long := next((phone for phone in phones if len(phone) > longest), None):
        raise ValidationError(
            {"other_phones": f"{too_long[:20]}… is longer than {longest} characters."}
        )
    return phones


def clean_lines(name: str, texts: Iterable[Any]) -> list[str]:
    """The texts that are not empty, as they may be stored."""
    try:
        lines = [line for text in texts if (line := clean_text(text))]
    except ValueError as error:
        raise ValidationError({name: str(error)}) from None
    if len(lines) > MAX_OTHERS:
        raise ValidationError({name: f"There can be at most {MAX_OTHERS}."})
    return lines
