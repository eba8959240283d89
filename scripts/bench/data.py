"""
Data of any size within seconds, the same every time.

One record of each kind is made by the services, as people make it. Its row is then spread
in SQL: every column as in the original but those named here. All triggers run, so history
and checks are as complete as in a database that grew; 5,000 rows at a time, because the
checks that wait for COMMIT look for their rows again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from psycopg2 import sql
from psycopg2.extensions import connection, cursor

from accounts.models import LeadSource
from accounts.services import create_account, create_contact
from activities.models import Event, Reason
from activities.services import log_activity
from conversion.plans import read_plan
from conversion.services import convert_lead
from leads.models import LeadStatus, StatusKind
from leads.services import create_lead
from opportunities.models import Stage, StageKind
from opportunities.services import create_opportunity
from scripts.company import Company

BATCH = 5_000
# Rows of each kind for one lead.
SHARES = {"account": 0.3, "contact": 0.4, "opportunity": 0.2, "lead": 1, "activity": 2}
CONVERTED = 0.05
# Every so many leads one has a timeline of more than a line.
BUSY = 20

FIRST_NAMES = "Ann Bea Carl Dana Emil Fay Gus Hanna Ivan Jo Kim Lea Max Nora Otto Pia Rob".split()
HEADS = "Al Bor Cam Del Er Fen Gar Hol In Jas Kel Lor Mar Nel Or Pal Quin Ros Sol Tar".split()
MIDDLES = "a bri co den el fi gan hu ir ke lo mi".split()
TAILS = "berg dale field ford gate ham kin low mont ner rick son ton vale ward wick wood".split()
TRADES = "Analytics Foods Freight Health Labs Logistics Media Metals Power Robotics".split()
KINDS = (StatusKind.NEW, StatusKind.WORKING, StatusKind.WORKING, StatusKind.QUALIFIED)

Columns = Mapping[str, str]


@dataclass(frozen=True)
class Rows:
    """What there is of each kind: number 1, 2, 3, ... has the id after `before[kind]`."""

    before: dict[str, int]
    count: dict[str, int]
    converted: int

    def id(self, kind: str, number: int) -> int:
        return self.before[kind] + number


def fill(database: connection, people: Company, leads: int, *, with_history: bool = True) -> Rows:
    """
    Add so many leads, and accounts, contacts, deals, activities in proportion.

    `database` is a superuser's connection. Without history it takes a third of the time.
    """
    originals = make_originals(people)
    rows = Rows(
        before={kind: pk for kind, pk in originals.items() if kind in SHARES},
        count={kind: int(leads * share) for kind, share in SHARES.items()},
        converted=int(leads * CONVERTED),
    )
    common = {
        "owner_id": choice([rep.pk for rep in people.reps], "n"),
        "created_at": "now() - n * interval '7 minutes'",
    }
    shared = common | {"team_id": choice([rep.team_id for rep in people.reps], "n")}
    with database.cursor() as writer:
        for kind, table, columns in (
            ("account", "accounts_account", account_columns() | shared),
            ("opportunity", "opportunities_opportunity", opportunity_columns(rows) | shared),
            ("contact", "accounts_contact", contact_columns(rows) | shared),
        ):
            columns["id"] = f"{rows.before[kind]} + n"
            spread(writer, {table: (originals[kind], columns)}, 1, rows.count[kind])
            if not with_history and kind == "opportunity":
                # Field history and foreign keys rest from here on. The database insists on
                # the history of deals, and what guards finality is always enabled.
                writer.execute("SET session_replication_role = replica")
        lead = lead_columns(rows) | shared
        converted = converted_rows(rows, originals, lead)
        spread(writer, converted, 1, rows.converted)
        is_open = {"leads_lead": (originals["lead"], lead | open_columns())}
        spread(writer, is_open, rows.converted + 1, leads)
        activity = {"activities_activity": (originals["activity"], activity_columns(rows) | common)}
        spread(writer, activity, 1, rows.count["activity"])
        settle(writer)
    return rows


def make_originals(people: Company) -> dict[str, int]:
    """One record of each kind, made last of its kind. Gives their ids."""
    actor, source = people.admin, LeadSource.objects.order_by("pk")[0]
    person = {"first_name": "Ann", "last_name": "Original", "title": "Director"}
    fields = {
        **person,
        "company": "Original Converted",
        "email": "ann@original-converted.example",
        "source": source,
        "employees": 80,
    }
    done = create_lead(actor=actor, owner=people.reps[0], fields=fields)
    plan = {part: {"action": "create"} for part in ("account", "contact", "opportunity")}
    conversion = convert_lead(lead=done, plan=read_plan(plan), actor=actor)
    account = create_account(actor=actor, fields={"name": "Original", "employees": 80})
    contact = create_contact(actor=actor, account=account, fields=person)
    deal = create_opportunity(actor=actor, account=account, fields={"name": "Original"})
    lead = create_lead(actor=actor, owner=people.reps[0], fields=fields)
    note = "Wants pricing and a date; the board decides in the last week of the quarter."
    activity = log_activity(
        kind="call", actor=actor, fields={"outcome": "connected", "body": note}, lead=lead
    )
    return {
        "account": account.pk,
        "contact": contact.pk,
        "opportunity": deal.pk,
        "lead": lead.pk,
        "activity": activity.pk,
        "converted lead": done.pk,
        "conversion": conversion.pk,
        "conversion event": Event.objects.get(verb="lead.converted").pk,
    }


def spread(
    writer: cursor, tables: Mapping[str, tuple[int, Columns]], first: int, last: int
) -> None:
    """
    Repeat the row of each table for n from `first` to `last`, its columns being SQL of n.

    All tables together, so that each transaction leaves nothing half done.
    """
    statements = [
        copy_statement(writer, table, original, columns)
        for table, (original, columns) in tables.items()
    ]
    for start in range(first, last + 1, BATCH):
        end = min(start + BATCH - 1, last)
        for statement in statements:
            writer.execute(statement, {"start": start, "end": end})
        writer.connection.commit()


def copy_statement(writer: cursor, table: str, original: int, columns: Columns) -> sql.Composed:
    writer.execute(
        "SELECT column_name, is_identity FROM information_schema.columns"
        " WHERE table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position",
        [table],
    )
    known = dict(writer.fetchall())
    if unknown := set(columns) - set(known):
        raise KeyError(f"{table} has no {', '.join(unknown)}")
    names = [name for name in known if name in columns or known[name] == "NO"]
    values = [
        sql.SQL(columns[name].replace("%", "%%"))
        if name in columns
        else sql.Identifier("original", name)
        for name in names
    ]
    return sql.SQL(
        "INSERT INTO {table} ({names}) SELECT {values}"
        " FROM generate_series(%(start)s::bigint, %(end)s::bigint) AS n"
        " JOIN {table} original ON original.id = {original}"
    ).format(
        table=sql.Identifier(table),
        names=sql.SQL(", ").join(map(sql.Identifier, names)),
        values=sql.SQL(", ").join(values),
        original=sql.Literal(original),
    )


def settle(writer: cursor) -> None:
    """Let the next ids follow ours, and PostgreSQL know what it now has."""
    for kind in ("lead", "account", "contact", "opportunity", "activity"):
        table = {"lead": "leads_lead", "activity": "activities_activity"}.get(
            kind, f"accounts_{kind}" if kind != "opportunity" else "opportunities_opportunity"
        )
        writer.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"  # noqa: S608
        )
    writer.connection.commit()
    writer.connection.autocommit = True
    writer.execute("VACUUM ANALYZE")
    writer.connection.autocommit = False


# --- What differs from row to row: SQL of the number n ---


def choice(values: Sequence[object], number: str) -> str:
    """One of the values, by a number."""
    words = ", ".join("NULL" if value is None else f"'{value}'" for value in values)
    kind = "text" if isinstance(values[0], str) else "bigint"
    return f"(ARRAY[{words}]::{kind}[])[1 + ({number}) % {len(values)}]"


def last_name(number: str) -> str:
    """One of 4,080, in no order that an index would notice."""
    mixed = f"(({number}) * 7919)"
    parts = (
        choice(HEADS, mixed),
        choice(MIDDLES, f"{mixed} / {len(HEADS)}"),
        choice(TAILS, f"{mixed} / {len(HEADS) * len(MIDDLES)}"),
    )
    return f"({' || '.join(parts)})"


def company(number: str) -> str:
    return f"({last_name(number)} || ' ' || {choice(TRADES, number)} || ' ' || ({number}))"


def domain(number: str) -> str:
    return f"(lower(replace({company(number)}, ' ', '-')) || '.example')"


def phone(prefix: int, number: str) -> str:
    """A German number of its own: its key is the number without spaces."""
    return f"('+49 30 {prefix}' || lpad(({number})::text, 7, '0'))"


def account_columns() -> dict[str, str]:
    return {
        "name": f"{company('n')} || ' GmbH'",
        "name_key": f"lower({company('n')})",
        "website": f"'https://www.' || {domain('n')}",
        "domain_key": domain("n"),
        "phone": phone(1, "n"),
        "phone_key": f"replace({phone(1, 'n')}, ' ', '')",
    }


def person_columns(number: str, at: str, prefix: int) -> dict[str, str]:
    """Somebody of their own at the company with another number."""
    first, last = choice(FIRST_NAMES, number), last_name(f"({number}) + 17")
    address = f"lower({first}) || '.' || lower({last}) || '.' || ({number}) || '@' || {domain(at)}"
    return {
        "first_name": first,
        "last_name": last,
        "person_key": f"lower({first} || ' ' || {last})",
        "email": address,
        "email_key": address,
        "phone": phone(prefix, number),
        "phone_key": f"replace({phone(prefix, number)}, ' ', '')",
    }


def contact_columns(rows: Rows) -> dict[str, str]:
    account = f"1 + (n - 1) % {rows.count['account']}"
    return person_columns("n", account, 2) | {
        "account_id": f"{rows.before['account']} + {account}",
    }


def opportunity_columns(rows: Rows) -> dict[str, str]:
    stages = list(Stage.objects.in_order().order_by("position"))
    is_open = choice([stage.kind == StageKind.OPEN for stage in stages], "n").replace(
        "::bigint", "::boolean"
    )
    reason = Reason.objects.for_kind("lost")[0]
    is_lost = f"{choice([stage.kind for stage in stages], 'n')} = 'lost'"
    return {
        "name": f"{company('n')} || ' - New business'",
        "account_id": f"{rows.before['account']} + n",
        "amount": "1000 + (n * 7919) % 90000",
        "close_date": "current_date + (n % 180)::int - 60",
        "stage_id": choice([stage.pk for stage in stages], "n"),
        "stage_kind": choice([str(stage.kind) for stage in stages], "n"),
        "probability": choice([stage.probability for stage in stages], "n"),
        "forecast_category": choice([str(stage.forecast_category) for stage in stages], "n"),
        "closed_at": f"CASE WHEN NOT {is_open} THEN now() END",
        "closed_reason_id": f"CASE WHEN {is_lost} THEN {reason.pk} END",
        "last_activity_at": "now() - n * interval '1 minute'",
    }


def lead_columns(rows: Rows) -> dict[str, str]:
    return person_columns("n", "n", 3) | {
        "id": f"{rows.before['lead']} + n",
        "company": f"{company('n')} || ' GmbH'",
        "company_key": f"lower({company('n')})",
        "domain_key": domain("n"),
        "website": f"'https://www.' || {domain('n')}",
        "score": "(n * 37) % 101",
        "source_id": choice(
            list(LeadSource.objects.order_by("pk").values_list("pk", flat=True)), "n"
        ),
        "next_step_on": "CASE WHEN n % 3 > 0 THEN current_date + (n % 60)::int - 20 END",
        "last_activity_at": "now() - n * interval '1 minute'",
    }


def open_columns() -> dict[str, str]:
    statuses = [LeadStatus.objects.default_for(kind) for kind in KINDS]
    return {
        "status_id": choice([status.pk for status in statuses], "n"),
        "status_kind": choice([str(status.kind) for status in statuses], "n"),
    }


def converted_rows(
    rows: Rows, originals: Mapping[str, int], lead: Columns
) -> dict[str, tuple[int, Columns]]:
    """A lead, its receipt and its event: what the database wants to see together."""
    pks = {
        f"{kind}_id": f"{rows.before[kind]} + n" for kind in ("account", "contact", "opportunity")
    }
    linked = {"lead_id": f"{rows.before['lead']} + n"} | pks
    at = {"converted_at": "now() - n * interval '5 minutes'"}
    targets = {f"converted_{name}": value for name, value in pks.items()}
    return {
        "leads_lead": (originals["converted lead"], {**lead, **targets, **at}),
        "conversion_conversion": (originals["conversion"], linked | at),
        "activities_event": (
            originals["conversion event"],
            linked | {"event_id": "gen_random_uuid()", "at": "now() - n * interval '5 minutes'"},
        ),
    }


def activity_columns(rows: Rows) -> dict[str, str]:
    """Half of them spread over all leads, the other half over a few busy ones."""
    leads = rows.count["lead"]
    lead = f"CASE WHEN n <= {leads} THEN n ELSE {BUSY} * (1 + n % {leads // BUSY}) END"
    return {
        "lead_id": f"{rows.before['lead']} + {lead}",
        "at": "now() - n * interval '3 minutes'",
        "kind": choice(["call", "note", "email", "meeting"], "n"),
    }
