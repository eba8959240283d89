"""Matching keys: when are two e-mail addresses, phones, companies or people "the same"?

Each key is a pure function of the text people typed. The result is stored in a column beside that
text, compared for equality through a B-tree and for likeness through a trigram index. Whoever
searches such a column makes the key of the question with the same function first.

All keys are total (any text gives a key, never an exception), idempotent (a key is its own key) and
bounded by the lengths below, whatever comes in. An empty key means "nothing to compare" and must
never match another empty key.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache

import idna
import phonenumbers
import tldextract
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from phonenumbers import (
    NumberParseException,
    PhoneNumber,
    PhoneNumberFormat,
    ValidationResult,
)
from rapidfuzz import fuzz

from accounts.free_mail import FREE_MAIL_DOMAINS
from accounts.legal_forms import (
    ATTACHED_FORMS,
    LEADING_FORMS,
    LEGAL_FORMS,
    LONGEST_LEGAL_FORM,
)

# The columns' lengths; at four bytes a character they fit into a B-tree entry (2,704 bytes).
# A key can be longer than its text ("&" becomes "and"), so names are cut: 200 characters tell two
# companies apart. Addresses are refused instead, at the lengths of RFC 5321 and RFC 1035.
MAX_NAME_KEY_LENGTH = 200
MAX_EMAIL_LENGTH = 254
MAX_DOMAIN_LENGTH = 253

# Letters that Unicode does not decompose into a base letter and an accent.
_PLAIN_LETTERS = str.maketrans(
    {
        "æ": "ae",
        "ð": "d",
        "đ": "d",
        "ħ": "h",
        "\N{LATIN SMALL LETTER DOTLESS I}": "i",
        "ĸ": "k",
        "ł": "l",
        "ŋ": "n",
        "ø": "o",
        "œ": "oe",
        "þ": "th",
        "ŧ": "t",
    }
)
_APOSTROPHES = re.compile("['`\u00b4\u02bb\u02bc\u2018\u2019\u201b]")
_ACCENTS = re.compile("[\u0300-\u036f]")
_AND = re.compile(r"&|(?<=\s)\+(?=\s)")
_VARIATION_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")

_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)+")
# With the list's private part, because two shops on myshopify.com are two companies. Without
# network and cache directory, because a key must not depend on either.
_split_host = tldextract.TLDExtract(
    suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True
)

# Names that mean something else on every network (RFC 6761, RFC 6762, RFC 9476).
_PRIVATE_ENDINGS = frozenset({"internal", "invalid", "lan", "local", "localhost", "onion", "alt"})

_EXTENSION = re.compile(r"(?:\bext|x|#|;|,).*", re.IGNORECASE | re.DOTALL)
_PHONE_CHARACTERS = re.compile(r"[\d\s()+./-]+", re.ASCII)
_UNREADABLE_PHONE = re.compile(r"~\d{9,15}", re.ASCII)
_COUNTING = "01234567890123456789"


# --- E-mail and domain


def email_address(text: str) -> str:
    """Return the address as it is stored and written to: lower case, the domain in ASCII (IDNA).

    "" when `text` is not exactly one address. A "+tag" is kept: the owner wants to see it.
    """
    local, at, domain = text.strip().rpartition("@")
    address = f"{local.lower()}{at}{_ascii_domain(domain)}"
    if not address.isascii():
        return ""
    try:
        validate_email(address)
    except ValidationError:
        return ""
    return address if len(address) <= MAX_EMAIL_LENGTH else ""


def email_key(text: str) -> str:
    """Return the key of the mailbox that mail to `text` arrives in; "" when it is no address.

    Like `email_address`, without the "+tag" (subaddressing, RFC 5233). Dots are kept, because only
    some providers ignore them: a missed match is found by other keys, a wrong one joins strangers.
    """
    address = email_address(text)
    local, at, domain = address.rpartition("@")
    if local.startswith('"'):  # A quoted plus is a character like any other.
        return address
    mailbox = local.partition("+")[0].rstrip(".")
    return f"{mailbox or local}{at}{domain}"


def domain_key(email_or_website: str, extra_free: Collection[str] = ()) -> str:
    """Return the registrable domain ("halcyon.co.uk") of an e-mail address or website.

    "" for whatever does not identify one organization: free-mail domains and those in `extra_free`
    (lower case), IP addresses, names of private networks, and public suffixes (the Public Suffix
    List, https://publicsuffix.org, private section included).
    """
    parts = _split_host(email_or_website.strip())
    host = _ascii_domain(".".join(filter(None, (parts.subdomain, parts.domain, parts.suffix))))
    if parts.ipv4 or not _HOST.fullmatch(host) or len(host) > MAX_DOMAIN_LENGTH:
        return ""
    domain = _registrable(host)
    if not {host, domain}.isdisjoint(FREE_MAIL_DOMAINS) or not {
        host,
        domain,
    }.isdisjoint(extra_free):
        return ""
    return domain


def _registrable(host: str) -> str:
    """Return what was registered. An ending that is not on the list counts as one, as it says."""
    parts = _split_host(host)
    if parts.suffix:
        return parts.top_domain_under_public_suffix
    name, _, ending = host.rpartition(".")
    if not name or ending.isdigit() or ending in _PRIVATE_ENDINGS:
        return ""
    return f"{name.rpartition('.')[2]}.{ending}"


def _ascii_domain(domain: str) -> str:
    """Return `domain` in lower case and ASCII (UTS 46, RFC 5891), "" when it has no such form."""
    if domain.isascii():
        return domain.lower()
    if len(domain) > MAX_DOMAIN_LENGTH:
        return ""
    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except UnicodeError:
        return ""


# --- Phone


@dataclass(frozen=True, slots=True)
class ParsedPhone:
    """What is known about a typed phone number.

    `e164` is empty when no number could be read. A number that is not `valid` has a possible length
    but is not in its country's numbering plan; people still reach others with such numbers, so it
    deserves a warning and no refusal.
    """

    e164: str
    extension: str
    valid: bool


def parse_phone(text: str, region: str) -> ParsedPhone:
    """Read `text` as a phone number; without "+" or "00" it is one of `region` (ISO 3166, "US")."""
    number, valid = _read_phone(text, region)
    if number is None:
        return ParsedPhone(e164="", extension="", valid=False)
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    return ParsedPhone(e164=e164, extension=number.extension or "", valid=valid)


def phone_key(text: str, region: str) -> str:
    """Return the key of a phone number: E.164 without extension, so that colleagues share it.

    A number too long or short for its country still gets a key ("~" and its digits) when it is made
    of nothing but a number and has 9 to 15 digits: equal digits then are no accident. Local numbers
    without an area code, placeholders (000-000-0000, 1234567890) and anything else give "".
    """
    text = text.strip()
    if _UNREADABLE_PHONE.fullmatch(text):
        return text
    number, valid = _read_phone(text, region)
    if number is not None:
        national = phonenumbers.national_significant_number(number)
        if _is_placeholder(national, valid=valid):
            return ""
        return phonenumbers.format_number(number, PhoneNumberFormat.E164)
    dialled = _EXTENSION.sub("", text)
    digits = re.sub(r"\D", "", dialled, flags=re.ASCII)
    readable = _PHONE_CHARACTERS.fullmatch(dialled) and 9 <= len(digits) <= 15
    return f"~{digits}" if readable and not _is_placeholder(digits, valid=False) else ""


def format_phone(text: str, region: str, locale: str) -> str:
    """Return `text` as a reader with `locale` ("en-us", "de_AT") expects to see that number.

    In national form when the number belongs to the reader's country (that of the locale, else
    `region`), in international form otherwise; with its extension. What is no phone number is
    returned as it was typed.
    """
    number, _ = _read_phone(text, region)
    if number is None:
        return text.strip()
    # "sv" alone is Swedish, and no territory: SV is El Salvador.
    _, *rest = re.split("[-_]", locale.upper())
    territories = (*reversed(rest), region.upper())
    codes = (phonenumbers.country_code_for_region(territory) for territory in territories)
    home = next((code for code in codes if code), None)
    style = (
        PhoneNumberFormat.NATIONAL
        if number.country_code == home
        else PhoneNumberFormat.INTERNATIONAL
    )
    return phonenumbers.format_number(number, style)


def _read_phone(text: str, region: str) -> tuple[PhoneNumber | None, bool]:
    """Return the best reading of `text` and whether its country's numbering plan knows it."""
    readings = [text]
    # Many people write the "+" as "00", also where that is not what one dials: in the United States
    # it is 011, and "001-307-937-7505" would be too long.
    if text.lstrip(" (").startswith("00"):
        readings.append("+" + text.lstrip(" (")[2:])
    possible = None
    for reading in readings:
        try:
            number = phonenumbers.parse(reading, region.upper())
        except NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return number, True
        length = phonenumbers.is_possible_number_with_reason(number)
        if possible is None and length == ValidationResult.IS_POSSIBLE:
            possible = number
    return possible, False


