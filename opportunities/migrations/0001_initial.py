import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.math
import django.db.models.functions.text
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import crm.fields

# Name, kind, probability, forecast category, rotting days, fields needed to leave it.
STAGES = [
    ("Discovery", "open", 10, "pipeline", 21, [("next_step", "Next step agreed")]),
    ("Evaluation", "open", 30, "pipeline", 30, [("amount", "Amount known")]),
    (
        "Proposal",
        "open",
        60,
        "best_case",
        21,
        [("amount", "Amount known"), ("primary_contact", "Primary contact known")],
    ),
    ("Negotiation", "open", 80, "commit", 21, [("next_step", "Next step agreed")]),
    ("Won", "won", 100, "closed", None, []),
    ("Lost", "lost", 0, "omitted", None, []),
]


def seed(apps, schema_editor):
    Pipeline = apps.get_model("opportunities", "Pipeline")
    Stage = apps.get_model("opportunities", "Stage")
    ExitRequirement = apps.get_model("opportunities", "ExitRequirement")
    alias = schema_editor.connection.alias
    pipeline = Pipeline.objects.using(alias).create(name="Sales", is_default=True)
    for position, (name, kind, probability, category, rotting, needed) in enumerate(STAGES):
        stage = Stage.objects.using(alias).create(
            pipeline=pipeline,
            name=name,
            kind=kind,
            position=position,
            probability=probability,
            forecast_category=category,
            rotting_days=rotting,
        )
        for place, (field, label) in enumerate(needed):
            ExitRequirement.objects.using(alias).create(
                stage=stage, field=field, label=label, position=place
            )


