from django.db import migrations, models

STATES = {
    "draft": "Not checked yet",
    "checking": "Being checked",
    "checked": "Checked",
    "running": "Being imported",
    "done": "Imported",
    "undoing": "Being undone",
    "undone": "Undone",
}


class Migration(migrations.Migration):
    dependencies = [("integrations", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="import",
            name="undone_count",
            field=models.PositiveIntegerField(
                db_default=0,
                default=0,
                help_text="Leads that were deleted again when it was undone.",
            ),
        ),
        migrations.AlterField(
            model_name="import",
            name="state",
            field=models.CharField(choices=list(STATES.items()), default="draft", max_length=8),
        ),
        migrations.RemoveConstraint(model_name="import", name="import_state_known"),
        migrations.AddConstraint(
            model_name="import",
            constraint=models.CheckConstraint(
                name="import_state_known", condition=models.Q(state__in=list(STATES))
            ),
        ),
    ]
