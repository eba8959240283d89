"""
Leads that may already be there, told before another one is made.

Reasons are equal keys, never parts of words; a name alone is no reason. Leads the person
may not see are told of with their team and without their data.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.contrib.postgres.lookups import TrigramSimilar
from django.db.models import BooleanField, Exists, F, OuterRef, Q, QuerySet, Value

from accounts.keys import similarity
from accounts.search import any_key
from leads.cleaning import set_keys
from leads.models import Lead
from people.models import User, Workspace

SHOWN = 5
LOOKED_AT = 100
ALIKE_PERCENT = 80
ALIKE_GIVEN_PERCENT = 70
FEWEST_WORDS = 2
TYPED = ("first_name", "last_name", "company", "email", "other_email", "phone", "mobile", "website")


class Strength(StrEnum):
    STRONG = "strong"
    POSSIBLE = "possible"
    WEAK = "weak"


class MatchReason(StrEnum):
    SAME_EMAIL = "same_email"
    SAME_PHONE = "same_phone"
    SAME_PERSON = "same_person"
    SAME_DOMAIN = "same_domain"
    SIMILAR_NAME = "similar_name"
    SAME_COMPANY = "same_company"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()


# By themselves these make two people colleagues, not one person.
COLLEAGUES = {MatchReason.SAME_DOMAIN, MatchReason.SAME_COMPANY}


@dataclass(frozen=True)
class SimilarLead:
    """A lead that may be the same, why, and how surely. `lead` is None where it is hidden."""

    lead: Lead | None
    team: str
    reasons: list[MatchReason]
    strength: Strength

    @property
    def title(self) -> str:
        if self.lead is None:
            return f"A lead of the team {self.team}" if self.team else "A lead you cannot open"
        return self.lead.name

    @property
    def about(self) -> str:
        """Where the lead is from and who has it; nothing of a hidden one."""
        if self.lead is None:
            return ""
        holder = self.lead.owner.full_name if self.lead.owner else str(self.lead.queue)
        return " · ".join(filter(None, [self.lead.company, holder]))


def typed_lead(fields: Mapping[str, Any]) -> Lead:
    """The lead whose `fields` are typed, not saved: only what leads are compared by is set."""
    lead = Lead(**{name: str(fields.get(name) or "").strip() for name in TYPED})
    set_keys(lead, Workspace.load())
    return lead


def similar_leads(lead: Lead, user: User) -> list[SimilarLead]:
    """
    At most SHOWN other leads like this one, which is saved or a `typed_lead`; the surest first.

    One query, beside that for the user's reach.
    """
    found = [
        SimilarLead(
            lead=row if row.is_visible else None,
            team=team_name(row),
            reasons=reasons,
            strength=strength_of(reasons),
        )
        for row in alike(lead, user).exclude(pk=lead.pk)[:LOOKED_AT]
        if not COLLEAGUES.issuperset(reasons := list(reasons_for(lead, row)))
    ]
    surest = list(Strength)
    found.sort(key=lambda match: (surest.index(match.strength), -len(match.reasons)))
    return found[:SHOWN]


def alike(typed: Lead, user: User) -> QuerySet:
    """
    Every live lead with a key of this one, whoever may see it, latest first; an index for each.

    The person's similar name is asked of the database too, so that the other people of a
    large company do not crowd out the one who is meant.
    """
    condition = Q(pk__in=[])
    for key in {typed.email_key, typed.other_email_key} - {""}:
        condition |= any_key(email_key=key, other_email_key=key)
    for key in {typed.phone_key, typed.mobile_key} - {""}:
        condition |= any_key(phone_key=key, mobile_key=key)
    if typed.person_key and typed.domain_key:
        similar = Q(TrigramSimilar(F("person_key"), Value(typed.person_key)))
        condition |= Q(domain_key=typed.domain_key) & similar
    if typed.person_key and typed.company_key:
        condition |= Q(person_key=typed.person_key, company_key=typed.company_key)
    visible = Lead.objects.visible_to(user).order_by().filter(pk=OuterRef("pk"))
    return (
        Lead.objects.unscoped(reason="hidden duplicates are told without their data")
        .live()
        .filter(condition)
        .annotate(is_visible=Exists(visible, output_field=BooleanField()))
        .select_related("owner__team", "queue__team", "team", "status")
        .order_by("-created_at", "-pk")
    )


def reasons_for(typed: Any, row: Any) -> Iterator[MatchReason]:
    """Why two things with keys may be the same lead. Empty keys are equal to nothing."""
    theirs = {row.email_key, row.other_email_key} - {""}
    same_email = bool({typed.email_key, typed.other_email_key} & theirs)
    if same_email:
        yield MatchReason.SAME_EMAIL
    if {typed.phone_key, typed.mobile_key} & {row.phone_key, row.mobile_key} - {""}:
        yield MatchReason.SAME_PHONE
    same_person = bool(typed.person_key) and typed.person_key == row.person_key
    same_domain = bool(typed.domain_key) and typed.domain_key == row.domain_key
    same_company = bool(typed.company_key) and typed.company_key == row.company_key
    if same_person:
        yield MatchReason.SAME_PERSON
    elif same_domain and may_be_one_person(typed.person_key, row.person_key):
        yield MatchReason.SIMILAR_NAME
    if same_domain and not same_email:  # With the same address it goes without saying.
        yield MatchReason.SAME_DOMAIN
    if same_company:
        yield MatchReason.SAME_COMPANY


def may_be_one_person(one: str, other: str) -> bool:
    """
    Whether two different names may be spellings of one: "a lee", "anne lee", "ann leee".

    Word by word, from the first letter: Joann is not Ann, and Paul Taylor not Paul Graham.
    """
    pairs = list(zip(one.split(), other.split(), strict=False))
    if len(pairs) < FEWEST_WORDS:
        return False
    (given, other_given), *_, (family, other_family) = pairs
    return given[0] == other_given[0] and (
        similarity(family, other_family) >= ALIKE_PERCENT
        and (
            given.startswith(other_given)
            or other_given.startswith(given)
            or similarity(given, other_given) >= ALIKE_GIVEN_PERCENT
        )
    )


def strength_of(reasons: list[MatchReason]) -> Strength:
    """A mailbox has one owner; a phone or a company may be shared, and names repeat."""
    if MatchReason.SAME_EMAIL in reasons:
        return Strength.STRONG
    has_phone, has_person = MatchReason.SAME_PHONE in reasons, MatchReason.SAME_PERSON in reasons
    if has_phone and has_person:
        return Strength.STRONG
    is_colleague = MatchReason.SAME_DOMAIN in reasons or MatchReason.SAME_COMPANY in reasons
    has_name = has_person or MatchReason.SIMILAR_NAME in reasons
    if is_colleague and (has_phone or has_name):
        return Strength.POSSIBLE
    return Strength.WEAK


def team_name(lead: Lead) -> str:
    """Whose lead it is, as far as anybody may know."""
    holder = lead.owner or lead.queue
    team = (holder.team if holder else None) or lead.team
    return team.name if team else ""
