from django.db import migrations

LEAD = [
    "salutation", "first_name", "title", "email", "other_email", "phone", "mobile", "street",
    "city", "region", "postal_code", "description", "source_detail", "next_step",
]  # fmt: skip
LEAD_KEYS = ["email_key", "other_email_key", "phone_key", "mobile_key", "person_key"]
CONTACT = [
    "salutation", "first_name", "title", "department", "email", "phone", "mobile", "street",
    "city", "region", "postal_code", "description", "external_id",
]  # fmt: skip
CONTACT_KEYS = ["email_key", "phone_key", "mobile_key", "person_key"]
ACCOUNT = ["website", "phone", "street", "city", "region", "postal_code", "description"]
ACTIVITY = ["body", "location", "sender", "message_id", "thread_id"]
REQUEST = ["message", "decision_note", "dispute_statement", "dispute_decision"]
BOOKKEEPING = ["version", "updated_at", "updated_by_id"]

# What the role of the eraser may do: nothing else, on no other table.
RIGHTS = {
    "leads_lead": ("SELECT", [*LEAD, *LEAD_KEYS, "last_name", "imported_values", "score_explanation", *BOOKKEEPING]),
    "leads_leadhistory": ("SELECT, INSERT", [*LEAD, "last_name", "imported_values"]),
    "leads_answer": ("SELECT", ["value", "evidence"]),
    "accounts_contact": (
        "SELECT",
        [*CONTACT, *CONTACT_KEYS, "last_name", "do_not_call", "do_not_email", *BOOKKEEPING],
    ),
    "accounts_contacthistory": ("SELECT, INSERT", [*CONTACT, "last_name"]),
    "accounts_contactemail": ("SELECT, DELETE", []),
    "accounts_contactphone": ("SELECT, DELETE", []),
    "accounts_account": (
        "SELECT",
        [*ACCOUNT, "name", "name_key", "domain_key", "phone_key", *BOOKKEEPING],
    ),
    "accounts_accounthistory": ("SELECT, INSERT", [*ACCOUNT, "name"]),
    "opportunities_opportunity": ("SELECT", ["name", "next_step", *BOOKKEEPING]),
    "opportunities_opportunityhistory": ("SELECT, INSERT", ["name", "next_step"]),
    "activities_activity": ("SELECT", [*ACTIVITY, "subject", "recipients"]),
    "activities_attendee": ("SELECT", ["email"]),
    "activities_event": ("SELECT, INSERT", ["changes", "note"]),
    "conversion_conversionrequest": (
        "SELECT", [*REQUEST, "plan", "answers", "lead_snapshot"]
    ),
    "conversion_requesttransition": ("SELECT", ["note", "facts"]),
    "conversion_conversion": ("SELECT", ["plan", "effects", "answers", "lead_snapshot"]),
    # Field history notes there in which context a change was made.
    "pghistory_context": ("SELECT, INSERT, UPDATE", []),
    "people_user": ("SELECT", []),
    "people_rolepermission": ("SELECT", []),
}  # fmt: skip


def grants() -> str:
    return "".join(
        f"GRANT {rights} ON {table} TO relay_eraser;\n"
        + (f"GRANT UPDATE ({', '.join(columns)}) ON {table} TO relay_eraser;\n" if columns else "")
        for table, (rights, columns) in RIGHTS.items()
    )


def blank(columns: list[str]) -> str:
    return ", ".join(f"{column} = ''" for column in columns)


