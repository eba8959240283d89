"""Taking a change back: a message with a button that posts what leads back."""

from typing import Any, Protocol
from urllib.parse import parse_qsl, urlencode

from django.contrib import messages

from crm.http import Request


class Versioned(Protocol):
    """A row that counts its changes."""

    version: int


def say_with_undo(request: Request, said: str, *, at: str, **fields: Any) -> None:
    """Say what was done, with a button that posts `fields` to `at`, where it is taken back."""
    given = {name: getattr(value, "pk", value) for name, value in fields.items()}
    posted = {name: value for name, value in given.items() if value is not None}
    messages.success(request, said, extra_tags=urlencode({"at": at, **posted}))


def say_undoable(
    request: Request, said: str, *, changed: Versioned, was: int, at: str, **before: Any
) -> None:
    """
    Say what was done to a record, with a button that posts what was `before` to `at`.

    It posts the version that the change has led to as well, so that it undoes nothing of
    what came later. There is no button where the record, which had been shown in version
    `was`, took no change or somebody else's too: what was shown is not what was before.
    """
    if changed.version == was + 1:
        say_with_undo(request, said, at=at, version=changed.version, **before)
    else:
        messages.success(request, said)


def undo_of(tags: str) -> dict[str, Any]:
    """Where the button of such a message posts to, and what; nothing for other messages."""
    fields = dict(parse_qsl(tags, keep_blank_values=True))
    return {"at": fields.pop("at"), "fields": fields.items()} if "at" in fields else {}


def posted_version(request: Request) -> int | None:
    """
    The version that a form was made for, or None where it does not say.

    What is no number is no version of any record.
    """
    written = request.POST.get("version")
    if written is None:
        return None
    return int(written) if written.isdecimal() and len(written) < 10 else 0
