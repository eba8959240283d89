"""The table: on screen while it grows, and as Markdown."""

import datetime as dt
import os
import platform
import subprocess
from pathlib import Path
from typing import Any

from scripts.throwaway import ROOT

HEADINGS = (
    "work", "leads", "queries", "median ms", "p95 ms", "per s", "SQL ms", "SQL per s",
    "bare ms", "bare per s", "ratio", "load",
)  # fmt: skip
EXPLANATION = """\
*Median* and *p95*: one client. *Per s*: eight clients at once. *SQL*: what its SQL takes
without Django; for reading the same statements replayed, for writing the fewest rows that
would do, in tables without foreign keys, history and further indexes. *Bare*: a Django view
that does nothing and answers with as many bytes. *Ratio*: the median beside SQL and bare view
together, the limit. *Load*: of the machine, when it was measured.
"""


class Report:
    """Collects measurements, and prints each when it comes."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, ...]] = []

    def add(self, found: dict[str, Any]) -> None:
        """Print one measurement, the headings before the first."""
        if not self.rows:
            print(line(HEADINGS))
        limit = found["sql"] + found["bare"]
        self.rows.append(
            (
                found["name"],
                f"{found['leads']:,}",
                str(found["queries"]),
                f"{found['median']:.1f}",
                f"{found['p95']:.1f}",
                f"{found['per_second']:.0f}",
                f"{found['sql']:.1f}",
                f"{found['sql_per_second']:.0f}",
                f"{found['bare']:.1f}",
                f"{found['bare_per_second']:.0f}",
                f"{found['median'] / limit:.1f}",
                f"{found['load']:.1f}",
            )
        )
        print(line(self.rows[-1]), flush=True)

    def markdown(self) -> str:
        """The same as a page of the documentation."""
        table = [
            f"| {' | '.join(HEADINGS)} |",
            f"| --- |{' ---: |' * (len(HEADINGS) - 1)}",
            *(f"| {' | '.join(row)} |" for row in self.rows),
        ]
        intro = f"`make bench` on {dt.date.today():%B %d, %Y}, {machine()}."  # noqa: DTZ011 - the reader's day
        return "\n".join(["# Speed", "", intro, "", *table, "", EXPLANATION])


def line(cells: tuple[str, ...]) -> str:
    first, *others = cells
    return f"{first:<24}" + "".join(f"{cell:>11}" for cell in others)


def machine() -> str:
    """The processor and version of everything that counts."""
    names = [
        row.partition(":")[2].strip()
        for row in Path("/proc/cpuinfo").read_text().splitlines()
        if row.startswith("model name")
    ]
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True
    ).stdout.strip()
    return (
        f"{os.cpu_count()} cores of {names[0] if names else platform.processor()},"
        f" Python {platform.python_version()}, commit {commit}"
    )
