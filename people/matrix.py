"""The table in which an admin says what a role may do: which actions a record type knows."""

from collections.abc import Mapping

from django.core.exceptions import ValidationError

from people.reach import Action, ReachLevel, RecordType

WORK = (
    Action.VIEW,
    Action.CREATE,
    Action.EDIT,
    Action.DELETE,
    Action.ASSIGN,
    Action.EXPORT,
)
MATRIX: dict[str, tuple[Action, ...]] = {
    RecordType.LEAD: (*WORK, Action.REQUEST, Action.CONVERT),
    RecordType.ACCOUNT: WORK,
    RecordType.CONTACT: WORK,
    RecordType.OPPORTUNITY: WORK,
    RecordType.ACTIVITY: WORK,
    RecordType.REQUEST: (Action.VIEW, Action.EDIT, Action.DECIDE, Action.ASSIGN),
    RecordType.CONVERSION: (Action.VIEW, Action.OVERRIDE_DUPLICATES),
    RecordType.REPORT: (Action.VIEW, Action.EXPORT),
    RecordType.IMPORT: (Action.VIEW, Action.CREATE),
    RecordType.USER: (Action.VIEW, Action.CREATE, Action.EDIT),
    RecordType.TEAM: (Action.VIEW, Action.CREATE, Action.EDIT, Action.DELETE),
    RecordType.SETTINGS: (Action.VIEW, Action.EDIT),
}
# Settings belong to nobody: one may, or may not.
ALL_OR_NOTHING = (ReachLevel.NONE, ReachLevel.ALL)


def choices(record_type: str) -> tuple[ReachLevel, ...]:
    """The levels that make sense for a record type."""
    return ALL_OR_NOTHING if record_type == RecordType.SETTINGS else tuple(ReachLevel)


def keys() -> list[str]:
    """Every permission there is: "lead:view"."""
    return [f"{record_type}:{action}" for record_type, row in MATRIX.items() for action in row]


def check_levels(levels: Mapping[str, str]) -> None:
    """Raise ValidationError unless every key is in the table and every level fits it."""
    for key, level in levels.items():
        record_type, _, action = key.partition(":")
        if action not in MATRIX.get(record_type, ()):
            raise ValidationError({"permissions": f"There is no permission {key}."})
        if level not in choices(record_type):
            raise ValidationError({"permissions": f"{key} cannot be {level}."})
