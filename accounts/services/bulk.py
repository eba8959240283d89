"""The same change for many records, each on its own."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError

from accounts.models import Account, Contact
from accounts.services.accounts import assign_account
from accounts.services.contacts import assign_contact
from crm.database_errors import refusal_of
from crm.errors import DomainError
from people.models import User


@dataclass(frozen=True)
class Result:
    """What became of one record; `problem` is empty where it was changed."""

    record: Account | Contact
    problem: str = ""


def assign_many(*, records: Iterable[Account | Contact], to: User, actor: User) -> list[Result]:
    """
    Give accounts or contacts to another owner, each in a transaction of its own.

    Refusals do not stop the rest: they are told record by record.
    """
    return [Result(record, problem_with(record, to, actor)) for record in records]


def problem_with(record: Account | Contact, to: User, actor: User) -> str:
    """Why a record could not be assigned; empty if it was."""
    try:
        if isinstance(record, Account):
            assign_account(account=record, to=to, actor=actor)
        else:
            assign_contact(contact=record, to=to, actor=actor)
    except PermissionDenied:
        return "You may not assign it."
    except ValidationError as error:
        return " ".join(error.messages)
    except (DomainError, DatabaseError) as error:
        refusal = refusal_of(error)
        if refusal is None:
            raise
        return str(refusal)
    return ""
