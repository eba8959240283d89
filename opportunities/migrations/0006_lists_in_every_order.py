from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Deals by every column that their list can be sorted by."""

    dependencies = [
        ("accounts", "0003_fewer_indexes"),
        ("activities", "0007_fewer_indexes"),
        ("opportunities", "0005_fewer_indexes"),
        ("people", "0004_locale_known"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="opportunity",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", True)),
                fields=["name", "id"],
                name="opportunity_by_name",
            ),
        ),
        migrations.AddIndex(
            model_name="opportunity",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", True)),
                fields=["stage_since", "id"],
                name="opportunity_by_stage_since",
            ),
        ),
        migrations.AddIndex(
            model_name="opportunity",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", True)),
                fields=["probability", "id"],
                name="opportunity_by_probability",
            ),
        ),
        migrations.AddIndex(
            model_name="opportunity",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", True)),
                fields=["updated_at", "id"],
                name="opportunity_by_updated_at",
            ),
        ),
        migrations.AddIndex(
            model_name="opportunity",
            index=models.Index(
                models.OrderBy(models.F("amount"), nulls_last=True),
                models.OrderBy(models.F("id")),
                condition=models.Q(("deleted_at__isnull", True)),
                name="opportunity_by_amount_up",
            ),
        ),
        migrations.AddIndex(
            model_name="opportunity",
            index=models.Index(
                models.OrderBy(models.F("amount"), descending=True, nulls_last=True),
                models.OrderBy(models.F("id"), descending=True),
                condition=models.Q(("deleted_at__isnull", True)),
                name="opportunity_by_amount_down",
            ),
        ),
    ]
