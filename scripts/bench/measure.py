"""Doing a piece of work over and over, by one client and by many at once."""

import itertools
import json
import statistics
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.test import Client as InProcessClient

from scripts.bench.limits import Limit, Statement
from scripts.bench.work import Work
from scripts.http_client import Call, Client

WARM_UP_CALLS = 12
# A piece of work that takes longer than its seconds is still done so often.
FEWEST = 3

Act = Callable[[], None]


@dataclass(frozen=True)
class Measurement:
    """Milliseconds for one client; calls per second for many."""

    name: str
    queries: int
    median: float
    p95: float
    per_second: float
    sql: float
    sql_per_second: float
    bare: float
    bare_per_second: float


def measure(work: Work, address: str, bare: str, *, seconds: float, clients: int) -> Measurement:
    """
    Measure one piece of work and its limits, one right after the other.

    Ends the program where an answer is not the expected one.
    """
    numbers = itertools.count(1)
    statements = look_inside(work, work.call(0))
    sizes: list[int] = []

    def actor() -> Act:
        client = work.client(address)

        def act() -> None:
            answer = client.send(work.call(next(numbers)))
            expect(work.name, answer.status, work.status, answer.body)
            sizes.append(len(answer.body))

        return act

    # Each thread of the server has a connection, whose first calls of a kind plan everything.
    throughput(actor, seconds=seconds / 3, clients=clients)
    repeat(actor(), seconds=0, fewest=WARM_UP_CALLS)
    times = repeat(actor(), seconds=seconds, fewest=FEWEST)
    per_second = throughput(actor, seconds=seconds, clients=clients)

    example, size = work.call(0), int(statistics.median(sizes))

    def bare_actor() -> Act:
        client = Client(bare)
        call = Call(example.method, f"/{size}", example.body)

        def act() -> None:
            answer = client.send(call)
            expect("a bare view", answer.status, 200, answer.body)

        return act

    limit = work.limit or Limit.replay(statements)
    limit.prepare()
    brief = seconds / 3
    return Measurement(
        name=work.name,
        queries=len(statements),
        median=statistics.median(times),
        p95=percentile(times, 95),
        per_second=per_second,
        sql=statistics.median(repeat(limit.actor(), seconds=brief, fewest=FEWEST)),
        sql_per_second=throughput(limit.actor, seconds=brief, clients=clients),
        bare=statistics.median(repeat(bare_actor(), seconds=brief, fewest=FEWEST)),
        bare_per_second=throughput(bare_actor, seconds=brief, clients=clients),
    )


def look_inside(work: Work, call: Call) -> list[Statement]:
    """Do it once in this process, and see which queries it takes."""
    statements: list[Statement] = []

    def listen(execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
        statements.append((sql, parameters))
        return execute(sql, parameters, many, context)

    client = InProcessClient(SERVER_NAME="localhost", headers=work.client("").headers)
    # Of the first request of all some queries are only made once.
    client.get("/readyz")
    with connection.execute_wrapper(listen):
        answer = client.generic(
            call.method,
            call.path,
            json.dumps(call.body) if call.body else "",
            content_type="application/json",
            headers={"Idempotency-Key": call.key} if call.key else {},
        )
    expect(work.name, answer.status_code, work.status, answer.content)
    return statements


def expect(name: str, status: int, expected: int, body: bytes) -> None:
    if status != expected:
        sys.exit(f"{name}: answered {status} instead of {expected}.\n{body[:2000]!r}")


def repeat(act: Act, *, seconds: float, fewest: int) -> list[float]:
    """Act until the time is over. How long each took, in milliseconds."""
    times: list[float] = []
    end = time.perf_counter() + seconds
    while len(times) < fewest or time.perf_counter() < end:
        started = time.perf_counter()
        act()
        times.append((time.perf_counter() - started) * 1000)
    return times


def throughput(actor: Callable[[], Act], *, seconds: float, clients: int) -> float:
    """How often in a second so many clients do it, all at once."""
    # Made here: a thread that ended before the barrier would let the others wait for ever.
    acts = [actor() for _ in range(clients)]
    counts = [0] * clients
    ready = threading.Barrier(clients + 1)
    failures: list[BaseException] = []

    def client(place: int) -> None:
        ready.wait()
        try:
            counts[place] = len(repeat(acts[place], seconds=seconds, fewest=1))
        except BaseException as failure:  # Raised below, where somebody listens.
            failures.append(failure)

    threads = [threading.Thread(target=client, args=(place,)) for place in range(clients)]
    for thread in threads:
        thread.start()
    ready.wait()
    started = time.perf_counter()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return sum(counts) / (time.perf_counter() - started)


def percentile(values: list[float], rank: int) -> float:
    return sorted(values)[min(len(values) - 1, len(values) * rank // 100)]
