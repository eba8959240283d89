"""
The real run: import, distribute, qualify, hand over and convert, then check every promise.

    make rehearsal
    make rehearsal ARGS="--leads 500 --conversions 100"
    RELAY_SAMPLE_LEADS=export.csv make rehearsal

Starts from an empty database of its own, serves as in production, and speaks REST with eight
clients. Ends with an error if an invariant is broken, or if what is in the database is not
what the clients were told.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from scripts.throwaway import isolate, serving

TEAMS, SDRS, AES = 3, 2, 2
SHOWN_VIOLATIONS = 20


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.rehearsal",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--leads", type=int, default=10_000, help="made up, without a file")
    parser.add_argument("--conversions", type=int, default=2_000)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument(
        "--file",
        type=Path,
        default=os.environ.get("RELAY_SAMPLE_LEADS"),
        help="leads to import (CSV)",
    )
    options = parser.parse_args()
    isolate("rehearsal")
    rehearse(options)


def rehearse(options: argparse.Namespace) -> None:
    # Only now, since these import Django's models.
    from django.conf import settings
    from django.core.management import CommandError, call_command

    from scripts.company import make_company
    from scripts.rehearsal.acts import distribute, hand_over, import_leads
    from scripts.rehearsal.books import Books
    from scripts.rehearsal.sample import write_sample

    people, books, file = make_company(teams=TEAMS, sdrs=SDRS, aes=AES), Books(), options.file
    if file is None:
        file = settings.DATA_DIR / "leads.csv"
        write_sample(file, options.leads)
    wanted, clients = options.conversions, options.clients
    act("imported", lambda: import_leads(file, people.admin, books))
    act("distributed", lambda: distribute(people))
    with serving() as address:
        act(
            "handed over",
            lambda: hand_over(people, address, books, conversions=wanted, clients=clients),
        )
    print(books.table())
    books.reconcile(wanted)
    for command in ("check_invariants", "verify_finality"):
        try:
            call_command(command)
        except CommandError as error:
            books.object(f"{command}: {error}")
    for violation in books.violations[:SHOWN_VIOLATIONS]:
        print(f"VIOLATION: {violation}")
    if books.violations:
        sys.exit(f"{len(books.violations)} violations.")
    print(f"{wanted:,} conversions, {books.replays:,} repeated answers: everything adds up.")


def act(done: str, work: Callable[[], int]) -> None:
    """One act, and how long it took."""
    started = time.perf_counter()
    leads = work()
    seconds = time.perf_counter() - started
    load = os.getloadavg()[0]
    print(
        f"{leads:,} leads {done} in {seconds:.1f} s: {leads / seconds:.0f} per s (load {load:.1f})",
        flush=True,
    )


if __name__ == "__main__":
    main()
