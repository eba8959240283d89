from django.db import migrations

from crm.indexes import trigrams

INDEXES = ("lead_company_like", "lead_search")


class Migration(migrations.Migration):
    """Searches read less of what waits to be put in order; no index is built anew."""

    dependencies = [("leads", "0007_call_path_criteria_paths")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveIndex(model_name="lead", name="lead_company_like"),
                migrations.AddIndex(
                    model_name="lead", index=trigrams("company_key", name="lead_company_like")
                ),
                migrations.RemoveIndex(model_name="lead", name="lead_search"),
                migrations.AddIndex(
                    model_name="lead", index=trigrams("search_text", name="lead_search")
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
