"""
Accounts and contacts that may already be there, told before another one is made.

For the warnings on forms. Records the person may not see are told of without their data.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from accounts.keys import company_key, domain_key, email_key, person_key, phone_key, similarity
from accounts.models import Account, Contact, ContactEmail, ContactPhone
from accounts.search import any_key, further
from people.models import User, Workspace
from people.ownership import OwnedQuerySet

SHOWN = 5
LOOKED_AT = 50
ALIKE_PERCENT = 85


@dataclass(frozen=True)
class Similar:
    """A record that may be the same, and why. `record` is None where the person may not see it."""

    record: Account | Contact | None
    team: str
    reasons: list[str]


def similar_accounts(
    fields: Mapping[str, Any], user: User, *, but: Account | None = None
) -> list[Similar]:
    """The accounts like what is typed: same domain, phone or name first, then similar names."""
    workspace = Workspace.load()
    name = company_key(fields.get("name") or "")
    domain = domain_key(fields.get("website") or "", workspace.extra_free_mail_domains)
    phone = phone_key(fields.get("phone") or "", workspace.region)
    condition = any_key(domain_key=domain, phone_key=phone, name_key=name)
    if name:
        condition |= Q(name_key__trigram_similar=name)

    def reasons(account: Account) -> list[str]:
        alike = similarity(account.name_key, name)
        found = {
            "Same domain": domain and account.domain_key == domain,
            "Same phone": phone and account.phone_key == phone,
            "Same name": alike == 100,
            f"Name {alike} % alike": ALIKE_PERCENT <= alike < 100,
        }
        return [reason for reason, holds in found.items() if holds]

    return like(Account.objects.select_related("team"), condition, reasons, user, but)


def similar_contacts(
    fields: Mapping[str, Any], user: User, *, but: Contact | None = None
) -> list[Similar]:
    """The contacts like what is typed: same address, same number, or same name at the account."""
    workspace = Workspace.load()
    address = email_key(fields.get("email") or "")
    numbers = {
        key
        for name in ("phone", "mobile")
        if (key := phone_key(fields.get(name) or "", workspace.region))
    }
    person = person_key(fields.get("first_name") or "", fields.get("last_name") or "")
    account = fields.get("account")
    condition = any_key(email_key=address)
    if address:
        condition |= further(ContactEmail, email_key=address)
    for number in numbers:
        condition |= any_key(phone_key=number, mobile_key=number)
        condition |= further(ContactPhone, phone_key=number)
    if person and account:
        condition |= Q(person_key=person, account=account)

    def reasons(contact: Contact) -> list[str]:
        addresses = {contact.email_key, *(row.email_key for row in contact.other_emails.all())}
        theirs = {contact.phone_key, contact.mobile_key}
        theirs |= {row.phone_key for row in contact.other_phones.all()}
        found = {
            "Same email": address in addresses - {""},
            "Same phone": bool(numbers & theirs),
            "Same name": bool(person) and contact.person_key == person,
        }
        return [reason for reason, holds in found.items() if holds]

    contacts = Contact.objects.select_related("team", "account").prefetch_related(
        "other_emails", "other_phones"
    )
    return like(contacts, condition, reasons, user, but)


def like(
    queryset: OwnedQuerySet,
    condition: Q,
    reasons: Any,
    user: User,
    but: Account | Contact | None,
) -> list[Similar]:
    """Those with the most reasons first; at most SHOWN."""
    rows = queryset.live().filter(condition).order_by("-created_at", "-pk")
    if but is not None:
        rows = rows.exclude(pk=but.pk)
    found = [(row, why) for row in rows[:LOOKED_AT] if (why := reasons(row))]
    found.sort(key=lambda pair: -len(pair[1]))
    best = found[:SHOWN]
    visible = set(
        queryset.model._default_manager.visible_to(user)
        .filter(pk__in=[row.pk for row, _ in best])
        .values_list("pk", flat=True)
    )
    return [
        Similar(
            record=row if row.pk in visible else None,
            team=row.team.name if row.team else "",
            reasons=why,
        )
        for row, why in best
    ]
