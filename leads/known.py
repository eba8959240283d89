"""
Accounts and contacts that a lead may already be, with strength and reasons.

Only equal keys make a match strong; a name alone never does, however alike. Nothing is
ever chosen here. A match the person may not see is told as existing, without its data.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.search import TrigramSimilarity
from django.db import connection, models
from django.db.models import BooleanField, ExpressionWrapper, F, OuterRef, Q, Value

from accounts.keys import similarity
from accounts.models import Account, Contact, ContactEmail
from leads.models import Lead
from people.models import User
from people.ownership import EqualsAny, OwnedQuerySet, id_array
from people.reach import Action, ReachLevel

STRONG, POSSIBLE, WEAK = "strong", "possible", "weak"
STRONG_FROM, POSSIBLE_FROM = 85, 60
# What a name can reach at most: possible, never strong.
NAME_CEILING = STRONG_FROM - 1
FURTHER_REASON = 3
HIDDEN_TOO = "hidden matches are told without their data"
MAX_CANDIDATES = 20
# Below this, pg_trgm's own similarity finds too much that only shares a common word.
ALIKE_FROM = 0.5

# What `contact_keys` and `account_keys` look for, one index after the other.
HAS_EQUAL_KEYS = """
    SELECT EXISTS (SELECT FROM accounts_contact
                    WHERE deleted_at IS NULL AND email_key = ANY(%(emails)s))
        OR EXISTS (SELECT FROM accounts_contactemail further
                     JOIN accounts_contact contact ON contact.id = further.contact_id
                    WHERE contact.deleted_at IS NULL AND further.email_key = ANY(%(emails)s))
        OR EXISTS (SELECT FROM accounts_contact
                    WHERE deleted_at IS NULL AND phone_key = ANY(%(phones)s))
        OR EXISTS (SELECT FROM accounts_contact
                    WHERE deleted_at IS NULL AND mobile_key = ANY(%(phones)s))
        OR EXISTS (SELECT FROM accounts_account
                    WHERE deleted_at IS NULL AND domain_key = %(domain)s)
        OR EXISTS (SELECT FROM accounts_account
                    WHERE deleted_at IS NULL AND phone_key = ANY(%(phones)s))
