from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("leads", "0006_count_recent_leads_by_index"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="pathcriterion",
            options={"verbose_name": "path"},
        ),
    ]