ERASE = f"""
    -- The words in a JSON value are replaced, except under the keys that say nothing of anybody.
    CREATE FUNCTION without_words(given jsonb, kept text[]) RETURNS jsonb
    LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, public AS $$
        SELECT CASE jsonb_typeof(given)
            WHEN 'object' THEN (
                SELECT coalesce(jsonb_object_agg(
                           key, CASE WHEN key = ANY (kept) THEN item
                                     ELSE without_words(item, kept) END), '{{}}')
                  FROM jsonb_each(given) AS pair (key, item))
            WHEN 'array' THEN (
                SELECT coalesce(jsonb_agg(without_words(item, kept) ORDER BY place), '[]')
                  FROM jsonb_array_elements(given) WITH ORDINALITY AS element (item, place))
            WHEN 'string' THEN CASE WHEN given = '""' THEN given ELSE '"Erased"' END
            ELSE given
        END
    $$;

    CREATE FUNCTION erase_person(erased_lead bigint, erased_by bigint, why text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    DECLARE
        kept text[] := ARRAY[
            'action', 'activity', 'amount', 'at', 'by', 'campaign', 'category', 'close_date',
            'contact_role', 'criterion', 'currency', 'field', 'forecast_category', 'handoff_state',
            'industry', 'kind', 'label', 'lead_field', 'mode', 'outcome', 'owner', 'product',
            'products', 'quantity', 'queue', 'rating', 'role', 'source', 'stage', 'state',
            'status', 'status_kind', 'target', 'team'];
        lead leads_lead;
        its conversion_conversion;
        person bigint;
        company bigint;
        deal bigint;
        requests bigint[];
    BEGIN
        IF coalesce(btrim(why), '') = '' THEN
            RAISE EXCEPTION 'Say why the person is erased' USING ERRCODE = '22023';
        END IF;
        PERFORM FROM people_user actor
           JOIN people_rolepermission permission ON permission.role_id = actor.role_id
          WHERE actor.id = erased_by AND actor.is_active
            AND permission.record_type = 'settings' AND permission.action = 'edit'
            AND permission.level = 'all';
        IF NOT FOUND THEN
            RAISE EXCEPTION 'User % may not erase anybody', erased_by USING ERRCODE = '42501';
        END IF;
        SELECT * INTO lead FROM leads_lead WHERE id = erased_lead FOR NO KEY UPDATE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'There is no lead %', erased_lead USING ERRCODE = 'P0002';
        END IF;
        SELECT * INTO its FROM conversion_conversion WHERE lead_id = lead.id;
        person := its.contact_id;
        requests := ARRAY(SELECT id FROM conversion_conversionrequest WHERE lead_id = lead.id);
        -- Without a company, what was made bears the person's own name.
        IF lead.company = '' THEN
            IF its.account_outcome = 'created' THEN company := its.account_id; END IF;
            IF its.opportunity_outcome = 'created' THEN deal := its.opportunity_id; END IF;
        ELSE
            kept := kept || ARRAY['account', 'opportunity', 'company', 'website'];
        END IF;

        UPDATE leads_answer SET {blank(["value", "evidence"])} WHERE lead_id = lead.id;
        UPDATE leads_lead
           SET {blank([*LEAD, *LEAD_KEYS])}, last_name = 'Erased', imported_values = '{{}}',
               score_explanation = '[]', version = version + 1, updated_at = now(), updated_by_id = erased_by
         WHERE id = lead.id;
        UPDATE leads_leadhistory
           SET {blank(LEAD)}, last_name = 'Erased', imported_values = '{{}}'
         WHERE pgh_obj_id = lead.id;

        DELETE FROM accounts_contactemail WHERE contact_id = person;
        DELETE FROM accounts_contactphone WHERE contact_id = person;
        UPDATE accounts_contact
           SET {blank([*CONTACT, *CONTACT_KEYS])}, last_name = 'Erased', do_not_call = true,
               do_not_email = true, version = version + 1, updated_at = now(),
               updated_by_id = erased_by
         WHERE id = person;
        UPDATE accounts_contacthistory SET {blank(CONTACT)}, last_name = 'Erased'
         WHERE pgh_obj_id = person;

        UPDATE accounts_account
           SET {blank([*ACCOUNT, "domain_key", "phone_key"])}, name = 'Erased',
               name_key = 'erased', version = version + 1, updated_at = now(),
               updated_by_id = erased_by
         WHERE id = company;
        UPDATE accounts_accounthistory SET {blank(ACCOUNT)}, name = 'Erased'
         WHERE pgh_obj_id = company;
        UPDATE opportunities_opportunity
           SET name = 'Erased', version = version + 1, updated_at = now(),
               updated_by_id = erased_by
         WHERE id = deal;
        UPDATE opportunities_opportunityhistory SET name = 'Erased' WHERE pgh_obj_id = deal;

        -- The person's own number and next step, where the company and the deal took them over.
        UPDATE accounts_account SET phone = '', phone_key = '', version = version + 1
         WHERE id = its.account_id AND phone <> '' AND phone IN (lead.phone, lead.mobile);
        UPDATE accounts_accounthistory SET phone = ''
         WHERE pgh_obj_id = its.account_id AND phone <> '' AND phone IN (lead.phone, lead.mobile);
        UPDATE opportunities_opportunity SET next_step = '', version = version + 1
         WHERE id = its.opportunity_id AND next_step <> '' AND next_step = lead.next_step;
        UPDATE opportunities_opportunityhistory SET next_step = ''
         WHERE pgh_obj_id = its.opportunity_id AND next_step <> ''
           AND next_step = lead.next_step;

        UPDATE activities_attendee SET email = '' WHERE contact_id = person;
        UPDATE activities_activity
           SET {blank(ACTIVITY)}, recipients = '{{}}',
               subject = CASE WHEN subject = '' THEN '' ELSE 'Erased' END
         WHERE lead_id = lead.id OR contact_id = person;

        UPDATE conversion_conversionrequest
           SET {blank(REQUEST)}, plan = without_words(plan, kept),
               answers = without_words(answers, kept),
               lead_snapshot = without_words(lead_snapshot, kept)
         WHERE id = ANY (requests);
        UPDATE conversion_requesttransition SET note = '', facts = without_words(facts, kept)
         WHERE request_id = ANY (requests);
        UPDATE conversion_conversion
           SET plan = without_words(plan, kept), effects = without_words(effects, kept),
               answers = without_words(answers, kept),
               lead_snapshot = without_words(lead_snapshot, kept)
         WHERE lead_id = lead.id;
        UPDATE activities_event
           SET note = '', changes = CASE WHEN verb = 'lead.converted' THEN changes
                                         ELSE without_words(changes, kept) END
         WHERE lead_id = lead.id OR contact_id = person
            OR account_id = company OR opportunity_id = deal;

        INSERT INTO activities_event
            (event_id, at, request_id, verb, actor_id, lead_id, contact_id, subject_type,
             changes, note)
        VALUES (gen_random_uuid(), clock_timestamp(), '', 'lead.erased', erased_by, lead.id,
                person, '', '{{}}', why);
    END $$;
"""  # noqa: S608  # The columns above are ours.


