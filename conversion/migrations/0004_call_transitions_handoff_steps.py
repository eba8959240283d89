from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("conversion", "0003_erasure"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="requesttransition",
            options={"verbose_name": "handoff step"},
        ),
    ]