"""


@dataclass(frozen=True)
class Reason:
    """Why two records may be the same, with both values for those who want to see them."""

    code: str
    label: str
    lead_value: str = ""
    record_value: str = ""

    def as_json(self) -> dict[str, str]:
        return {
            "code": self.code,
            "label": self.label,
            "lead_value": self.lead_value,
            "record_value": self.record_value,
        }


@dataclass(frozen=True)
class Match:
    """One candidate. Of one the person may not see, `record` is None and only the team is told."""

    target: str
    score: int
    reasons: tuple[Reason, ...]
    record_id: int
    account_id: int
    record: Any
    is_editable: bool
    team: str

    @property
    def strength(self) -> str:
        if self.score >= STRONG_FROM:
            return STRONG
        return POSSIBLE if self.score >= POSSIBLE_FROM else WEAK

    @property
    def title(self) -> str:
        return self.record.name if self.record else f"{self.target.capitalize()} in {self.team}"

    @property
    def about(self) -> str:
        """What it is, where and whose; nothing of a hidden one."""
        if self.record is None:
            return ""
        place = [self.record.account.name] if self.target == "contact" else []
        return " · ".join([self.target.capitalize(), *place, self.record.owner.full_name])

    @property
    def told_reasons(self) -> tuple[Reason, ...]:
        """The reasons, as far as the person may know them."""
        return self.reasons if self.record else ()

    @property
    def is_strong(self) -> bool:
        return self.strength == STRONG

    def has_reason(self, code: str) -> bool:
        return any(reason.code == code for reason in self.reasons)

    def as_json(self) -> dict[str, Any]:
        """The match as the API shows it. A hidden one tells its strength and team only."""
        if self.record is None:
            return {
                "target": self.target,
                "id": None,
                "strength": self.strength,
                "hidden": True,
                "detail": f"A match exists in {self.team}.",
            }
        return {
            "target": self.target,
            "id": self.record.pk,
            "name": self.record.name,
            "url": self.record.get_absolute_url(),
            "owner": self.record.owner.full_name,
            "strength": self.strength,
            "score": self.score,
            "editable": self.is_editable,
            "hidden": False,
            "reasons": [reason.as_json() for reason in self.reasons],
        }


@dataclass(frozen=True)
class Matches:
    """All candidates of one lead for one person, strongest first."""

    accounts: tuple[Match, ...] = ()
    contacts: tuple[Match, ...] = ()

    def strong(self, target: str) -> list[Match]:
        """The strong matches for `account` or `contact`, hidden ones included."""
        candidates = self.accounts if target == "account" else self.contacts
        return [match for match in candidates if match.is_strong]

    def as_json(self) -> list[dict[str, Any]]:
        return [match.as_json() for match in (*self.accounts, *self.contacts)]


@dataclass
class Weighing:
    """The reasons found for one candidate, and what they come to together."""

    weights: list[int] = field(default_factory=list)
    name_weights: list[int] = field(default_factory=list)
    reasons: list[Reason] = field(default_factory=list)

    def add(self, weight: int, reason: Reason, *, is_name: bool = False) -> None:
        (self.name_weights if is_name else self.weights).append(weight)
        self.reasons.append(reason)

    @property
    def score(self) -> int:
        """The best reason, a little more for each further one; names alone stay below strong."""
        found = self.weights + self.name_weights
        if not found:
            return 0
        total = max(found) + FURTHER_REASON * (len(found) - 1)
        return min(total, 99 if self.weights else NAME_CEILING)


def find_matches(lead: Lead, actor: User, *, fuzzy: bool = True) -> Matches:
    """
    The accounts and contacts that this lead may already be, in two queries.

    Without `fuzzy`, only what a name is not needed to find: all that can be strong, and what
    the conversion looks at again under its locks. One query then, if there is nothing.
    """
    if not fuzzy and not has_equal_keys(lead):
        return Matches()
    contacts = contact_matches(lead, actor, fuzzy=fuzzy)
    return Matches(
        accounts=account_matches(lead, actor, contacts, fuzzy=fuzzy), contacts=tuple(contacts)
    )


def has_equal_keys(lead: Lead) -> bool:
    """
    Whether any contact or account has a key of the lead's. Most leads that are converted match
    nothing, and this is much cheaper to ask than for the rows with all that is told of them.
    """
    keys_of_lead = {
        "emails": emails_of(lead),
        "phones": phones_of(lead),
        "domain": lead.domain_key or None,
    }
    with connection.cursor() as cursor:
        cursor.execute(HAS_EQUAL_KEYS, keys_of_lead)
        return cursor.fetchone()[0]


def contact_keys(lead: Lead) -> Q:
    """Contacts with an e-mail address or a phone number of the lead's; empty without any."""
    condition = Q()
    if emails := emails_of(lead):
        further = ContactEmail.objects.filter(email_key__in=emails).values("contact_id")
        condition |= Q(email_key__in=emails) | Q(EqualsAny(F("pk"), ArraySubquery(further)))
    if phones := phones_of(lead):
        condition |= Q(phone_key__in=phones) | Q(mobile_key__in=phones)
    return condition


def account_keys(lead: Lead) -> Q:
    """Accounts with the lead's domain or a phone number of its; empty without any."""
    condition = Q()
    if lead.domain_key:
        condition |= Q(domain_key=lead.domain_key)
    if phones := phones_of(lead):
        condition |= Q(phone_key__in=phones)
    return condition


def contact_matches(lead: Lead, actor: User, *, fuzzy: bool) -> list[Match]:
    condition = contact_keys(lead)
    # A last name alone says nothing.
    if fuzzy and lead.person_key and lead.first_name:
        condition |= Q(person_key=lead.person_key)
    if not condition:
        return []
    emails, phones = emails_of(lead), phones_of(lead)
    queryset = Contact.objects.unscoped(reason=HIDDEN_TOO)
    found = candidates(queryset, condition, actor).annotate(
        further_email_key=ContactEmail.objects.filter(
            contact=OuterRef("pk"), email_key__in=emails
        ).values("email_key")[:1]
    )
    return ranked(
        match_of("contact", contact, weigh_contact(lead, contact, emails, phones))
        for contact in found.select_related("owner__team", "account")[:MAX_CANDIDATES]
    )


