from django.db import migrations

from crm.indexes import trigrams

INDEXES = ("account_name_like", "account_search", "contact_search")


class Migration(migrations.Migration):
    """Searches read less of what waits to be put in order; no index is built anew."""

    dependencies = [("accounts", "0002_no_circles")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveIndex(model_name="account", name="account_name_like"),
                migrations.AddIndex(
                    model_name="account", index=trigrams("name_key", name="account_name_like")
                ),
                migrations.RemoveIndex(model_name="account", name="account_search"),
                migrations.AddIndex(
                    model_name="account", index=trigrams("search_text", name="account_search")
                ),
                migrations.RemoveIndex(model_name="contact", name="contact_search"),
                migrations.AddIndex(
                    model_name="contact", index=trigrams("search_text", name="contact_search")
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
