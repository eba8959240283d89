import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import crm.fields


class Migration(migrations.Migration):
    """Leads and their history."""

    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("activities", "0001_reasons"),
        ("leads", "0001_configuration"),
        ("opportunities", "0001_initial"),
        ("people", "0001_initial"),
        ("pghistory", "0007_auto_20250421_0444"),
    ]

    operations = [
        migrations.CreateModel(
            name="Lead",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.team",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "updated_by",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("deleted_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("street", models.CharField(blank=True, max_length=250)),
                ("city", models.CharField(blank=True, max_length=120)),
                ("region", models.CharField(blank=True, max_length=120)),
                ("postal_code", models.CharField(blank=True, max_length=20)),
                ("country", models.CharField(blank=True, max_length=80)),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "queue",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="leads",
                        to="leads.queue",
                    ),
                ),
                ("salutation", models.CharField(blank=True, max_length=20)),
                ("first_name", models.CharField(blank=True, max_length=120)),
                ("last_name", models.CharField(max_length=120)),
                ("title", models.CharField(blank=True, max_length=120)),
                (
                    "company",
                    models.CharField(
                        blank=True,
                        help_text="Empty for a person without a company.",
                        max_length=200,
                    ),
                ),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("other_email", models.EmailField(blank=True, max_length=254)),
                ("phone", models.CharField(blank=True, max_length=60)),
                ("mobile", models.CharField(blank=True, max_length=60)),
                ("website", models.CharField(blank=True, max_length=250)),
                ("industry", models.CharField(blank=True, max_length=120)),
                ("employees", models.PositiveIntegerField(blank=True, null=True)),
                (
                    "annual_revenue",
                    crm.fields.MoneyField(blank=True, decimal_places=2, max_digits=18, null=True),
                ),
                ("currency", crm.fields.CurrencyField(blank=True, max_length=3)),
                (
                    "source",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="leads",
                        to="accounts.leadsource",
                    ),
                ),
                ("source_detail", models.CharField(blank=True, max_length=250)),
                (
                    "campaign",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.campaign",
                    ),
                ),
                (
                    "rating",
                    models.CharField(
                        blank=True,
                        choices=[("hot", "Hot"), ("warm", "Warm"), ("cold", "Cold")],
                        max_length=4,
                    ),
                ),
                ("description", models.TextField(blank=True)),
                (
                    "partner_account",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.account",
                    ),
                ),
                ("do_not_call", models.BooleanField(default=False)),
                ("do_not_email", models.BooleanField(default=False)),
                ("next_step", models.CharField(blank=True, max_length=250)),
                (
                    "next_step_on",
                    models.DateField(blank=True, null=True, validators=[crm.fields.validate_day]),
                ),
                ("external_id", models.CharField(blank=True, max_length=120)),
                (
                    "imported_owner",
                    models.CharField(
                        blank=True,
                        help_text="Who owned it elsewhere, when they are no user here.",
                        max_length=150,
                    ),
                ),
                (
                    "imported_values",
                    models.JSONField(
                        blank=True,
                        default=dict,
                        help_text="Columns of the imported row that have no field here.",
                    ),
                ),
                (
                    "status",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="leads",
                        to="leads.leadstatus",
                    ),
                ),
                (
                    "status_kind",
                    models.CharField(
                        choices=[
                            ("new", "New"),
                            ("working", "Working"),
                            ("nurturing", "Nurturing"),
                            ("qualified", "Qualified"),
                            ("disqualified", "Disqualified"),
                            ("converted", "Converted"),
                        ],
                        editable=False,
                        max_length=12,
                    ),
                ),
                (
                    "disqualified_reason",
                    models.ForeignKey(
                        blank=True,
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
                        help_text="The day on which a nurtured lead returns to its owner.",
                        null=True,
                        validators=[crm.fields.validate_day],
                    ),
                ),
                (
                    "playbook",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="leads.playbook",
                    ),
                ),
                (
                    "handoff_state",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "Not requested"),
                            ("pending", "Awaiting approval"),
                            ("sent_back", "Sent back"),
                            ("approved", "Approved"),
                            ("rejected", "Rejected"),
                            ("disputed", "Disputed"),
                            ("recalled", "Recalled"),
                            ("lapsed", "Lapsed"),
                            ("converted", "Converted"),
                        ],
                        editable=False,
                        max_length=10,
                    ),
                ),
                ("score", models.PositiveSmallIntegerField(default=0, editable=False)),
                ("score_explanation", models.JSONField(default=list, editable=False)),
                ("assigned_at", models.DateTimeField(editable=False, null=True)),
                ("first_response_at", models.DateTimeField(editable=False, null=True)),
                ("last_activity_at", models.DateTimeField(editable=False, null=True)),
                ("converted_at", models.DateTimeField(editable=False, null=True)),
                (
                    "converted_by",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "converted_account",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.account",
                    ),
                ),
                (
                    "converted_contact",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.contact",
                    ),
                ),
                (
                    "converted_opportunity",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="opportunities.opportunity",
                    ),
                ),
                (
                    "reengaged_from",
                    models.ForeignKey(
                        editable=False,
                        help_text="The converted lead whose person came back.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reengaged_as",
                        to="leads.lead",
                    ),
                ),
                ("email_key", models.CharField(blank=True, editable=False, max_length=254)),
                ("other_email_key", models.CharField(blank=True, editable=False, max_length=254)),
                ("phone_key", models.CharField(blank=True, editable=False, max_length=40)),
                ("mobile_key", models.CharField(blank=True, editable=False, max_length=40)),
                ("domain_key", models.CharField(blank=True, editable=False, max_length=253)),
                ("company_key", models.CharField(blank=True, editable=False, max_length=200)),
                ("person_key", models.CharField(blank=True, editable=False, max_length=250)),
                (
                    "search_text",
                    crm.fields.SearchTextField(
                        "first_name",
                        "last_name",
                        "company",
                        "email",
                        "other_email",
                        "phone",
                        "mobile",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("deleted_at__isnull", True)),
                        fields=["-created_at", "-id"],
                        name="lead_recent",
                    ),
                    models.Index(
                        condition=models.Q(("deleted_at__isnull", True)),
                        fields=["-score", "-id"],
                        name="lead_by_score",
                    ),
                    models.Index(
                        condition=models.Q(("deleted_at__isnull", True)),
                        fields=["last_name", "first_name", "id"],
                        name="lead_by_name",
                    ),
                    models.Index(
                        condition=models.Q(("deleted_at__isnull", True)),
                        fields=["company", "id"],
                        name="lead_by_company",
                    ),
                    models.Index(fields=["owner", "-created_at", "-id"], name="lead_by_owner"),
                    models.Index(
                        models.OrderBy(models.F("next_step_on"), nulls_last=True),
                        models.OrderBy(models.F("id")),
                        condition=models.Q(("deleted_at__isnull", True)),
                        name="lead_by_next_step_up",
                    ),
                    models.Index(
                        models.OrderBy(models.F("next_step_on"), descending=True, nulls_last=True),
                        models.OrderBy(models.F("id"), descending=True),
                        condition=models.Q(("deleted_at__isnull", True)),
                        name="lead_by_next_step_down",
                    ),
                    models.Index(
                        condition=models.Q(
                            models.Q(("handoff_state", ""), _negated=True),
                            ("deleted_at__isnull", True),
                        ),
                        fields=["handoff_state", "-created_at", "-id"],
                        name="lead_in_handoff",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("deleted_at__isnull", True),
                            models.Q(
                                ("status_kind__in", ["disqualified", "converted"]), _negated=True
                            ),
                        ),
                        fields=["owner", "next_step_on"],
                        name="lead_work_queue",
                    ),
                    models.Index(
                        condition=models.Q(("deleted_at__isnull", True), ("owner__isnull", True)),
                        fields=["queue", "-score", "created_at", "id"],
                        name="lead_waiting_in_queue",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("deleted_at__isnull", True), ("status_kind", "nurturing")
                        ),
                        fields=["wake_up_on"],
                        name="lead_to_wake_up",
                    ),
                    models.Index(fields=["status", "-created_at", "-id"], name="lead_by_status"),
                    models.Index(fields=["source", "-created_at", "-id"], name="lead_by_source"),
                    models.Index(fields=["email_key"], name="lead_by_email"),
                    models.Index(fields=["other_email_key"], name="lead_by_other_email"),
                    models.Index(fields=["phone_key"], name="lead_by_phone"),
                    models.Index(fields=["mobile_key"], name="lead_by_mobile"),
                    models.Index(fields=["domain_key"], name="lead_by_domain"),
                    models.Index(fields=["person_key"], name="lead_by_person"),
                    models.Index(
                        condition=models.Q(("external_id", ""), _negated=True),
                        fields=["external_id"],
                        name="lead_by_external_id",
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["company_key"], name="lead_company_like", opclasses=["gin_trgm_ops"]
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["search_text"], name="lead_search", opclasses=["gin_trgm_ops"]
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("last_name", ""), _negated=True),
                        name="lead_named",
                        violation_error_message="Give the lead a last name.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("owner__isnull", False), ("queue__isnull", False), _connector="OR"
                        ),
                        name="lead_owned_or_queued",
                        violation_error_message="A lead belongs to a person or waits in a queue.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("converted_at__isnull", False), ("status_kind", "converted")),
                            models.Q(
                                models.Q(("status_kind", "converted"), _negated=True),
                                ("converted_at__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="lead_converted_at_matches_status",
                        violation_error_message="Only a converted lead has a conversion time.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status_kind", "disqualified"), _negated=True),
                            ("disqualified_reason__isnull", False),
                            _connector="OR",
                        ),
                        name="lead_disqualified_for_a_reason",
                        violation_error_message="Say why the lead is disqualified.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status_kind", "nurturing"), _negated=True),
                            ("wake_up_on__isnull", False),
                            _connector="OR",
                        ),
                        name="lead_nurtured_until_a_day",
                        violation_error_message="Say on which day the lead returns.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("score__range", (0, 100))), name="lead_score_is_percent"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("rating__in", ["", "hot", "warm", "cold"])),
                        name="lead_rating_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "handoff_state__in",
                                [
                                    "",
                                    "pending",
                                    "sent_back",
                                    "approved",
                                    "rejected",
                                    "disputed",
                                    "recalled",
                                    "lapsed",
                                    "converted",
                                ],
                            )
                        ),
                        name="lead_handoff_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status_kind", "converted"), _negated=True),
                            ("deleted_at__isnull", True),
                            _connector="OR",
                        ),
                        name="lead_converted_is_not_deleted",
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="lead",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "leads_leadhistory" ("annual_revenue", "assigned_at", "campaign_id", "city", "company", "converted_account_id", "converted_at", "converted_by_id", "converted_contact_id", "converted_opportunity_id", "country", "created_at", "created_by_id", "currency", "deleted_at", "description", "disqualified_reason_id", "do_not_call", "do_not_email", "email", "employees", "external_id", "first_name", "first_response_at", "handoff_state", "id", "imported_owner", "imported_values", "industry", "last_name", "mobile", "next_step", "next_step_on", "other_email", "owner_id", "partner_account_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "playbook_id", "postal_code", "queue_id", "rating", "reengaged_from_id", "region", "salutation", "source_detail", "source_id", "status_id", "status_kind", "street", "team_id", "title", "updated_by_id", "version", "wake_up_on", "website") VALUES (NEW."annual_revenue", NEW."assigned_at", NEW."campaign_id", NEW."city", NEW."company", NEW."converted_account_id", NEW."converted_at", NEW."converted_by_id", NEW."converted_contact_id", NEW."converted_opportunity_id", NEW."country", NEW."created_at", NEW."created_by_id", NEW."currency", NEW."deleted_at", NEW."description", NEW."disqualified_reason_id", NEW."do_not_call", NEW."do_not_email", NEW."email", NEW."employees", NEW."external_id", NEW."first_name", NEW."first_response_at", NEW."handoff_state", NEW."id", NEW."imported_owner", NEW."imported_values", NEW."industry", NEW."last_name", NEW."mobile", NEW."next_step", NEW."next_step_on", NEW."other_email", NEW."owner_id", NEW."partner_account_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."phone", NEW."playbook_id", NEW."postal_code", NEW."queue_id", NEW."rating", NEW."reengaged_from_id", NEW."region", NEW."salutation", NEW."source_detail", NEW."source_id", NEW."status_id", NEW."status_kind", NEW."street", NEW."team_id", NEW."title", NEW."updated_by_id", NEW."version", NEW."wake_up_on", NEW."website"); RETURN NULL;',
                    hash="9cb4c228aedd78c351e18f9e27a7d9dea74f98b3",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_523c0",
                    table="leads_lead",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="lead",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."annual_revenue" IS DISTINCT FROM (NEW."annual_revenue") OR OLD."assigned_at" IS DISTINCT FROM (NEW."assigned_at") OR OLD."campaign_id" IS DISTINCT FROM (NEW."campaign_id") OR OLD."city" IS DISTINCT FROM (NEW."city") OR OLD."company" IS DISTINCT FROM (NEW."company") OR OLD."converted_account_id" IS DISTINCT FROM (NEW."converted_account_id") OR OLD."converted_at" IS DISTINCT FROM (NEW."converted_at") OR OLD."converted_by_id" IS DISTINCT FROM (NEW."converted_by_id") OR OLD."converted_contact_id" IS DISTINCT FROM (NEW."converted_contact_id") OR OLD."converted_opportunity_id" IS DISTINCT FROM (NEW."converted_opportunity_id") OR OLD."country" IS DISTINCT FROM (NEW."country") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."created_by_id" IS DISTINCT FROM (NEW."created_by_id") OR OLD."currency" IS DISTINCT FROM (NEW."currency") OR OLD."deleted_at" IS DISTINCT FROM (NEW."deleted_at") OR OLD."description" IS DISTINCT FROM (NEW."description") OR OLD."disqualified_reason_id" IS DISTINCT FROM (NEW."disqualified_reason_id") OR OLD."do_not_call" IS DISTINCT FROM (NEW."do_not_call") OR OLD."do_not_email" IS DISTINCT FROM (NEW."do_not_email") OR OLD."email" IS DISTINCT FROM (NEW."email") OR OLD."employees" IS DISTINCT FROM (NEW."employees") OR OLD."external_id" IS DISTINCT FROM (NEW."external_id") OR OLD."first_name" IS DISTINCT FROM (NEW."first_name") OR OLD."first_response_at" IS DISTINCT FROM (NEW."first_response_at") OR OLD."handoff_state" IS DISTINCT FROM (NEW."handoff_state") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."imported_owner" IS DISTINCT FROM (NEW."imported_owner") OR OLD."imported_values" IS DISTINCT FROM (NEW."imported_values") OR OLD."industry" IS DISTINCT FROM (NEW."industry") OR OLD."last_name" IS DISTINCT FROM (NEW."last_name") OR OLD."mobile" IS DISTINCT FROM (NEW."mobile") OR OLD."next_step" IS DISTINCT FROM (NEW."next_step") OR OLD."next_step_on" IS DISTINCT FROM (NEW."next_step_on") OR OLD."other_email" IS DISTINCT FROM (NEW."other_email") OR OLD."owner_id" IS DISTINCT FROM (NEW."owner_id") OR OLD."partner_account_id" IS DISTINCT FROM (NEW."partner_account_id") OR OLD."phone" IS DISTINCT FROM (NEW."phone") OR OLD."playbook_id" IS DISTINCT FROM (NEW."playbook_id") OR OLD."postal_code" IS DISTINCT FROM (NEW."postal_code") OR OLD."queue_id" IS DISTINCT FROM (NEW."queue_id") OR OLD."rating" IS DISTINCT FROM (NEW."rating") OR OLD."reengaged_from_id" IS DISTINCT FROM (NEW."reengaged_from_id") OR OLD."region" IS DISTINCT FROM (NEW."region") OR OLD."salutation" IS DISTINCT FROM (NEW."salutation") OR OLD."source_id" IS DISTINCT FROM (NEW."source_id") OR OLD."source_detail" IS DISTINCT FROM (NEW."source_detail") OR OLD."status_id" IS DISTINCT FROM (NEW."status_id") OR OLD."status_kind" IS DISTINCT FROM (NEW."status_kind") OR OLD."street" IS DISTINCT FROM (NEW."street") OR OLD."team_id" IS DISTINCT FROM (NEW."team_id") OR OLD."title" IS DISTINCT FROM (NEW."title") OR OLD."updated_by_id" IS DISTINCT FROM (NEW."updated_by_id") OR OLD."version" IS DISTINCT FROM (NEW."version") OR OLD."wake_up_on" IS DISTINCT FROM (NEW."wake_up_on") OR OLD."website" IS DISTINCT FROM (NEW."website"))',
                    func='INSERT INTO "leads_leadhistory" ("annual_revenue", "assigned_at", "campaign_id", "city", "company", "converted_account_id", "converted_at", "converted_by_id", "converted_contact_id", "converted_opportunity_id", "country", "created_at", "created_by_id", "currency", "deleted_at", "description", "disqualified_reason_id", "do_not_call", "do_not_email", "email", "employees", "external_id", "first_name", "first_response_at", "handoff_state", "id", "imported_owner", "imported_values", "industry", "last_name", "mobile", "next_step", "next_step_on", "other_email", "owner_id", "partner_account_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "playbook_id", "postal_code", "queue_id", "rating", "reengaged_from_id", "region", "salutation", "source_detail", "source_id", "status_id", "status_kind", "street", "team_id", "title", "updated_by_id", "version", "wake_up_on", "website") VALUES (NEW."annual_revenue", NEW."assigned_at", NEW."campaign_id", NEW."city", NEW."company", NEW."converted_account_id", NEW."converted_at", NEW."converted_by_id", NEW."converted_contact_id", NEW."converted_opportunity_id", NEW."country", NEW."created_at", NEW."created_by_id", NEW."currency", NEW."deleted_at", NEW."description", NEW."disqualified_reason_id", NEW."do_not_call", NEW."do_not_email", NEW."email", NEW."employees", NEW."external_id", NEW."first_name", NEW."first_response_at", NEW."handoff_state", NEW."id", NEW."imported_owner", NEW."imported_values", NEW."industry", NEW."last_name", NEW."mobile", NEW."next_step", NEW."next_step_on", NEW."other_email", NEW."owner_id", NEW."partner_account_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."phone", NEW."playbook_id", NEW."postal_code", NEW."queue_id", NEW."rating", NEW."reengaged_from_id", NEW."region", NEW."salutation", NEW."source_detail", NEW."source_id", NEW."status_id", NEW."status_kind", NEW."street", NEW."team_id", NEW."title", NEW."updated_by_id", NEW."version", NEW."wake_up_on", NEW."website"); RETURN NULL;',
                    hash="b786d70364db2e34d10e8262d4affb8da9dc7269",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_17f2d",
                    table="leads_lead",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="lead",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "leads_leadhistory" ("annual_revenue", "assigned_at", "campaign_id", "city", "company", "converted_account_id", "converted_at", "converted_by_id", "converted_contact_id", "converted_opportunity_id", "country", "created_at", "created_by_id", "currency", "deleted_at", "description", "disqualified_reason_id", "do_not_call", "do_not_email", "email", "employees", "external_id", "first_name", "first_response_at", "handoff_state", "id", "imported_owner", "imported_values", "industry", "last_name", "mobile", "next_step", "next_step_on", "other_email", "owner_id", "partner_account_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "playbook_id", "postal_code", "queue_id", "rating", "reengaged_from_id", "region", "salutation", "source_detail", "source_id", "status_id", "status_kind", "street", "team_id", "title", "updated_by_id", "version", "wake_up_on", "website") VALUES (OLD."annual_revenue", OLD."assigned_at", OLD."campaign_id", OLD."city", OLD."company", OLD."converted_account_id", OLD."converted_at", OLD."converted_by_id", OLD."converted_contact_id", OLD."converted_opportunity_id", OLD."country", OLD."created_at", OLD."created_by_id", OLD."currency", OLD."deleted_at", OLD."description", OLD."disqualified_reason_id", OLD."do_not_call", OLD."do_not_email", OLD."email", OLD."employees", OLD."external_id", OLD."first_name", OLD."first_response_at", OLD."handoff_state", OLD."id", OLD."imported_owner", OLD."imported_values", OLD."industry", OLD."last_name", OLD."mobile", OLD."next_step", OLD."next_step_on", OLD."other_email", OLD."owner_id", OLD."partner_account_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."phone", OLD."playbook_id", OLD."postal_code", OLD."queue_id", OLD."rating", OLD."reengaged_from_id", OLD."region", OLD."salutation", OLD."source_detail", OLD."source_id", OLD."status_id", OLD."status_kind", OLD."street", OLD."team_id", OLD."title", OLD."updated_by_id", OLD."version", OLD."wake_up_on", OLD."website"); RETURN NULL;',
                    hash="86cd8aef70ccb906aabaa6a4dbe915abf4a04357",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_9ddd5",
                    table="leads_lead",
                    when="AFTER",
                ),
            ),
        ),
        migrations.CreateModel(
            name="LeadHistory",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="history",
                        related_query_name="history",
                        to="leads.lead",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                ("id", models.BigIntegerField()),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="people.team",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "updated_by",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("deleted_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("street", models.CharField(blank=True, max_length=250)),
                ("city", models.CharField(blank=True, max_length=120)),
                ("region", models.CharField(blank=True, max_length=120)),
                ("postal_code", models.CharField(blank=True, max_length=20)),
                ("country", models.CharField(blank=True, max_length=80)),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "queue",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="leads.queue",
                    ),
                ),
                ("salutation", models.CharField(blank=True, max_length=20)),
                ("first_name", models.CharField(blank=True, max_length=120)),
                ("last_name", models.CharField(max_length=120)),
                ("title", models.CharField(blank=True, max_length=120)),
                (
                    "company",
                    models.CharField(
                        blank=True,
                        help_text="Empty for a person without a company.",
                        max_length=200,
                    ),
                ),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("other_email", models.EmailField(blank=True, max_length=254)),
                ("phone", models.CharField(blank=True, max_length=60)),
                ("mobile", models.CharField(blank=True, max_length=60)),
                ("website", models.CharField(blank=True, max_length=250)),
                ("industry", models.CharField(blank=True, max_length=120)),
                ("employees", models.PositiveIntegerField(blank=True, null=True)),
                (
                    "annual_revenue",
                    crm.fields.MoneyField(blank=True, decimal_places=2, max_digits=18, null=True),
                ),
                ("currency", crm.fields.CurrencyField(blank=True, max_length=3)),
                (
                    "source",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="accounts.leadsource",
                    ),
                ),
                ("source_detail", models.CharField(blank=True, max_length=250)),
                (
                    "campaign",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="accounts.campaign",
                    ),
                ),
                (
                    "rating",
                    models.CharField(
                        blank=True,
                        choices=[("hot", "Hot"), ("warm", "Warm"), ("cold", "Cold")],
                        max_length=4,
                    ),
                ),
                ("description", models.TextField(blank=True)),
                (
                    "partner_account",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="accounts.account",
                    ),
                ),
                ("do_not_call", models.BooleanField(default=False)),
                ("do_not_email", models.BooleanField(default=False)),
                ("next_step", models.CharField(blank=True, max_length=250)),
                (
                    "next_step_on",
                    models.DateField(blank=True, null=True, validators=[crm.fields.validate_day]),
                ),
                ("external_id", models.CharField(blank=True, max_length=120)),
                (
                    "imported_owner",
                    models.CharField(
                        blank=True,
                        help_text="Who owned it elsewhere, when they are no user here.",
                        max_length=150,
                    ),
                ),
                (
                    "imported_values",
                    models.JSONField(
                        blank=True,
                        default=dict,
                        help_text="Columns of the imported row that have no field here.",
                    ),
                ),
                (
                    "status",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="leads.leadstatus",
                    ),
                ),
                (
                    "status_kind",
                    models.CharField(
                        choices=[
                            ("new", "New"),
                            ("working", "Working"),
                            ("nurturing", "Nurturing"),
                            ("qualified", "Qualified"),
                            ("disqualified", "Disqualified"),
                            ("converted", "Converted"),
                        ],
                        editable=False,
                        max_length=12,
                    ),
                ),
                (
                    "disqualified_reason",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="activities.reason",
                    ),
                ),
                (
                    "wake_up_on",
                    models.DateField(
                        blank=True,
                        help_text="The day on which a nurtured lead returns to its owner.",
                        null=True,
                        validators=[crm.fields.validate_day],
                    ),
                ),
                (
                    "playbook",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="leads.playbook",
                    ),
                ),
                (
                    "handoff_state",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "Not requested"),
                            ("pending", "Awaiting approval"),
                            ("sent_back", "Sent back"),
                            ("approved", "Approved"),
                            ("rejected", "Rejected"),
                            ("disputed", "Disputed"),
                            ("recalled", "Recalled"),
                            ("lapsed", "Lapsed"),
                            ("converted", "Converted"),
                        ],
                        editable=False,
                        max_length=10,
                    ),
                ),
                ("assigned_at", models.DateTimeField(editable=False, null=True)),
                ("first_response_at", models.DateTimeField(editable=False, null=True)),
                ("converted_at", models.DateTimeField(editable=False, null=True)),
                (
                    "converted_by",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "converted_account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="accounts.account",
                    ),
                ),
                (
                    "converted_contact",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="accounts.contact",
                    ),
                ),
                (
                    "converted_opportunity",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="opportunities.opportunity",
                    ),
                ),
                (
                    "reengaged_from",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        editable=False,
                        help_text="The converted lead whose person came back.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="leads.lead",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="LeadMember",
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
                    "kind",
                    models.CharField(
                        choices=[("member", "Team member"), ("approver", "Approver")],
                        default="member",
                        max_length=10,
                    ),
                ),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="members",
                        to="leads.lead",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("user", "record"), name="leadmember_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="ProductInterest",
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
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="product_interests",
                        to="leads.lead",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="opportunities.product",
                    ),
                ),
                ("quantity", models.DecimalField(decimal_places=2, default=1, max_digits=12)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("lead", "product"), name="productinterest_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gt", 0)),
                        name="productinterest_quantity_positive",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="lead",
            name="products",
            field=models.ManyToManyField(
                related_name="+",
                through="leads.ProductInterest",
                to="opportunities.product",
            ),
        ),
    ]
