import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    """Products have a version, and a name only for as long as they are not deleted."""

    dependencies = [
        ("opportunities", "0002_deal_agrees_with_its_parts"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="product",
            name="product_name_unique",
        ),
        migrations.AddField(
            model_name="product",
            name="deleted_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="product",
            name="version",
            field=models.PositiveIntegerField(db_default=1, default=1, editable=False),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Lower("name"),
                condition=models.Q(("deleted_at__isnull", True)),
                name="product_name_unique",
                violation_error_message="There is a product of this name already.",
            ),
        ),
    ]
