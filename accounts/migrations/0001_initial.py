import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.contrib.postgres.operations import TrigramExtension, UnaccentExtension
from django.db import migrations, models

import crm.fields

SOURCES = [
    "Website form",
    "Inbound demo",
    "Cold call",
    "Cold email",
    "Referral",
    "Partner",
    "Event",
    "Webinar",
    "Social media",
    "Advertising",
    "Purchased list",
    "Other",
]


def seed(apps, schema_editor):
    LeadSource = apps.get_model("accounts", "LeadSource")
    LeadSource.objects.using(schema_editor.connection.alias).bulk_create(
        [LeadSource(name=name, position=position) for position, name in enumerate(SOURCES)],
        ignore_conflicts=True,
    )


class Migration(migrations.Migration):
    """Accounts and contacts, and the lead sources a new installation starts with."""

    initial = True

    dependencies = [
        ("people", "0001_initial"),
        ("pghistory", "0007_auto_20250421_0444"),
    ]

    operations = [
        TrigramExtension(),
        UnaccentExtension(),
        migrations.RunSQL(
            # unaccent() is only STABLE, because its dictionary could be changed. Ours is not,
            # and indexes and generated columns need an IMMUTABLE function.
            sql="""
                CREATE FUNCTION relay_searchable(text) RETURNS text
                LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
                RETURN lower(unaccent('unaccent'::regdictionary, $1));
            """,
            reverse_sql="DROP FUNCTION relay_searchable(text)",
        ),
        migrations.CreateModel(
            name="Campaign",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("is_active", models.BooleanField(default=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("name"), name="campaign_name_unique"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LeadSource",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("is_active", models.BooleanField(default=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("name"), name="leadsource_name_unique"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Account",
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
                ("street", models.CharField(blank=True, max_length=250)),
                ("city", models.CharField(blank=True, max_length=120)),
                ("region", models.CharField(blank=True, max_length=120)),
                ("postal_code", models.CharField(blank=True, max_length=20)),
                ("country", models.CharField(blank=True, max_length=80)),
                ("name", models.CharField(max_length=200)),
                (
                    "type",
                    models.CharField(
                        choices=[
                            ("prospect", "Prospect"),
                            ("customer", "Customer"),
                            ("partner", "Partner"),
                            ("vendor", "Vendor"),
                            ("other", "Other"),
                        ],
                        default="prospect",
                        max_length=10,
                    ),
                ),
                ("industry", models.CharField(blank=True, max_length=120)),
                ("employees", models.PositiveIntegerField(blank=True, null=True)),
                (
                    "annual_revenue",
                    crm.fields.MoneyField(blank=True, decimal_places=2, max_digits=18, null=True),
                ),
                ("currency", crm.fields.CurrencyField(blank=True, max_length=3)),
                ("website", models.CharField(blank=True, max_length=250)),
                ("phone", models.CharField(blank=True, max_length=60)),
                ("description", models.TextField(blank=True)),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="accounts.account",
                    ),
                ),
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
                ("external_id", models.CharField(blank=True, max_length=120)),
                ("name_key", models.CharField(blank=True, editable=False, max_length=200)),
                ("domain_key", models.CharField(blank=True, editable=False, max_length=253)),
                ("phone_key", models.CharField(blank=True, editable=False, max_length=40)),
                ("search_text", crm.fields.SearchTextField("name", "website", "phone", "city")),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("deleted_at__isnull", True)),
                        fields=["-created_at", "-id"],
                        name="account_recent",
                    ),
                    models.Index(fields=["name", "id"], name="account_in_order"),
                    models.Index(
                        models.OrderBy(models.F("employees"), nulls_last=True),
                        models.OrderBy(models.F("id")),
                        condition=models.Q(("deleted_at__isnull", True)),
                        name="account_by_size_up",
                    ),
                    models.Index(
                        models.OrderBy(models.F("employees"), descending=True, nulls_last=True),
                        models.OrderBy(models.F("id"), descending=True),
                        condition=models.Q(("deleted_at__isnull", True)),
                        name="account_by_size_down",
                    ),
                    models.Index(
                        condition=models.Q(("deleted_at__isnull", True)),
                        fields=["type", "-created_at", "-id"],
                        name="account_by_type",
                    ),
                    models.Index(fields=["owner", "-created_at", "-id"], name="account_by_owner"),
                    models.Index(fields=["domain_key"], name="account_by_domain"),
                    models.Index(fields=["phone_key"], name="account_by_phone"),
                    models.Index(fields=["name_key"], name="account_by_name_key"),
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["name_key"], name="account_name_like", opclasses=["gin_trgm_ops"]
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["search_text"], name="account_search", opclasses=["gin_trgm_ops"]
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("type__in", ["prospect", "customer", "partner", "vendor", "other"])
                        ),
                        name="account_type_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("parent__isnull", True),
                            models.Q(("parent", models.F("id")), _negated=True),
                            _connector="OR",
                        ),
                        name="account_not_its_own_parent",
                        violation_error_message="An account cannot be above itself.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True),
                        name="account_named",
                        violation_error_message="Give the account a name.",
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="account",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "accounts_accounthistory" ("annual_revenue", "campaign_id", "city", "country", "created_at", "created_by_id", "currency", "deleted_at", "description", "employees", "external_id", "id", "industry", "name", "owner_id", "parent_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "postal_code", "region", "source_id", "street", "team_id", "type", "updated_by_id", "version", "website") VALUES (NEW."annual_revenue", NEW."campaign_id", NEW."city", NEW."country", NEW."created_at", NEW."created_by_id", NEW."currency", NEW."deleted_at", NEW."description", NEW."employees", NEW."external_id", NEW."id", NEW."industry", NEW."name", NEW."owner_id", NEW."parent_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."phone", NEW."postal_code", NEW."region", NEW."source_id", NEW."street", NEW."team_id", NEW."type", NEW."updated_by_id", NEW."version", NEW."website"); RETURN NULL;',
                    hash="b41dd14abe9b2116e47602fcf0b05ad49bccbc23",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_8b982",
                    table="accounts_account",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="account",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."annual_revenue" IS DISTINCT FROM (NEW."annual_revenue") OR OLD."campaign_id" IS DISTINCT FROM (NEW."campaign_id") OR OLD."city" IS DISTINCT FROM (NEW."city") OR OLD."country" IS DISTINCT FROM (NEW."country") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."created_by_id" IS DISTINCT FROM (NEW."created_by_id") OR OLD."currency" IS DISTINCT FROM (NEW."currency") OR OLD."deleted_at" IS DISTINCT FROM (NEW."deleted_at") OR OLD."description" IS DISTINCT FROM (NEW."description") OR OLD."employees" IS DISTINCT FROM (NEW."employees") OR OLD."external_id" IS DISTINCT FROM (NEW."external_id") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."industry" IS DISTINCT FROM (NEW."industry") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."owner_id" IS DISTINCT FROM (NEW."owner_id") OR OLD."parent_id" IS DISTINCT FROM (NEW."parent_id") OR OLD."phone" IS DISTINCT FROM (NEW."phone") OR OLD."postal_code" IS DISTINCT FROM (NEW."postal_code") OR OLD."region" IS DISTINCT FROM (NEW."region") OR OLD."source_id" IS DISTINCT FROM (NEW."source_id") OR OLD."street" IS DISTINCT FROM (NEW."street") OR OLD."team_id" IS DISTINCT FROM (NEW."team_id") OR OLD."type" IS DISTINCT FROM (NEW."type") OR OLD."updated_by_id" IS DISTINCT FROM (NEW."updated_by_id") OR OLD."version" IS DISTINCT FROM (NEW."version") OR OLD."website" IS DISTINCT FROM (NEW."website"))',
                    func='INSERT INTO "accounts_accounthistory" ("annual_revenue", "campaign_id", "city", "country", "created_at", "created_by_id", "currency", "deleted_at", "description", "employees", "external_id", "id", "industry", "name", "owner_id", "parent_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "postal_code", "region", "source_id", "street", "team_id", "type", "updated_by_id", "version", "website") VALUES (NEW."annual_revenue", NEW."campaign_id", NEW."city", NEW."country", NEW."created_at", NEW."created_by_id", NEW."currency", NEW."deleted_at", NEW."description", NEW."employees", NEW."external_id", NEW."id", NEW."industry", NEW."name", NEW."owner_id", NEW."parent_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."phone", NEW."postal_code", NEW."region", NEW."source_id", NEW."street", NEW."team_id", NEW."type", NEW."updated_by_id", NEW."version", NEW."website"); RETURN NULL;',
                    hash="890101f8cecd5c0f14bb8b0d3960218b97c7ea5d",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_834ae",
                    table="accounts_account",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="account",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "accounts_accounthistory" ("annual_revenue", "campaign_id", "city", "country", "created_at", "created_by_id", "currency", "deleted_at", "description", "employees", "external_id", "id", "industry", "name", "owner_id", "parent_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "postal_code", "region", "source_id", "street", "team_id", "type", "updated_by_id", "version", "website") VALUES (OLD."annual_revenue", OLD."campaign_id", OLD."city", OLD."country", OLD."created_at", OLD."created_by_id", OLD."currency", OLD."deleted_at", OLD."description", OLD."employees", OLD."external_id", OLD."id", OLD."industry", OLD."name", OLD."owner_id", OLD."parent_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."phone", OLD."postal_code", OLD."region", OLD."source_id", OLD."street", OLD."team_id", OLD."type", OLD."updated_by_id", OLD."version", OLD."website"); RETURN NULL;',
                    hash="b3ee14d4f2e700f84e9efaeae448f2238e591552",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_f7f6a",
                    table="accounts_account",
                    when="AFTER",
                ),
            ),
        ),
        migrations.CreateModel(
            name="AccountHistory",
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
                        to="accounts.account",
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
                ("street", models.CharField(blank=True, max_length=250)),
                ("city", models.CharField(blank=True, max_length=120)),
                ("region", models.CharField(blank=True, max_length=120)),
                ("postal_code", models.CharField(blank=True, max_length=20)),
                ("country", models.CharField(blank=True, max_length=80)),
                ("name", models.CharField(max_length=200)),
                (
                    "type",
                    models.CharField(
                        choices=[
                            ("prospect", "Prospect"),
                            ("customer", "Customer"),
                            ("partner", "Partner"),
                            ("vendor", "Vendor"),
                            ("other", "Other"),
                        ],
                        default="prospect",
                        max_length=10,
                    ),
                ),
                ("industry", models.CharField(blank=True, max_length=120)),
                ("employees", models.PositiveIntegerField(blank=True, null=True)),
                (
                    "annual_revenue",
                    crm.fields.MoneyField(blank=True, decimal_places=2, max_digits=18, null=True),
                ),
                ("currency", crm.fields.CurrencyField(blank=True, max_length=3)),
                ("website", models.CharField(blank=True, max_length=250)),
                ("phone", models.CharField(blank=True, max_length=60)),
                ("description", models.TextField(blank=True)),
                (
                    "parent",
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
                ("external_id", models.CharField(blank=True, max_length=120)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="AccountMember",
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
                        to="accounts.account",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("user", "record"), name="accountmember_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Contact",
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
                ("street", models.CharField(blank=True, max_length=250)),
                ("city", models.CharField(blank=True, max_length=120)),
                ("region", models.CharField(blank=True, max_length=120)),
                ("postal_code", models.CharField(blank=True, max_length=20)),
                ("country", models.CharField(blank=True, max_length=80)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contacts",
                        to="accounts.account",
                    ),
                ),
                ("salutation", models.CharField(blank=True, max_length=20)),
                ("first_name", models.CharField(blank=True, max_length=120)),
                ("last_name", models.CharField(max_length=120)),
                ("title", models.CharField(blank=True, max_length=120)),
                ("department", models.CharField(blank=True, max_length=120)),
                (
                    "email",
                    models.EmailField(blank=True, help_text="The primary address.", max_length=254),
                ),
                (
                    "phone",
                    models.CharField(blank=True, help_text="The primary number.", max_length=60),
                ),
                ("mobile", models.CharField(blank=True, max_length=60)),
                ("description", models.TextField(blank=True)),
                (
                    "reports_to",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reports",
                        to="accounts.contact",
                    ),
                ),
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
                ("do_not_call", models.BooleanField(default=False)),
                ("do_not_email", models.BooleanField(default=False)),
                ("external_id", models.CharField(blank=True, max_length=120)),
                ("email_key", models.CharField(blank=True, editable=False, max_length=254)),
                ("phone_key", models.CharField(blank=True, editable=False, max_length=40)),
                ("mobile_key", models.CharField(blank=True, editable=False, max_length=40)),
                ("person_key", models.CharField(blank=True, editable=False, max_length=250)),
                (
                    "search_text",
                    crm.fields.SearchTextField(
                        "first_name", "last_name", "email", "phone", "mobile", "title"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("deleted_at__isnull", True)),
                        fields=["-created_at", "-id"],
                        name="contact_recent",
                    ),
                    models.Index(
                        condition=models.Q(("deleted_at__isnull", True)),
                        fields=["last_name", "first_name", "id"],
                        name="contact_by_name",
                    ),
                    models.Index(
                        condition=models.Q(("deleted_at__isnull", True)),
                        fields=["first_name", "id"],
                        name="contact_by_first_name",
                    ),
                    models.Index(fields=["owner", "-created_at", "-id"], name="contact_by_owner"),
                    models.Index(fields=["email_key"], name="contact_by_email"),
                    models.Index(fields=["phone_key"], name="contact_by_phone"),
                    models.Index(fields=["mobile_key"], name="contact_by_mobile"),
                    models.Index(fields=["person_key"], name="contact_by_person"),
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["search_text"], name="contact_search", opclasses=["gin_trgm_ops"]
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("last_name", ""), _negated=True),
                        name="contact_named",
                        violation_error_message="Give the contact a last name.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("reports_to__isnull", True),
                            models.Q(("reports_to", models.F("id")), _negated=True),
                            _connector="OR",
                        ),
                        name="contact_does_not_report_to_itself",
                        violation_error_message="A contact cannot report to themselves.",
                    ),
                    models.UniqueConstraint(fields=("id", "account"), name="contact_with_account"),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="contact",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "accounts_contacthistory" ("account_id", "campaign_id", "city", "country", "created_at", "created_by_id", "deleted_at", "department", "description", "do_not_call", "do_not_email", "email", "external_id", "first_name", "id", "last_name", "mobile", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "postal_code", "region", "reports_to_id", "salutation", "source_id", "street", "team_id", "title", "updated_by_id", "version") VALUES (NEW."account_id", NEW."campaign_id", NEW."city", NEW."country", NEW."created_at", NEW."created_by_id", NEW."deleted_at", NEW."department", NEW."description", NEW."do_not_call", NEW."do_not_email", NEW."email", NEW."external_id", NEW."first_name", NEW."id", NEW."last_name", NEW."mobile", NEW."owner_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."phone", NEW."postal_code", NEW."region", NEW."reports_to_id", NEW."salutation", NEW."source_id", NEW."street", NEW."team_id", NEW."title", NEW."updated_by_id", NEW."version"); RETURN NULL;',
                    hash="b5c60c153e01a3d5f53eded7817dad6f8ce7efa0",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_89558",
                    table="accounts_contact",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="contact",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."account_id" IS DISTINCT FROM (NEW."account_id") OR OLD."campaign_id" IS DISTINCT FROM (NEW."campaign_id") OR OLD."city" IS DISTINCT FROM (NEW."city") OR OLD."country" IS DISTINCT FROM (NEW."country") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."created_by_id" IS DISTINCT FROM (NEW."created_by_id") OR OLD."deleted_at" IS DISTINCT FROM (NEW."deleted_at") OR OLD."department" IS DISTINCT FROM (NEW."department") OR OLD."description" IS DISTINCT FROM (NEW."description") OR OLD."do_not_call" IS DISTINCT FROM (NEW."do_not_call") OR OLD."do_not_email" IS DISTINCT FROM (NEW."do_not_email") OR OLD."email" IS DISTINCT FROM (NEW."email") OR OLD."external_id" IS DISTINCT FROM (NEW."external_id") OR OLD."first_name" IS DISTINCT FROM (NEW."first_name") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."last_name" IS DISTINCT FROM (NEW."last_name") OR OLD."mobile" IS DISTINCT FROM (NEW."mobile") OR OLD."owner_id" IS DISTINCT FROM (NEW."owner_id") OR OLD."phone" IS DISTINCT FROM (NEW."phone") OR OLD."postal_code" IS DISTINCT FROM (NEW."postal_code") OR OLD."region" IS DISTINCT FROM (NEW."region") OR OLD."reports_to_id" IS DISTINCT FROM (NEW."reports_to_id") OR OLD."salutation" IS DISTINCT FROM (NEW."salutation") OR OLD."source_id" IS DISTINCT FROM (NEW."source_id") OR OLD."street" IS DISTINCT FROM (NEW."street") OR OLD."team_id" IS DISTINCT FROM (NEW."team_id") OR OLD."title" IS DISTINCT FROM (NEW."title") OR OLD."updated_by_id" IS DISTINCT FROM (NEW."updated_by_id") OR OLD."version" IS DISTINCT FROM (NEW."version"))',
                    func='INSERT INTO "accounts_contacthistory" ("account_id", "campaign_id", "city", "country", "created_at", "created_by_id", "deleted_at", "department", "description", "do_not_call", "do_not_email", "email", "external_id", "first_name", "id", "last_name", "mobile", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "postal_code", "region", "reports_to_id", "salutation", "source_id", "street", "team_id", "title", "updated_by_id", "version") VALUES (NEW."account_id", NEW."campaign_id", NEW."city", NEW."country", NEW."created_at", NEW."created_by_id", NEW."deleted_at", NEW."department", NEW."description", NEW."do_not_call", NEW."do_not_email", NEW."email", NEW."external_id", NEW."first_name", NEW."id", NEW."last_name", NEW."mobile", NEW."owner_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."phone", NEW."postal_code", NEW."region", NEW."reports_to_id", NEW."salutation", NEW."source_id", NEW."street", NEW."team_id", NEW."title", NEW."updated_by_id", NEW."version"); RETURN NULL;',
                    hash="818220e686d500992d2b43a0f83934648b17d11b",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_15daf",
                    table="accounts_contact",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="contact",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "accounts_contacthistory" ("account_id", "campaign_id", "city", "country", "created_at", "created_by_id", "deleted_at", "department", "description", "do_not_call", "do_not_email", "email", "external_id", "first_name", "id", "last_name", "mobile", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "postal_code", "region", "reports_to_id", "salutation", "source_id", "street", "team_id", "title", "updated_by_id", "version") VALUES (OLD."account_id", OLD."campaign_id", OLD."city", OLD."country", OLD."created_at", OLD."created_by_id", OLD."deleted_at", OLD."department", OLD."description", OLD."do_not_call", OLD."do_not_email", OLD."email", OLD."external_id", OLD."first_name", OLD."id", OLD."last_name", OLD."mobile", OLD."owner_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."phone", OLD."postal_code", OLD."region", OLD."reports_to_id", OLD."salutation", OLD."source_id", OLD."street", OLD."team_id", OLD."title", OLD."updated_by_id", OLD."version"); RETURN NULL;',
                    hash="4392acdb6aead7ea5cb62236c79a87b0c2fd3b9c",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_115a7",
                    table="accounts_contact",
                    when="AFTER",
                ),
            ),
        ),
        migrations.CreateModel(
            name="ContactHistory",
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
                        to="accounts.contact",
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
                ("street", models.CharField(blank=True, max_length=250)),
                ("city", models.CharField(blank=True, max_length=120)),
                ("region", models.CharField(blank=True, max_length=120)),
                ("postal_code", models.CharField(blank=True, max_length=20)),
                ("country", models.CharField(blank=True, max_length=80)),
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
                ("salutation", models.CharField(blank=True, max_length=20)),
                ("first_name", models.CharField(blank=True, max_length=120)),
                ("last_name", models.CharField(max_length=120)),
                ("title", models.CharField(blank=True, max_length=120)),
                ("department", models.CharField(blank=True, max_length=120)),
                (
                    "email",
                    models.EmailField(blank=True, help_text="The primary address.", max_length=254),
                ),
                (
                    "phone",
                    models.CharField(blank=True, help_text="The primary number.", max_length=60),
                ),
                ("mobile", models.CharField(blank=True, max_length=60)),
                ("description", models.TextField(blank=True)),
                (
                    "reports_to",
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
                ("do_not_call", models.BooleanField(default=False)),
                ("do_not_email", models.BooleanField(default=False)),
                ("external_id", models.CharField(blank=True, max_length=120)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ContactEmail",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="other_emails",
                        to="accounts.contact",
                    ),
                ),
                ("email", models.EmailField(max_length=254)),
                ("email_key", models.CharField(db_index=True, editable=False, max_length=254)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("contact", "email_key"), name="contactemail_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ContactPhone",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="other_phones",
                        to="accounts.contact",
                    ),
                ),
                ("phone", models.CharField(max_length=60)),
                ("phone_key", models.CharField(db_index=True, editable=False, max_length=40)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("contact", "phone"), name="contactphone_once")
                ],
            },
        ),
        migrations.RunPython(seed, migrations.RunPython.noop),
    ]
