"""
The records offered on the three cards: what matches, what is searched for, what is chosen.

Matches come from `leads.known`; this module adds what a card shows beside them,
in a fixed number of queries. Only records that the person may see are ever offered.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, QuerySet

from accounts.models import Account, Contact
from accounts.search import search_accounts, search_contacts_near
from conversion.plans import CREATE, EXISTING, ConversionPlan
from crm.templatetags.relay import money
from leads.known import POSSIBLE, Match, Matches, Reason
from opportunities.models import Opportunity
from opportunities.search import search_opportunities
from people.models import User
from people.reach import Action

MOST_FOUND = 8
MOST_OF_ACCOUNT = 5


@dataclass(frozen=True)
class Candidate:
    """One record to choose. `reasons` are those of a match; one found by searching has none."""

    record: Any
    about: str
    is_chosen: bool
    may_use: bool
    strength: str = ""
    score: int = 0
    reasons: tuple[Reason, ...] = ()


@dataclass
class Card:
    """What one card offers: candidates, and matches that are told without their data."""

    target: str
    action: str
    candidates: list[Candidate] = field(default_factory=list)
    hidden: list[Match] = field(default_factory=list)
    # A likely match while something new is about to be made.
    doubts: list[Candidate] = field(default_factory=list)

    @property
    def matches(self) -> list[Candidate]:
        return [candidate for candidate in self.candidates if candidate.reasons]

    @property
    def badge(self) -> tuple[str, str]:
        """(tone, text) beside the card's title, or nothing to say."""
        chosen = next((c for c in self.matches if c.is_chosen), None)
        if self.action == EXISTING and chosen:
            return chosen.strength, f"{chosen.score}% match"
        if self.action == CREATE and (self.doubts or self.hidden):
            return POSSIBLE, f"{len(self.doubts) + len(self.hidden)} to check"
        return "", ""


class Candidates:
    """The three cards for one person, one lead's matches and one plan."""

    def __init__(
        self,
        actor: User,
        matches: Matches,
        choices: dict[str, tuple[str, int | None]],
        searched: dict[str, str],
        *,
        for_execution: bool,
    ):
        self.actor, self.matches = actor, matches
        self.choices, self.searched = choices, searched
        self.action = Action.EDIT if for_execution else Action.VIEW

    def cards(self) -> dict[str, Card]:
        return {
            "account": self.account_card(),
            "contact": self.contact_card(),
            "opportunity": self.opportunity_card(),
        }

    @property
    def account_id(self) -> int | None:
        action, pk = self.choices["account"]
        return pk if action == EXISTING else None

    def account_card(self) -> Card:
        visible = Account.objects.visible_to(self.actor).select_related("owner")
        text = self.searched["account"]
        found = search_accounts(visible, text)[:MOST_FOUND] if text else []
        records = self.gather("account", self.matches.accounts, visible, found)
        deals = dict(
            Opportunity.objects.visible_to(self.actor)
            .open()
            .filter(account__in=records)
            .order_by()
            .values_list("account")
            .annotate(Count("pk"))
        )
        return self.card(
            "account",
            self.matches.accounts,
            records,
            lambda account: " · ".join(
                [
                    account.get_type_display(),
                    f"Owner {account.owner.full_name}",
                    open_deals(deals.get(account.pk, 0)),
                ]
            ),
        )

    def contact_card(self) -> Card:
        visible = Contact.objects.visible_to(self.actor).select_related("owner", "account")
        text = self.searched["contact"]
        found: list[Any] = []
        if text:
            found = search_contacts_near(visible, text, account=self.account_id, most=MOST_FOUND)
        elif self.account_id:
            found = list(
                visible.filter(account=self.account_id).order_by("last_name", "pk")[
                    :MOST_OF_ACCOUNT
                ]
            )
        records = self.gather("contact", self.matches.contacts, visible, found)
        return self.card(
            "contact",
            self.matches.contacts,
            records,
            lambda contact: " · ".join(filter(None, [contact.title, contact.account.name])),
        )

    def opportunity_card(self) -> Card:
        visible = (
            Opportunity.objects.visible_to(self.actor)
            .open()
            .select_related("owner", "account", "stage")
        )
        text = self.searched["opportunity"]
        found: list[Any] = []
        if text:
            found = list(search_opportunities(visible, text)[:MOST_FOUND])
        elif self.account_id:
            of_account = visible.filter(account=self.account_id)
            found = list(of_account.order_by("-created_at", "-pk")[:MOST_FOUND])
        records = self.gather("opportunity", (), visible, found)
        card = self.card("opportunity", (), records, about_deal)
        action, _ = self.choices["opportunity"]
        if action != EXISTING and self.account_id:
            card.doubts = [
                candidate
                for candidate in card.candidates
                if candidate.record.account_id == self.account_id and candidate.may_use
            ][:1]
        return card

    def gather(
        self, target: str, matches: Iterable[Match], visible: QuerySet, found: Iterable[Any]
    ) -> list[Any]:
        """The records of a card, each once: matches, what was found, what is chosen."""
        records = {match.record.pk: match.record for match in matches if match.record}
        for record in found:
            records.setdefault(record.pk, record)
        _, chosen = self.choices[target]
        if chosen and chosen not in records and (record := visible.filter(pk=chosen).first()):
            records[record.pk] = record
        return list(records.values())

    def card(self, target: str, matches: Iterable[Match], records: list[Any], about: Any) -> Card:
        action, chosen = self.choices[target]
        matches = list(matches)
        by_id = {match.record.pk: match for match in matches if match.record}
        usable = self.usable(records)
        candidates = []
        for record in records:
            match = by_id.get(record.pk)
            candidates.append(
                Candidate(
                    record=record,
                    about=about(record),
                    is_chosen=action == EXISTING and record.pk == chosen,
                    may_use=record.pk in usable,
                    strength=match.strength if match else "",
                    score=match.score if match else 0,
                    reasons=match.reasons if match else (),
                )
            )
        card = Card(
            target=target,
            action=action,
            candidates=candidates,
            hidden=[match for match in matches if match.record is None],
        )
        if action == CREATE:
            card.doubts = [c for c in card.matches if c.strength in ("strong", POSSIBLE)]
        return card

    def usable(self, records: list[Any]) -> set[int]:
        """The ids of those that this person may choose."""
        if not records or self.action == Action.VIEW:
            return {record.pk for record in records}
        rows = type(records[0]).objects.visible_to(self.actor, self.action)
        return set(
            rows.filter(pk__in=[record.pk for record in records]).values_list("pk", flat=True)
        )


def about_deal(deal: Opportunity) -> str:
    amount = money(deal.amount, deal.currency) if deal.amount is not None else "no amount"
    return f"{deal.account.name} · {amount} · {deal.stage.name}"


def open_deals(count: int) -> str:
    if not count:
        return "no open opportunity"
    return f"{count} open {'opportunity' if count == 1 else 'opportunities'}"


def choices_of(plan: ConversionPlan) -> dict[str, tuple[str, int | None]]:
    """{target: (action, id)} of a plan."""
    return {
        name: (plan.target(name).action, plan.target(name).id)
        for name in ("account", "contact", "opportunity")
    }
