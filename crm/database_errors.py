"""What the database refused, said as the rule that was broken."""

from functools import cache
from http import HTTPStatus

from django.apps import apps
from django.db import DataError, Error, IntegrityError, InterfaceError, OperationalError, models

from crm.errors import DomainError

LEAD_FINAL_CONSTRAINT = "lead_final"
UNIQUE_VIOLATION, FOREIGN_KEY_VIOLATION, NOT_NULL_VIOLATION = "23505", "23503", "23502"


class LeadIsFinal(DomainError):
    """A trigger refused to change a lead that has been converted."""

    code = "lead_final"

    def __init__(self) -> None:
        super().__init__("This lead has been converted and cannot change any more.")


class RuleBroken(DomainError):
    """A constraint refused the row; its sentence, where it has one, says why."""

    code = "constraint_broken"


class Unstorable(DomainError):
    """A value the columns cannot hold: too long, too large, or not text."""

    code = "unstorable_value"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class Busy(DomainError):
    """The database could not answer now. Nothing was written, and trying again is safe."""

    code = "busy"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    retry_after = 1  # Seconds; a conversion takes milliseconds, so the lock is gone by then.

    def __init__(self) -> None:
        super().__init__("Somebody else is working on this right now. Please try again.")


class Unavailable(DomainError):
    """The connection to the database was lost, perhaps after it had committed."""

    code = "database_unavailable"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    retry_after = 5

    def __init__(self) -> None:
        super().__init__("The database does not answer. Check whether the change was saved.")


# lock_not_available, serialization_failure, deadlock_detected, query_canceled (statement_timeout)
BUSY_STATES = frozenset({"55P03", "40001", "40P01", "57014"})


def refusal_of(error: Exception) -> DomainError | None:
    """The rule that said no, itself or by the database; None where the error is a bug of ours."""
    return error if isinstance(error, DomainError) else translate_database_error(error)


def translate_database_error(error: Exception) -> DomainError | None:
    """The rule behind a database error, or None where the error is a bug of ours."""
    if not isinstance(error, Error):
        return None
    state = getattr(error.__cause__, "pgcode", None)
    if state in BUSY_STATES:
        return Busy()
    match error:
        case IntegrityError():
            return translate_refusal(error, state)
        case DataError():
            return Unstorable("A value is too long, too large, or not storable as it is.")
        case OperationalError() | InterfaceError() if lost_connection(state):
            return Unavailable()
    return None


def lost_connection(state: str | None) -> bool:
    """No SQLSTATE at all, connection exceptions, shutdowns, and too many connections."""
    return state is None or state.startswith(("08", "57P", "53"))


def translate_refusal(error: IntegrityError, state: str | None) -> DomainError | None:
    """What a constraint or a trigger says. A missing value is our bug, not the caller's."""
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    if name == LEAD_FINAL_CONSTRAINT:
        return LeadIsFinal()
    if state is None or state == NOT_NULL_VIOLATION:
        return None
    if sentence := constraint_sentences().get(name or ""):
        return RuleBroken(sentence, extra={"constraint": name})
    if state == UNIQUE_VIOLATION:
        return RuleBroken("Another record has this value already.", extra={"constraint": name})
    if state == FOREIGN_KEY_VIOLATION:
        return RuleBroken(
            "A record that this one refers to is gone, or is still in use.",
            extra={"constraint": name},
        )
    return RuleBroken("A rule of the database forbids this.", extra={"constraint": name})


@cache
def constraint_sentences() -> dict[str, str]:
    """{constraint name: what it says to people}, for those that say something of their own."""
    return {
        constraint.name: str(constraint.violation_error_message)
        for model in apps.get_models()
        for constraint in model._meta.constraints
        if constraint.violation_error_message
        != models.BaseConstraint.default_violation_error_message
    }
