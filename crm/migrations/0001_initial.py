from django.db import migrations


class Migration(migrations.Migration):
    """The table of the database cache, used unless CACHE_URL names another cache."""

    dependencies = []

    operations = [
        migrations.RunSQL(
            # Unlogged: a cache may be empty after a crash, and need not be written twice.
            sql="""
                CREATE UNLOGGED TABLE crm_cache (
                    cache_key varchar(255) PRIMARY KEY,
                    value text NOT NULL,
                    expires timestamptz NOT NULL
                );
                CREATE INDEX crm_cache_expires ON crm_cache (expires);
            """,
            reverse_sql="DROP TABLE crm_cache",
        )
    ]
