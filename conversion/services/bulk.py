"""Converting many leads in one call: each row on its own, answered row by row."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.core.exceptions import PermissionDenied, ValidationError

from accounts.models import Account
from conversion.errors import AmbiguousMatch
from conversion.models import Conversion
from conversion.plans import CREATE, EXISTING, ConversionPlan, TargetPlan
from conversion.services.conversion import convert_lead
from crm.errors import DomainError
from crm.idempotency import AlreadyAnswered, Idempotency
from crm.models import IdempotencyKey
from leads.known import find_matches
from leads.models import Lead
from people.models import User

MAX_ROWS = 100


@dataclass(frozen=True)
class BulkRow:
    """
    One lead and its plan. With `reuse_account` the plan's account gives way to one that an
    earlier row of the same company made, or to the only strong match.
    """

    lead: Lead
    plan: ConversionPlan
    reuse_account: bool = False
    idempotency: Idempotency | None = None


@dataclass(frozen=True)
class BulkOutcome:
    """
    What became of one row: its conversion, the stored answer of an earlier call, or the
    error it would have got alone.
    """

    conversion: Conversion | None = None
    answered: IdempotencyKey | None = None
    error: DomainError | PermissionDenied | ValidationError | None = None


def convert_many(*, rows: Sequence[BulkRow], actor: User) -> list[BulkOutcome]:
    """
    Convert each lead in a transaction of its own; one row's failure leaves the others alone.

    An ambiguous match is that row's error, never a guess.
    """
    made: dict[str, Account] = {}
    return [convert_row(row, actor, made) for row in rows]


def convert_row(row: BulkRow, actor: User, made: dict[str, Account]) -> BulkOutcome:
    try:
        plan = with_account(row, actor, made) if row.reuse_account else row.plan
        conversion = convert_lead(
            lead=row.lead, plan=plan, actor=actor, idempotency=row.idempotency
        )
    except AlreadyAnswered as replay:
        return BulkOutcome(answered=replay.stored)
    except (DomainError, PermissionDenied, ValidationError) as error:
        return BulkOutcome(error=error)
    if conversion.account_outcome == "created":
        made.update(dict.fromkeys(company_keys(row.lead), conversion.account))
    return BulkOutcome(conversion=conversion)


def with_account(row: BulkRow, actor: User, made: dict[str, Account]) -> ConversionPlan:
    """The plan with the account to reuse, if there is one. Raises AmbiguousMatch."""
    account = next((made[key] for key in company_keys(row.lead) if key in made), None)
    if account is None:
        strong = find_matches(row.lead, actor, fuzzy=False).strong("account")
        if len(strong) > 1:
            raise AmbiguousMatch([match.as_json() for match in strong])
        account = strong[0].record if strong else None
    if account is None or row.plan.account.action != CREATE:
        return row.plan
    return replace(row.plan, account=TargetPlan(EXISTING, account.pk))


def company_keys(lead: Lead) -> list[str]:
    """By what two rows are of the same company."""
    named = {"name": lead.company_key, "domain": lead.domain_key}
    return [f"{kind}:{key}" for kind, key in named.items() if key]
