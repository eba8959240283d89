"""Migrations are complete, can be told apart by name, and do not stop people working."""

import io
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

ROOT = Path(__file__).resolve().parent.parent
MIGRATIONS = sorted(ROOT.glob("*/migrations/0*.py"))

# The last migration of each app in the first release. Until there is one, every table is
# still empty when a migration reaches it, and rules about full tables do not apply.
FIRST_RELEASE: dict[str, str] = {}
RULES_ABOUT_FULL_TABLES = {
    "adding-foreign-key-constraint",
    "adding-not-nullable-field",
    "adding-required-field",
    "changing-column-type",
    "constraint-missing-not-valid",
    "disallowed-unique-constraint",
    "require-concurrent-index-creation",
    "require-concurrent-index-deletion",
    "require-timeout-settings",
}
# Django writes these in its own way, and runs a migration once. It changes a constraint by
# dropping it and making it anew in one transaction.
RULES_AGAINST_DJANGO = {
    "ban-drop-constraint",
    "ban-drop-not-null",
    "prefer-bigint-over-int",
    "prefer-bigint-over-smallint",
    "prefer-identity",
    "prefer-robust-stmts",
    "prefer-text-field",
    "renaming-column",
}


def squawk(sql: str, folder: Path, excluded: set[str]) -> str:
    """What squawk has to say about the SQL; empty when it is content."""
    path = folder / "migration.sql"
    path.write_text(sql)
    program = Path(sys.executable).parent / "squawk"
    command = [program, "--pg-version=15.0", "--reporter=Gcc"]
    command.append(f"--exclude={','.join(sorted(excluded))}")
    result = subprocess.run([*command, path], capture_output=True, text=True)
    return result.stdout if result.returncode else ""


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", MIGRATIONS, ids=[f"{path.parent.parent.name}-{path.stem}" for path in MIGRATIONS]
)
def test_migration_does_not_stop_people_working(path, tmp_path):
    app = path.parent.parent.name
    sql = io.StringIO()
    call_command("sqlmigrate", app, path.stem, stdout=sql, no_color=True)
    excluded = set(RULES_AGAINST_DJANGO)
    if path.stem <= FIRST_RELEASE.get(app, "~"):
        excluded |= RULES_ABOUT_FULL_TABLES
    assert squawk(sql.getvalue(), tmp_path, excluded) == ""


def test_the_linter_would_notice(tmp_path):
    found = squawk("ALTER TABLE leads_lead DROP COLUMN email;", tmp_path, RULES_AGAINST_DJANGO)
    assert "ban-drop-column" in found


@pytest.mark.parametrize(
    "path", MIGRATIONS, ids=[f"{path.parent.parent.name}-{path.stem}" for path in MIGRATIONS]
)
def test_migration_has_a_name_that_says_something(path):
    assert not re.search(r"_auto_\d|_and_more$|_alter_\w+_options", path.stem)
