"""Files of leads that came in, row by row, and what became of each row."""

import datetime as dt
from collections.abc import Sequence

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator

from people.reach import Action, ReachLevel, RecordType

# So long without a sign of life, and whoever worked at it is gone.
STALLED_AFTER = dt.timedelta(minutes=1)
UNDO_FOR = dt.timedelta(days=7)
TELLING_CELLS = 4


class ImportState(models.TextChoices):
    DRAFT = "draft", "Not checked yet"
    CHECKING = "checking", "Being checked"
    CHECKED = "checked", "Checked"
    RUNNING = "running", "Being imported"
    DONE = "done", "Imported"
    UNDOING = "undoing", "Being undone"
    UNDONE = "undone", "Undone"


AT_WORK = (ImportState.CHECKING, ImportState.RUNNING, ImportState.UNDOING)
OVER = (ImportState.DONE, ImportState.UNDONE)


class Duplicates(models.TextChoices):
    """What becomes of a row that is a lead already: same e-mail, or same person and phone."""

    LEAVE_OUT = "leave_out", "Leave the row out"
    CREATE = "create", "Create the lead all the same"


class BadValues(models.TextChoices):
    """What becomes of a row with a value that its field cannot hold."""

    LEAVE_OUT = "leave_out", "Leave the row out, to be corrected"
    KEEP_BESIDE = "keep_beside", "Import the row and keep the value beside the lead"


class ImportQuerySet(models.QuerySet):
    def visible_to(self, user, action=Action.VIEW):
        """The imports of everybody within the user's reach, one's own first of all."""
        if not user.is_authenticated:
            return self.none()
        level = user.reach.level(RecordType.IMPORT, action)
        if level == ReachLevel.ALL:
            return self
        return self.filter(created_by_id__in=user.reach.user_ids(level))

    def for_list(self):
        return self.select_related("created_by").order_by("-created_at", "-pk")


class Import(models.Model):
    """
    One uploaded file: how its columns are read, what is chosen for them, and how far it got.

    `position` is the number of the last row that is settled in the present round; it moves in
    the transaction that settles rows, so that whoever goes on finds exactly what is left.
    """

    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    file_name = models.CharField(max_length=250)
    digest = models.CharField(max_length=64, help_text="SHA-256 of the file.")
    encoding = models.CharField(max_length=20)
    delimiter = models.CharField(max_length=1)
    columns = ArrayField(models.TextField(), help_text="Their names, in the file's order.")
    row_count = models.PositiveIntegerField()

    mapping = models.JSONField(default=dict, help_text="{column: field, keep or skip}.")
    values = models.JSONField(
        default=dict, help_text="{source or status: {text of the file: id, or new}}."
    )
    source = models.ForeignKey(
        "accounts.LeadSource",
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Where a lead comes from if its row does not say.",
    )
    queue = models.ForeignKey(
        "leads.Queue",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Takes the leads whose owner is nobody here; without one, the importer does.",
    )
    reason = models.ForeignKey(
        "activities.Reason",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Why those are disqualified that the file says are.",
    )
    wake_up_on = models.DateField(
        null=True, blank=True, help_text="When those return that the file says are on hold."
    )
    duplicates = models.CharField(max_length=10, choices=Duplicates, default=Duplicates.LEAVE_OUT)
    bad_values = models.CharField(max_length=12, choices=BadValues, default=BadValues.LEAVE_OUT)

    state = models.CharField(max_length=8, choices=ImportState, default=ImportState.DRAFT)
    round = models.PositiveIntegerField(
        default=0, help_text="Counts the starts; work for an earlier one is dropped."
    )
    position = models.PositiveIntegerField(default=0)
    good_count = models.PositiveIntegerField(default=0)
    refused_count = models.PositiveIntegerField(default=0)
    alike_count = models.PositiveIntegerField(default=0)
    corrected_count = models.PositiveIntegerField(
        default=0, db_default=0, help_text="Rows with values that were corrected here."
    )
    undone_count = models.PositiveIntegerField(
        default=0, db_default=0, help_text="Leads that were deleted again when it was undone."
    )
    started_at = models.DateTimeField(null=True)
    moved_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="import_state_known", condition=Q(state__in=ImportState.values)
            ),
            models.CheckConstraint(
                name="import_duplicates_known", condition=Q(duplicates__in=Duplicates.values)
            ),
            models.CheckConstraint(
                name="import_bad_values_known", condition=Q(bad_values__in=BadValues.values)
            ),
            models.CheckConstraint(
                name="import_done_counts_every_row",
                condition=~Q(state="done")
                | Q(row_count=models.F("good_count") + models.F("refused_count")),
            ),
        ]
        indexes = [
            models.Index(fields=["created_by", "-created_at", "-id"], name="import_recent"),
        ]

    def __str__(self):
        return self.file_name

    def get_absolute_url(self):
        return reverse("integrations:import_detail", args=[self.pk])

    @property
    def is_at_work(self) -> bool:
        return self.state in AT_WORK

    @property
    def is_stalled(self) -> bool:
        """Whether nobody seems to work at it any more: the worker is off, or was killed."""
        return (
            self.is_at_work
            and self.moved_at is not None
            and timezone.now() - self.moved_at > STALLED_AFTER
        )

    @property
    def is_over(self) -> bool:
        return self.state in OVER

    @property
    def can_be_undone(self) -> bool:
        """Whether what it made can still be taken back: once, and for a week."""
        return (
            self.state == ImportState.DONE
            and self.good_count > 0
            and self.finished_at is not None
            and timezone.now() - self.finished_at < UNDO_FOR
        )

    @property
    def kept_count(self) -> int:
        """The leads that stayed when it was undone."""
        return self.good_count - self.undone_count

    @property
    def settled_count(self) -> int:
        return self.good_count + self.refused_count

    @property
    def seconds_left(self) -> int | None:
        """How long it will take at the speed it had so far; None before anybody can know."""
        if not (self.settled_count and self.started_at and self.moved_at):
            return None
        so_far = (self.moved_at - self.started_at).total_seconds()
        return round(so_far / self.settled_count * (self.row_count - self.settled_count))

    @property
    def seconds(self) -> int | None:
        """How long the run took."""
        if self.started_at is None or self.finished_at is None:
            return None
        return round((self.finished_at - self.started_at).total_seconds())


