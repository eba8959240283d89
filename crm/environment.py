"""Reading settings from the environment. What cannot be read stops Django."""

import os
import re

from django.core.exceptions import ImproperlyConfigured


def env_bool(name: str, *, default: bool) -> bool:
    """A switch from the environment. Anything but 'true' or 'false' stops Django."""
    value = os.environ.get(name, str(default)).lower()
    if value not in {"true", "false"}:
        raise ImproperlyConfigured(f"{name}={value!r}: use 'true' or 'false'.")
    return value == "true"


def env_int(name: str, *, default: int) -> int:
    """A whole number from the environment. Anything else stops Django."""
    value = os.environ.get(name, str(default))
    if not value.isdecimal():
        raise ImproperlyConfigured(f"{name}={value!r}: use a whole number.")
    return int(value)


def env_list(name: str, *, default: str = "") -> list[str]:
    """A list from the environment, its items separated by commas."""
    return [item.strip() for item in os.environ.get(name, default).split(",") if item.strip()]


def env_matching(name: str, pattern: str, *, example: str, default: str = "") -> str:
    """
    Text of one form from the environment, or nothing. Anything else stops Django.

    The message leaves out what was given: it may hold a password.
    """
    value = os.environ.get(name, default)
    if value and not re.fullmatch(pattern, value):
        raise ImproperlyConfigured(f"{name} is not understood. Give it like this: {example}")
    return value