def weigh_contact(lead: Lead, contact: Any, emails: list[str], phones: list[str]) -> Weighing:
    """What speaks for a contact of `contact_matches`, which knows its `further_email_key`."""
    weighing = Weighing()
    if contact.email_key in emails:
        weighing.add(96, Reason("same_email", "Same email", lead.email, contact.email))
    elif contact.further_email_key:
        weighing.add(96, Reason("same_email", "Same email", lead.email, contact.further_email_key))
    has_same_name = bool(lead.person_key) and contact.person_key == lead.person_key
    if {contact.phone_key, contact.mobile_key} & set(phones):
        # A switchboard's number is shared; with the same name it is the same person.
        weight = 92 if has_same_name else 70
        weighing.add(
            weight, Reason("same_phone", "Same phone", lead.phone or lead.mobile, contact.phone)
        )
    if has_same_name and lead.first_name:
        same_company = bool(lead.company_key) and contact.account.name_key == lead.company_key
        label = "Same name and company" if same_company else "Same name"
        weighing.add(
            80 if same_company else 45,
            Reason("same_name", label, lead.name, contact.name),
            is_name=True,
        )
    return weighing


def account_matches(
    lead: Lead, actor: User, contacts: Iterable[Match], *, fuzzy: bool
) -> tuple[Match, ...]:
    known = {match.account_id for match in contacts if match.has_reason("same_email")}
    condition = account_keys(lead)
    if known:
        condition |= Q(EqualsAny(F("pk"), id_array(sorted(known))))
    if fuzzy and lead.company_key:
        condition |= Q(name_key=lead.company_key)
        condition |= Q(name_key__trigram_similar=lead.company_key)
    if not condition:
        return ()
    queryset = Account.objects.unscoped(reason=HIDDEN_TOO)
    found = candidates(queryset, condition, actor)
    if fuzzy and lead.company_key:
        alike = TrigramSimilarity("name_key", lead.company_key)
        found = found.annotate(alike=alike).order_by("-alike", "pk")
    phones = phones_of(lead)
    return tuple(
        ranked(
            match_of("account", account, weigh_account(lead, account, phones, known))
            for account in found.select_related("owner__team")[:MAX_CANDIDATES]
        )
    )


def weigh_account(lead: Lead, account: Account, phones: list[str], known: set[int]) -> Weighing:
    weighing = Weighing()
    if account.pk in known:
        weighing.add(95, Reason("same_email", "Has a contact with this email", lead.email))
    if lead.domain_key and account.domain_key == lead.domain_key:
        weighing.add(90, Reason("same_domain", "Same domain", lead.domain_key, account.domain_key))
    if account.phone_key and account.phone_key in phones:
        weighing.add(86, Reason("same_phone", "Same phone", lead.phone, account.phone))
    if lead.company_key and account.name_key == lead.company_key:
        weighing.add(80, Reason("same_name", "Same name", lead.company, account.name), is_name=True)
    elif getattr(account, "alike", 0) >= ALIKE_FROM:
        percent = similarity(lead.company_key, account.name_key)
        weighing.add(
            min(percent - 20, 75),
            Reason("similar_name", f"Name {percent} % alike", lead.company, account.name),
            is_name=True,
        )
    return weighing


def candidates(queryset: OwnedQuerySet, condition: Q, actor: User) -> models.QuerySet:
    """The rows that fit, each marked with whether the person may see and edit it."""
    return (
        queryset.live()
        .filter(condition)
        .annotate(
            is_visible=allowed(queryset, actor, Action.VIEW),
            is_editable=allowed(queryset, actor, Action.EDIT),
        )
        .order_by("pk")
    )


def allowed(queryset: OwnedQuerySet, actor: User, action: str) -> models.expressions.Combinable:
    """visible_to as a column instead of a filter."""
    level = actor.reach.level(queryset.model.record_type, action)
    if level in (ReachLevel.ALL, ReachLevel.NONE):
        return Value(level == ReachLevel.ALL, output_field=BooleanField())
    return ExpressionWrapper(queryset.within(actor.reach, level, action), BooleanField())


def match_of(target: str, record: Any, weighing: Weighing) -> Match:
    owner_team = record.owner.team
    return Match(
        target=target,
        score=weighing.score,
        reasons=tuple(weighing.reasons),
        record_id=record.pk,
        account_id=record.account_id if target == "contact" else record.pk,
        record=record if record.is_visible else None,
        is_editable=record.is_visible and record.is_editable,
        team=f"team {owner_team.name}" if owner_team else "another team",
    )


def ranked(matches: Iterable[Match]) -> list[Match]:
    """Those with any reason, strongest first."""
    found = [match for match in matches if match.score > 0]
    return sorted(found, key=lambda match: (-match.score, match.record_id))


def emails_of(lead: Lead) -> list[str]:
    return keys(lead.email_key, lead.other_email_key)


def phones_of(lead: Lead) -> list[str]:
    return keys(lead.phone_key, lead.mobile_key)


def keys(*values: str) -> list[str]:
    """The keys there are: an empty one matches nothing."""
    return [value for value in values if value]
