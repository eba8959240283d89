"""
The rows behind a number: a list of the application, and what it is narrowed by.

A number is counted through the very filters of the list that it opens, so both are of one
definition: what the list shows is what was counted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django.db.models import Aggregate, Count, DecimalField, Q, QuerySet, Sum, Value
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
from people.models import User

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

    def plus(self, count: int, amount: Decimal | None, weighted: Decimal | None) -> "Figure":
        """The same rows with more of them counted."""
        return Figure(
            self.rows,
            self.count + count,
            self.amount + (amount or 0),
            self.weighted + (weighted or 0),
        )


def figures(user: User, asked: Mapping[str, Rows]) -> dict[str, Figure]:
    """The figures of several lists, of whatever records, in one query."""
    found = {key: Figure(rows) for key, rows in asked.items()}
    if not asked:
        return found
    counting = for_today(user, ("figures", *asked.items()), lambda: union_of(user, asked))
    for key, *sums in counting.rows():
        found[key] = found[key].plus(*sums)
    return found


def union_of(user: User, asked: Mapping[str, Rows]) -> Statement:
    first, *rest = (
        part_of(key, rows.for_user(user), rows.page is DEALS) for key, rows in asked.items()
    )
    return Statement(first.union(*rest, all=True))


def sums_of(conditions: Mapping[str, Q], *, is_money: bool) -> dict[str, Aggregate]:
    """
    The sums of the parts of a list that meet conditions, all read in one pass over it.

    Named after the part and what is summed: `closing_count`, `closing_amount`.
    """
    sums: dict[str, Aggregate] = {}
    for name, condition in conditions.items():
        sums[f"{name}_count"] = Count("pk", filter=condition)
        if is_money:
            sums[f"{name}_amount"] = Sum("company_amount", filter=condition)
            sums[f"{name}_weighted"] = Sum("expected", filter=condition)
    return sums


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