class ImportRow(models.Model):
    """
    One row of the file. In the end it has become a lead, or there is a problem.

    Once it is a lead, its cells are emptied: what they said is with the lead. Until then they
    stay as the file had them; what somebody has corrected stands beside them.
    """

    batch = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(help_text="As a spreadsheet counts: the names are row 1.")
    cells = ArrayField(models.TextField(blank=True))
    corrections = models.JSONField(
        null=True, help_text="{column: text}: what is read in place of what the file says."
    )
    problem = models.TextField(blank=True)
    faults = models.JSONField(
        null=True, help_text="{column: what is wrong with its value}, where a value is to blame."
    )
    likeness = models.JSONField(
        null=True, help_text="What may be the same: a row of the file or a lead, and why."
    )
    lead = models.OneToOneField(
        "leads.Lead",
        on_delete=models.PROTECT,
        null=True,
        related_name="import_row",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "number"], name="importrow_once"),
            models.CheckConstraint(
                name="importrow_lead_or_problem", condition=Q(lead__isnull=True) | Q(problem="")
            ),
        ]
        indexes = [
            models.Index(
                fields=["batch", "number"],
                name="importrow_refused",
                condition=~Q(problem=""),
            ),
        ]

    def __str__(self):
        return f"Row {self.number} of import {self.batch_id}"

    @property
    def beginning(self) -> str:
        """So much of the row that whoever made the file knows which one it is."""
        filled = [cell for cell in self.cells if cell]
        return Truncator(" · ".join(filled[:TELLING_CELLS])).chars(80)

    def corrected(self, columns: Sequence[str]) -> list[str]:
        """The cells as they are read: the file's, with the corrections in their places."""
        if not self.corrections:
            return self.cells
        cells = [*self.cells, *[""] * (len(columns) - len(self.cells))]
        for column, text in self.corrections.items():
            cells[columns.index(column)] = text
        return cells
