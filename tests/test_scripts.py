"""The scripts that measure and rehearse do their work; how fast is not asked here."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.script

ROOT = Path(__file__).resolve().parent.parent


def run(*command: str) -> str:
    """What a script prints. Fails with its complaints where it fails."""
    finished = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


def test_the_benchmark_measures_everything_beside_its_limit(tmp_path):
    page = tmp_path / "speed.md"
    output = run("scripts.bench", "--leads", "600", "--seconds", "0.1", "--output", str(page))
    measured = [line.split("  ")[0] for line in output.splitlines()[1:]]
    assert measured == [
        "convert (API, new deal)",
        "create lead (API)",
        "list of 50 (API)",
        "list (page)",
        "search of leads (API)",
        "search of everything",
        "pipeline sums (API)",
        "funnel (API)",
        "lead record (page)",
    ]
    table = [line for line in page.read_text().splitlines() if line.startswith("|")]
    assert len(table) == 2 + len(measured)


def test_the_rehearsal_adds_up():
    output = run("scripts.rehearsal", "--leads", "60", "--conversions", "40")
    assert "invariants hold." in output
    assert "What is final is guarded." in output
    assert "40 conversions" in output
    assert "everything adds up" in output
