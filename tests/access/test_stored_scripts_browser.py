"""
Hostile text in every text column, and every page opened in a real browser.

Nothing of it becomes an element or an attribute, nothing runs, nothing is asked of another
host, and neither the browser nor its policy has anything to complain of. In each round every
column of every row has another of the texts.
"""

import copy
import os
from collections.abc import Iterator
from urllib.parse import urlencode, urlsplit

import pytest
from django.apps import apps
from django.db import models
from playwright.sync_api import Page

from conversion.models import Conversion
from crm.database_roles import APPEND_ONLY_TABLES
from leads.services import update_lead
from people.models import Workspace
from tests.access.test_access import address_of, body_of
from tests.access.test_browser import READERS
from tests.access.world import CAST, make_world
from tests.browser import listen, sign_in
from tests.factories import ActivityFactory, LeadFactory
from tests.hostile_text import HOSTILE_TEXTS

APPS = (
    "accounts", "activities", "conversion", "integrations", "leads", "opportunities", "people",
)  # fmt: skip
# Columns that take no text from people: codes, keys, and addresses, which have one shape only.
NO_TEXT = {
    "code", "content_type", "delimiter", "digest", "email", "encoding", "field", "key", "locale",
    "other_email", "password", "region", "sha256", "time_zone", "token_key", "value",
}  # fmt: skip
# A shorter one than any of the texts needs says nothing.
SHORTEST = 20
# More at a time only make the pages long.
MOST = 200
# Read by everybody every day; RELAY_PROOF_ROUNDS opens all the others too, in as many rounds.
ROUNDS = int(os.environ.get("RELAY_PROOF_ROUNDS", "0"))
DAILY = (
    "accounts:contact", "accounts:detail", "activities:tasks", "conversion:request",
    "home", "leads:detail", "leads:list", "opportunities:board", "opportunities:detail",
    "search:search", "settings:lead_statuses",
)  # fmt: skip
ALL = {name: reader for pages in READERS.values() for name, reader in pages.items()}
SHORT = dict.fromkeys(DAILY, "ada")
# What a browser would do with the text, were it anything but text.
STRUCK = """() => [
    ...[...document.querySelectorAll("x-struck, [x-struck]")].map(found => found.outerHTML),
    ...[...document.querySelectorAll("[href], [src], [action], [formaction]")]
        .flatMap(found => [found.href, found.src, found.action, found.formAction])
        .filter(address => typeof address === "string" && address)
        .filter(address => !/^(https?|mailto|tel|blob):/.test(address))
]"""


def columns() -> list[tuple[type[models.Model], str, int]]:
    """Every column of text that people fill in: the model, its name, the most that it holds."""
    found = []
    for model in apps.get_models():
        table = model._meta.db_table
        if model._meta.app_label in APPS and table not in APPEND_ONLY_TABLES:
            found += [
                (model, field.name, field.max_length or 1000)
                for field in model._meta.concrete_fields
                if is_text(field) and not table.endswith("history")
            ]
    return found


def is_text(field: models.Field) -> bool:
    return (
        isinstance(field, models.CharField | models.TextField)
        and not (field.choices or field.unique or field.name.endswith("_key"))
        and field.name not in NO_TEXT
        and (field.max_length or SHORTEST) >= SHORTEST
    )


class Writer:
    """Writes hostile text into rows, each row once, starting with another text each round."""

    def __init__(self, first: int):
        self.next = first
        self.done: set[tuple[type[models.Model], int]] = set()

    def write(self) -> None:
        """Fill every row that is new."""
        for model, pk, lengths in self.new_rows():
            texts = {name: self.text(pk, length) for name, length in lengths.items()}
            model._default_manager.filter(pk=pk).update(**texts)

    def pass_over(self) -> None:
        """Leave the rows that are new as they are: those of a converted lead are final."""
        for _row in self.new_rows():
            pass

    def new_rows(self) -> Iterator[tuple[type[models.Model], int, dict[str, int]]]:
        """Each row for the first time, with its columns."""
        by_model: dict[type[models.Model], dict[str, int]] = {}
        for model, name, length in columns():
            by_model.setdefault(model, {})[name] = length
        for model, lengths in by_model.items():
            for pk in model._default_manager.values_list("pk", flat=True):
                if (model, pk) not in self.done:
                    self.done.add((model, pk))
                    yield model, pk, lengths

    def text(self, pk: int, length: int) -> str:
        """As many of the next texts as fit, with a number that keeps names apart."""
        text, room = "", length - len(number := f" {pk}")
        while len(text) < room and len(text) < MOST:
            text += HOSTILE_TEXTS[self.next % len(HOSTILE_TEXTS)]
            self.next += 1
        return text[:room] + number


@pytest.fixture
def world(transactional_db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    Workspace.objects.get_or_create(pk=1)
    return make_world()


@pytest.fixture
def said(page: Page, live_server) -> list[str]:
    """What the browser complains of, asks of others, or shows a dialog of."""
    said: list[str] = []

    def dismiss(dialog):
        said.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def note_stranger(request):
        if urlsplit(request.url).netloc not in (urlsplit(live_server.url).netloc, ""):
            said.append(f"asked for {request.url}")

    listen(page, said)
    page.on("dialog", dismiss)
    page.on("request", note_stranger)
    return said


def test_the_texts_are_many_and_reach_every_app():
    assert len(set(HOSTILE_TEXTS)) >= 80
    assert len(columns()) >= 80
    assert {model._meta.app_label for model, *_ in columns()} == set(APPS)


@pytest.mark.parametrize(
    ("first", "pages"),
    [pytest.param(number, ALL, id=f"round-{number}") for number in range(ROUNDS)]
    or [pytest.param(0, SHORT, id="daily")],
)
def test_text_stays_text_on_every_page(world, page, live_server, said, first, pages):
    writer = Writer(first)
    found = {}
    for person in CAST:
        page.context.clear_cookies()
        sign_in(page.context, getattr(world, person), live_server)
        for name in (name for name, reader in pages.items() if reader == person):
            if wrong := look_at(page, name, world, said, writer):
                found[name] = wrong
    assert found == {}


def look_at(page: Page, name: str, world, said: list[str], writer: Writer) -> list[str]:
    """What is wrong with a page about Rita's records."""
    said.clear()
    mine = copy.copy(world)
    mine.lead = LeadFactory(owner=world.rita, imported_values=dict.fromkeys(HOSTILE_TEXTS, "x"))
    mine.said = ActivityFactory(lead=mine.lead, owner=world.rita, kind="call", body="It hurts.")
    writer.write()
    changes = {"company": writer.text(1, 200), "description": "\n\n".join(HOSTILE_TEXTS)}
    mine.lead = update_lead(lead=mine.lead, changes=changes, actor=world.rita)
    address = address_of(name, mine)
    is_final = Conversion.objects.filter(lead=mine.lead).exists()
    (writer.pass_over if is_final else writer.write)()
    address += "?" + urlencode(body_of(name, "get", mine) or {"q": "x-struck"})
    if "<html" not in page.request.get(address).text():
        return []
    answer = page.goto(address, wait_until="networkidle")
    return page.evaluate(STRUCK) + said + [f"{answer.status}"] * (answer.status != 200)
