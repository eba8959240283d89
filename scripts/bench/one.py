"""Measures everything at one size, and prints a line of JSON for each piece of work."""

import json
import os
import sys
import time
from dataclasses import asdict

from scripts.throwaway import isolate, serving, superuser

# In a smaller table an index would not be quicker.
ENOUGH_FOR_INDEXES = 20_000
# More than these are made without the history that each of them has, in a third of the time.
WITH_HISTORY = 200_000


def main(leads: int, seconds: float, clients: int, only: str) -> None:
    say(f"Making {leads:,} leads ...")
    isolate("bench")
    # Only now, since these import Django's models.
    from crm.run import collect_static_files
    from scripts.bench.data import fill
    from scripts.bench.measure import measure
    from scripts.bench.plans import whole_table_reads
    from scripts.bench.work import all_work
    from scripts.company import make_company

    started = time.monotonic()
    people = make_company(teams=12, sdrs=3, aes=2)
    database = superuser()
    rows = fill(database, people, leads, with_history=leads <= WITH_HISTORY)
    database.close()
    collect_static_files()
    say(f"Made in {time.monotonic() - started:.0f} s.")
    wanted = only.split(",")
    work = [each for each in all_work(people, rows) if any(part in each.name for part in wanted)]
    with serving() as address, serving("scripts.bench.bare") as bare:
        for each in work:
            found = measure(each, address, bare, seconds=seconds, clients=clients)
            load = os.getloadavg()[0]
            print(json.dumps({"leads": leads, "load": load, **asdict(found)}), flush=True)
    if leads >= ENOUGH_FOR_INDEXES and not only:
        say("Looking at the plans of all lists, searches and comparisons ...")
        if reads := whole_table_reads(people):
            sys.exit("\n".join(["These read a whole table:", *reads]))


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
