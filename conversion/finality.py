"""Whether the database still guards what is final: its triggers, and the application's role."""

from django.db import connection

from crm.database_roles import append_only_tables

# Table -> the triggers that must be there and ENABLE ALWAYS ('A').
GUARDS = {
    "leads_lead": {"lead_final", "lead_not_truncated", "lead_conversion_complete"},
    "leads_answer": {"answer_of_final_lead"},
    "leads_productinterest": {"interest_of_final_lead"},
    "conversion_conversion": {
        "conversion_conversion_final",
        "conversion_conversion_not_truncated",
        "conversion_complete",
    },
    "conversion_requesttransition": {
        "conversion_requesttransition_final",
        "conversion_requesttransition_not_truncated",
    },
    "conversion_conversioncredit": {
        "conversion_conversioncredit_final",
        "conversion_conversioncredit_not_truncated",
    },
    "activities_event": {
        "event_final",
        "event_not_truncated",
        "event_conversion_complete",
    },
}
# Constraints and unique indexes without which a lead could be converted twice or half.
CONSTRAINTS = {
    "conversion_conversion_lead_id_key",
    "conversion_lead",
    "conversion_contact_of_account",
    "conversion_opportunity_of_account",
    "conversion_request_of_lead",
    "lead_status_with_kind",
    "lead_converted_at_matches_status",
    "lead_converted_is_not_deleted",
    "request_approver_is_not_requester",
    "opportunity_stage_with_kind",
}
UNIQUE_INDEXES = {"request_one_open_per_lead", "event_one_conversion"}


def finality_problems() -> list[str]:
    """What is missing or switched off, in sentences; an empty list means all guards stand."""
    with connection.cursor() as cursor:
        return [
            *trigger_problems(cursor),
            *constraint_problems(cursor),
            *role_problems(cursor),
        ]


def trigger_problems(cursor) -> list[str]:
    cursor.execute(
        """SELECT tgrelid::regclass::text, tgname, tgenabled FROM pg_trigger
            WHERE NOT tgisinternal AND tgrelid::regclass::text = ANY(%s)""",
        [list(GUARDS)],
    )
    enabled = {(table, trigger): state for table, trigger, state in cursor.fetchall()}
    problems = []
    for table, triggers in GUARDS.items():
        for trigger in sorted(triggers):
            state = enabled.get((table, trigger))
            if state is None:
                problems.append(f"The trigger {trigger} on {table} is missing.")
            elif state != "A":
                problems.append(f"The trigger {trigger} on {table} is not ENABLE ALWAYS.")
    return problems


def constraint_problems(cursor) -> list[str]:
    cursor.execute(
        "SELECT conname FROM pg_constraint WHERE conname = ANY(%s) AND convalidated",
        [list(CONSTRAINTS)],
    )
    missing = CONSTRAINTS - {name for (name,) in cursor.fetchall()}
    cursor.execute(
        """SELECT relname FROM pg_class JOIN pg_index ON indexrelid = pg_class.oid
            WHERE relname = ANY(%s) AND indisunique AND indisvalid""",
        [list(UNIQUE_INDEXES)],
    )
    missing |= UNIQUE_INDEXES - {name for (name,) in cursor.fetchall()}
    return [f"The constraint {name} is missing." for name in sorted(missing)]


def role_problems(cursor) -> list[str]:
    """The role we are connected as must own nothing and only add to what is final."""
    cursor.execute(
        """SELECT rolsuper OR rolbypassrls OR rolcreaterole, current_user FROM pg_roles
            WHERE rolname = current_user"""
    )
    is_mighty, role = cursor.fetchone()
    problems = [f"The role {role} has administrative rights."] if is_mighty else []
    cursor.execute(
        """SELECT relname FROM pg_class WHERE relowner = current_user::regrole
              AND relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') ORDER BY 1"""
    )
    problems += [f"The role {role} owns the table {name}." for (name,) in cursor.fetchall()]
    for table in sorted(append_only_tables()):
        cursor.execute(
            """SELECT has_table_privilege(%s, 'UPDATE') OR has_table_privilege(%s, 'DELETE')
                   OR has_table_privilege(%s, 'TRUNCATE')""",
            [table, table, table],
        )
        if cursor.fetchone()[0]:
            problems.append(f"The role {role} may change {table}.")
    cursor.execute(
        """SELECT rolcanlogin OR pg_has_role(%s, oid, 'MEMBER') FROM pg_roles
            WHERE rolname = 'relay_eraser'""",
        [role],
    )
    if (eraser := cursor.fetchone()) is None or eraser[0]:
        problems.append(f"The role {role} may act as relay_eraser, or nobody may.")
    cursor.execute("SELECT has_table_privilege('leads_lead', 'TRUNCATE')")
    if cursor.fetchone()[0]:
        problems.append(f"The role {role} may empty leads_lead.")
    return problems
