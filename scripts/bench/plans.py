"""Whether any list, search or comparison reads a large table from one end to the other."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.filters import AccountFilter, ContactFilter
from crm.counts import COUNT_CAP
from leads.filters import LeadFilter
from leads.models import Lead
from leads.views.listing import TABS
from opportunities.filters import OpportunityFilter
from people.models import User
from scripts.company import Company, token_of

# What grows with the company.
LARGE = {
    "accounts_account",
    "accounts_contact",
    "activities_activity",
    "activities_event",
    "conversion_conversion",
    "leads_lead",
    "opportunities_opportunity",
}
LISTS = [
    ("leads:list", "api:lead-list", LeadFilter),
    ("accounts:list", "api:account-list", AccountFilter),
    ("accounts:contacts", "api:contact-list", ContactFilter),
    ("opportunities:list", "api:opportunity-list", OpportunityFilter),
]
# What these nodes take, they take to the end.
GATHERING = {"Aggregate", "Hash", "Incremental Sort", "Materialize", "Sort", "WindowAgg"}
PLAN = {part: {"action": "create"} for part in ("account", "contact", "opportunity")}
SOUGHT = "alaberg"


def whole_table_reads(people: Company) -> list[str]:
    """
    Every list in every order, searches and comparisons, as people of each reach ask for them.

    Gives what reads a large table whole: who, where, and the SQL.
    """
    watcher = Watcher()
    for person in (people.sdrs[0], people.aes[0], people.manager, people.admin):
        watcher.speak_for(person)
        for page, resource, filterset in LISTS:
            for address in (reverse(page), reverse(resource)):
                # A page asks as its resource does; that it does is seen once.
                is_seen = address == reverse(page) and person != people.manager
                for order in [""] if is_seen else orders(filterset):
                    watcher.get(f"{address}?ordering={order}" if order else address)
                watcher.get(f"{address}?q={SOUGHT}")
                watcher.get(f"{address}?owner={people.sdrs[1].pk}")
        watcher.get(f"{reverse('api:search')}?q={SOUGHT}")
        for tab in TABS:
            watcher.get(f"{reverse('leads:list')}?view={tab}")
        lead = Lead.objects.visible_to(person).open().order_by("pk")[0]
        watcher.get(reverse("leads:detail", args=[lead.pk]))
        watcher.get(reverse("api:lead-matches", args=[lead.pk]))
        watcher.post(reverse("api:lead-conversion-conversion-preview", args=[lead.pk]), PLAN)
    return watcher.found


def orders(filterset: Any) -> list[str]:
    """The orders that a list can be sought in, as the address names them."""
    names = filterset.base_filters["ordering"].param_map
    return ["", *(f"{sign}{name}" for name in names for sign in ("", "-"))]


@dataclass
class Watcher:
    """Sends requests, and asks PostgreSQL how it would go about each query of theirs."""

    found: list[str] = field(default_factory=list)
    queries: dict[str, Any] = field(default_factory=dict)
    who: str = ""
    client: Client = field(default_factory=Client)

    def speak_for(self, person: User) -> None:
        self.who = person.role.key if person.role else ""
        headers = {"Authorization": f"Bearer {token_of(person)}"}
        self.client = Client(SERVER_NAME="localhost", headers=headers)
        self.client.force_login(person, "allauth.account.auth_backends.AuthenticationBackend")

    def get(self, address: str) -> None:
        self.send("GET", address)

    def post(self, address: str, body: Any) -> None:
        self.send("POST", address, json.dumps(body))

    def send(self, method: str, address: str, body: str = "") -> None:
        self.queries = {}
        with connection.execute_wrapper(self.listen):
            answer = self.client.generic(method, address, body, "application/json")
        if answer.status_code != 200:
            raise AssertionError(f"{self.who} {address}: {answer.status_code} {answer.content!r}")
        for sql, parameters in self.queries.items():
            for table in sorted(set(tables_read_whole(explain(sql, parameters)))):
                self.found.append(f"{self.who} {address}: all of {table} for\n{sql}")

    def listen(self, execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
        if sql.lstrip().startswith("SELECT") and any(table in sql for table in LARGE):
            self.queries[sql] = parameters
        return execute(sql, parameters, many, context)


def explain(sql: str, parameters: Any) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", parameters)
        (answer,) = cursor.fetchone()
    plan = json.loads(answer) if isinstance(answer, str) else answer
    return plan[0]["Plan"]


def tables_read_whole(node: dict[str, Any], *, counts: bool = False) -> Iterator[str]:
    """
    The large tables that a plan reads from one end to the other.

    Not where it counts to 10,000 what most of the rows are, nor one that is small yet: there
    is no quicker way.
    """
    kind = node["Node Type"]
    if kind == "Seq Scan" and (table := node["Relation Name"]) in LARGE:
        rows = rows_of(table)
        is_most = node["Plan Rows"] > rows / 3
        if rows >= COUNT_CAP and not (counts and is_most):
            yield table
    # What is gathered first, is gathered to the end.
    counts = kind == "Limit" or (counts and kind not in GATHERING)
    for part in node.get("Plans", ()):
        yield from tables_read_whole(part, counts=counts)


def rows_of(table: str) -> float:
    """How many rows PostgreSQL thinks there are."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE oid = %s::regclass", [table])
        return cursor.fetchone()[0]
