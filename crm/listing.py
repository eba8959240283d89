"""What list pages share: their address, their headings, and their counts in words."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from crm.http import Request
from crm.keyset import Page
from crm.templatetags.relay import count_short

# Where a list stands, as against what it shows.
PLACE = ("cursor", "preview")


@dataclass(frozen=True)
class Heading:
    """A column: what it says, and if it sorts, which way it does now and where a click leads."""

    label: str
    direction: str = ""
    link: str = ""


def address(request: Request, **changes: Any) -> str:
    """The query string of the first page, with some parameters changed; an empty one goes."""
    query = request.GET.copy()
    for name in PLACE:
        query.pop(name, None)
    for name, value in changes.items():
        if value:
            query[name] = str(value)
        else:
            query.pop(name, None)
    return query.urlencode()


def kept(request: Request, *, but: Collection[str]) -> list[tuple[str, str]]:
    """The parameters that a form of the page has to send along."""
    return [
        (name, value)
        for name, values in request.GET.lists()
        for value in values
        if name not in (*but, *PLACE)
    ]


def headings(request: Request, columns: Mapping[str, str]) -> list[Heading]:
    """A heading for each column, {ordering or "": label}; a second click turns the order round."""
    current = request.GET.get("ordering", "")
    found = []
    for key, label in columns.items():
        if not key.strip():
            found.append(Heading(label))
            continue
        direction = {key: "ascending", f"-{key}": "descending"}.get(current, "")
        link = address(request, ordering=f"-{key}" if current == key else key)
        found.append(Heading(label, direction, f"?{link}"))
    return found


def in_words(page: Page, count: int, is_capped: bool) -> str:
    """How much of the list a page is: "50 of 1,284"."""
    if not page.rows:
        return ""
    return f"{len(page.rows)} of {count_short(count)}{'+' if is_capped else ''}"
