"""The few ways in which Relay says no."""

from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied


class DomainError(Exception):
    """
    A business rule said no. The message is written for the person who asked.

    Programs switch on `code`; `extra` holds what else they can act on, such as the
    address of a receipt, and must be JSON. People read `heading` above the message and
    `note` below it, and go on to `page`. `typed` is what they wrote, which would be lost.
    """

    code = "domain_error"
    status = HTTPStatus.CONFLICT
    heading = "Not possible now"
    note = ""
    page = ""
    typed = ""

    def __init__(self, message: str, *, extra: dict[str, Any] | None = None):
        super().__init__(message)
        self.extra = extra or {}


def require(allowed: bool) -> None:
    """Raise PermissionDenied unless `allowed`. Both Django and DRF render it as a 403."""
    if not allowed:
        raise PermissionDenied("You do not have permission to do this.")
