from django.db import migrations

from crm.operations import DropForeignKeyIndexes


class Migration(migrations.Migration):
    """Indexes that nobody reads made every change slower: of history, and of who made a deal."""

    dependencies = [
        ("opportunities", "0004_amounts_and_history_agree"),
    ]

    operations = [
        DropForeignKeyIndexes("opportunity", ["created_by", "owner", "updated_by"]),
        DropForeignKeyIndexes("lineitemhistory", ["opportunity", "pgh_context", "product"]),
        DropForeignKeyIndexes(
            "opportunityhistory",
            [
                "account",
                "campaign",
                "closed_reason",
                "created_by",
                "owner",
                "partner_account",
                "pgh_context",
                "pipeline",
                "primary_contact",
                "source",
                "stage",
                "team",
                "updated_by",
            ],
        ),
    ]
