"""
Remove the guards of the conversion one by one, and see the tests catch each removal.

    python scripts/mutants.py [name ...]

Works on a copy of the project in a temporary folder, with a database server of its own. A
mutant that survives is a hole in the tests: the script then ends with an error and names it.
"""

import argparse
import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", ".data", "node_modules", "staticfiles", "__pycache__"
)

GUARDS = "tests/conversion/test_guards.py"
FINALITY = "tests/conversion/test_finality.py"
RACES = "tests/conversion/test_races.py"
ATOMICITY = "tests/conversion/test_atomicity.py"
CONVERT = "tests/conversion/test_convert.py"
REQUESTS = "tests/conversion/test_requests.py"

LEAD_SQL = "leads/migrations/0004_converted_lead_is_final.py"
EVENT_SQL = "activities/migrations/0003_log_is_append_only.py"
CONVERSION_SQL = "conversion/migrations/0002_converted_once.py"
SERVICE = "conversion/services/conversion.py"
RIGHTS = "conversion/services/rights.py"
TRANSITIONS = "conversion/services/transitions.py"


@dataclass(frozen=True)
class Mutant:
    """One guard taken out: `old` becomes `new` in `file`, and `tests` should notice."""

    name: str
    file: str
    old: str
    new: str
    tests: str


MUTANTS = [
    Mutant(
        "a converted lead may change",
        LEAD_SQL,
        "IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - allowed = to_jsonb(NEW) - allowed THEN",
        "IF TG_OP = 'UPDATE' THEN",
        FINALITY,
    ),
    Mutant(
        "a converted lead may be deleted",
        LEAD_SQL,
        "BEFORE UPDATE OR DELETE ON leads_lead",
        "BEFORE UPDATE ON leads_lead",
        GUARDS,
    ),
    Mutant(
        "answers of a converted lead may change",
        LEAD_SQL,
        "IF kind = 'converted' THEN",
        "IF kind = 'never' THEN",
        FINALITY,
    ),
    Mutant(
        "a status may change its kind under its leads",
        LEAD_SQL,
        "FOREIGN KEY (status_id, status_kind)\n"
        "                    REFERENCES leads_leadstatus (id, kind)",
        "FOREIGN KEY (status_id) REFERENCES leads_leadstatus (id)",
        GUARDS,
    ),
    Mutant(
        "a guard can be switched off by a session setting",
        LEAD_SQL,
        "ALTER TABLE leads_lead ENABLE ALWAYS TRIGGER lead_final;",
        "",
        FINALITY,
    ),
    Mutant(
        "events may be changed",
        EVENT_SQL,
        "CREATE TRIGGER event_final BEFORE UPDATE OR DELETE",
        "CREATE TRIGGER event_final BEFORE DELETE",
        GUARDS,
    ),
    Mutant(
        "the application role may rewrite receipts",
        "crm/database_roles.py",
        '    "conversion_conversion",\n',
        "",
        GUARDS,
    ),
    Mutant(
        "half a conversion commits",
        CONVERSION_SQL,
        "IF NOT complete THEN",
        "IF false THEN",
        FINALITY,
    ),
    Mutant(
        "a contact of a conversion may move to another account",
        CONVERSION_SQL,
        "FOREIGN KEY (contact_id, account_id)\n"
        "                        REFERENCES accounts_contact (id, account_id)",
        "FOREIGN KEY (contact_id) REFERENCES accounts_contact (id)",
        GUARDS,
    ),
    Mutant(
        "the lead is not locked",
        SERVICE,
        "hold(with_related(Lead.objects.visible_to(actor)), pk=lead_id)",
        "with_related(Lead.objects.visible_to(actor)).filter(pk=lead_id).first()",
        RACES,
    ),
    Mutant(
        "the request is not locked",
        TRANSITIONS,
        "hold(requests.visible_to(actor, action), pk=pk)",
        "requests.visible_to(actor, action).get(pk=pk)",
        RACES,
    ),
    Mutant(
        "the lead of a request is not locked",
        TRANSITIONS,
        "hold(with_related(leads), pk=request.lead_id)",
        "with_related(leads).get(pk=request.lead_id)",
        RACES,
    ),
    Mutant(
        "nothing at all is locked",
        "crm/records.py",
        """alone.select_for_update(no_key=True).values_list("pk")""",
        """alone.values_list("pk")""",
        RACES,
    ),
    Mutant(
        "conversions of one company do not wait for each other",
        SERVICE,
        "        lock_names(lead)\n",
        "",
        RACES,
    ),
    Mutant(
        "matches are not looked at again under the lock",
        SERVICE,
        "require_no_unseen_duplicates(plan, find_matches(lead, actor, fuzzy=False), actor)",
        "pass",
        CONVERT,
    ),
    Mutant(
        "the idempotency key is not claimed",
        SERVICE,
        "            idempotency.claim()\n",
        "            pass\n",
        f"{RACES} {ATOMICITY}",
    ),
    Mutant(
        "the steps are not one transaction",
        "crm/transactions.py",
        "            with transaction.atomic(durable=True):\n",
        "            if True:\n",
        ATOMICITY,
    ),
    Mutant(
        "a second conversion is not looked for",
        SERVICE,
        "    if lead.is_converted:\n        raise AlreadyConverted(lead)\n",
        "",
        CONVERT,
    ),
    Mutant(
        "a stale preview is executed",
        SERVICE,
        "        require_unchanged(resolution, plan.preview_token)\n",
        "        pass\n",
        CONVERT,
    ),
    Mutant(
        "what changed materially is converted all the same",
        SERVICE,
        "        if changes := material_changes(request):\n",
        "        if changes := []:\n",
        REQUESTS,
    ),
    Mutant(
        "a path that always needs approval is ignored",
        RIGHTS,
        "    if rules and all(rule == ApprovalRule.ALWAYS for rule in rules):\n",
        "    if False:\n",
        CONVERT,
    ),
    Mutant(
        "nobody asks for the right to convert",
        RIGHTS,
        "    require(may(actor, Action.CONVERT, lead))\n",
        "",
        CONVERT,
    ),
    Mutant(
        "requesters decide their own requests",
        SERVICE,
        "        require(not is_own or request.may_approve_own)\n",
        "",
        REQUESTS,
    ),
    Mutant(
        "an open request does not keep others from converting",
        RIGHTS,
        "        raise RequestIsOpen(lead, open_request.pk)\n",
        "        pass\n",
        REQUESTS,
    ),
    Mutant(
        "opt-outs are loosened",
        "conversion/resolution.py",
        "if key in TIGHTENING or is_empty(current):",
        "if is_empty(current) and key not in TIGHTENING:",
        CONVERT,
    ),
    Mutant(
        "existing values are overwritten",
        "conversion/resolution.py",
        "elif key in plan.take_from_lead:",
        "elif True:",
        CONVERT,
    ),
]


