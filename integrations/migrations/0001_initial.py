import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("activities", "0001_reasons"),
        ("leads", "0002_leads"),
        ("people", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="ApiToken",
            fields=[
                ("token_key", models.CharField(db_index=True, max_length=25)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="auth_token_set",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("expiry", models.DateTimeField(blank=True, null=True)),
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("digest", models.CharField(max_length=128, unique=True)),
                ("name", models.CharField(max_length=100)),
                (
                    "scopes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("read", "Read"),
                                ("write", "Write"),
                                ("convert", "Convert"),
                                ("admin", "Administer"),
                            ],
                            max_length=10,
                        ),
                        size=None,
                    ),
                ),
                (
                    "created",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                ("last_used_at", models.DateTimeField(editable=False, null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("scopes__contained_by", ["read", "write", "convert", "admin"]),
                            models.Q(("scopes", []), _negated=True),
                        ),
                        name="apitoken_scopes_known",
                        violation_error_message="A token has one or more of the known scopes.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Import",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("file_name", models.CharField(max_length=250)),
                ("digest", models.CharField(help_text="SHA-256 of the file.", max_length=64)),
                ("encoding", models.CharField(max_length=20)),
                ("delimiter", models.CharField(max_length=1)),
                (
                    "columns",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(),
                        help_text="Their names, in the file's order.",
                        size=None,
                    ),
                ),
                ("row_count", models.PositiveIntegerField()),
                (
                    "mapping",
                    models.JSONField(default=dict, help_text="{column: field, keep or skip}."),
                ),
                (
                    "values",
                    models.JSONField(
                        default=dict,
                        help_text="{source or status: {text of the file: id, or new}}.",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        help_text="Where a lead comes from if its row does not say.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.leadsource",
                    ),
                ),
                (
                    "queue",
                    models.ForeignKey(
                        blank=True,
                        help_text="Takes the leads whose owner is nobody here; without one, the importer does.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="leads.queue",
                    ),
                ),
                (
                    "reason",
                    models.ForeignKey(
                        blank=True,
                        help_text="Why those are disqualified that the file says are.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="activities.reason",
                    ),
                ),
                (
                    "wake_up_on",
                    models.DateField(
                        blank=True,
                        help_text="When those return that the file says are on hold.",
                        null=True,
                    ),
                ),
                (
                    "duplicates",
                    models.CharField(
                        choices=[
                            ("leave_out", "Leave the row out"),
                            ("create", "Create the lead all the same"),
                        ],
                        default="leave_out",
                        max_length=10,
                    ),
                ),
                (
                    "bad_values",
                    models.CharField(
                        choices=[
                            ("leave_out", "Leave the row out, to be corrected"),
                            ("keep_beside", "Import the row and keep the value beside the lead"),
                        ],
                        default="leave_out",
                        max_length=12,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Not checked yet"),
                            ("checking", "Being checked"),
                            ("checked", "Checked"),
                            ("running", "Being imported"),
                            ("done", "Imported"),
                        ],
                        default="draft",
                        max_length=8,
                    ),
                ),
                (
                    "round",
                    models.PositiveIntegerField(
                        default=0,
                        help_text="Counts the starts; work for an earlier one is dropped.",
                    ),
                ),
                ("position", models.PositiveIntegerField(default=0)),
                ("good_count", models.PositiveIntegerField(default=0)),
                ("refused_count", models.PositiveIntegerField(default=0)),
                ("alike_count", models.PositiveIntegerField(default=0)),
                ("started_at", models.DateTimeField(null=True)),
                ("moved_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["created_by", "-created_at", "-id"], name="import_recent")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["draft", "checking", "checked", "running", "done"])
                        ),
                        name="import_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("duplicates__in", ["leave_out", "create"])),
                        name="import_duplicates_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("bad_values__in", ["leave_out", "keep_beside"])),
                        name="import_bad_values_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "done"), _negated=True),
                            (
                                "row_count",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("good_count"), "+", models.F("refused_count")
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="import_done_counts_every_row",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rows",
                        to="integrations.import",
                    ),
                ),
                (
                    "number",
                    models.PositiveIntegerField(
                        help_text="As a spreadsheet counts: the names are row 1."
                    ),
                ),
                (
                    "cells",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(blank=True), size=None
                    ),
                ),
                ("problem", models.TextField(blank=True)),
                (
                    "likeness",
                    models.JSONField(
                        help_text="What may be the same: a row of the file or a lead, and why.",
                        null=True,
                    ),
                ),
                (
                    "lead",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="import_row",
                        to="leads.lead",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("problem", ""), _negated=True),
                        fields=["batch", "number"],
                        name="importrow_refused",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("batch", "number"), name="importrow_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("lead__isnull", True), ("problem", ""), _connector="OR"
                        ),
                        name="importrow_lead_or_problem",
                    ),
                ],
            },
        ),
    ]
