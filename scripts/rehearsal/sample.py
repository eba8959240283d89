"""Leads as somebody else's system exports them, made up, in case there is no real file."""

import csv
import random
from pathlib import Path

HEADER = [
    "Index", "Account Id", "Lead Owner", "First Name", "Last Name", "Company", "Phone 1",
    "Phone 2", "Email 1", "Email 2", "Website", "Source", "Deal Stage", "Notes",
]  # fmt: skip
FIRST = ["Amélie", "Bjørn", "Chidi", "Dana", "Elif", "Fatima", "Gö", "Hana", "Ian", "Jo", "Kai"]
LAST = ["Álvarez", "Berg", "Chen", "D'Arcy", "Eze", "Flood", "García Ruiz", "Ito", "Öz", "Smith"]
TRADE = ["Foods", "Freight", "& Sons", "Labs", "Media", "Metals", "Partners", "Systems"]
FORM = ["", " Inc", " GmbH", " Ltd", " S.A.", " LLC", " and Company"]
SOURCES = ["Referral", "Cold Call", "LinkedIn Outreach", "Trade Show", "Webinar", ""]
STAGES = ["New", "Contacted", "On Hold", "Qualified", "Lost", "Negotiation"]
PHONES = ["+1-{}-{}-{}x{}", "({}){}-{}", "{}.{}.{}", "001-{}-{}-{}", "{}{}{}"]


def write_sample(path: Path, rows: int) -> None:
    """So many leads, the same every time: accents, extensions, two addresses, empty fields."""
    chance = random.Random(4711)  # noqa: S311 - not a secret
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for number in range(1, rows + 1):
            writer.writerow(lead(number, chance))


def lead(number: int, chance: random.Random) -> list[object]:
    first, last = chance.choice(FIRST), chance.choice(LAST)
    # Every twentieth company has written to us before.
    company = number - 7 if number % 20 == 0 else number
    site = f"company-{company}.example"
    return [
        number,
        f"{chance.getrandbits(60):015X}",
        f"{chance.choice(FIRST)} {chance.choice(LAST)}",
        first,
        last,
        f"{chance.choice(LAST)} {chance.choice(TRADE)} {company}{chance.choice(FORM)}",
        phone(chance),
        phone(chance),
        f"lead{number}@{site}",
        f"lead{number}.private@example.net" if number % 3 else "",
        f"https://www.{site}/",
        chance.choice(SOURCES),
        chance.choice(STAGES),
        "Wants a call.\nSecond line, with a comma." if number % 5 == 0 else "",
    ]


def phone(chance: random.Random) -> str:
    parts = chance.randrange(200, 999), chance.randrange(200, 999), chance.randrange(1000, 9999)
    return chance.choice(PHONES).format(*parts, chance.randrange(1, 9999))
