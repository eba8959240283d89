"""
How often somebody may call the API.

Counted in the cache named "throttle". Without CACHE_URL that is the memory of each process,
so that counting never costs a query; each web process then counts for itself, and the limit
of the whole installation is the rate times the number of processes. With Redis it is exact.
"""

import time
from dataclasses import dataclass
from math import ceil
from typing import Any

from django.core.cache import BaseCache, caches
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.throttling import BaseThrottle

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True)
class RateState:
    """Where a caller stands after a request."""

    limit: int
    window: int
    remaining: int
    reset: int

    @property
    def headers(self) -> dict[str, str]:
        """The RateLimit header fields of the IETF draft."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset),
            "RateLimit-Policy": f"{self.limit};w={self.window}",
        }


class ApiThrottle(BaseThrottle):
    """
    A sliding window of the rate named "calls" in DEFAULT_THROTTLE_RATES; None is no limit.

    Everybody who is signed in counts for themselves, everybody else by address. A view with
    a `throttle_scope` has a count of its own, at the rate of that name.
    """

    seconds_to_wait: int | None = None

    def allow_request(self, request: Request, view: Any) -> bool:
        scope = getattr(view, "throttle_scope", "calls")
        rate: Any = api_settings.DEFAULT_THROTTLE_RATES.get(scope)
        if rate is None:
            return True
        limit, window = parse_rate(rate)
        caller = request.user.pk or self.get_ident(request)
        now = time.time()
        calls, before = count(f"{scope}:{caller}", window=window, now=now)
        elapsed = now % window
        used = calls + before * (1 - elapsed / window)
        refused = used > limit
        reset = ceil(
            until_free(limit, window, calls, before, elapsed) if refused else window - elapsed
        )
        state = RateState(limit, window, remaining=max(0, int(limit - used)), reset=reset)
        # The middleware puts it on the answer, whoever makes that.
        request._request.rate_limit = state  # type: ignore[attr-defined]
        if refused:
            self.seconds_to_wait = reset
        return not refused

    def wait(self) -> int | None:
        return self.seconds_to_wait


def parse_rate(rate: str) -> tuple[int, int]:
    """Calls and seconds of a rate such as "600/min", "10/s" or "5000/day"."""
    calls, period = rate.split("/")
    return int(calls), SECONDS[period[0]]


def until_free(limit: int, window: int, calls: int, before: int, elapsed: float) -> float:
    """
    Seconds until one more call is within the limit, if there is none in between.

    The calls of a window fade during the next one, so that its end alone sets nobody free.
    """
    if calls < limit:
        return window * (1 - (limit - calls - 1) / before) - elapsed
    return window - elapsed + window * (1 - (limit - 1) / calls)


def count(key: str, *, window: int, now: float) -> tuple[int, int]:
    """
    Count one more call, and say how many there were in this window and in the one before.

    Windows are fixed; the one before counts for the part of it that is still within reach.
    """
    cache: BaseCache = caches["throttle"]
    number = int(now // window)
    current, before = f"{key}:{number}", f"{key}:{number - 1}"
    cache.add(current, 0, timeout=2 * window)
    calls: int = cache.incr(current)
    return calls, cache.get(before, 0)
