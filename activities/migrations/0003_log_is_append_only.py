from django.db import migrations


class Migration(migrations.Migration):
    """
    Rows of the event log are never changed, removed or truncated.

    Two functions serve every append-only table of the project. The legal eraser may blank
    what an event says of a person, and nothing else.
    """

    dependencies = [("activities", "0002_timeline")]

    operations = [
        migrations.RunSQL(
            sql="""
                -- TG_ARGV: the columns that the eraser role may blank.
                CREATE FUNCTION row_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    IF TG_OP = 'UPDATE' AND current_user = 'relay_eraser'
                       AND to_jsonb(OLD) - TG_ARGV = to_jsonb(NEW) - TG_ARGV THEN
                        RETURN NEW;
                    END IF;
                    RAISE EXCEPTION '% in % is final', TG_OP, TG_TABLE_NAME
                        USING ERRCODE = '23001', TABLE = TG_TABLE_NAME,
                              CONSTRAINT = TG_TABLE_NAME || '_final';
                END $$;

                CREATE FUNCTION table_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    RAISE EXCEPTION '% cannot be emptied', TG_TABLE_NAME
                        USING ERRCODE = '23001', TABLE = TG_TABLE_NAME,
                              CONSTRAINT = TG_TABLE_NAME || '_final';
                END $$;

                CREATE TRIGGER event_final BEFORE UPDATE OR DELETE ON activities_event
                    FOR EACH ROW EXECUTE FUNCTION row_is_final('changes', 'note');
                CREATE TRIGGER event_not_truncated BEFORE TRUNCATE ON activities_event
                    EXECUTE FUNCTION table_is_final();
                ALTER TABLE activities_event ENABLE ALWAYS TRIGGER event_final;
                ALTER TABLE activities_event ENABLE ALWAYS TRIGGER event_not_truncated;
            """,
            reverse_sql="""
                DROP TRIGGER event_final ON activities_event;
                DROP TRIGGER event_not_truncated ON activities_event;
                DROP FUNCTION table_is_final();
                DROP FUNCTION row_is_final();
            """,
        ),
    ]
