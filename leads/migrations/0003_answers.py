import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Answers to criteria, whose evidence may be an activity."""

    initial = True

    dependencies = [
        ("activities", "0002_timeline"),
        ("leads", "0002_leads"),
        ("opportunities", "0001_initial"),
        ("people", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Answer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "criterion",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="leads.criterion",
                    ),
                ),
                (
                    "lead",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answers",
                        to="leads.lead",
                    ),
                ),
                (
                    "opportunity",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answers",
                        to="opportunities.opportunity",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("unknown", "Unknown"),
                            ("assumed", "Assumed"),
                            ("confirmed", "Confirmed"),
                        ],
                        default="unknown",
                        max_length=9,
                    ),
                ),
                ("value", models.CharField(blank=True, max_length=500)),
                ("evidence", models.TextField(blank=True)),
                (
                    "evidence_activity",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="activities.activity",
                    ),
                ),
                (
                    "answered_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("answered_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("lead__isnull", False)),
                        fields=("lead", "criterion"),
                        name="answer_once_per_lead",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("opportunity__isnull", False)),
                        fields=("opportunity", "criterion"),
                        name="answer_once_per_opportunity",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("lead__isnull", False), ("opportunity__isnull", True)),
                            models.Q(("lead__isnull", True), ("opportunity__isnull", False)),
                            _connector="OR",
                        ),
                        name="answer_about_one_record",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["unknown", "assumed", "confirmed"])),
                        name="answer_state_known",
                    ),
                ],
            },
        ),
    ]
