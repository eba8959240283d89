"""`manage.py import_leads`: the pages' import, in one go at the console."""

import time
from pathlib import Path

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError

from crm.errors import DomainError
from integrations.models import BadValues, Duplicates, Import, ImportState
from integrations.services import (
    check_rows,
    choose_values,
    create_import,
    discard_import,
    find_unfinished,
    go_on,
    import_rows,
    map_columns,
    start_check,
    start_import,
)
from integrations.tables import MAX_BYTES
from integrations.targets import TARGETS, Keep
from leads.models import Queue
from people.models import User

SHOWN_PROBLEMS = 20


class Command(BaseCommand):
    help = (
        "Import leads from a CSV file or an Excel workbook, as a user. An import of the same file "
        "that was stopped half-way goes on where it stopped."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--as", dest="email", required=True, metavar="EMAIL")
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            metavar="COLUMN=FIELD",
            help="What a column becomes, where the guess is wrong: "
            f"{', '.join(TARGETS)}; {Keep.BESIDE.value} (kept beside the lead) or "
            f"{Keep.DECLINED.value}.",
        )
        parser.add_argument(
            "--queue", help="Takes leads whose owner is nobody here. Empty: you take them."
        )
        parser.add_argument(
            "--duplicates",
            choices=Duplicates.values,
            help="What becomes of rows that are leads already.",
        )
        parser.add_argument(
            "--bad-values",
            choices=BadValues.values,
            help="What becomes of rows with a value that its field cannot hold.",
        )
        parser.add_argument("--dry-run", action="store_true", help="Only tell what would come.")

    def handle(self, *, file, email, dry_run, **options):
        actor = User.objects.active().filter(email=email.lower()).first()
        if actor is None:
            raise CommandError(f"There is no active user {email}.")
        try:
            if file.stat().st_size > MAX_BYTES:
                raise CommandError(f"{file} is larger than {MAX_BYTES // 1024**2} MB. Split it.")
            data = file.read_bytes()
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from None
        try:
            if not dry_run and (batch := find_unfinished(actor=actor, data=data)):
                self.go_on(batch, actor)
                return
            batch = create_import(actor=actor, data=data, name=file.name)
            begin = start_check if dry_run else start_import
            try:
                self.configure(batch, actor, options)
                batch = begin(batch=batch, actor=actor, in_background=False)
            except (ValidationError, CommandError):
                discard_import(batch=batch, actor=actor)
                raise
            if dry_run:
                self.try_rows(batch)
                discard_import(batch=batch, actor=actor)
            else:
                self.import_rows(batch)
        except PermissionDenied:
            raise CommandError(f"{email} may not import leads.") from None
        except ValidationError as error:
            raise CommandError(explain(error)) from None
        except DomainError as error:
            raise CommandError(str(error)) from None

    def configure(self, batch: Import, actor: User, options) -> None:
        """What the options say of columns and cases of doubt."""
        mapping = dict(batch.mapping)
        for rule in options["map"]:
            column, equals, target = rule.rpartition("=")
            if not equals:
                raise CommandError(f"--map {rule}: write COLUMN=FIELD.")
            # What is named by hand takes a field away from what was only guessed.
            for other, guess in mapping.items():
                if guess == target and target in TARGETS:
                    mapping[other] = Keep.BESIDE
            mapping[column] = target
        map_columns(batch=batch, mapping=mapping, actor=actor)
        chosen = {name: options[name] for name in ("duplicates", "bad_values") if options[name]}
        if options["queue"] is not None:
            chosen["queue"] = find_queue(options["queue"])
        choose_values(batch=batch, actor=actor, options=chosen, values={})

    def try_rows(self, batch: Import) -> None:
        """Tell what would come of it."""
        for checked in check_rows(batch.pk, batch.round):
            batch = checked
        self.stdout.write("Nothing was saved. With this file and these choices:")
        for column in batch.columns:
            target = batch.mapping[column]
            label = TARGETS[target].label if target in TARGETS else target
            self.stdout.write(f"  {column} -> {label}")
        self.report(batch)

    def go_on(self, batch: Import, actor: User) -> None:
        self.stdout.write(
            f"Going on with the import that was stopped at {batch.settled_count:,} of "
            f"{batch.row_count:,} rows."
        )
        self.import_rows(go_on(batch=batch, actor=actor, in_background=False))

    def import_rows(self, batch: Import) -> None:
        began = time.monotonic()
        for settled in import_rows(batch.pk, batch.round):
            batch = settled
            self.stdout.write(f"{batch.settled_count:,} of {batch.row_count:,} rows")
            # Progress is of use while it goes on, also through a pipe.
            self.stdout.flush()
        self.report(batch)
        self.stdout.write(f"{time.monotonic() - began:.1f} seconds.")

    def report(self, batch: Import) -> None:
        """The counts, and the first rows that are left out."""
        became = "became" if batch.state == ImportState.DONE else "would become"
        rows, leads = ("row", "a lead") if batch.good_count == 1 else ("rows", "leads")
        are = "is" if batch.refused_count == 1 else "are"
        self.stdout.write(
            f"{batch.good_count:,} {rows} {became} {leads}, {batch.refused_count:,} {are} left out."
        )
        refused = batch.rows.exclude(problem="").order_by("number")
        for row in refused[:SHOWN_PROBLEMS]:
            self.stdout.write(f"  Row {row.number}: {row.problem}")
        if batch.refused_count > SHOWN_PROBLEMS:
            self.stdout.write(f"  and {batch.refused_count - SHOWN_PROBLEMS:,} more.")


def find_queue(name: str) -> Queue | None:
    if not name:
        return None
    queue = Queue.objects.filter(name__iexact=name, is_active=True).first()
    if queue is None:
        raise CommandError(f"There is no queue {name}.")
    return queue


def explain(error: ValidationError) -> str:
    """All that is wrong, with the column or choice it is about."""
    if hasattr(error, "error_dict"):
        return " ".join(
            f"{name}: {' '.join(messages)}" if name != "__all__" else " ".join(messages)
            for name, messages in error.message_dict.items()
        )
    return " ".join(error.messages)
