import datetime

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import crm.fields
import people.models
from people.seeds import ROLES


def seed(apps, schema_editor):
    Role = apps.get_model("people", "Role")
    RolePermission = apps.get_model("people", "RolePermission")
    Workspace = apps.get_model("people", "Workspace")
    alias = schema_editor.connection.alias
    Workspace.objects.using(alias).get_or_create(pk=1)
    for key, (name, description, table) in ROLES.items():
        role, _ = Role.objects.using(alias).get_or_create(
            key=key, defaults={"name": name, "description": description}
        )
        RolePermission.objects.using(alias).bulk_create(
            [
                RolePermission(role=role, record_type=record_type, action=action, level=level)
                for record_type, actions in table.items()
                for action, level in actions.items()
            ],
            ignore_conflicts=True,
        )


class Migration(migrations.Migration):
    """People, and the roles a new installation starts with; an admin may edit them afterwards."""

    initial = True

    dependencies = [
        # Needed by nothing here. Its many migrations take seconds once there are many models.
        ("django_tasks_database", "0021_conditional_partial_index_ordering"),
    ]

    operations = [
        migrations.CreateModel(
            name="Role",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.SlugField(max_length=40, unique=True)),
                ("name", models.CharField(max_length=80)),
                ("description", models.CharField(blank=True, max_length=200)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("name"), name="role_name_unique"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Team",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="people.team",
                    ),
                ),
                (
                    "time_zone",
                    models.CharField(
                        default="UTC", max_length=64, validators=[people.models.validate_time_zone]
                    ),
                ),
                ("workday_start", models.TimeField(default=datetime.time(9, 0))),
                ("workday_end", models.TimeField(default=datetime.time(18, 0))),
                (
                    "workdays",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveSmallIntegerField(),
                        default=people.models.monday_to_friday,
                        help_text="ISO weekdays, Monday is 1.",
                        size=None,
                    ),
                ),
                (
                    "request_sla_hours",
                    models.PositiveSmallIntegerField(
                        default=8,
                        help_text="Business hours in which a conversion request must be decided.",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("name"), name="team_name_unique"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("parent__isnull", True),
                            models.Q(("parent", models.F("id")), _negated=True),
                            _connector="OR",
                        ),
                        name="team_not_its_own_parent",
                        violation_error_message="A team cannot be above itself.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("workday_end__gt", models.F("workday_start"))),
                        name="team_workday_ends_after_start",
                        violation_error_message="The working day must end after it starts.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("workdays__contained_by", [1, 2, 3, 4, 5, 6, 7]),
                            models.Q(("workdays", []), _negated=True),
                        ),
                        name="team_works_on_days_of_the_week",
                        violation_error_message="A team works on at least one day of the week.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TeamClosure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "ancestor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="people.team",
                    ),
                ),
                (
                    "descendant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="people.team",
                    ),
                ),
                ("depth", models.PositiveSmallIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("ancestor", "descendant"), name="teamclosure_unique"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="User",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                (
                    "last_login",
                    models.DateTimeField(blank=True, null=True, verbose_name="last login"),
                ),
                ("email", models.EmailField(max_length=254, unique=True)),
                ("full_name", models.CharField(max_length=150)),
                (
                    "role",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="users",
                        to="people.role",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="users",
                        to="people.team",
                    ),
                ),
                (
                    "time_zone",
                    models.CharField(
                        default="UTC", max_length=64, validators=[people.models.validate_time_zone]
                    ),
                ),
                (
                    "locale",
                    models.CharField(
                        default="en",
                        help_text="How numbers and dates are written: en, en-GB or de.",
                        max_length=12,
                        validators=[people.models.validate_locale],
                    ),
                ),
                (
                    "theme",
                    models.CharField(
                        choices=[
                            ("system", "Same as the system"),
                            ("light", "Light"),
                            ("dark", "Dark"),
                        ],
                        default="system",
                        max_length=10,
                    ),
                ),
                (
                    "density",
                    models.CharField(
                        choices=[("comfortable", "Comfortable"), ("compact", "Compact")],
                        default="comfortable",
                        max_length=12,
                    ),
                ),
                ("keyboard_shortcuts", models.BooleanField(default=True)),
                ("is_active", models.BooleanField(default=True)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("email", django.db.models.functions.text.Lower("email"))
                        ),
                        name="user_email_lower_case",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("theme__in", ["system", "light", "dark"])),
                        name="user_theme_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("density__in", ["comfortable", "compact"])),
                        name="user_density_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RolePermission",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "role",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="permissions",
                        to="people.role",
                    ),
                ),
                (
                    "record_type",
                    models.CharField(
                        choices=[
                            ("lead", "Leads"),
                            ("account", "Accounts"),
                            ("contact", "Contacts"),
                            ("opportunity", "Opportunities"),
                            ("activity", "Activities"),
                            ("request", "Conversion requests"),
                            ("conversion", "Conversions"),
                            ("report", "Reports"),
                            ("import", "Imports"),
                            ("user", "Users"),
                            ("team", "Teams"),
                            ("settings", "Settings"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("view", "View"),
                            ("create", "Create"),
                            ("edit", "Edit"),
                            ("delete", "Delete"),
                            ("assign", "Assign"),
                            ("export", "Export"),
                            ("request", "Request conversion"),
                            ("convert", "Convert"),
                            ("decide", "Decide requests"),
                            ("override_duplicates", "Override duplicates"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("none", "None"),
                            ("own", "Own"),
                            ("team", "My team"),
                            ("subtree", "My team and all below"),
                            ("all", "All"),
                        ],
                        max_length=10,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("role", "record_type", "action"), name="rolepermission_unique"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "record_type__in",
                                [
                                    "lead",
                                    "account",
                                    "contact",
                                    "opportunity",
                                    "activity",
                                    "request",
                                    "conversion",
                                    "report",
                                    "import",
                                    "user",
                                    "team",
                                    "settings",
                                ],
                            )
                        ),
                        name="rolepermission_type_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "action__in",
                                [
                                    "view",
                                    "create",
                                    "edit",
                                    "delete",
                                    "assign",
                                    "export",
                                    "request",
                                    "convert",
                                    "decide",
                                    "override_duplicates",
                                ],
                            )
                        ),
                        name="rolepermission_action_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("level__in", ["none", "own", "team", "subtree", "all"])
                        ),
                        name="rolepermission_level_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Delegation",
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
                        related_name="delegations",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "delegate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("user", models.F("delegate")), _negated=True),
                        name="delegation_to_somebody_else",
                        violation_error_message="A delegate must be somebody else.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_on__gte", models.F("starts_on"))),
                        name="delegation_ends_after_start",
                        violation_error_message="The last day cannot be before the first.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Workspace",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(default="Relay", max_length=200)),
                ("currency", crm.fields.CurrencyField(default="EUR", max_length=3)),
                (
                    "region",
                    models.CharField(
                        default="US",
                        help_text="Country assumed for phone numbers without a prefix.",
                        max_length=2,
                    ),
                ),
                (
                    "fiscal_year_start_month",
                    models.PositiveSmallIntegerField(
                        default=1,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(12),
                        ],
                    ),
                ),
                (
                    "extra_free_mail_domains",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=253),
                        blank=True,
                        default=list,
                        help_text="Mail domains that say nothing about the company, beside the built-in list.",
                        size=None,
                    ),
                ),
                (
                    "credit_window_days",
                    models.PositiveSmallIntegerField(
                        default=180,
                        help_text="How long a later opportunity may be linked to a conversion for credit.",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("pk", 1)), name="workspace_is_single"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("fiscal_year_start_month__range", (1, 12))),
                        name="workspace_fiscal_month_known",
                    ),
                ],
            },
        ),
        migrations.RunPython(seed, migrations.RunPython.noop),
    ]
