"""How every step of a conversion request is taken: locked, checked, in one transaction."""

from collections.abc import Callable, Iterable

from conversion.errors import (
    RequestLapsed,
    RequestNotReady,
)
from conversion.models import ConversionRequest, RequestState
from conversion.services.lapsing import lapse, material_changes
from conversion.services.transitions import (
    lock_lead,
    lock_request,
)
from crm.records import require_version
from crm.transactions import in_transaction
from people.models import User

Step = Callable[[ConversionRequest], None]


def step_under_lock(
    request: ConversionRequest,
    actor: User,
    action: str,
    step: Step,
    *,
    version: int | None = None,
    lapses: bool = False,
    people: Iterable[int | None] = (),
) -> ConversionRequest:
    """
    Lock a request, then its lead, and take one step in a transaction of its own.

    Raises StaleVersion if a `version` is given that is no longer the request's. With `lapses`,
    a request whose lead or targets changed materially lapses instead: that is committed, and
    RequestLapsed is raised. Nobody in `people` leaves during the step.
    """

    def work() -> ConversionRequest | RequestLapsed:
        keep_from_leaving(people)
        locked = lock_request(pk=request.pk, actor=actor, action=action)
        lock_lead(locked)
        require_version(locked, version, actor=actor)
        can_lapse = lapses and locked.state == RequestState.PENDING
        if can_lapse and (changes := material_changes(locked)):
            return lapse(locked, changes, actor=None)
        step(locked)
        return locked

    outcome = in_transaction(work)
    if isinstance(outcome, RequestLapsed):
        raise outcome
    return outcome


def keep_from_leaving(people: Iterable[int | None]) -> None:
    """Hold these people before any request, in the order in which deactivating locks."""
    ids = sorted(pk for pk in people if pk)
    if ids:
        held = User.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True)
        list(held.values_list("pk"))


def require_state(request: ConversionRequest, states: Iterable[str], called: str) -> None:
    if request.state not in states:
        raise RequestNotReady(request.get_state_display(), called)
