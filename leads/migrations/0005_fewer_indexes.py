from django.db import migrations

from crm.operations import DropForeignKeyIndexes


class Migration(migrations.Migration):
    """Indexes that nobody reads made every change slower: of history, and of who made a lead."""

    dependencies = [
        ("leads", "0004_seed_configuration"),
    ]

    operations = [
        DropForeignKeyIndexes(
            "lead", ["converted_by", "created_by", "owner", "source", "status", "updated_by"]
        ),
        DropForeignKeyIndexes(
            "leadhistory",
            [
                "campaign",
                "converted_account",
                "converted_by",
                "converted_contact",
                "converted_opportunity",
                "created_by",
                "disqualified_reason",
                "owner",
                "partner_account",
                "pgh_context",
                "playbook",
                "queue",
                "reengaged_from",
                "source",
                "status",
                "team",
                "updated_by",
            ],
        ),
    ]
