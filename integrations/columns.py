"""What a column of an imported file may become, and what it probably means."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from accounts.keys import email_address, search_key, similarity
from leads.models import StatusKind


class Keep(StrEnum):
    """What becomes of a column that is no field of a lead."""

    BESIDE = "keep"
    DECLINED = "skip"


class Kind(StrEnum):
    """How the text of a cell is read."""

    TEXT = "text"
    NUMBER = "number"
    AMOUNT = "amount"
    DAY = "day"
    YES_NO = "yes_no"
    RATING = "rating"
    CAMPAIGN = "campaign"
    FULL_NAME = "full_name"
    OWNER = "owner"
    SOURCE = "source"
    STATUS = "status"


@dataclass(frozen=True)
class Target:
    """A field of a lead as an import fills it, and the names columns for it often have."""

    name: str
    label: str
    group: str
    kind: Kind = Kind.TEXT
    names: tuple[str, ...] = ()


WHO, WHERE, WHAT, WORK = "The person", "Where", "What they want", "How it stands"
# The name that the file of refused rows gives to its last column.
REASON_COLUMN = "Why it was left out"

TARGETS: dict[str, Target] = {
    target.name: target
    for target in (
        Target("salutation", "Salutation", WHO, names=("prefix",)),
        Target("first_name", "First name", WHO, names=("given name", "forename", "first")),
        Target("last_name", "Last name", WHO, names=("surname", "family name", "last")),
        Target(
            "full_name",
            "First name and last name",
            WHO,
            Kind.FULL_NAME,
            ("name", "full name", "contact", "contact name", "lead name", "lead"),
        ),
        Target("title", "Title", WHO, names=("job title", "position", "role")),
        Target(
            "company",
            "Company",
            WHO,
            names=("company name", "organization", "organisation", "account name", "account"),
        ),
        Target(
            "email",
            "Email",
            WHO,
            names=("e mail", "mail", "email address", "e mail address", "email 1", "work email"),
        ),
        Target(
            "other_email",
            "Other email",
            WHO,
            names=("email 2", "second email", "secondary email", "private email"),
        ),
        Target(
            "phone",
            "Phone",
            WHO,
            names=("phone 1", "telephone", "tel", "phone number", "work phone", "business phone"),
        ),
        Target(
            "mobile",
            "Mobile",
            WHO,
            names=("phone 2", "mobile phone", "cell", "cell phone", "cellphone", "other phone"),
        ),
        Target("website", "Website", WHO, names=("url", "web", "web site", "homepage")),
        Target("street", "Street", WHERE, names=("address", "address 1", "street address")),
        Target("city", "City", WHERE, names=("town",)),
        Target("region", "Region", WHERE, names=("state", "province", "county", "state province")),
        Target("postal_code", "Postal code", WHERE, names=("zip", "zip code", "postcode")),
        Target("country", "Country", WHERE),
        Target("industry", "Industry", WHAT, names=("sector",)),
        Target(
            "employees",
            "Employees",
            WHAT,
            Kind.NUMBER,
            ("number of employees", "no of employees", "company size", "headcount"),
        ),
        Target("annual_revenue", "Annual revenue", WHAT, Kind.AMOUNT, ("revenue", "turnover")),
        Target("currency", "Currency", WHAT, names=("currency code",)),
        Target("description", "Description", WHAT, names=("notes", "note", "comment", "comments")),
        Target("rating", "Rating", WHAT, Kind.RATING, ("lead rating", "temperature")),
        Target(
            "source",
            "Source",
            WORK,
            Kind.SOURCE,
            ("lead source", "channel", "original source", "utm source"),
        ),
        Target("source_detail", "Source detail", WORK, names=("source details", "utm medium")),
        Target("campaign", "Campaign", WORK, Kind.CAMPAIGN, ("campaign name", "utm campaign")),
        Target(
            "status",
            "Status",
            WORK,
            Kind.STATUS,
            ("lead status", "stage", "deal stage", "lead stage", "lifecycle stage"),
        ),
        Target(
            "owner",
            "Owner",
            WORK,
            Kind.OWNER,
            ("lead owner", "owner name", "contact owner", "assigned to", "sales rep"),
        ),
        Target("next_step", "Next step", WORK, names=("next action",)),
        Target("next_step_on", "Next step on", WORK, Kind.DAY, ("next step date", "follow up")),
        Target("do_not_call", "Do not call", WORK, Kind.YES_NO, ("dnc",)),
        Target(
            "do_not_email",
            "Do not email",
            WORK,
            Kind.YES_NO,
            ("email opt out", "unsubscribed", "opted out of email"),
        ),
        Target(
            "external_id",
            "ID in the other system",
            WORK,
            names=("id", "lead id", "account id", "external id", "record id", "contact id"),
        ),
    )
}
KNOWN_NAMES = {
    search_key(name): target.name
    for target in TARGETS.values()
    for name in (target.name.replace("_", " "), target.label, *target.names)
}

_URL = re.compile(r"https?://\S+|www\.\S+")


def guess_columns(columns: Sequence[str], samples: Sequence[Sequence[str]]) -> dict[str, str]:
    """
    What each column probably is: by its name, else by what stands in it.

    A column nothing is known about is kept beside the lead, so that nothing is lost.
    """
    guesses: dict[str, str] = {}
    for column in columns:
        target = KNOWN_NAMES.get(search_key(column), Keep.BESIDE)
        if column == REASON_COLUMN:
            target = Keep.DECLINED
        guesses[column] = Keep.BESIDE if target in guesses.values() else target
    for place, column in enumerate(columns):
        if guesses[column] == Keep.BESIDE:
            cells = [row[place] for row in samples if place < len(row) and row[place]]
            guesses[column] = guess_by_content(cells, taken=set(guesses.values()))
    if "last_name" in guesses.values():
        named_whole = [name for name, target in guesses.items() if target == "full_name"]
        guesses |= dict.fromkeys(named_whole, Keep.BESIDE)
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
