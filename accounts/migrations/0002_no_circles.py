from django.db import migrations


class Migration(migrations.Migration):
    """
    No account stands above itself and no contact reports to itself, over however many others.

    The lock makes two people wait for each other who would each close half of a circle. It is
    the one that services take before they lock rows. A refusal is a check_violation that has
    the name of its trigger.
    """

    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.RunSQL(
            sql="""
                CREATE FUNCTION no_circle() RETURNS trigger LANGUAGE plpgsql AS $$
                DECLARE
                    above_column text := TG_ARGV[0];
                    above_id bigint := to_jsonb(NEW) -> above_column;
                    closes boolean;
                BEGIN
                    PERFORM pg_advisory_xact_lock(TG_ARGV[1]::bigint);
                    -- A statement of its own sees what was committed while this one waited.
                    EXECUTE format('
                        WITH RECURSIVE above (id, above_id) AS (
                            SELECT $1, $2
                            UNION
                            SELECT each.id, each.%2$I
                              FROM %1$I.%3$I each JOIN above ON each.id = above.above_id
                             WHERE each.id <> $1
                        )
                        SELECT EXISTS (SELECT FROM above WHERE above_id = $1)',
                        TG_TABLE_SCHEMA, above_column, TG_TABLE_NAME)
                        INTO closes USING NEW.id, above_id;
                    IF closes THEN
                        RAISE EXCEPTION '% % would stand above itself', TG_TABLE_NAME, NEW.id
                            USING ERRCODE = '23514', TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
                    END IF;
                    RETURN NEW;
                END $$;

                CREATE TRIGGER account_in_no_circle
                    BEFORE INSERT OR UPDATE OF parent_id ON accounts_account
                    FOR EACH ROW WHEN (NEW.parent_id IS NOT NULL)
                    EXECUTE FUNCTION no_circle('parent_id', '4201776');
                CREATE TRIGGER contact_in_no_circle
                    BEFORE INSERT OR UPDATE OF reports_to_id ON accounts_contact
                    FOR EACH ROW WHEN (NEW.reports_to_id IS NOT NULL)
                    EXECUTE FUNCTION no_circle('reports_to_id', '4201777');
            """,
            reverse_sql="""
                DROP TRIGGER contact_in_no_circle ON accounts_contact;
                DROP TRIGGER account_in_no_circle ON accounts_account;
                DROP FUNCTION no_circle();
            """,
        ),
    ]
