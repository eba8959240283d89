"""Who decides a request: the path's rule, then whom the requester names, then their delegate."""

from django.utils import timezone

from accounts.models import Account
from conversion.errors import NoApprover
from conversion.plans import EXISTING, ConversionPlan
from leads.known import find_matches
from leads.models import ApproverRule, Lead, Path
from people.models import User
from people.queries import approvers, delegate_for, manager_of


def choose_approver(
    *,
    lead: Lead,
    plan: ConversionPlan,
    path: Path,
    requester: User,
    approver: User | None = None,
) -> tuple[User, str]:
    """
    The approver of a new request and, in words, why it is them.

    Whom the requester names goes before the rule. Raises NoApprover.
    """
    if approver is not None:
        chosen, because = approver, "Chosen by the requester"
    else:
        chosen, because = by_rule(lead, plan, path, requester)
    stand_in = delegate_for(chosen, timezone.localdate())
    if stand_in.pk != chosen.pk:
        because = f"Stands in for {chosen.full_name}"
    require_approver(stand_in, requester, path)
    return stand_in, because


def by_rule(lead: Lead, plan: ConversionPlan, path: Path, requester: User) -> tuple[User, str]:
    if path.approver_rule == ApproverRule.MANAGER:
        manager = manager_of(requester)
        if manager is None:
            raise NoApprover
        return manager, f"Manager of {requester.full_name}"
    if path.approver_rule == ApproverRule.ACCOUNT_OWNER:
        account = matching_account(lead, plan, requester)
        if account is not None and approvers().filter(pk=account.owner_id).exists():
            return account.owner, f"Owns {account.name}"
    raise NoApprover


def matching_account(lead: Lead, plan: ConversionPlan, requester: User) -> Account | None:
    """The account the plan names, or the only one that strongly matches."""
    if plan.account.action == EXISTING:
        return (
            Account.objects.visible_to(requester)
            .select_related("owner")
            .filter(pk__in=[plan.account.id])
            .first()
        )
    strong = [match.record for match in find_matches(lead, requester).strong("account")]
    return strong[0] if len(strong) == 1 else None


def require_approver(person: User, requester: User, path: Path) -> None:
    """Raises NoApprover unless this person can decide a request of that requester."""
    if not approvers().filter(pk=person.pk).exists():
        raise NoApprover(f"{person.full_name} cannot decide conversion requests.")
    if person.pk == requester.pk and not path.allows_self_approval:
        raise NoApprover("Nobody decides their own request: choose somebody else.")
