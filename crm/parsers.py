"""JSON bodies, read so strictly that nothing hostile reaches a view."""

import json
import math
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import IO, Any

from django.conf import settings
from rest_framework.exceptions import APIException, ParseError, ValidationError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import JSONRenderer

from crm.storable import is_storable

MAX_DEPTH = 32
MAX_KEYS = 10_000


class BodyTooLarge(APIException):
    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    default_code = "body_too_large"


class BodyRefused(ParseError):
    """The body is JSON, but not JSON that we take; the code says which rule it broke."""


class StrictJSONParser(BaseParser):
    """
    Reads UTF-8 JSON of bounded size, depth and number of keys.

    Refuses duplicate keys, numbers that are not finite, and text the database cannot
    keep (that one with the pointer of each place).
    """

    media_type = "application/json"
    renderer_class = JSONRenderer

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        body = stream.read(settings.API_MAX_BODY_BYTES + 1)
        if len(body) > settings.API_MAX_BODY_BYTES:
            limit = f"{settings.API_MAX_BODY_BYTES // 1024} KiB"
            raise BodyTooLarge(f"The body is larger than {limit}.")
        return parse_strictly(body)


def parse_strictly(body: bytes) -> Any:
    """The JSON value in `body`. Raises ParseError or ValidationError, never anything else."""
    counted = CountedKeys()
    try:
        value = json.loads(
            body.decode(),
            object_pairs_hook=counted.add,
            parse_constant=refuse_constant,
            parse_float=finite_float,
        )
    except RecursionError:
        raise too_deep() from None
    except UnicodeDecodeError:
        raise ParseError("The body is not UTF-8.") from None
    except ValueError as error:
        # Also a whole number of more digits than Python agrees to read.
        raise ParseError(f"The body is not valid JSON: {error}") from None
    # Neither depth nor odd text is possible without these characters, and looking
    # for them is far cheaper than walking through every value.
    if body.count(b"[") + body.count(b"{") > MAX_DEPTH or b"\\u" in body:
        refuse_unstorable(value)
    return value


class CountedKeys:
    """Builds each object of one body, refusing doubled keys and too many of them."""

    def __init__(self) -> None:
        self.total = 0

    def add(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        self.total += len(pairs)
        if self.total > MAX_KEYS:
            raise BodyRefused(f"The body has more than {MAX_KEYS:,} keys.", code="too_many_keys")
        value = dict(pairs)
        if len(value) < len(pairs):
            names = [name for name, _ in pairs]
            doubled = next(name for name in value if names.count(name) > 1)
            raise BodyRefused(f"The key {doubled!r} is there twice.", code="duplicate_key")
        return value


def finite_float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise BodyRefused(f"The number {text[:40]} is too large.", code="number_too_large")
    return number


def refuse_constant(name: str) -> float:
    raise BodyRefused(f"{name} is not a JSON number.", code="number_not_finite")


def too_deep() -> BodyRefused:
    return BodyRefused(f"The body is nested deeper than {MAX_DEPTH} levels.", code="too_deep")


def refuse_unstorable(value: Any) -> None:
    """Raise for values nested too deeply, and for text that cannot be kept, wherever it is."""
    pointers = [pointer for pointer, text in walk(value) if not is_storable(text)]
    if pointers:
        raise UnstorableText(pointers)


class UnstorableText(ValidationError):
    """Text with a NUL or a lone surrogate; `pointers` says where."""

    default_code = "unstorable_text"
    sentence = "This text holds a character that cannot be kept."

    def __init__(self, pointers: list[str]):
        super().__init__(self.sentence)
        self.pointers = pointers


def walk(root: Any) -> Iterator[tuple[str, str]]:
    """Each piece of text with its JSON pointer: keys too. A loop, since recursion has an end."""
    waiting: list[tuple[str, Any, int]] = [("#", root, 0)]
    while waiting:
        pointer, value, depth = waiting.pop()
        if isinstance(value, str):
            yield pointer, value
            continue
        if not isinstance(value, dict | list):
            return
        if depth == MAX_DEPTH:
            raise too_deep()
        if isinstance(value, list):
            children = [(str(index), item) for index, item in enumerate(value)]
        else:
            yield from ((pointer, key) for key in value)
            children = [(pointer_token(key), item) for key, item in value.items()]
        waiting += [
            (f"{pointer}/{token}", item, depth + 1)
            for token, item in children
            if isinstance(item, str | dict | list)
        ]


def pointer_token(key: str) -> str:
    """One step of a JSON pointer (RFC 6901), printable whatever the key holds."""
    printable = key.encode("utf-8", "backslashreplace").decode().replace("\x00", "\\x00")
    return printable.replace("~", "~0").replace("/", "~1")
