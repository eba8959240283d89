"""How a lead, and the records chosen for it, differ from what a request submitted, in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from conversion.mapping import shown
from conversion.models import ConversionRequest, RequestState
from conversion.services import changes_since_submitted
from conversion.services.lapsing import material_changes
from conversion.snapshots import differences
from leads.models import Lead

# What a request depends on in a record that its plan chooses, as it stands behind its label.
CHOSEN_FACTS = {
    "name": "",
    "amount": ": amount",
    "open": " is open",
    "account": " is of the same account",
}


@dataclass(frozen=True)
class Change:
    """Something that differs from what was submitted."""

    field: str
    label: str
    before: str
    now: str
    is_material: bool


def changes(request: ConversionRequest) -> list[Change]:
    """
    What differs, the material differences first: while the request is open, and once it has
    lapsed, for who submits it again. Nothing where it is over.
    """
    if not request.is_open and request.state != RequestState.LAPSED:
        return []
    material = {change["field"]: change for change in material_changes(request)}
    others = [
        change for change in changes_since_submitted(request) if change["field"] not in material
    ]
    return [
        *chain.from_iterable(map(material_lines, material.values())),
        *(line(other, is_material=False) for other in others),
    ]


def material_lines(change: dict[str, Any]) -> Iterator[Change]:
    """One for a change of the lead, one for each way in which a chosen record differs."""
    before, now = change["before"], change["now"]
    if not isinstance(before, dict):
        yield line(change, is_material=True)
        return
    name, label = change["field"], f"Chosen {change['field']}"
    if now is None:
        yield Change(name, label, before["name"], "deleted", is_material=True)
        return
    for fact in differences(before, now):
        if fact["field"] == "account":
            was, is_now = "yes", "no"
        else:
            was, is_now = in_words(fact["before"]), in_words(fact["now"])
        yield Change(name, label + CHOSEN_FACTS[fact["field"]], was, is_now, is_material=True)


def line(change: dict[str, Any], *, is_material: bool) -> Change:
    """A field of the lead, as people call it."""
    column: Any = Lead._meta.get_field(change["field"])
    return Change(
        change["field"],
        column.verbose_name.capitalize(),
        in_words(change["before"]),
        in_words(change["now"]),
        is_material,
    )


def in_words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else shown(value)
