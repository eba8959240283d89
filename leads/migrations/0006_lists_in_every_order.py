from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Leads by their next step, and those in a handoff."""

    dependencies = [
        ("accounts", "0003_fewer_indexes"),
        ("activities", "0007_fewer_indexes"),
        ("leads", "0005_fewer_indexes"),
        ("opportunities", "0005_fewer_indexes"),
        ("people", "0004_locale_known"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="lead",
            index=models.Index(
                models.OrderBy(models.F("next_step_on"), nulls_last=True),
                models.OrderBy(models.F("id")),
                condition=models.Q(("deleted_at__isnull", True)),
                name="lead_by_next_step_up",
            ),
        ),
        migrations.AddIndex(
            model_name="lead",
            index=models.Index(
                models.OrderBy(models.F("next_step_on"), descending=True, nulls_last=True),
                models.OrderBy(models.F("id"), descending=True),
                condition=models.Q(("deleted_at__isnull", True)),
                name="lead_by_next_step_down",
            ),
        ),
        migrations.AddIndex(
            model_name="lead",
            index=models.Index(
                condition=models.Q(
                    models.Q(("handoff_state", ""), _negated=True), ("deleted_at__isnull", True)
                ),
                fields=["handoff_state", "-created_at", "-id"],
                name="lead_in_handoff",
            ),
        ),
    ]
