from django.db import migrations


class Migration(migrations.Migration):
    """
    A deal agrees with its stage, its line items and its history.

    Its pipeline and stage kind are those of its stage, its amount is the sum of its line
    items, and its history ends with what it is now. The last two are checked at COMMIT, so that
    a service may write the rows in any order. They fail with 23514 and the constraint name
    `opportunity_amount_is_its_line_items` or `opportunity_history_is_complete`, which catches
    a session that switched off the triggers which write the history; the index serves it.
    """

    dependencies = [("opportunities", "0001_initial")]

    operations = [
        migrations.RunSQL(
            sql="""
                ALTER TABLE opportunities_opportunity
                    ADD CONSTRAINT opportunity_stage_with_kind
                    FOREIGN KEY (stage_id, pipeline_id, stage_kind)
                    REFERENCES opportunities_stage (id, pipeline_id, kind);
            """,
            reverse_sql="""
                ALTER TABLE opportunities_opportunity DROP CONSTRAINT opportunity_stage_with_kind;
            """,
        ),
        migrations.RunSQL(
            sql="""
                CREATE FUNCTION opportunity_amount_is_its_line_items(checked bigint)
                RETURNS void LANGUAGE plpgsql AS $$
                BEGIN
                    IF EXISTS (
                        SELECT FROM opportunities_opportunity deal
                          JOIN LATERAL (
                               SELECT sum(item.total) AS total, count(*) AS items
                                 FROM opportunities_lineitem item
                                WHERE item.opportunity_id = deal.id) AS sold ON sold.items > 0
                         WHERE deal.id = checked AND deal.amount IS DISTINCT FROM sold.total
                    ) THEN
                        RAISE EXCEPTION 'The amount of opportunity % is not that of its line items',
                            checked
                            USING ERRCODE = '23514', TABLE = 'opportunities_opportunity',
                                  CONSTRAINT = 'opportunity_amount_is_its_line_items';
                    END IF;
                END $$;

                CREATE FUNCTION lineitem_sums_up() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    IF TG_OP <> 'INSERT' THEN
                        PERFORM opportunity_amount_is_its_line_items(OLD.opportunity_id);
                    END IF;
                    IF TG_OP <> 'DELETE' THEN
                        PERFORM opportunity_amount_is_its_line_items(NEW.opportunity_id);
                    END IF;
                    RETURN NULL;
                END $$;

                CREATE FUNCTION opportunity_sums_up() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    PERFORM opportunity_amount_is_its_line_items(NEW.id);
                    RETURN NULL;
                END $$;

                CREATE CONSTRAINT TRIGGER lineitem_sums_up
                    AFTER INSERT OR DELETE
                    OR UPDATE OF opportunity_id, quantity, unit_price, discount_percent
                    ON opportunities_lineitem DEFERRABLE INITIALLY DEFERRED
                    FOR EACH ROW EXECUTE FUNCTION lineitem_sums_up();
                CREATE CONSTRAINT TRIGGER opportunity_sums_up
                    AFTER UPDATE OF amount ON opportunities_opportunity
                    DEFERRABLE INITIALLY DEFERRED
                    FOR EACH ROW WHEN (NEW.amount IS DISTINCT FROM OLD.amount)
                    EXECUTE FUNCTION opportunity_sums_up();
                ALTER TABLE opportunities_lineitem ENABLE ALWAYS TRIGGER lineitem_sums_up;
                ALTER TABLE opportunities_opportunity ENABLE ALWAYS TRIGGER opportunity_sums_up;
            """,
            reverse_sql="""
                DROP TRIGGER opportunity_sums_up ON opportunities_opportunity;
                DROP TRIGGER lineitem_sums_up ON opportunities_lineitem;
                DROP FUNCTION opportunity_sums_up();
                DROP FUNCTION lineitem_sums_up();
                DROP FUNCTION opportunity_amount_is_its_line_items(bigint);
            """,
        ),
        migrations.RunSQL(
            sql="""
                CREATE INDEX opportunityhistory_latest
                    ON opportunities_opportunityhistory (pgh_obj_id, pgh_id DESC);

                CREATE FUNCTION opportunity_history_is_complete() RETURNS trigger
                LANGUAGE plpgsql AS $$
                BEGIN
                    IF EXISTS (
                        SELECT FROM opportunities_opportunity deal
                          LEFT JOIN LATERAL (
                               SELECT * FROM opportunities_opportunityhistory
                                WHERE pgh_obj_id = deal.id
                                ORDER BY pgh_id DESC LIMIT 1) AS told ON true
                         WHERE deal.id = NEW.id
                           AND (told.stage_id, told.amount, told.close_date, told.owner_id,
                                told.probability, told.forecast_category, told.next_step)
                               IS DISTINCT FROM
                               (deal.stage_id, deal.amount, deal.close_date, deal.owner_id,
                                deal.probability, deal.forecast_category, deal.next_step)
                    ) THEN
                        RAISE EXCEPTION 'The history of opportunity % lacks its last change',
                            NEW.id
                            USING ERRCODE = '23514', TABLE = 'opportunities_opportunity',
                                  CONSTRAINT = 'opportunity_history_is_complete';
                    END IF;
                    RETURN NULL;
                END $$;

                CREATE CONSTRAINT TRIGGER opportunity_history_is_complete
                    AFTER INSERT OR UPDATE OF stage_id, amount, close_date, owner_id,
                        probability, forecast_category, next_step
                    ON opportunities_opportunity DEFERRABLE INITIALLY DEFERRED
                    FOR EACH ROW EXECUTE FUNCTION opportunity_history_is_complete();
                ALTER TABLE opportunities_opportunity
                    ENABLE ALWAYS TRIGGER opportunity_history_is_complete;
            """,
            reverse_sql="""
                DROP TRIGGER opportunity_history_is_complete ON opportunities_opportunity;
                DROP FUNCTION opportunity_history_is_complete();
                DROP INDEX opportunityhistory_latest;
            """,
        ),
    ]
