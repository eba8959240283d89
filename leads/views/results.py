"""One act on several leads: each on its own, with a result for each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from crm.database_errors import refusal_of
from crm.errors import DomainError
from crm.http import Request
from leads.models import Lead

NOT_YOURS = "You may not change this lead."


@dataclass(frozen=True)
class Result:
    """
    What became of one lead; an empty `problem` means that it was changed.

    There is no `lead` where the person cannot see it any more.
    """

    lead: Lead | None
    problem: str = ""


def attempt(lead: Lead | None, act: Callable[[], Any]) -> Result:
    """One lead's change in its own transaction: one that is refused holds up no other."""
    try:
        act()
    except PermissionDenied:
        return Result(lead, NOT_YOURS)
    except ValidationError as error:
        return Result(lead, " ".join(error.messages))
    except (DomainError, DatabaseError) as error:
        refusal = refusal_of(error)
        if refusal is None:
            raise
        return Result(lead, str(refusal))
    return Result(lead)


def back(request: Request, address: str) -> str:
    """The list as it was, if the address is one of ours."""
    is_ours = url_has_allowed_host_and_scheme(address, {request.get_host()}, request.is_secure())
    return address if is_ours else reverse("leads:list")
