"""The outermost transaction of a change that many may attempt at once."""

import logging
import random
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import Error, InterfaceError, OperationalError, connection, transaction

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

ATTEMPTS = 5
LOCK_TIMEOUT = "2s"
STATEMENT_TIMEOUT = "5s"
# serialization_failure, deadlock_detected, lock_not_available
RETRIED_STATES = frozenset({"40001", "40P01", "55P03"})


def in_transaction(
    work: Callable[[], Result], *, statement_timeout: str = STATEMENT_TIMEOUT
) -> Result:
    """
    Run `work` in a durable transaction with short time-outs; try again on a clash of locks.

    Only the outermost block may do this: everything read inside is read again. A connection
    that is lost before COMMIT is tried again as well; one lost at COMMIT is not, because
    nobody knows then whether it happened. With an idempotency key the caller can find out.
    """
    for attempt in range(1, ATTEMPTS + 1):
        committing = False
        try:
            with transaction.atomic(durable=True):
                limit_waiting(statement_timeout)
                result = work()
                committing = True
            return result
        except (OperationalError, InterfaceError) as error:
            if committing or attempt == ATTEMPTS or not can_retry(error):
                raise
            logger.info("Attempt %s failed with %s; trying again", attempt, state_of(error))
        # Full jitter keeps those who clashed once from clashing again in step.
        time.sleep(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311 - not a secret
    raise AssertionError("The last attempt returns or raises.")


def limit_waiting(statement_timeout: str) -> None:
    """LOCAL, so that a pooled connection keeps nothing of it."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}';"
            f"SET LOCAL statement_timeout = '{statement_timeout}'"
        )


def can_retry(error: Error) -> bool:
    """A clash of locks, or a connection that is gone (and therefore rolled back)."""
    state = state_of(error)
    if state in RETRIED_STATES:
        return True
    if connection.is_usable():
        return False
    connection.close()
    return True


def state_of(error: Error) -> str | None:
    return getattr(error.__cause__, "pgcode", None)
