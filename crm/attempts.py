"""One act on several records: each on its own, with a result for each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError

from crm.database_errors import refusal_of
from crm.errors import DomainError

NOT_YOURS = "You may not do this."


@dataclass(frozen=True)
class Result:
    """
    What became of one record; an empty `problem` means that it was changed.

    There is no `record` where the person cannot see it any more.
    """

    record: Any
    problem: str = ""


def attempt(record: Any, act: Callable[[], Any]) -> Result:
    """One record's change in its own transaction: one that is refused holds up no other."""
    try:
        act()
    except PermissionDenied:
        return Result(record, NOT_YOURS)
    except ValidationError as error:
        return Result(record, " ".join(error.messages))
    except (DomainError, DatabaseError) as error:
        refusal = refusal_of(error)
        if refusal is None:
            raise
        return Result(record, str(refusal))
    return Result(record)
