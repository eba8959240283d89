"""
What apps above do when an activity of one of their records comes, changes or goes.

This app cannot import them, so each says in its AppConfig what it wants done. It is done in
the transaction of the change.
"""

from collections.abc import Callable

from activities.models import Activity
from activities.models.links import LINKS

Reaction = Callable[[int], None]
_reactions: dict[str, Reaction] = {}


def react_to_activities(link: str, reaction: Reaction) -> None:
    """Have `reaction` called with the id of the record that `link` names, such as "lead"."""
    assert link in LINKS, link  # noqa: S101 - a mistake in our own code
    _reactions[link] = reaction


def run_reactions(activity: Activity) -> None:
    """Call whoever wants to know, for each record the activity is about."""
    for link, reaction in _reactions.items():
        if (pk := getattr(activity, f"{link}_id")) is not None:
            reaction(pk)
