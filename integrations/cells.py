"""Reading the text of one cell: numbers, amounts, days, yes and no, names."""

import datetime as dt
import re
from decimal import Decimal

from django.core.exceptions import ValidationError

from accounts.keys import search_key
from leads.models import Rating

_YES = frozenset({"yes", "y", "true", "1", "x", "on", "ja", "oui", "si"})
_NO = frozenset({"no", "n", "false", "0", "off", "nein", "non"})
_AMOUNT = re.compile(
    r"[^\d.,' +-]{0,3}\s*([+-]?\d[\d.,' ]*?)\s*([kKmM])?\s*[^\d.,']{0,4}", re.ASCII
)
_TIMES = {"": 1, "k": 1_000, "m": 1_000_000}
_DAY_FIRST = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")


def read_amount(text: str) -> Decimal:
    """
    A sum as people write it: 48000, 48,000.50, 48.000,50, $48k, 1.2M, 1 200 EUR.

    A single separator with three digits behind it groups thousands. Raises ValidationError.
    """
    found = _AMOUNT.fullmatch(text)
    if found is None:
        raise ValidationError("Give a number, such as 48000.", code="invalid_number")
    digits, times = re.sub(r"[' ]", "", found[1]), (found[2] or "").lower()
    return Decimal(with_point(digits)) * _TIMES[times]


def with_point(digits: str) -> str:
    """Digits with a decimal point and without separators of thousands."""
    comma, point = digits.rfind(","), digits.rfind(".")
    if comma >= 0 and point >= 0:
        grouping = "," if comma < point else "."
        return digits.replace(grouping, "").replace(",", ".")
    mark = "," if comma >= 0 else "."
    parts = digits.split(mark)
    groups = parts[1:]
    if groups and all(len(group) == 3 for group in groups) and parts[0].lstrip("+-0"):
        return "".join(parts)
    if len(groups) > 1:
        raise ValidationError("Give a number, such as 48000.", code="invalid_number")
    return ".".join(parts).rstrip(".")


def read_number(text: str) -> int:
    """A whole number. Raises ValidationError."""
    try:
        amount = read_amount(text)
    except ValidationError:
        amount = None
    if amount is None or amount != int(amount):
        raise ValidationError("Give a whole number, such as 250.", code="invalid_number")
    return int(amount)


def read_day(text: str) -> dt.date:
    """A day as 2027-01-31 or 31.01.2027; where the month stands is never guessed."""
    try:
        if found := _DAY_FIRST.fullmatch(text):
            day, month, year = map(int, found.groups())
            return dt.date(year, month, day)
        return dt.date.fromisoformat(text[:10] if text[10:11] in ("T", " ") else text)
    except ValueError:
        raise ValidationError("Give the day as 2027-01-31.", code="invalid_day") from None


def read_yes_no(text: str) -> bool:
    word = search_key(text)
    if word in _YES or word in _NO:
        return word in _YES
    raise ValidationError("Give yes or no.", code="invalid_choice")


def read_rating(text: str) -> str:
    word = search_key(text)
    if word in Rating.values:
        return word
    raise ValidationError("Give hot, warm or cold.", code="invalid_choice")


def split_name(text: str) -> tuple[str, str]:
    """First and last name: the last word is the last name, unless a comma says otherwise."""
    if "," in text:
        last, _, first = text.partition(",")
    else:
        first, _, last = text.strip().rpartition(" ")
    return first.strip(), last.strip()
