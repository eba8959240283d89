"""What is measured: each piece of work as the HTTP calls that people and programs make."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.urls import reverse

from accounts.models import LeadSource
from people.models import User
from scripts.bench.data import BUSY, HEADS, TAILS, Rows
from scripts.bench.limits import MINIMAL_CONVERSION, MINIMAL_CREATION, Limit
from scripts.company import Company, token_of
from scripts.http_client import Call, Client

PLAN = {
    "account": {"action": "create"},
    "contact": {"action": "create"},
    "opportunity": {"action": "create", "fields": {"amount": "48000.00", "currency": "EUR"}},
    "contact_role": "decision_maker",
}


@dataclass(frozen=True)
class Work:
    """
    One piece of work. `call` gives the request for each number from 0 on.

    Without a `limit` of its own, the limit is its SQL, replayed.
    """

    name: str
    call: Callable[[int], Call]
    token: str = ""
    cookie: str = ""
    status: int = 200
    limit: Limit | None = None

    def client(self, address: str) -> Client:
        return Client(address, token=self.token, cookie=self.cookie)


def all_work(people: Company, rows: Rows) -> list[Work]:
    """Everything, done by a manager who sees all teams: the costliest reach there is."""
    token, cookie = token_of(people.manager), session_of(people.manager)
    source = LeadSource.objects.order_by("pk")[0].pk

    def convert(number: int) -> Call:
        # Leads of companies without an account, one after the other.
        lead = rows.id("lead", rows.count["account"] + 1 + number)
        path = reverse("api:lead-conversion-convert", args=[lead])
        return Call("POST", path, PLAN, key=str(uuid.uuid4()))

    def create(number: int) -> Call:
        body = {
            "first_name": "Nora",
            "last_name": f"Created {number}",
            "title": "Director",
            "company": f"Created Company {number} GmbH",
            "email": f"nora@created-{number}.example",
            "phone": f"+49 30 4{number:07}",
            "source": source,
        }
        return Call("POST", reverse("api:lead-list"), body, key=str(uuid.uuid4()))

    def found(number: int) -> str:
        return f"{HEADS[number % len(HEADS)]}a{TAILS[number % len(TAILS)]}".lower()

    def record(number: int) -> Call:
        many = rows.count["lead"] // BUSY
        # Not the converted ones.
        lead = rows.id("lead", BUSY * (1 + many // 2 + number % (many // 2)))
        return Call("GET", reverse("leads:detail", args=[lead]))

    leads = reverse("api:lead-list")
    page = reverse("leads:list")
    pipeline, funnel = reverse("api:report-pipeline"), reverse("api:report-funnel")
    search = reverse("api:search")
    return [
        Work("convert (API, new deal)", convert, token, "", 201, MINIMAL_CONVERSION),
        Work("create lead (API)", create, token, "", 201, MINIMAL_CREATION),
        Work("list of 50 (API)", lambda number: Call("GET", leads), token),
        Work("list (page)", lambda number: Call("GET", page), cookie=cookie),
        Work("search of leads (API)", lambda n: Call("GET", f"{leads}?q={found(n)}"), token),
        Work("search of everything", lambda n: Call("GET", f"{search}?q={found(n)}"), token),
        Work("pipeline sums (API)", lambda number: Call("GET", pipeline), token),
        Work("funnel (API)", lambda number: Call("GET", funnel), token),
        Work("lead record (page)", record, cookie=cookie),
    ]


def session_of(user: User) -> str:
    """A cookie with which the user is signed in."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"
