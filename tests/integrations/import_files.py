"""What tests of imports need: CSV files made in memory, and a worker."""

import csv
import io

from django_tasks_db.models import DBTaskResult

from integrations.services import (
    check_rows,
    choose_values,
    create_import,
    import_rows,
    map_columns,
    start_check,
    start_import,
)

HEADER = ["Lead Owner", "First Name", "Last Name", "Company", "Phone 1", "Email 1", "Source"]
HEADER += ["Deal Stage", "Notes", "Index"]


def row_of(number, **cells):
    """A good row; cells by the names of its columns."""
    good = {
        "Lead Owner": "Selena Doyle",
        "First Name": "Ana",
        "Last Name": f"Person{number}",
        "Company": f"Firm {number} Inc",
        "Phone 1": f"+1 212 555 {number:04d}",
        "Email 1": f"ana{number}@firm{number}.com",
        "Source": "Podcast",
        "Deal Stage": "Contacted",
        "Notes": "Wants a call.",
        "Index": str(number),
    }
    return good | cells


def csv_of(rows, *, columns=HEADER, delimiter=",", encoding="utf-8"):
    """The bytes of a file with these rows, each a dictionary or a list of cells."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([row[name] for name in columns] if isinstance(row, dict) else row)
    return text.getvalue().encode(encoding)


def good_file(count, first=1):
    return csv_of(row_of(number) for number in range(first, first + count))


def work():
    """Do what the worker would do now: every task that waits, and those it orders."""
    while (result := DBTaskResult.objects.ready().first()) is not None:
        result.claim("test")
        result.task.call(*result.args_kwargs["args"], **result.args_kwargs["kwargs"])
        result.set_successful(None)


def upload(actor, rows, *, mapping=None, columns=HEADER, **options):
    """An import of these rows with some choices made."""
    batch = create_import(actor=actor, data=csv_of(rows, columns=columns), name="leads.csv")
    batch = map_columns(batch=batch, mapping=batch.mapping | (mapping or {}), actor=actor)
    return choose_values(batch=batch, actor=actor, options=options, values={})


def check(batch):
    """The import once every row was tried."""
    batch = start_check(batch=batch, actor=batch.created_by, in_background=False)
    *_, last = check_rows(batch.pk, batch.round)
    return last


def run(batch):
    """The import once it is done."""
    batch = start_import(batch=batch, actor=batch.created_by, in_background=False)
    *_, last = import_rows(batch.pk, batch.round)
    return last


def problems(batch):
    """{row: why it is left out}"""
    return dict(batch.rows.exclude(problem="").values_list("number", "problem"))
