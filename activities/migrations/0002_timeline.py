import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import activities.models.activity
import activities.models.event
import crm.fields


class Migration(migrations.Migration):
    """Activities, events and notifications: of all kinds of records, which therefore come first."""

    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("activities", "0001_reasons"),
        ("leads", "0002_leads"),
        ("opportunities", "0001_initial"),
        ("people", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Activity",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("note", "Note"),
                            ("call", "Call"),
                            ("meeting", "Meeting"),
                            ("email", "Email"),
                            ("task", "Task"),
                            ("file", "File"),
                        ],
                        max_length=10,
                    ),
                ),
                ("subject", models.CharField(blank=True, max_length=250)),
                ("body", models.TextField(blank=True, help_text="Markdown.")),
                (
                    "at",
                    models.DateTimeField(
                        default=django.utils.timezone.now,
                        help_text="When it happened or was written.",
                        validators=[crm.fields.validate_day],
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("deleted_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "lead",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="activities",
                        to="leads.lead",
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="activities",
                        to="accounts.account",
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="activities",
                        to="accounts.contact",
                    ),
                ),
                (
                    "opportunity",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="activities",
                        to="opportunities.opportunity",
                    ),
                ),
                (
                    "due_at",
                    models.DateTimeField(
                        blank=True, null=True, validators=[crm.fields.validate_day]
                    ),
                ),
                (
                    "remind_at",
                    models.DateTimeField(
                        blank=True, null=True, validators=[crm.fields.validate_day]
                    ),
                ),
                (
                    "priority",
                    models.CharField(
                        choices=[("low", "Low"), ("normal", "Normal"), ("high", "High")],
                        default="normal",
                        max_length=6,
                    ),
                ),
                ("done_at", models.DateTimeField(blank=True, null=True)),
                (
                    "done_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "direction",
                    models.CharField(
                        blank=True,
                        choices=[("inbound", "Inbound"), ("outbound", "Outbound")],
                        max_length=8,
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("connected", "Connected"),
                            ("voicemail", "Left a voicemail"),
                            ("no_answer", "No answer"),
                            ("callback", "Call back later"),
                            ("wrong_number", "Wrong number"),
                            ("not_interested", "Not interested"),
                        ],
                        max_length=16,
                    ),
                ),
                ("duration_seconds", models.PositiveIntegerField(blank=True, null=True)),
                (
                    "ends_at",
                    models.DateTimeField(
                        blank=True, null=True, validators=[crm.fields.validate_day]
                    ),
                ),
                ("location", models.CharField(blank=True, max_length=250)),
                ("sender", models.CharField(blank=True, max_length=254)),
                (
                    "recipients",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=254),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("message_id", models.CharField(blank=True, max_length=250)),
                ("thread_id", models.CharField(blank=True, max_length=250)),
                (
                    "mentions",
                    models.ManyToManyField(
                        blank=True,
                        db_table="activities_mention",
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("deleted_at__isnull", True), ("lead__isnull", False)),
                        fields=["lead", "-at", "-id"],
                        name="activity_by_lead",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("account__isnull", False), ("deleted_at__isnull", True)
                        ),
                        fields=["account", "-at", "-id"],
                        name="activity_by_account",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("contact__isnull", False), ("deleted_at__isnull", True)
                        ),
                        fields=["contact", "-at", "-id"],
                        name="activity_by_contact",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("deleted_at__isnull", True), ("opportunity__isnull", False)
                        ),
                        fields=["opportunity", "-at", "-id"],
                        name="activity_by_opportunity",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("deleted_at__isnull", True),
                            ("done_at__isnull", True),
                            ("kind", "task"),
                        ),
                        fields=["owner", "due_at"],
                        name="activity_open_tasks",
                    ),
                    models.Index(fields=["-at", "-id"], name="activity_recent"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["note", "call", "meeting", "email", "task", "file"])
                        ),
                        name="activity_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("priority__in", ["low", "normal", "high"])),
                        name="activity_priority_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("direction__in", ["", "inbound", "outbound"])),
                        name="activity_direction_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "outcome__in",
                                [
                                    "",
                                    "connected",
                                    "voicemail",
                                    "no_answer",
                                    "callback",
                                    "wrong_number",
                                    "not_interested",
                                ],
                            )
                        ),
                        name="activity_outcome_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind", "task"), ("done_at__isnull", True), _connector="OR"
                        ),
                        name="activity_only_tasks_are_done",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_at__isnull", True),
                            ("ends_at__gte", models.F("at")),
                            _connector="OR",
                        ),
                        name="activity_ends_after_start",
                        violation_error_message="It cannot end before it starts.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("message_id", ""), _negated=True),
                        fields=("message_id",),
                        name="activity_mail_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Attachment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "activity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attachments",
                        to="activities.activity",
                    ),
                ),
                (
                    "file",
                    models.FileField(
                        max_length=200, upload_to=activities.models.activity.attachment_path
                    ),
                ),
                ("name", models.CharField(max_length=250)),
                ("content_type", models.CharField(blank=True, max_length=120)),
                ("size", models.PositiveBigIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Attendee",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "activity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attendees",
                        to="activities.activity",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.contact",
                    ),
                ),
                ("email", models.EmailField(blank=True, max_length=254)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("user__isnull", False),
                            ("contact__isnull", False),
                            models.Q(("email", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="attendee_is_somebody",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("event_id", models.UUIDField(default=uuid.uuid4, unique=True)),
                (
                    "at",
                    models.DateTimeField(
                        default=django.utils.timezone.now,
                    ),
                ),
                (
                    "transaction_id",
                    models.BigIntegerField(db_default=activities.models.event.CurrentTransaction()),
                ),
                ("request_id", models.CharField(blank=True, max_length=64)),
                ("verb", models.CharField(max_length=60)),
                (
                    "actor",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "lead",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="leads.lead",
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="accounts.account",
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="accounts.contact",
                    ),
                ),
                (
                    "opportunity",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="opportunities.opportunity",
                    ),
                ),
                (
                    "subject_type",
                    models.CharField(
                        blank=True,
                        help_text="What else it is about, such as user or request.",
                        max_length=40,
                    ),
                ),
                ("subject_id", models.BigIntegerField(null=True)),
                (
                    "changes",
                    models.JSONField(
                        default=dict, help_text="{field: [old, new]} and other facts."
                    ),
                ),
                ("note", models.TextField(blank=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["transaction_id", "id"], name="event_feed"),
                    models.Index(
                        condition=models.Q(("lead__isnull", False)),
                        fields=["lead", "-at", "-id"],
                        name="event_by_lead",
                    ),
                    models.Index(
                        condition=models.Q(("account__isnull", False)),
                        fields=["account", "-at", "-id"],
                        name="event_by_account",
                    ),
                    models.Index(
                        condition=models.Q(("contact__isnull", False)),
                        fields=["contact", "-at", "-id"],
                        name="event_by_contact",
                    ),
                    models.Index(
                        condition=models.Q(("opportunity__isnull", False)),
                        fields=["opportunity", "-at", "-id"],
                        name="event_by_opportunity",
                    ),
                    models.Index(fields=["subject_type", "subject_id"], name="event_by_subject"),
                    models.Index(fields=["actor", "-at"], name="event_by_actor"),
                    models.Index(
                        condition=models.Q(
                            (
                                "verb__in",
                                [
                                    "opportunity.edited",
                                    "opportunity.lost",
                                    "opportunity.reopened",
                                    "opportunity.stage_changed",
                                    "opportunity.won",
                                ],
                            )
                        ),
                        fields=["-at", "-id"],
                        name="event_deal_moved",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("verb", "lead.converted")),
                        fields=("lead",),
                        name="event_one_conversion",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Notification",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notifications",
                        to="activities.event",
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("read_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("read_at__isnull", True)),
                        fields=["user", "-created_at"],
                        name="notification_unread",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "event"), name="notification_once_per_event"
                    )
                ],
            },
        ),
    ]
