import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
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
            name="ConversionRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "lead",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="conversion_requests",
                        to="leads.lead",
                    ),
                ),
                (
                    "path",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="leads.path",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "Awaiting approval"),
                            ("sent_back", "Sent back"),
                            ("approved", "Approved"),
                            ("converted", "Converted"),
                            ("rejected", "Rejected"),
                            ("disputed", "Disputed"),
                            ("upheld", "Rejection upheld"),
                            ("recalled", "Recalled"),
                            ("lapsed", "Lapsed"),
                        ],
                        default="pending",
                        editable=False,
                        max_length=10,
                    ),
                ),
                ("plan", models.JSONField(help_text="The conversion plan that was asked for.")),
                ("answers", models.JSONField(default=list)),
                ("lead_snapshot", models.JSONField(default=dict)),
                ("message", models.TextField(blank=True)),
                ("next_meeting_at", models.DateTimeField(blank=True, null=True)),
                (
                    "requester",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "approver",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "approver_because",
                    models.CharField(
                        blank=True, help_text="Why this approver, in words.", max_length=250
                    ),
                ),
                ("may_approve_own", models.BooleanField(default=False, editable=False)),
                ("submitted_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("due_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(editable=False, null=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "reason",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="activities.reason",
                    ),
                ),
                ("decision_note", models.TextField(blank=True)),
                (
                    "doubted",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(),
                        blank=True,
                        default=list,
                        help_text="The criteria whose evidence the approver doubts.",
                        size=None,
                    ),
                ),
                (
                    "lead_outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("keep_working", "Keep working it"),
                            ("recycle", "Recycle on a date"),
                            ("disqualify", "Disqualify"),
                            ("reassign", "Reassign"),
                        ],
                        max_length=12,
                    ),
                ),
                ("resubmissions", models.PositiveSmallIntegerField(default=0, editable=False)),
                ("dispute_statement", models.TextField(blank=True)),
                ("dispute_decision", models.TextField(blank=True)),
                (
                    "dispute_decided_by",
                    models.ForeignKey(
                        null=True,
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
                ("version", models.PositiveIntegerField(default=1, editable=False)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["pending", "approved", "disputed"])),
                        fields=["approver", "due_at", "id"],
                        name="request_inbox",
                    ),
                    models.Index(
                        fields=["requester", "-submitted_at"], name="request_by_requester"
                    ),
                    models.Index(fields=["state", "due_at", "id"], name="request_by_state"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("state__in", ["pending", "sent_back", "approved", "disputed"])
                        ),
                        fields=("lead",),
                        name="request_one_open_per_lead",
                        violation_error_message="This lead already has an open conversion request.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    "pending",
                                    "sent_back",
                                    "approved",
                                    "converted",
                                    "rejected",
                                    "disputed",
                                    "upheld",
                                    "recalled",
                                    "lapsed",
                                ],
                            )
                        ),
                        name="request_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("approver", models.F("requester")), _negated=True),
                            ("may_approve_own", True),
                            _connector="OR",
                        ),
                        name="request_approver_is_not_requester",
                        violation_error_message="Nobody approves their own request.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by__isnull", True),
                            models.Q(("decided_by", models.F("requester")), _negated=True),
                            ("may_approve_own", True),
                            _connector="OR",
                        ),
                        name="request_not_decided_by_requester",
                        violation_error_message="Nobody decides their own request.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("state__in", ["rejected", "disputed", "upheld"]), _negated=True
                            ),
                            ("reason__isnull", False),
                            _connector="OR",
                        ),
                        name="request_rejected_for_a_reason",
                        violation_error_message="Say why the request is rejected.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "lead_outcome__in",
                                ["", "keep_working", "recycle", "disqualify", "reassign"],
                            )
                        ),
                        name="request_lead_outcome_known",
                    ),
                    models.UniqueConstraint(fields=("id", "lead"), name="request_with_lead"),
                ],
            },
        ),
        migrations.CreateModel(
            name="RequestTransition",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transitions",
                        to="conversion.conversionrequest",
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("action", models.CharField(max_length=20)),
                (
                    "from_state",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("pending", "Awaiting approval"),
                            ("sent_back", "Sent back"),
                            ("approved", "Approved"),
                            ("converted", "Converted"),
                            ("rejected", "Rejected"),
                            ("disputed", "Disputed"),
                            ("upheld", "Rejection upheld"),
                            ("recalled", "Recalled"),
                            ("lapsed", "Lapsed"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "to_state",
                    models.CharField(
                        choices=[
                            ("pending", "Awaiting approval"),
                            ("sent_back", "Sent back"),
                            ("approved", "Approved"),
                            ("converted", "Converted"),
                            ("rejected", "Rejected"),
                            ("disputed", "Disputed"),
                            ("upheld", "Rejection upheld"),
                            ("recalled", "Recalled"),
                            ("lapsed", "Lapsed"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "actor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "reason",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="activities.reason",
                    ),
                ),
                ("note", models.TextField(blank=True)),
                (
                    "facts",
                    models.JSONField(
                        default=dict,
                        help_text="Whatever else belongs to the step, such as what had changed.",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["request", "at", "id"], name="transition_history")
                ],
            },
        ),
        migrations.CreateModel(
            name="Conversion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "lead",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="conversion",
                        to="leads.lead",
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.account",
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="conversions",
                        to="accounts.contact",
                    ),
                ),
                (
                    "opportunity",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="conversions",
                        to="opportunities.opportunity",
                    ),
                ),
                (
                    "account_outcome",
                    models.CharField(
                        choices=[
                            ("created", "Created"),
                            ("existing", "Existing"),
                            ("none", "None"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "contact_outcome",
                    models.CharField(
                        choices=[
                            ("created", "Created"),
                            ("existing", "Existing"),
                            ("none", "None"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "opportunity_outcome",
                    models.CharField(
                        choices=[
                            ("created", "Created"),
                            ("existing", "Existing"),
                            ("none", "None"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "mode",
                    models.CharField(
                        choices=[("direct", "Directly"), ("requested", "On request")], max_length=9
                    ),
                ),
                (
                    "request",
                    models.OneToOneField(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="conversion",
                        to="conversion.conversionrequest",
                    ),
                ),
                ("converted_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "converted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "sourced_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "approved_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("plan", models.JSONField(help_text="The plan that was executed.")),
                (
                    "effects",
                    models.JSONField(
                        help_text="What was filled, kept, moved and not carried over."
                    ),
                ),
                ("lead_snapshot", models.JSONField(help_text="How the lead looked.")),
                (
                    "answers",
                    models.JSONField(
                        default=list, help_text="The qualification answers at that time."
                    ),
                ),
                (
                    "duplicate_reason",
                    models.TextField(
                        blank=True,
                        help_text="Why something new was created despite a strong match.",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["-converted_at", "-id"], name="conversion_recent")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("opportunity__isnull", True), ("opportunity_outcome", "none")
                            ),
                            models.Q(
                                ("opportunity__isnull", False),
                                models.Q(("opportunity_outcome", "none"), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="conversion_opportunity_matches_outcome",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("account_outcome__in", ["created", "existing"]),
                            ("contact_outcome__in", ["created", "existing"]),
                            ("opportunity_outcome__in", ["created", "existing", "none"]),
                        ),
                        name="conversion_outcomes_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("mode", "direct"), ("request__isnull", True)),
                            models.Q(("mode", "requested"), ("request__isnull", False)),
                            _connector="OR",
                        ),
                        name="conversion_requested_matches_mode",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ConversionCredit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "conversion",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credits",
                        to="conversion.conversion",
                    ),
                ),
                (
                    "opportunity",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credit",
                        to="opportunities.opportunity",
                    ),
                ),
                (
                    "linked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("linked_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
    ]