@contextlib.contextmanager
def copy_of_the_project() -> Iterator[Path]:
    """A folder that may be spoiled; its test server is kept from one mutant to the next."""
    with tempfile.TemporaryDirectory(prefix="relay-mutants-") as folder:
        copy = Path(folder) / "relay"
        shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
        for name in (".venv", "node_modules"):
            (copy / name).symlink_to((ROOT / name).resolve())
        yield copy


def survives(mutant: Mutant, copy: Path) -> bool:
    """Whether the tests pass without this guard. Leaves the copy as it was."""
    source = copy / mutant.file
    text = source.read_text()
    if text.count(mutant.old) != 1:
        sys.exit(f"{mutant.name}: {mutant.file} does not have the text to take out, once.")
    source.write_text(text.replace(mutant.old, mutant.new))
    try:
        outcome = subprocess.run(
            [sys.executable, "-m", "pytest", "-qx", "-p", "no:randomly", *mutant.tests.split()],
            cwd=copy,
            # Two versions of a file within a second would share their bytecode.
            env={**os.environ, "RELAY_TEST_KEEP": "1", "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        source.write_text(text)
    # A test that waits for ever ends the run with 1 and without a word: caught as well.
    if outcome.returncode not in (0, 1) or re.search(r"^ERROR ", outcome.stdout, re.MULTILINE):
        sys.exit(f"{mutant.name}: the tests could not run.\n{outcome.stdout[-2000:]}")
    return outcome.returncode == 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="only mutants whose names contain one of these")
    wanted = parser.parse_args().names
    mutants = [m for m in MUTANTS if not wanted or any(word in m.name for word in wanted)]
    survivors = []
    with copy_of_the_project() as copy:
        for mutant in mutants:
            is_alive = survives(mutant, copy)
            print(f"{'SURVIVED' if is_alive else 'caught':>9}  {mutant.name}", flush=True)
            if is_alive:
                survivors.append(mutant.name)
    print(f"{len(mutants) - len(survivors)} of {len(mutants)} guards are watched.")
    if survivors:
        sys.exit(1)


if __name__ == "__main__":
    main()
