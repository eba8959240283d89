"""
Likely duplicates of many leads at once, for an import.

The rules are those of `leads.matching`, for equal keys only: a spelling that is merely similar
would cost a query for each lead, and is told on the lead's own page.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import BooleanField, Exists, OuterRef, Q

from leads.cleaning import KEY_FIELDS
from leads.matching import MatchReason, Strength, reasons_for, strength_of, team_name
from leads.models import Lead
from people.models import User

# So that a mailbox or name which half of a file shares is not compared with all of that half.
MOST_OF_A_KEY = 50

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Keys:
    """What two leads are compared by, without the rest of the lead."""

    email_key: str = ""
    other_email_key: str = ""
    phone_key: str = ""
    mobile_key: str = ""
    domain_key: str = ""
    company_key: str = ""
    person_key: str = ""

    @classmethod
    def of(cls, lead: Any) -> "Keys":
        return cls(**{name: getattr(lead, name) for name in KEY_FIELDS})

    def telling(self) -> Iterator[tuple[str, ...]]:
        """The keys that two leads must share to be likely the same."""
        for email in {self.email_key, self.other_email_key} - {""}:
            yield ("email", email)
        if self.person_key:
            for phone in {self.phone_key, self.mobile_key} - {""}:
                yield ("phone", phone, self.person_key)
            if self.company_key:
                yield ("company", self.company_key, self.person_key)


@dataclass(frozen=True)
class Likeness(Generic[Found]):
    """What may be the same as a lead, why, and how surely."""

    found: Found
    reasons: list[MatchReason]
    strength: Strength


class KeyIndex(Generic[Found]):
    """Things with keys, found again by what may be the same."""

    def __init__(self) -> None:
        self._by_key: dict[tuple[str, ...], list[tuple[Keys, Found]]] = defaultdict(list)

    def add(self, keys: Keys, thing: Found) -> None:
        for key in keys.telling():
            alike = self._by_key[key]
            if len(alike) < MOST_OF_A_KEY:
                alike.append((keys, thing))

    def surest(self, keys: Keys) -> Likeness[Found] | None:
        """What is most likely the same; None where nothing is more than weakly alike."""
        best: Likeness[Found] | None = None
        for key in keys.telling():
            for theirs, thing in self._by_key.get(key, ()):
                reasons = list(reasons_for(keys, theirs))
                strength = strength_of(reasons)
                if strength == Strength.STRONG:
                    return Likeness(thing, reasons, strength)
                if strength == Strength.POSSIBLE and best is None:
                    best = Likeness(thing, reasons, strength)
        return best


@dataclass(frozen=True)
class KnownLead:
    """A lead that is there. One the person may not see has a team and no name."""

    pk: int
    name: str
    team: str


def known_leads(typed: Sequence[Keys], user: User) -> list[tuple[Keys, KnownLead]]:
    """The live leads that may be the same as one of these, whoever may see them. One query."""
    emails = {key for keys in typed for key in (keys.email_key, keys.other_email_key)} - {""}
    phones = {key for keys in typed for key in (keys.phone_key, keys.mobile_key)} - {""}
    people = {keys.person_key for keys in typed} - {""}
    companies = {keys.company_key for keys in typed} - {""}
    same_phone = Q(phone_key__in=phones) | Q(mobile_key__in=phones)
    visible = Lead.objects.visible_to(user).order_by().filter(pk=OuterRef("pk"))
    rows = (
        Lead.objects.unscoped(reason="hidden duplicates are told without their data")
        .live()
        .filter(
            Q(email_key__in=emails)
            | Q(other_email_key__in=emails)
            | (Q(person_key__in=people) & (same_phone | Q(company_key__in=companies)))
        )
        .annotate(is_visible=Exists(visible, output_field=BooleanField()))
        .select_related("owner__team", "queue__team", "team")
        .only(
            *KEY_FIELDS, "first_name", "last_name", "owner__team__name", "queue__team__name",
            "team__name",
        )
        .order_by("pk")
    )  # fmt: skip
    return [
        (Keys.of(row), KnownLead(row.pk, row.name if row.is_visible else "", team_name(row)))
        for row in rows
    ]
