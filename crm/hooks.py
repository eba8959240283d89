"""
Where apps above have something done within a change that an app below makes.

The app below cannot import them, so each says in its AppConfig what it wants done. It is done
in the transaction of the change, in the order in which it was asked for, and what it raises
undoes the change.
"""

from collections.abc import Callable
from typing import Any


class Hook:
    """A kind of change that apps above may follow up."""

    def __init__(self) -> None:
        self._follow_ups: list[Callable[..., None]] = []

    def follow_up(self, work: Callable[..., None]) -> None:
        """Have `work` called with whatever the change passes on."""
        self._follow_ups.append(work)

    def run(self, *args: Any, **kwargs: Any) -> None:
        """Call whoever asked, inside the caller's transaction."""
        for work in self._follow_ups:
            work(*args, **kwargs)
