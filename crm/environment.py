"""Reading settings from the environment. What cannot be read stops Django."""

import os

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