def _is_placeholder(digits: str, *, valid: bool) -> bool:
    """Say whether somebody typed `digits` only to fill a required field."""
    different = len(set(digits))
    return different == 1 or (not valid and (different == 2 or digits in _COUNTING))


# --- Names


def search_key(text: str) -> str:
    """Return the words of `text` without case, accents and punctuation, one space between them.

    For any text that is searched by likeness or prefix; nothing but punctuation is dropped.
    """
    return _clip(_words(text))


def person_key(first: str, last: str) -> str:
    """Return the key of a person's name: "Anne-Marie O'Neill" and "ANNE MARIE ONEILL" are equal.

    The order of the words counts: Paul Graham is not Graham Paul.
    """
    return search_key(f"{first} {last}")


def company_key(text: str) -> str:
    """Return the key of a company: its name without legal form, case, accents and punctuation.

    "The Müller & Söhne GmbH & Co. KG" gives "muller and sohne". Only legal forms go ("Smith Group"
    is not "Smith"), and never the last word: a company called "AB" keeps "ab". Empty only when
    there is no letter or digit in `text`.
    """
    # Cut before legal forms are looked for, or cutting could make one.
    words = _clip(_words(text)).split()
    while (shorter := _without_a_legal_form(words)) != words:
        words = shorter
    return " ".join(words)


