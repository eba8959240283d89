from django.db import migrations

from crm.indexes import trigrams

INDEXES = ("opportunity_search",)


class Migration(migrations.Migration):
    """Searches read less of what waits to be put in order; no index is built anew."""

    dependencies = [("opportunities", "0003_products_are_records")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveIndex(model_name="opportunity", name="opportunity_search"),
                migrations.AddIndex(
                    model_name="opportunity",
                    index=trigrams("search_text", name="opportunity_search"),
                ),
            ],
            database_operations=[
                migrations.RunSQL(
                    f"ALTER INDEX {name} SET (gin_pending_list_limit = 256)",
                    f"ALTER INDEX {name} RESET (gin_pending_list_limit)",
                )
                for name in INDEXES
            ],
        )
    ]
