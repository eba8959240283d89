from django.db import migrations

from crm.operations import DropForeignKeyIndexes


class Migration(migrations.Migration):
    """Indexes that nobody reads made every change slower: of history, and of who made a record."""

    dependencies = [
        ("accounts", "0002_seed_sources"),
    ]

    operations = [
        DropForeignKeyIndexes("account", ["created_by", "owner", "updated_by"]),
        DropForeignKeyIndexes("contact", ["created_by", "owner", "updated_by"]),
        DropForeignKeyIndexes(
            "accounthistory",
            [
                "campaign",
                "created_by",
                "owner",
                "parent",
                "pgh_context",
                "source",
                "team",
                "updated_by",
            ],
        ),
        DropForeignKeyIndexes(
            "contacthistory",
            [
                "account",
                "campaign",
                "created_by",
                "owner",
                "pgh_context",
                "reports_to",
                "source",
                "team",
                "updated_by",
            ],
        ),
    ]
