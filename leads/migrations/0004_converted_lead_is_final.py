from django.db import migrations


class Migration(migrations.Migration):
    """
    A converted lead is final: nobody changes or deletes it, whichever way they come.

    Its owner may change, with the bookkeeping that goes with it, and the legal eraser may
    blank what it says of a person. The refusal is SQLSTATE 23001 (restrict_violation) with
    the constraint name `lead_final`. Answers and product interests are parts of the lead.
    The guards are ENABLE ALWAYS: no session setting switches them off.
    """

    dependencies = [
        ("leads", "0003_answers"),
        ("activities", "0003_log_is_append_only"),
    ]

    operations = [
        migrations.RunSQL(
            sql="""
                ALTER TABLE leads_lead
                    ADD CONSTRAINT lead_status_with_kind
                    FOREIGN KEY (status_id, status_kind)
                    REFERENCES leads_leadstatus (id, kind);

                CREATE FUNCTION lead_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
                DECLARE
                    -- search_text is computed after this trigger has run.
                    allowed text[] := ARRAY['owner_id', 'queue_id', 'team_id', 'updated_at',
                                            'updated_by_id', 'version', 'search_text'];
                BEGIN
                    IF current_user = 'relay_eraser' THEN
                        allowed := allowed || ARRAY[
                            'salutation', 'first_name', 'last_name', 'title', 'email',
                            'other_email', 'phone', 'mobile', 'street', 'city', 'region',
                            'postal_code', 'description', 'source_detail', 'next_step',
                            'imported_values', 'email_key', 'other_email_key', 'phone_key',
                            'mobile_key', 'person_key', 'score_explanation'];
                    END IF;
                    IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - allowed = to_jsonb(NEW) - allowed THEN
                        RETURN NEW;
                    END IF;
                    RAISE EXCEPTION 'Lead % is converted and final', OLD.id
                        USING ERRCODE = '23001', TABLE = 'leads_lead', CONSTRAINT = 'lead_final';
                END $$;

                CREATE TRIGGER lead_final BEFORE UPDATE OR DELETE ON leads_lead
                    FOR EACH ROW WHEN (OLD.status_kind = 'converted')
                    EXECUTE FUNCTION lead_is_final();
                CREATE TRIGGER lead_not_truncated BEFORE TRUNCATE ON leads_lead
                    EXECUTE FUNCTION table_is_final();
                ALTER TABLE leads_lead ENABLE ALWAYS TRIGGER lead_final;
                ALTER TABLE leads_lead ENABLE ALWAYS TRIGGER lead_not_truncated;

                CREATE FUNCTION lead_part_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
                DECLARE
                    wholes bigint[] := ARRAY[
                        CASE WHEN TG_OP <> 'INSERT' THEN OLD.lead_id END,
                        CASE WHEN TG_OP <> 'DELETE' THEN NEW.lead_id END];
                    kind text;
                BEGIN
                    -- FOR SHARE waits for a conversion that is under way.
                    FOR kind IN SELECT status_kind FROM leads_lead
                                 WHERE id = ANY (wholes) ORDER BY id FOR SHARE LOOP
                        IF kind = 'converted' THEN
                            RAISE EXCEPTION 'The lead is converted and final'
                                USING ERRCODE = '23001', TABLE = 'leads_lead',
                                      CONSTRAINT = 'lead_final';
                        END IF;
                    END LOOP;
                    RETURN coalesce(NEW, OLD);
                END $$;

                -- All that the eraser may do with answers is to blank them.
                CREATE TRIGGER answer_of_final_lead BEFORE INSERT OR UPDATE OR DELETE
                    ON leads_answer FOR EACH ROW WHEN (current_user <> 'relay_eraser')
                    EXECUTE FUNCTION lead_part_is_final();
                CREATE TRIGGER interest_of_final_lead BEFORE INSERT OR UPDATE OR DELETE
                    ON leads_productinterest FOR EACH ROW EXECUTE FUNCTION lead_part_is_final();
                ALTER TABLE leads_answer ENABLE ALWAYS TRIGGER answer_of_final_lead;
                ALTER TABLE leads_productinterest ENABLE ALWAYS TRIGGER interest_of_final_lead;
            """,
            reverse_sql="""
                DROP TRIGGER interest_of_final_lead ON leads_productinterest;
                DROP TRIGGER answer_of_final_lead ON leads_answer;
                DROP FUNCTION lead_part_is_final();
                DROP TRIGGER lead_not_truncated ON leads_lead;
                DROP TRIGGER lead_final ON leads_lead;
                DROP FUNCTION lead_is_final();
                ALTER TABLE leads_lead DROP CONSTRAINT lead_status_with_kind;
            """,
        ),
    ]
