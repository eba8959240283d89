"""What the columns of an imported file, and the values in them, probably mean."""

import re
from collections.abc import Callable, Mapping, Sequence

from accounts.keys import email_address, search_key, similarity
from integrations.targets import REASON_COLUMN, TARGETS, Keep
from leads.models import StatusKind


def header_key(text: str) -> str:
    """A column's name for comparison: "E-mail", "e_mail" and "EMail" are one."""
    return search_key(text).replace(" ", "")


# {name: (the field it is for, how many names of that field are likelier)}
KNOWN_NAMES = {
    header_key(name): (target.name, place)
    for target in TARGETS.values()
    for place, name in enumerate((target.label, target.name, *target.names))
}

_URL = re.compile(r"https?://\S+|www\.\S+")


def guess_columns(columns: Sequence[str], samples: Sequence[Sequence[str]]) -> dict[str, str]:
    """
    What each column probably is: by its name, else by what stands in it.

    A column nothing is known about is kept beside the lead, so that nothing is lost.
    """
    guesses = dict.fromkeys(columns, str(Keep.BESIDE)) | guess_by_name(columns)
    for place, column in enumerate(columns):
        if guesses[column] == Keep.BESIDE:
            cells = [row[place] for row in samples if place < len(row) and row[place]]
            guesses[column] = guess_by_content(cells, taken=set(guesses.values()))
    if REASON_COLUMN in guesses:
        guesses[REASON_COLUMN] = Keep.DECLINED
    if "last_name" in guesses.values():
        named_whole = [name for name, target in guesses.items() if target == "full_name"]
        guesses |= dict.fromkeys(named_whole, Keep.BESIDE)
    return guesses


def guess_by_name(columns: Sequence[str]) -> dict[str, str]:
    """The columns with a known name: the likeliest for each field, the next for its spare."""
    known = [
        (place, column, target)
        for column in columns
        for target, place in [KNOWN_NAMES.get(header_key(column), ("", 0))]
        if target
    ]
    guesses: dict[str, str] = {}
    left: list[tuple[str, str]] = []
    for _, column, target in sorted(known, key=lambda each: each[0]):
        if target in guesses.values():
            left.append((column, TARGETS[target].spare))
        else:
            guesses[column] = target
    for column, spare in left:
        if spare and spare not in guesses.values():
            guesses[column] = spare
    return guesses


def guess_by_content(cells: Sequence[str], *, taken: set[str]) -> str:
    looks: dict[str, Callable[[str], object]] = {
        "email": email_address,
        "other_email": email_address,
        "website": _URL.fullmatch,
    }
    for target, looks_so in looks.items():
        if cells and target not in taken and all(looks_so(cell) for cell in cells):
            return target
    return Keep.BESIDE


# Words of other systems' stages, and the kind of status a lead in them has. First match wins; a
# deal that was won there is qualified here: only a conversion makes a converted lead.
_STAGES: tuple[tuple[str, StatusKind], ...] = (
    ("disqualified|unqualified|lost|dead|junk|bad|rejected", StatusKind.DISQUALIFIED),
    ("hold|nurture|nurturing|later|recycled|paused", StatusKind.NURTURING),
    (
        "qualified|won|negotiation|proposal|sql|opportunity|demo|contract|customer",
        StatusKind.QUALIFIED,
    ),
    ("new|open|raw|untouched|fresh", StatusKind.NEW),
    (
        "contacted|working|attempted|engagement|progress|connected|mql|follow",
        StatusKind.WORKING,
    ),
)


def guess_status_kind(text: str) -> StatusKind | None:
    """The kind of status that a stage of another system probably means."""
    words = set(search_key(text).split())
    for names, kind in _STAGES:
        if words & set(names.split("|")):
            return kind
    return None


ALIKE_PERCENT = 90


def guess_named(text: str, names: Mapping[str, int]) -> int | None:
    """The id of the entry that is called so, or nearly so: "Webinars" is "Webinar"."""
    key = search_key(text)
    by_key = {search_key(name): pk for name, pk in names.items()}
    if key in by_key:
        return by_key[key]
    nearest = max(by_key, key=lambda other: similarity(key, other), default="")
    return by_key[nearest] if similarity(key, nearest) >= ALIKE_PERCENT else None
