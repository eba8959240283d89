"""The command palette, and the page behind it for those who look longer or without scripts."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.search import words_of
from crm.http import Request, render_page
from crm.navigation import Navigation
from people.models import User
from people.reach import Action, RecordType
from reporting.record_actions import Command, record_actions, record_named
from reporting.search import KINDS, Group, Hit, recent, search

IN_PALETTE = 4
ON_PAGE = 20
COMMANDS = 5


CREATE = [
    ("New lead", RecordType.LEAD, "leads:create"),
    ("New account", RecordType.ACCOUNT, "accounts:create"),
    ("New contact", RecordType.CONTACT, "accounts:contact_create"),
    ("New opportunity", RecordType.OPPORTUNITY, "opportunities:create"),
]


@require_GET
def palette(request: Request) -> HttpResponse:
    """
    Records and commands for what is typed; without it, the last records and what is usual.

    `here` names the record that the page is about, as "lead-12": what can be done with it comes
    among the commands. `of` names another: then there is nothing but what can be done with that.
    """
    text = typed(request)
    if name := request.GET.get("of"):
        record = record_named(request.user, name)
        groups = [] if record is None else [group_of(request.user, record, text)]
        return render(request, "search/palette.html", {"commands": groups})
    found = search(request.user, text, most=IN_PALETTE)
    hits = found.hits if text else recent(request.user)
    context = {
        "text": text,
        "records_label": records_label(text, found.is_close),
        "hits": told(hits, [] if found.is_close else words_of(text)),
        "commands": commands(request, text),
        "all_url": f"{reverse('search:search')}?{urlencode({'q': text})}" if text else "",
        "words": words_of(text),
    }
    return render(request, "search/palette.html", context)


@require_GET
def search_page(request: Request) -> HttpResponse:
    """Everything that matches, by type; `type` keeps to one."""
    text = typed(request)
    only = request.GET.get("type", "")
    found = search(request.user, text, most=ON_PAGE, count=True)
    words = [] if found.is_close else words_of(text)
    context = {
        "text": text,
        "words": words,
        "only": only if only in KINDS else "",
        "total": found.count,
        "is_close": found.is_close,
        "tabs": found.groups,
        "groups": [
            (group, told(group.hits, words), all_url(group, text))
            for group in found.groups
            if group.hits and (only not in KINDS or only == group.kind.key)
        ],
    }
    return render_page(request, "search/page.html", context, partial="results")


def typed(request: Request) -> str:
    return request.GET.get("q", "").strip()


def records_label(text: str, is_close: bool) -> str:
    if not text:
        return "Recent"
    return "Spelled alike" if is_close else "Records"


def told(hits: list[Hit], words: list[str]) -> list[tuple[Hit, str]]:
    """Each hit with why it is one, where that cannot be seen from its name."""
    return [(hit, hit.why(words)) for hit in hits]


def all_url(group: Group, text: str) -> str:
    """The list with every record that matches; empty where all are shown, or none matches."""
    if group.count <= len(group.hits):
        return ""
    return f"{reverse(group.kind.list_name)}?{urlencode({'view': 'all', 'q': text})}"


def group_of(user: User, record: Any, text: str) -> tuple[str, list[Command]]:
    """What can be done with one record; to open it, whatever is typed."""
    offered = record_actions(user, record)
    found = matching(offered, text, most=len(offered))
    return f"On {record}", [*found, Command("Open", "arrow-right", record.get_absolute_url())]


def commands(request: Request, text: str) -> list[tuple[str, list[Command]]]:
    """The commands with words that begin with those typed, in groups; a few without any."""
    user = request.user
    record = record_named(user, request.GET.get("here", ""))
    actions = [] if record is None else matching(record_actions(user, record), text)
    here = (f"On {record}", actions)
    create = [
        Command(label, "plus", reverse(name))
        for label, record_type, name in CREATE
        if user.can(record_type, Action.CREATE)
    ]
    navigation = Navigation(request)
    items = [item for group in navigation.groups for item in group.items]
    places = [
        Command(item.label, item.icon, item.url, ("G", item.key.upper()) if item.key else ())
        for item in [*items, *navigation.foot, *navigation.me]
    ]
    if not text:
        room = COMMANDS - len(actions)
        first = create[: min(1, room)]
        return [here, ("Create", first), ("Go to", places[: room - len(first)])]
    groups = [here, ("Go to", matching(places, text)), ("Create", matching(create, text))]
    return [(title, some) for title, some in groups if some]


def matching(choices: list[Command], text: str, most: int = COMMANDS) -> list[Command]:
    """The commands in which a word begins with each word that is typed."""
    return [
        command
        for command in choices
        if all(
            any(word.startswith(start) for word in command.label.casefold().split())
            for start in text.casefold().split()
        )
    ][:most]
