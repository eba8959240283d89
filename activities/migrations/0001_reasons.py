from django.db import migrations, models

REASONS = {
    "disqualify": [
        ("no_need", "No need"),
        ("no_budget", "No budget"),
        ("bad_fit", "Bad fit"),
        ("no_response", "No response"),
        ("competitor", "Chose a competitor"),
        ("bad_data", "Bad data"),
        ("duplicate", "Duplicate"),
        ("other", "Other"),
    ],
    "reject": [
        ("not_ready", "Not ready to buy"),
        ("no_budget", "No budget"),
        ("no_authority", "No authority"),
        ("no_need", "No need"),
        ("bad_fit", "Bad fit"),
        ("wrong_person", "Wrong person"),
        ("duplicate", "Duplicate"),
        ("existing_customer", "Existing customer"),
        ("competitor", "Competitor"),
        ("bad_data", "Bad data"),
        ("no_response", "No response"),
        ("other", "Other"),
    ],
    "lost": [
        ("price", "Price"),
        ("competitor", "Chose a competitor"),
        ("no_decision", "No decision"),
        ("no_budget", "No budget"),
        ("missing_feature", "Missing feature"),
        ("timing", "Timing"),
        ("converted_in_error", "Converted in error"),
        ("other", "Other"),
    ],
    "won": [
        ("product", "Product"),
        ("price", "Price"),
        ("relationship", "Relationship"),
        ("other", "Other"),
    ],
    "reopen": [
        ("customer_returned", "Customer came back"),
        ("closed_by_mistake", "Closed by mistake"),
        ("other", "Other"),
    ],
}


def seed(apps, schema_editor):
    Reason = apps.get_model("activities", "Reason")
    Reason.objects.using(schema_editor.connection.alias).bulk_create(
        [
            Reason(kind=kind, code=code, label=label, position=position)
            for kind, reasons in REASONS.items()
            for position, (code, label) in enumerate(reasons)
        ],
        ignore_conflicts=True,
    )


class Migration(migrations.Migration):
    """Why things end, and the reasons a new installation starts with."""

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Reason",
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
                            ("disqualify", "Disqualifying a lead"),
                            ("reject", "Rejecting a conversion request"),
                            ("lost", "Losing an opportunity"),
                            ("won", "Winning an opportunity"),
                            ("reopen", "Re-opening an opportunity"),
                        ],
                        max_length=12,
                    ),
                ),
                ("code", models.SlugField(max_length=40)),
                ("label", models.CharField(max_length=80)),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("is_active", models.BooleanField(default=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "code"), name="reason_code_unique"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["disqualify", "reject", "lost", "won", "reopen"])
                        ),
                        name="reason_kind_known",
                    ),
                ],
            },
        ),
        migrations.RunPython(seed, migrations.RunPython.noop),
    ]
