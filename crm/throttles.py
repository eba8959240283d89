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
        used = count(f"{scope}:{caller}", window=window, now=now)
        reset = ceil(window - now % window)
        state = RateState(limit, window, remaining=max(0, int(limit - used)), reset=reset)
        # The middleware puts it on the answer, whoever makes that.
        request._request.rate_limit = state  # type: ignore[attr-defined]
        if used <= limit:
            return True
        self.seconds_to_wait = reset
        return False

    def wait(self) -> int | None:
        return self.seconds_to_wait


def parse_rate(rate: str) -> tuple[int, int]:
    """Calls and seconds of a rate such as "600/min", "10/s" or "5000/day"."""
    calls, period = rate.split("/")
    return int(calls), SECONDS[period[0]]


def count(key: str, *, window: int, now: float) -> float:
    """
    Count one more call, and say how many there were within the last `window` seconds.

    Calls are counted in fixed windows; the one before the present one counts for the part
    of it that is still within reach.
    """
    cache: BaseCache = caches["throttle"]
    number, elapsed = divmod(now, window)
    current, before = f"{key}:{int(number)}", f"{key}:{int(number) - 1}"
    cache.add(current, 0, timeout=2 * window)
    calls = cache.incr(current)
    return calls + cache.get(before, 0) * (1 - elapsed / window)
