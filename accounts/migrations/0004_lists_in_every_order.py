from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Accounts by size and type, contacts by first name and by account."""

    dependencies = [
        ("accounts", "0003_fewer_indexes"),
        ("people", "0004_locale_known"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="account",
            name="account_by_name",
        ),
        migrations.AddIndex(
            model_name="account",
            index=models.Index(fields=["name", "id"], name="account_in_order"),
        ),
        migrations.AddIndex(
            model_name="account",
            index=models.Index(
                models.OrderBy(models.F("employees"), nulls_last=True),
                models.OrderBy(models.F("id")),
                condition=models.Q(("deleted_at__isnull", True)),
                name="account_by_size_up",
            ),
        ),
        migrations.AddIndex(
            model_name="account",
            index=models.Index(
                models.OrderBy(models.F("employees"), descending=True, nulls_last=True),
                models.OrderBy(models.F("id"), descending=True),
                condition=models.Q(("deleted_at__isnull", True)),
                name="account_by_size_down",
            ),
        ),
        migrations.AddIndex(
            model_name="account",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", True)),
                fields=["type", "-created_at", "-id"],
                name="account_by_type",
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", True)),
                fields=["first_name", "id"],
                name="contact_by_first_name",
            ),
        ),
    ]
