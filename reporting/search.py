"""
Searching everything at once: leads, accounts, contacts and opportunities, as far as they are
seen. Each app says how its records are found; here they are put beside each other.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from accounts.models import Account, Contact
from accounts.search import (
    matching_accounts,
    matching_contacts,
    resembling,
    search_accounts,
    search_contacts,
    slips_forgiven,
)
from accounts.views.kinds import with_account_seen
from activities.models import Event
from crm.counts import capped_counts
from crm.text import marked
from leads.models import Lead
from leads.search import matching_leads, search_leads
from opportunities.models import Opportunity
from opportunities.search import matching_opportunities, search_opportunities
from people.models import User

RECENT = 5
# How far back in what somebody did their last records are looked for.
EVENTS_READ = 60
WITHOUT_RANK = 9


@dataclass(frozen=True)
class Hit:
    """A record that was found: what it is called, and what else is told of it."""

    record: Any
    kind: "Kind"
    title: str
    detail: str = ""
    more: tuple[str, ...] = ()
    state: tuple[str, str] | None = None

    @property
    def url(self) -> str:
        return self.record.get_absolute_url()

    @property
    def rank(self) -> int:
        """How well it matches; lower is better."""
        return getattr(self.record, "search_rank", WITHOUT_RANK)

    def why(self, words: list[str]) -> str:
        """What else of the record has one of the words, where its name and company have none."""
        if has_word(self.title, words) or has_word(self.detail, words):
            return ""
        return next((part for part in self.more if has_word(part, words)), "")


@dataclass(frozen=True)
class Kind:
    """
    A type of record: how it is found, shown and listed.

    `rows` has only the columns that `told` and a record's own address read.
    """

    key: str
    label: str
    plural: str
    icon: str
    list_name: str
    api_name: str
    rows: Callable[[User], QuerySet]
    search: Callable[[QuerySet, str], QuerySet]
    matching: Callable[[QuerySet, str], QuerySet]
    told: Callable[[Any], dict[str, Any]]


@dataclass(frozen=True)
class Group:
    """What was found of one type: the likeliest, and how many there are in all."""

    kind: Kind
    hits: list[Hit] = field(default_factory=list)
    count: int = 0
    is_capped: bool = False


@dataclass(frozen=True)
class Found:
    """Everything that was found, by type; `is_close` if only what is spelled alike was."""

    groups: list[Group]
    is_close: bool = False

    @property
    def count(self) -> int:
        return sum(group.count for group in self.groups)

    @property
    def hits(self) -> list[Hit]:
        """Of all types together, the likeliest first."""
        return sorted(
            (hit for group in self.groups for hit in group.hits), key=lambda hit: hit.rank
        )


def has_word(text: str, words: list[str]) -> bool:
    return any(is_word for _, is_word in marked(text, words))


def told_of_lead(lead: Lead) -> dict[str, Any]:
    kind, words = lead.standing
    return {
        "title": lead.name,
        "detail": lead.company,
        "more": (lead.email, lead.other_email, lead.phone, lead.mobile),
        "state": (kind, words),
    }


def told_of_account(account: Account) -> dict[str, Any]:
    return {
        "title": account.name,
        "detail": account.city,
        "more": (account.website, account.phone),
    }


def told_of_contact(contact: Any) -> dict[str, Any]:
    return {
        "title": contact.name,
        "detail": contact.account.name if contact.is_account_seen else "",
        "more": (contact.email, contact.phone, contact.mobile),
    }


def told_of_opportunity(opportunity: Opportunity) -> dict[str, Any]:
    return {
        "title": opportunity.name,
        "detail": opportunity.account.name,
        "more": (opportunity.next_step, opportunity.competitor),
        "state": (opportunity.stage_kind, opportunity.stage.name),
    }


def lead_rows(user: User) -> QuerySet:
    names = ("first_name", "last_name", "company")
    addresses = ("email", "other_email", "phone", "mobile")
    standing = ("status_kind", "handoff_state", "status__name")
    rows = Lead.objects.visible_to(user).select_related("status")
    return rows.only(*names, *addresses, *standing)


def account_rows(user: User) -> QuerySet:
    return Account.objects.visible_to(user).only("name", "city", "website", "phone")


def contact_rows(user: User) -> QuerySet:
    columns = ("first_name", "last_name", "email", "phone", "mobile", "account__name")
    rows = Contact.objects.visible_to(user).select_related("account").only(*columns)
    return with_account_seen(rows, user)


def opportunity_rows(user: User) -> QuerySet:
    columns = ("name", "next_step", "competitor", "stage_kind", "account__name", "stage__name")
    rows = Opportunity.objects.visible_to(user).select_related("account", "stage")
    return rows.only(*columns)


KINDS = {
    kind.key: kind
    for kind in [
        Kind(
            "lead",
            "Lead",
            "Leads",
            "user-round-search",
            "leads:list",
            "api:lead-detail",
            lead_rows,
            search_leads,
            matching_leads,
            told_of_lead,
        ),
        Kind(
            "account",
            "Account",
            "Accounts",
            "building-2",
            "accounts:list",
            "api:account-detail",
            account_rows,
            search_accounts,
            matching_accounts,
            told_of_account,
        ),
        Kind(
            "contact",
            "Contact",
            "Contacts",
            "users-round",
            "accounts:contacts",
            "api:contact-detail",
            contact_rows,
            search_contacts,
            matching_contacts,
            told_of_contact,
        ),
        Kind(
            "opportunity",
            "Opportunity",
            "Opportunities",
            "circle-dollar-sign",
            "opportunities:list",
            "api:opportunity-detail",
            opportunity_rows,
            search_opportunities,
            matching_opportunities,
            told_of_opportunity,
        ),
    ]
}


def search(
    user: User, text: str, *, most: int, kinds: Iterable[str] = KINDS, count: bool = False
) -> Found:
    """
    What a person sees of the records that have every word of `text`, at most so many of each
    kind, the likeliest first. One query for each kind, and one for the counts if asked for.

    Where there is none, the records with words spelled alike. Without text, nothing.
    """
    chosen = [KINDS[key] for key in kinds]
    if not text.strip():
        return Found([Group(kind) for kind in chosen])
    groups = [shown(kind, kind.search(kind.rows(user), text)[:most]) for kind in chosen]
    if any(group.hits for group in groups):
        return Found(counted(user, text, groups) if count else groups)
    with slips_forgiven():
        close = [shown(kind, resembling(kind.rows(user), text)[:most]) for kind in chosen]
    return Found(close, is_close=any(group.hits for group in close))


def shown(kind: Kind, records: Iterable[Any]) -> Group:
    hits = hits_of(kind, records)
    return Group(kind, hits, count=len(hits))


def counted(user: User, text: str, groups: list[Group]) -> list[Group]:
    """The same groups with how many records there are: as many as their lists show."""
    found = capped_counts(
        {group.kind.key: group.kind.matching(group.kind.rows(user), text) for group in groups}
    )
    return [Group(group.kind, group.hits, *found[group.kind.key]) for group in groups]


def hits_of(kind: Kind, records: Iterable[Any]) -> list[Hit]:
    return [Hit(record=record, kind=kind, **kind.told(record)) for record in records]


def recent(user: User) -> list[Hit]:
    """The records that a person last did something with and still sees, the last first."""
    events = Event.objects.filter(actor=user).order_by("-at", "-pk")
    keys: dict[tuple[str, int], None] = {}
    for event in events.values(*KINDS)[:EVENTS_READ]:
        # An event of a deal names its account too; it is about the deal.
        for key in ("opportunity", "contact", "account", "lead"):
            if event[key]:
                keys.setdefault((key, event[key]))
                break
        if len(keys) == RECENT:
            break
    seen: dict[tuple[str, int], Hit] = {}
    for kind in KINDS.values():
        if ids := [pk for key, pk in keys if key == kind.key]:
            hits = hits_of(kind, kind.rows(user).filter(pk__in=ids))
            seen |= {(kind.key, hit.record.pk): hit for hit in hits}
    return [seen[key] for key in keys if key in seen]
