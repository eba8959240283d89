from django.db import migrations

from crm.operations import DropForeignKeyIndexes


class Migration(migrations.Migration):
    """Every link of an event has an index with the time, which serves what these did."""

    dependencies = [
        ("activities", "0006_find_deal_moves"),
    ]

    operations = [
        DropForeignKeyIndexes("event", ["account", "actor", "contact", "lead", "opportunity"]),
    ]