def similarity(a: str, b: str) -> int:
    """Return how alike two keys are, 0 to 100, whatever the order of their words.

    The normalized insertion-deletion distance of the sorted words (`rapidfuzz`'s token sort
    ratio), rounded down so that 100 means the same words. Its weighted and set ratios would call
    "halcyon" and "halcyon labs" nearly the same. 0 when one of them is empty.
    """
    return int(fuzz.token_sort_ratio(a, b)) if a and b else 0


def _words(text: str) -> list[str]:
    folded = _AND.sub(" and ", _fold(text))
    kept = (character if _is_word_character(character) else " " for character in folded)
    return _join_initials("".join(kept).split())


def _fold(text: str) -> str:
    """Return `text` without case, compatibility forms, accents, apostrophes, hidden marks.

    Caseless matching after the Unicode Standard, section 3.13 (NFKD, case folding, NFKD), of which
    the accents of European alphabets are then removed; marks that tell one letter from another
    (Japanese voicing, Indic vowels) stay.
    """
    if text.isascii():
        return _APOSTROPHES.sub("", text.casefold())
    text = _APOSTROPHES.sub("", text)
    text = unicodedata.normalize("NFKD", text).casefold()
    text = _ACCENTS.sub("", unicodedata.normalize("NFKD", text)).translate(_PLAIN_LETTERS)
    text = _VARIATION_SELECTORS.sub("", _APOSTROPHES.sub("", text))
    visible = (character for character in text if unicodedata.category(character) != "Cf")
    return unicodedata.normalize("NFKC", "".join(visible))


@cache
def _is_word_character(character: str) -> bool:
    return character.isalnum() or unicodedata.category(character) in {"Mn", "Mc"}


def _join_initials(words: Iterable[str]) -> list[str]:
    """Return `words` with runs of single letters joined, so that "J. P." equals "JP"."""
    joined: list[str] = []
    in_a_run = False
    for word in words:
        is_initial = len(word) == 1 and word.isascii() and word.isalpha()
        if is_initial and in_a_run:
            joined[-1] += word
        else:
            joined.append(word)
        in_a_run = is_initial
    return joined


def _clip(words: Iterable[str]) -> str:
    """Return `words` as one text, without the last ones when it would be too long."""
    text = " ".join(words)
    if len(text) <= MAX_NAME_KEY_LENGTH:
        return text
    return text[: MAX_NAME_KEY_LENGTH + 1].rpartition(" ")[0] or text[:MAX_NAME_KEY_LENGTH]


def _without_a_legal_form(words: list[str]) -> list[str]:
    """Return `words` without the one legal form found first, or as they are."""
    if len(words) > 1 and words[0] in LEADING_FORMS:
        return words[1:]
    # Joined, so that "sp z oo", "s p zoo" and "spzoo" are one spelling.
    for size in range(min(LONGEST_LEGAL_FORM, len(words) - 1), 0, -1):
        if "".join(words[-size:]) in LEGAL_FORMS:
            return words[:-size]
    for form in ATTACHED_FORMS:
        if words and words[0].removeprefix(form) not in {"", words[0]}:
            return _join_initials([words[0].removeprefix(form), *words[1:]])
        if words and words[-1].removesuffix(form) not in {"", words[-1]}:
            return _join_initials([*words[:-1], words[-1].removesuffix(form)])
    return words