class Migration(migrations.Migration):
    """Deals, and the pipeline that a new installation starts with."""

    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("activities", "0001_reasons"),
        ("leads", "0001_configuration"),
        ("people", "0001_initial"),
        ("pghistory", "0007_auto_20250421_0444"),
    ]

    operations = [
        migrations.CreateModel(
            name="ExchangeRate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("currency", crm.fields.CurrencyField(max_length=3)),
                ("starts_on", models.DateField()),
                ("rate", models.DecimalField(decimal_places=8, max_digits=18)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("currency", "starts_on"), name="exchangerate_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("rate__gt", 0)), name="exchangerate_positive"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Product",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                ("code", models.CharField(blank=True, max_length=60)),
                ("description", models.TextField(blank=True)),
                ("unit_price", crm.fields.MoneyField(decimal_places=2, default=0, max_digits=18)),
                ("currency", crm.fields.CurrencyField(default="EUR", max_length=3)),
                ("is_active", models.BooleanField(default=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("name"), name="product_name_unique"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("unit_price__gte", 0)),
                        name="product_price_not_negative",
                        violation_error_message="A price cannot be negative.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Pipeline",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                ("is_default", models.BooleanField(default=False)),
                ("is_active", models.BooleanField(default=True)),
                ("position", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("name"), name="pipeline_name_unique"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("is_default", True)),
                        fields=("is_default",),
                        name="pipeline_one_default",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Stage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "pipeline",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stages",
                        to="opportunities.pipeline",
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                (
                    "kind",
                    models.CharField(
                        choices=[("open", "Open"), ("won", "Won"), ("lost", "Lost")],
                        default="open",
                        max_length=4,
                    ),
                ),
                ("position", models.PositiveSmallIntegerField()),
                (
                    "probability",
                    models.PositiveSmallIntegerField(
                        validators=[django.core.validators.MaxValueValidator(100)]
                    ),
                ),
                (
                    "forecast_category",
                    models.CharField(
                        choices=[
                            ("pipeline", "Pipeline"),
                            ("best_case", "Best case"),
                            ("commit", "Commit"),
                            ("omitted", "Omitted"),
                            ("closed", "Closed"),
                        ],
                        default="pipeline",
                        max_length=10,
                    ),
                ),
                (
                    "rotting_days",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="After how many days a deal in it counts as stuck.",
                        null=True,
                    ),
                ),
                ("is_active", models.BooleanField(default=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        models.F("pipeline"),
                        django.db.models.functions.text.Lower("name"),
                        name="stage_name_unique",
                    ),
                    models.UniqueConstraint(
                        fields=("id", "pipeline", "kind"), name="stage_with_kind"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["open", "won", "lost"])),
                        name="stage_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("probability__range", (0, 100))),
                        name="stage_probability_is_percent",
                        violation_error_message="A probability is between 0 and 100.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "forecast_category__in",
                                ["pipeline", "best_case", "commit", "omitted", "closed"],
                            )
                        ),
                        name="stage_category_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ExitRequirement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "stage",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="exit_requirements",
                        to="opportunities.stage",
                    ),
                ),
                (
                    "field",
                    models.CharField(
                        blank=True,
                        help_text="A field of the opportunity, such as amount.",
                        max_length=40,
                    ),
                ),
                (
                    "criterion",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="leads.criterion",
                    ),
                ),
                (
                    "label",
                    models.CharField(
                        help_text="What people read, such as Quote sent.", max_length=120
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("criterion__isnull", True), models.Q(("field", ""), _negated=True)
                            ),
                            models.Q(("criterion__isnull", False), ("field", "")),
                            _connector="OR",
                        ),
                        name="exitrequirement_is_one_thing",
                        violation_error_message="Choose a field or an answer, not both.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Opportunity",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
                ("name", models.CharField(max_length=250)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="opportunities",
                        to="accounts.account",
                    ),
                ),
                (
                    "primary_contact",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.contact",
                    ),
                ),
                (
                    "pipeline",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="opportunities",
                        to="opportunities.pipeline",
                    ),
                ),
                (
                    "stage",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="opportunities",
                        to="opportunities.stage",
                    ),
                ),
                (
                    "stage_kind",
                    models.CharField(
                        choices=[("open", "Open"), ("won", "Won"), ("lost", "Lost")],
                        editable=False,
                        max_length=4,
                    ),
                ),
                (
                    "stage_since",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                (
                    "amount",
                    crm.fields.MoneyField(blank=True, decimal_places=2, max_digits=18, null=True),
                ),
                ("currency", crm.fields.CurrencyField(max_length=3)),
                (
                    "rate",
                    models.DecimalField(decimal_places=8, default=1, editable=False, max_digits=18),
                ),
                (
                    "company_amount",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.math.Round(
                            django.db.models.expressions.CombinedExpression(
                                models.F("amount"), "*", models.F("rate")
                            ),
                            2,
                        ),
                        output_field=crm.fields.MoneyField(decimal_places=2, max_digits=18),
                    ),
                ),
                (
                    "probability",
                    models.PositiveSmallIntegerField(
                        validators=[django.core.validators.MaxValueValidator(100)]
                    ),
                ),
                ("probability_overridden", models.BooleanField(default=False)),
                (
                    "forecast_category",
                    models.CharField(
                        choices=[
                            ("pipeline", "Pipeline"),
                            ("best_case", "Best case"),
                            ("commit", "Commit"),
                            ("omitted", "Omitted"),
                            ("closed", "Closed"),
                        ],
                        max_length=10,
                    ),
                ),
                ("close_date", models.DateField(validators=[crm.fields.validate_day])),
                (
                    "close_date_pushes",
                    models.PositiveSmallIntegerField(
                        default=0,
                        editable=False,
                        help_text="How often the close date was moved later.",
                    ),
                ),
                (
                    "close_date_is_default",
                    models.BooleanField(
                        default=False, help_text="Nobody has chosen the close date yet."
                    ),
                ),
                (
                    "type",
                    models.CharField(
                        choices=[
                            ("new", "New business"),
                            ("expansion", "Expansion"),
                            ("renewal", "Renewal"),
                        ],
                        default="new",
                        max_length=10,
                    ),
                ),
                ("next_step", models.CharField(blank=True, max_length=250)),
                (
                    "next_step_on",
                    models.DateField(blank=True, null=True, validators=[crm.fields.validate_day]),
                ),
                ("description", models.TextField(blank=True)),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.leadsource",
                    ),
                ),
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
                ("competitor", models.CharField(blank=True, max_length=120)),
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
                ("closed_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "closed_reason",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="activities.reason",
                    ),
                ),
                ("closed_note", models.TextField(blank=True)),
                ("last_activity_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("external_id", models.CharField(blank=True, max_length=120)),
                ("search_text", crm.fields.SearchTextField("name", "next_step", "competitor")),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("deleted_at__isnull", True)),
                        fields=["-created_at", "-id"],
                        name="opportunity_recent",
                    ),
                    models.Index(
                        fields=["owner", "-created_at", "-id"], name="opportunity_by_owner"
                    ),
                    models.Index(
                        condition=models.Q(("deleted_at__isnull", True)),
                        fields=["close_date", "id"],
                        name="opportunity_by_close_date",
                    ),
                    models.Index(
                        condition=models.Q(("deleted_at__isnull", True)),
                        fields=["name", "id"],
                        name="opportunity_by_name",
                    ),
                    models.Index(
                        condition=models.Q(("deleted_at__isnull", True)),
                        fields=["stage_since", "id"],
                        name="opportunity_by_stage_since",
                    ),
                    models.Index(
                        condition=models.Q(("deleted_at__isnull", True)),
                        fields=["probability", "id"],
                        name="opportunity_by_probability",
                    ),
                    models.Index(
                        condition=models.Q(("deleted_at__isnull", True)),
                        fields=["updated_at", "id"],
                        name="opportunity_by_updated_at",
                    ),
                    models.Index(
                        models.OrderBy(models.F("amount"), nulls_last=True),
                        models.OrderBy(models.F("id")),
                        condition=models.Q(("deleted_at__isnull", True)),
                        name="opportunity_by_amount_up",
                    ),
                    models.Index(
                        models.OrderBy(models.F("amount"), descending=True, nulls_last=True),
                        models.OrderBy(models.F("id"), descending=True),
                        condition=models.Q(("deleted_at__isnull", True)),
                        name="opportunity_by_amount_down",
                    ),
                    models.Index(
                        condition=models.Q(("deleted_at__isnull", True), ("stage_kind", "open")),
                        fields=["stage", "owner"],
                        include=("company_amount", "probability", "close_date"),
                        name="opportunity_open",
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["search_text"],
                        name="opportunity_search",
                        opclasses=["gin_trgm_ops"],
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True),
                        name="opportunity_named",
                        violation_error_message="Give the opportunity a name.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("amount__isnull", True), ("amount__gte", 0), _connector="OR"
                        ),
                        name="opportunity_amount_not_negative",
                        violation_error_message="An amount cannot be negative.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("probability__range", (0, 100))),
                        name="opportunity_probability_is_percent",
                        violation_error_message="A probability is between 0 and 100.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "forecast_category__in",
                                ["pipeline", "best_case", "commit", "omitted", "closed"],
                            )
                        ),
                        name="opportunity_category_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("type__in", ["new", "expansion", "renewal"])),
                        name="opportunity_type_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at__isnull", True), ("stage_kind", "open")),
                            models.Q(
                                models.Q(("stage_kind", "open"), _negated=True),
                                ("closed_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="opportunity_closed_at_matches_stage",
                        violation_error_message="Only a closed opportunity has a closing time.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("stage_kind", "lost"), _negated=True),
                            ("closed_reason__isnull", False),
                            _connector="OR",
                        ),
                        name="opportunity_lost_for_a_reason",
                        violation_error_message="Say why the opportunity was lost.",
                    ),
                    models.UniqueConstraint(
                        fields=("id", "account"), name="opportunity_with_account"
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="opportunity",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "opportunities_opportunityhistory" ("account_id", "amount", "campaign_id", "close_date", "close_date_is_default", "close_date_pushes", "closed_at", "closed_note", "closed_reason_id", "competitor", "created_at", "created_by_id", "currency", "deleted_at", "description", "external_id", "forecast_category", "id", "name", "next_step", "next_step_on", "owner_id", "partner_account_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "pipeline_id", "primary_contact_id", "probability", "probability_overridden", "rate", "source_id", "stage_id", "stage_kind", "stage_since", "team_id", "type", "updated_by_id", "version") VALUES (NEW."account_id", NEW."amount", NEW."campaign_id", NEW."close_date", NEW."close_date_is_default", NEW."close_date_pushes", NEW."closed_at", NEW."closed_note", NEW."closed_reason_id", NEW."competitor", NEW."created_at", NEW."created_by_id", NEW."currency", NEW."deleted_at", NEW."description", NEW."external_id", NEW."forecast_category", NEW."id", NEW."name", NEW."next_step", NEW."next_step_on", NEW."owner_id", NEW."partner_account_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."pipeline_id", NEW."primary_contact_id", NEW."probability", NEW."probability_overridden", NEW."rate", NEW."source_id", NEW."stage_id", NEW."stage_kind", NEW."stage_since", NEW."team_id", NEW."type", NEW."updated_by_id", NEW."version"); RETURN NULL;',
                    hash="1de3ffa49aeed3f7032e1565581615e73b0a5c14",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_b8896",
                    table="opportunities_opportunity",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="opportunity",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."account_id" IS DISTINCT FROM (NEW."account_id") OR OLD."amount" IS DISTINCT FROM (NEW."amount") OR OLD."campaign_id" IS DISTINCT FROM (NEW."campaign_id") OR OLD."close_date" IS DISTINCT FROM (NEW."close_date") OR OLD."close_date_is_default" IS DISTINCT FROM (NEW."close_date_is_default") OR OLD."close_date_pushes" IS DISTINCT FROM (NEW."close_date_pushes") OR OLD."closed_at" IS DISTINCT FROM (NEW."closed_at") OR OLD."closed_note" IS DISTINCT FROM (NEW."closed_note") OR OLD."closed_reason_id" IS DISTINCT FROM (NEW."closed_reason_id") OR OLD."competitor" IS DISTINCT FROM (NEW."competitor") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."created_by_id" IS DISTINCT FROM (NEW."created_by_id") OR OLD."currency" IS DISTINCT FROM (NEW."currency") OR OLD."deleted_at" IS DISTINCT FROM (NEW."deleted_at") OR OLD."description" IS DISTINCT FROM (NEW."description") OR OLD."external_id" IS DISTINCT FROM (NEW."external_id") OR OLD."forecast_category" IS DISTINCT FROM (NEW."forecast_category") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."next_step" IS DISTINCT FROM (NEW."next_step") OR OLD."next_step_on" IS DISTINCT FROM (NEW."next_step_on") OR OLD."owner_id" IS DISTINCT FROM (NEW."owner_id") OR OLD."partner_account_id" IS DISTINCT FROM (NEW."partner_account_id") OR OLD."pipeline_id" IS DISTINCT FROM (NEW."pipeline_id") OR OLD."primary_contact_id" IS DISTINCT FROM (NEW."primary_contact_id") OR OLD."probability" IS DISTINCT FROM (NEW."probability") OR OLD."probability_overridden" IS DISTINCT FROM (NEW."probability_overridden") OR OLD."rate" IS DISTINCT FROM (NEW."rate") OR OLD."source_id" IS DISTINCT FROM (NEW."source_id") OR OLD."stage_id" IS DISTINCT FROM (NEW."stage_id") OR OLD."stage_kind" IS DISTINCT FROM (NEW."stage_kind") OR OLD."stage_since" IS DISTINCT FROM (NEW."stage_since") OR OLD."team_id" IS DISTINCT FROM (NEW."team_id") OR OLD."type" IS DISTINCT FROM (NEW."type") OR OLD."updated_by_id" IS DISTINCT FROM (NEW."updated_by_id") OR OLD."version" IS DISTINCT FROM (NEW."version"))',
                    func='INSERT INTO "opportunities_opportunityhistory" ("account_id", "amount", "campaign_id", "close_date", "close_date_is_default", "close_date_pushes", "closed_at", "closed_note", "closed_reason_id", "competitor", "created_at", "created_by_id", "currency", "deleted_at", "description", "external_id", "forecast_category", "id", "name", "next_step", "next_step_on", "owner_id", "partner_account_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "pipeline_id", "primary_contact_id", "probability", "probability_overridden", "rate", "source_id", "stage_id", "stage_kind", "stage_since", "team_id", "type", "updated_by_id", "version") VALUES (NEW."account_id", NEW."amount", NEW."campaign_id", NEW."close_date", NEW."close_date_is_default", NEW."close_date_pushes", NEW."closed_at", NEW."closed_note", NEW."closed_reason_id", NEW."competitor", NEW."created_at", NEW."created_by_id", NEW."currency", NEW."deleted_at", NEW."description", NEW."external_id", NEW."forecast_category", NEW."id", NEW."name", NEW."next_step", NEW."next_step_on", NEW."owner_id", NEW."partner_account_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."pipeline_id", NEW."primary_contact_id", NEW."probability", NEW."probability_overridden", NEW."rate", NEW."source_id", NEW."stage_id", NEW."stage_kind", NEW."stage_since", NEW."team_id", NEW."type", NEW."updated_by_id", NEW."version"); RETURN NULL;',
                    hash="78fd3005fd702af895f0364cdce1b73066d06dae",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_3a20e",
                    table="opportunities_opportunity",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="opportunity",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "opportunities_opportunityhistory" ("account_id", "amount", "campaign_id", "close_date", "close_date_is_default", "close_date_pushes", "closed_at", "closed_note", "closed_reason_id", "competitor", "created_at", "created_by_id", "currency", "deleted_at", "description", "external_id", "forecast_category", "id", "name", "next_step", "next_step_on", "owner_id", "partner_account_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "pipeline_id", "primary_contact_id", "probability", "probability_overridden", "rate", "source_id", "stage_id", "stage_kind", "stage_since", "team_id", "type", "updated_by_id", "version") VALUES (OLD."account_id", OLD."amount", OLD."campaign_id", OLD."close_date", OLD."close_date_is_default", OLD."close_date_pushes", OLD."closed_at", OLD."closed_note", OLD."closed_reason_id", OLD."competitor", OLD."created_at", OLD."created_by_id", OLD."currency", OLD."deleted_at", OLD."description", OLD."external_id", OLD."forecast_category", OLD."id", OLD."name", OLD."next_step", OLD."next_step_on", OLD."owner_id", OLD."partner_account_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."pipeline_id", OLD."primary_contact_id", OLD."probability", OLD."probability_overridden", OLD."rate", OLD."source_id", OLD."stage_id", OLD."stage_kind", OLD."stage_since", OLD."team_id", OLD."type", OLD."updated_by_id", OLD."version"); RETURN NULL;',
                    hash="a048667cfdbafcb5e891994b6a4dee6e887f5d3a",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_6bf7f",
                    table="opportunities_opportunity",
                    when="AFTER",
                ),
            ),
        ),
        migrations.CreateModel(
            name="OpportunityHistory",
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
                        to="opportunities.opportunity",
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
                    "owner",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
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
                ("name", models.CharField(max_length=250)),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="accounts.account",
                    ),
                ),
                (
                    "primary_contact",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="accounts.contact",
                    ),
                ),
                (
                    "pipeline",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="opportunities.pipeline",
                    ),
                ),
                (
                    "stage",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="opportunities.stage",
                    ),
                ),
                (
                    "stage_kind",
                    models.CharField(
                        choices=[("open", "Open"), ("won", "Won"), ("lost", "Lost")],
                        editable=False,
                        max_length=4,
                    ),
                ),
                (
                    "stage_since",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                (
                    "amount",
                    crm.fields.MoneyField(blank=True, decimal_places=2, max_digits=18, null=True),
                ),
                ("currency", crm.fields.CurrencyField(max_length=3)),
                (
                    "rate",
                    models.DecimalField(decimal_places=8, default=1, editable=False, max_digits=18),
                ),
                (
                    "probability",
                    models.PositiveSmallIntegerField(
                        validators=[django.core.validators.MaxValueValidator(100)]
                    ),
                ),
                ("probability_overridden", models.BooleanField(default=False)),
                (
                    "forecast_category",
                    models.CharField(
                        choices=[
                            ("pipeline", "Pipeline"),
                            ("best_case", "Best case"),
                            ("commit", "Commit"),
                            ("omitted", "Omitted"),
                            ("closed", "Closed"),
                        ],
                        max_length=10,
                    ),
                ),
                ("close_date", models.DateField(validators=[crm.fields.validate_day])),
                (
                    "close_date_pushes",
                    models.PositiveSmallIntegerField(
                        default=0,
                        editable=False,
                        help_text="How often the close date was moved later.",
                    ),
                ),
                (
                    "close_date_is_default",
                    models.BooleanField(
                        default=False, help_text="Nobody has chosen the close date yet."
                    ),
                ),
                (
                    "type",
                    models.CharField(
                        choices=[
                            ("new", "New business"),
                            ("expansion", "Expansion"),
                            ("renewal", "Renewal"),
                        ],
                        default="new",
                        max_length=10,
                    ),
                ),
                ("next_step", models.CharField(blank=True, max_length=250)),
                (
                    "next_step_on",
                    models.DateField(blank=True, null=True, validators=[crm.fields.validate_day]),
                ),
                ("description", models.TextField(blank=True)),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="accounts.leadsource",
                    ),
                ),
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
                ("competitor", models.CharField(blank=True, max_length=120)),
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
                ("closed_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "closed_reason",
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
                ("closed_note", models.TextField(blank=True)),
                ("external_id", models.CharField(blank=True, max_length=120)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="OpportunityMember",
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
                        to="opportunities.opportunity",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "record"), name="opportunitymember_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ContactRole",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "opportunity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="contact_roles",
                        to="opportunities.opportunity",
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="opportunity_roles",
                        to="accounts.contact",
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("decision_maker", "Decision maker"),
                            ("economic_buyer", "Economic buyer"),
                            ("champion", "Champion"),
                            ("influencer", "Influencer"),
                            ("evaluator", "Evaluator"),
                            ("user", "User"),
                            ("blocker", "Blocker"),
                            ("other", "Other"),
                        ],
                        default="other",
                        max_length=16,
                    ),
                ),
                ("is_primary", models.BooleanField(default=False)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("opportunity", "contact"), name="contactrole_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("is_primary", True)),
                        fields=("opportunity",),
                        name="contactrole_one_primary",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "role__in",
                                [
                                    "decision_maker",
                                    "economic_buyer",
                                    "champion",
                                    "influencer",
                                    "evaluator",
                                    "user",
                                    "blocker",
                                    "other",
                                ],
                            )
                        ),
                        name="contactrole_role_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LineItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "opportunity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="line_items",
                        to="opportunities.opportunity",
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
                ("description", models.CharField(blank=True, max_length=250)),
                ("quantity", models.DecimalField(decimal_places=2, default=1, max_digits=12)),
                ("unit_price", crm.fields.MoneyField(decimal_places=2, max_digits=18)),
                (
                    "discount_percent",
                    models.DecimalField(decimal_places=2, default=0, max_digits=5),
                ),
                (
                    "total",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.math.Round(
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("quantity"), "*", models.F("unit_price")
                                    ),
                                    "*",
                                    django.db.models.expressions.CombinedExpression(
                                        models.Value(100), "-", models.F("discount_percent")
                                    ),
                                ),
                                "/",
                                models.Value(100),
                            ),
                            2,
                        ),
                        output_field=crm.fields.MoneyField(decimal_places=2, max_digits=18),
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gt", 0)),
                        name="lineitem_quantity_positive",
                        violation_error_message="A quantity is more than zero.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("unit_price__gte", 0)),
                        name="lineitem_price_not_negative",
                        violation_error_message="A price cannot be negative.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("discount_percent__range", (0, 100))),
                        name="lineitem_discount_is_percent",
                        violation_error_message="A discount is between 0 and 100 percent.",
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="lineitem",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "opportunities_lineitemhistory" ("description", "discount_percent", "id", "opportunity_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "product_id", "quantity", "unit_price") VALUES (NEW."description", NEW."discount_percent", NEW."id", NEW."opportunity_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."position", NEW."product_id", NEW."quantity", NEW."unit_price"); RETURN NULL;',
                    hash="091ca55a6a01ad818ba04a3e7e9e23f63dbb05fe",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_6285f",
                    table="opportunities_lineitem",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="lineitem",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."description" IS DISTINCT FROM (NEW."description") OR OLD."discount_percent" IS DISTINCT FROM (NEW."discount_percent") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."opportunity_id" IS DISTINCT FROM (NEW."opportunity_id") OR OLD."position" IS DISTINCT FROM (NEW."position") OR OLD."product_id" IS DISTINCT FROM (NEW."product_id") OR OLD."quantity" IS DISTINCT FROM (NEW."quantity") OR OLD."unit_price" IS DISTINCT FROM (NEW."unit_price"))',
                    func='INSERT INTO "opportunities_lineitemhistory" ("description", "discount_percent", "id", "opportunity_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "product_id", "quantity", "unit_price") VALUES (NEW."description", NEW."discount_percent", NEW."id", NEW."opportunity_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."position", NEW."product_id", NEW."quantity", NEW."unit_price"); RETURN NULL;',
                    hash="a909eb58e69c1b53c15bf6241ff32122981b9be4",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_0e2d7",
                    table="opportunities_lineitem",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="lineitem",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "opportunities_lineitemhistory" ("description", "discount_percent", "id", "opportunity_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "product_id", "quantity", "unit_price") VALUES (OLD."description", OLD."discount_percent", OLD."id", OLD."opportunity_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."position", OLD."product_id", OLD."quantity", OLD."unit_price"); RETURN NULL;',
                    hash="8be0536127f959b6bc95550868bec1f00998f5ef",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_6bff8",
                    table="opportunities_lineitem",
                    when="AFTER",
                ),
            ),
        ),
        migrations.CreateModel(
            name="LineItemHistory",
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
                        to="opportunities.lineitem",
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
                    "opportunity",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="opportunities.opportunity",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="opportunities.product",
                    ),
                ),
                ("description", models.CharField(blank=True, max_length=250)),
                ("quantity", models.DecimalField(decimal_places=2, default=1, max_digits=12)),
                ("unit_price", crm.fields.MoneyField(decimal_places=2, max_digits=18)),
                (
                    "discount_percent",
                    models.DecimalField(decimal_places=2, default=0, max_digits=5),
                ),
                ("position", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.RunPython(seed, migrations.RunPython.noop),
    ]
