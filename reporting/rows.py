"""
The rows behind a number: a list of the application, and what it is narrowed by.

A number is counted through the very filters of the list that it opens, so both are of one
definition: what the list shows is what was counted.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, DecimalField, QuerySet, Sum, Value
from django.db.models.functions import Cast
from django.http import QueryDict

from conversion.filters import ConversionFilter, ConversionRequestFilter
from conversion.models import Conversion, ConversionRequest
from crm.addresses import address_of
from crm.filters import StrictFilterSet
from crm.statements import Statement, for_today
from leads.filters import LeadFilter
from leads.models import Lead
from opportunities.filters import OpportunityFilter
from opportunities.models import Opportunity
from people.models import Team, TeamClosure, User

Parameters = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ListPage:
    """A list: its page, its resource in the API, its filters, and what the page adds to them."""

    url_name: str
    api_name: str
    model: Any
    filterset: type[StrictFilterSet]
    usual: Parameters = ()


LEADS = ListPage("leads:list", "api:lead-list", Lead, LeadFilter, (("view", "all"),))
DEALS = ListPage(
    "opportunities:list",
    "api:opportunity-list",
    Opportunity,
    OpportunityFilter,
    (("view", "all"),),
)
REQUESTS = ListPage(
    "conversion:requests",
    "api:conversion-request-list",
    ConversionRequest,
    ConversionRequestFilter,
)
CONVERSIONS = ListPage(
    "conversion:conversions", "api:conversion-list", Conversion, ConversionFilter
)


@dataclass(frozen=True)
class Reader:
    """Who asks, in the shape in which filters want to know it."""

    user: User


@dataclass(frozen=True)
class Rows:
    """The rows of a list that its filters leave."""

    page: ListPage
    parameters: Parameters = ()

    def narrowed(self, *parameters: tuple[str, Any]) -> "Rows":
        """The same list with more filters."""
        more = tuple((name, str(value)) for name, value in parameters)
        return Rows(self.page, self.parameters + more)

    @property
    def url(self) -> str:
        """The page that lists them."""
        return address(self.page.url_name, self.page.usual + self.parameters)

    @property
    def api_url(self) -> str:
        """The resource that lists them."""
        return address(self.page.api_name, self.parameters)

    def for_user(self, user: User) -> Any:
        """Those of them that a person sees."""
        filterset = self.page.filterset(
            QueryDict(urlencode(self.parameters)),
            queryset=self.page.model.objects.visible_to(user).order_by(),
            request=Reader(user),
        )
        if not filterset.is_valid():
            raise ValueError(f"{self.parameters} are no filters: {filterset.errors.as_data()}")
        return filterset.qs


@lru_cache(maxsize=4096)
def address(url_name: str, parameters: Parameters) -> str:
    url = address_of(url_name)
    return f"{url}?{urlencode(parameters)}" if parameters else url


@dataclass(frozen=True)
class Figure:
    """A number and the rows behind it; of deals also what they come to, in company currency."""

    rows: Rows
    count: int = 0
    amount: Decimal = Decimal(0)
    weighted: Decimal = Decimal(0)

    @property
    def url(self) -> str:
        return self.rows.url

    @property
    def is_money(self) -> bool:
        return self.rows.page is DEALS

    @classmethod
    def of(cls, rows: Rows, sums: Iterable[Sequence[Any]]) -> "Figure":
        """Rows with what they come to: each of the sums is a count, an amount and it weighted."""
        count, amount, weighted = 0, Decimal(0), Decimal(0)
        for more, of_them, expected in sums:
            count += more
            amount += of_them or 0
            weighted += expected or 0
        return cls(rows, count, amount, weighted)


def team_and_below(team: Team | None) -> list[tuple[str, int]]:
    """What narrows a list to a team and all below it; nothing for all teams, and for none."""
    if team is None:
        return []
    below = TeamClosure.objects.filter(ancestor=team).order_by("depth", "descendant")
    return [("team", pk) for pk in below.values_list("descendant", flat=True)]


def figures(user: User, asked: Mapping[str, Rows]) -> dict[str, Figure]:
    """The figures of several lists, of whatever records, in one query."""
    if not asked:
        return {}
    counting = for_today(user, ("figures", *asked.items()), lambda: union_of(user, asked))
    sums = {key: own for key, *own in counting.rows()}
    return {key: Figure.of(rows, [sums[key]] if key in sums else []) for key, rows in asked.items()}


def union_of(user: User, asked: Mapping[str, Rows]) -> Statement:
    first, *rest = (
        part_of(key, rows.for_user(user), rows.page is DEALS) for key, rows in asked.items()
    )
    return Statement(first.union(*rest, all=True))


def part_of(key: str, rows: Any, is_money: bool) -> QuerySet:
    """One line of a union: how many rows a list has, and their sums."""
    # Without a type of its own, NULL would become text where two such lines come first.
    nothing = Cast(Value(None), DecimalField(max_digits=40, decimal_places=20))
    sums: dict[str, Any] = dict.fromkeys(("amount", "weighted"), nothing)
    if is_money:
        rows = rows.with_expected()
        sums = {"amount": Sum("company_amount"), "weighted": Sum("expected")}
    line = rows.annotate(part=Value(key)).values("part")
    return line.annotate(count=Count("pk"), **sums).values("part", "count", "amount", "weighted")
