from django.db import migrations

FINAL_TABLES = {
    # Table: the columns that the legal eraser may blank.
    "conversion_conversion": ["lead_snapshot", "answers", "plan", "effects"],
    "conversion_requesttransition": ["note", "facts"],
    "conversion_conversioncredit": [],
}


def final(table: str, erasable: list[str]) -> tuple[str, str]:
    """The triggers that make a table append-only, and how to take them away."""
    arguments = ", ".join(f"'{column}'" for column in erasable)
    create = f"""
        CREATE TRIGGER {table}_final BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION row_is_final({arguments});
        CREATE TRIGGER {table}_not_truncated BEFORE TRUNCATE ON {table}
            EXECUTE FUNCTION table_is_final();
        ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_final;
        ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_not_truncated;
    """
    drop = f"""
        DROP TRIGGER {table}_not_truncated ON {table};
        DROP TRIGGER {table}_final ON {table};
    """
    return create, drop


class Migration(migrations.Migration):
    """
    A lead is converted completely or not at all, and what records it is final.

    At COMMIT a converted lead, one conversion row that names the same targets, and one
    `lead.converted` event stand together, or the transaction fails with 23514 and the
    constraint name `conversion_complete`.
    """

    dependencies = [
        ("conversion", "0001_initial"),
        ("leads", "0004_converted_lead_is_final"),
        ("activities", "0003_log_is_append_only"),
    ]

    operations = [
        migrations.RunSQL(
            sql="""
                ALTER TABLE conversion_conversion
                    ADD CONSTRAINT conversion_lead FOREIGN KEY (lead_id)
                        REFERENCES leads_lead (id) ON DELETE RESTRICT,
                    ADD CONSTRAINT conversion_contact_of_account
                        FOREIGN KEY (contact_id, account_id)
                        REFERENCES accounts_contact (id, account_id) ON DELETE RESTRICT,
                    ADD CONSTRAINT conversion_opportunity_of_account
                        FOREIGN KEY (opportunity_id, account_id)
                        REFERENCES opportunities_opportunity (id, account_id) ON DELETE RESTRICT,
                    ADD CONSTRAINT conversion_request_of_lead
                        FOREIGN KEY (request_id, lead_id)
                        REFERENCES conversion_conversionrequest (id, lead_id) ON DELETE RESTRICT;
            """,
            reverse_sql="""
                ALTER TABLE conversion_conversion
                    DROP CONSTRAINT conversion_request_of_lead,
                    DROP CONSTRAINT conversion_opportunity_of_account,
                    DROP CONSTRAINT conversion_contact_of_account,
                    DROP CONSTRAINT conversion_lead;
            """,
        ),
        *(
            migrations.RunSQL(sql=create, reverse_sql=drop)
            for create, drop in (final(table, columns) for table, columns in FINAL_TABLES.items())
        ),
        migrations.RunSQL(
            sql="""
                -- TG_ARGV[0]: the column that names the lead.
                CREATE FUNCTION conversion_is_complete() RETURNS trigger LANGUAGE plpgsql AS $$
                DECLARE
                    checked bigint := (to_jsonb(NEW) ->> TG_ARGV[0])::bigint;
                    complete boolean;
                BEGIN
                    SELECT count(*) = 1
                      INTO complete
                      FROM leads_lead lead
                      JOIN conversion_conversion conversion ON conversion.lead_id = lead.id
                       AND conversion.account_id = lead.converted_account_id
                       AND conversion.contact_id = lead.converted_contact_id
                       AND conversion.opportunity_id
                           IS NOT DISTINCT FROM lead.converted_opportunity_id
                      JOIN activities_event event ON event.lead_id = lead.id
                       AND event.verb = 'lead.converted'
                     WHERE lead.id = checked AND lead.status_kind = 'converted';
                    IF NOT complete THEN
                        RAISE EXCEPTION 'Lead % is not completely converted', checked
                            USING ERRCODE = '23514', CONSTRAINT = 'conversion_complete',
                                  TABLE = TG_TABLE_NAME;
                    END IF;
                    RETURN NULL;
                END $$;

                CREATE CONSTRAINT TRIGGER lead_conversion_complete
                    AFTER INSERT OR UPDATE OF status_id, status_kind, converted_at ON leads_lead
                    DEFERRABLE INITIALLY DEFERRED
                    FOR EACH ROW WHEN (NEW.status_kind = 'converted')
                    EXECUTE FUNCTION conversion_is_complete('id');
                CREATE CONSTRAINT TRIGGER conversion_complete
                    AFTER INSERT ON conversion_conversion DEFERRABLE INITIALLY DEFERRED
                    FOR EACH ROW EXECUTE FUNCTION conversion_is_complete('lead_id');
                CREATE CONSTRAINT TRIGGER event_conversion_complete
                    AFTER INSERT ON activities_event DEFERRABLE INITIALLY DEFERRED
                    FOR EACH ROW WHEN (NEW.verb = 'lead.converted')
                    EXECUTE FUNCTION conversion_is_complete('lead_id');
                ALTER TABLE leads_lead ENABLE ALWAYS TRIGGER lead_conversion_complete;
                ALTER TABLE conversion_conversion ENABLE ALWAYS TRIGGER conversion_complete;
                ALTER TABLE activities_event ENABLE ALWAYS TRIGGER event_conversion_complete;
            """,
            reverse_sql="""
                DROP TRIGGER event_conversion_complete ON activities_event;
                DROP TRIGGER conversion_complete ON conversion_conversion;
                DROP TRIGGER lead_conversion_complete ON leads_lead;
                DROP FUNCTION conversion_is_complete();
            """,
        ),
    ]
