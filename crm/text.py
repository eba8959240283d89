"""Text that comes in from people and programs, and text that goes out into spreadsheets."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

_FORBIDDEN = re.compile("[\x00\ud800-\udfff]")
_FORMULA_STARTS = frozenset("=+-@|%")
_BREAKS = ("\t", "\r", "\n")
_INVISIBLE_CATEGORIES = frozenset({"Cc", "Cf", "Zl", "Zp", "Zs"})

# "-12.50" is a number in every spreadsheet. "+49301234567" is not left alone: a spreadsheet would
# read it as a number too, drop the plus and round the digits.
_NEGATIVE_NUMBER = re.compile(r"-\d+(?:[.,]\d+)*(?:[eE][+-]?\d+)?", re.ASCII)


def clean_text(text: str) -> str:
    """Return `text` as it may be stored: NFC, line breaks as "\\n", no space around it.

    Raises `ValueError`, naming the character, for NUL and for half of a surrogate pair: JSON can
    carry both and PostgreSQL can store neither.
    """
    if found := _FORBIDDEN.search(text):
        character = found.group()
        name = "NUL" if character == "\x00" else "lone surrogate"
        raise ValueError(
            f"Character {found.start() + 1} is not allowed: {name} (U+{ord(character):04X})."
        )
    unix_lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", unix_lines).strip()


def key_of(text: Any) -> int | None:
    """
    The key of a record that somebody has written in digits; None for anything else.

    No key has more than 18 digits, and Python refuses to read numbers of thousands of them.
    """
    digits = str(text or "")
    is_key = digits.isascii() and digits.isdigit() and len(digits) < 19
    return int(digits) if is_key else None


def counted(number: int, one: str, many: str = "") -> str:
    """So many of something: "1 lead", "1,200 leads"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def marked(text: str, words: Iterable[str]) -> list[tuple[str, bool]]:
    """Return `text` in pieces, each with whether it is one of the words; case and accents aside.

    Put together again, the pieces are the text.
    """
    places = [place for place, character in enumerate(text) for _ in _plain(character)]
    plain = _plain(text)
    is_marked = [False] * len(text)
    for word in {_plain(word) for word in words} - {""}:
        for found in re.finditer(re.escape(word), plain):
            for place in places[found.start() : found.end()]:
                is_marked[place] = True
    pieces: list[tuple[str, bool]] = []
    for character, is_in_word in zip(text, is_marked, strict=True):
        if pieces and pieces[-1][1] == is_in_word:
            pieces[-1] = (pieces[-1][0] + character, is_in_word)
        else:
            pieces.append((character, is_in_word))
    return pieces


def _plain(text: str) -> str:
    """Small letters without accents, character by character."""
    parts = (unicodedata.normalize("NFKD", character).casefold() for character in text)
    return "".join(each for part in parts for each in part if not unicodedata.combining(each))


def csv_safe(value: object) -> str:
    """Return `value` as a CSV cell that no spreadsheet runs as a formula.

    A cell that could be taken for one gets an apostrophe in front, which `csv_unsafe` takes away
    again, so exporting and importing returns every text unchanged. `None` is an empty cell. See
    OWASP, "CSV Injection".
    """
    text = "" if value is None else str(value)
    return f"'{text}" if _needs_guard(text) else text


def csv_unsafe(cell: str) -> str:
    """Return the text that `csv_safe` made `cell` from; any other cell is returned as it is."""
    return cell[1:] if cell.startswith("'") and _needs_guard(cell) else cell


def _needs_guard(text: str) -> bool:
    # A text that already looks guarded is guarded once more, or it would lose its apostrophe on
    # the way back.
    core = text.lstrip("'")
    if core.startswith(_BREAKS):
        return True
    return _starts_a_formula(core) and not _NEGATIVE_NUMBER.fullmatch(core)


def _starts_a_formula(text: str) -> bool:
    # Character by character, because normalizing the whole text would merge "=" and a following
    # combining stroke into the harmless "≠".
    for character in text:
        if unicodedata.category(character) not in _INVISIBLE_CATEGORIES:
            return unicodedata.normalize("NFKC", character)[0] in _FORMULA_STARTS
    return False
