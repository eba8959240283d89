import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import crm.fields


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("opportunities", "0001_initial"),
        ("people", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="SnapshotDay",
            fields=[
                ("day", models.DateField(primary_key=True, serialize=False)),
                ("taken_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name="OpportunitySnapshot",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "day",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deals",
                        to="reporting.snapshotday",
                    ),
                ),
                (
                    "opportunity",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="opportunities.opportunity",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="people.team",
                    ),
                ),
                (
                    "pipeline",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
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
                        to="opportunities.stage",
                    ),
                ),
                ("amount", crm.fields.MoneyField(decimal_places=2, max_digits=18, null=True)),
                ("currency", crm.fields.CurrencyField(max_length=3)),
                (
                    "company_amount",
                    crm.fields.MoneyField(decimal_places=2, max_digits=18, null=True),
                ),
                ("probability", models.PositiveSmallIntegerField()),
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
                ("close_date", models.DateField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("day", "opportunity"), name="snapshot_once_a_day"
                    )
                ],
            },
        ),
    ]
