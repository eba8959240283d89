from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0002_undo_of_imports"),
    ]

    operations = [
        migrations.AddField(
            model_name="import",
            name="corrected_count",
            field=models.PositiveIntegerField(
                db_default=0, default=0, help_text="Rows with values that were corrected here."
            ),
        ),
        migrations.AddField(
            model_name="importrow",
            name="corrections",
            field=models.JSONField(
                help_text="{column: text}: what is read in place of what the file says.", null=True
            ),
        ),
        migrations.AddField(
            model_name="importrow",
            name="faults",
            field=models.JSONField(
                help_text="{column: what is wrong with its value}, where a value is to blame.",
                null=True,
            ),
        ),
    ]