class Migration(migrations.Migration):
    """
    The one way in which a person's data leaves what is final: `erase_person`.

    It runs as a role of its own that nobody can sign in as, which may blank these columns
    and nothing else; the guards let no one else do so. Whoever calls it is named in the log,
    with the reason. Facts that say nothing of a person stay, and with them every figure.
    """

    dependencies = [("conversion", "0002_converted_once")]

    operations = [
        migrations.RunSQL(
            # Roles belong to the whole server: another database of Relay may have made it.
            sql="""
                DO $$ BEGIN
                    IF to_regrole('relay_eraser') IS NULL THEN
                        CREATE ROLE relay_eraser NOLOGIN;
                    END IF;
                    IF NOT pg_has_role(current_user, 'relay_eraser', 'USAGE') THEN
                        EXECUTE format('GRANT relay_eraser TO %I', current_user);
                    END IF;
                END $$;
            """,
            reverse_sql=migrations.RunSQL.noop,
        ),
        migrations.RunSQL(
            sql=f"""
                GRANT USAGE, CREATE ON SCHEMA public TO relay_eraser;
                {grants()}
                {ERASE}
                REVOKE ALL ON FUNCTION erase_person(bigint, bigint, text) FROM PUBLIC;
                ALTER FUNCTION erase_person(bigint, bigint, text) OWNER TO relay_eraser;
                REVOKE CREATE ON SCHEMA public FROM relay_eraser;
            """,
            reverse_sql="""
                DROP FUNCTION erase_person(bigint, bigint, text);
                DROP FUNCTION without_words(jsonb, text[]);
                DROP OWNED BY relay_eraser;
            """,
        ),
    ]
