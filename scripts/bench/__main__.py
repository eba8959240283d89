"""
How fast Relay is, beside how fast it could be on the same machine.

    make bench
    make bench ARGS="--leads 10000 --seconds 2 --only convert,list"

For each size: data in proportion in a database of its own, gunicorn as in production, real
HTTP over loopback. Each piece of work is done by one client (median and 95th percentile),
then by eight (throughput). Beside it stands the limit, measured in the same minutes: its SQL
without Django, and a bare Django view that answers with as many bytes.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

from scripts.bench.report import Report
from scripts.throwaway import ROOT


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.bench",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--leads", default="10000,100000", help="sizes (default: %(default)s)")
    parser.add_argument("--seconds", default="3", help="for each measurement (default: 3)")
    parser.add_argument("--clients", default="8", help="for the throughput (default: 8)")
    parser.add_argument("--only", default="", help="parts of names, separated by commas")
    parser.add_argument(
        "--output",
        type=Path,
        default=ROOT / "docs/speed.md",
        help="the table as Markdown, unless --only is given (default: docs/speed.md)",
    )
    options = parser.parse_args()
    report, failed = Report(), 0
    for size in options.leads.split(","):
        # A process of its own, with a database of its own, which ends with it.
        command = [sys.executable, "-m", "scripts.bench.one", size]
        command += [options.seconds, options.clients, options.only]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as measuring:
            for line in measuring.stdout or ():
                report.add(json.loads(line))
        failed = failed or measuring.returncode
    if not options.only:
        options.output.write_text(report.markdown())
    sys.exit(failed)


if __name__ == "__main__":
    main()
