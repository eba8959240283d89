"""What an import promises: each row a lead or a reason, nothing lost, nothing twice."""

import csv
import datetime as dt
import io

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import Campaign, LeadSource
from activities.models import Event, Notification, Reason
from integrations.models import BadValues, ImportState
from integrations.queries import refused_table
from integrations.services import (
    NEW,
    ImportIsBusy,
    check_rows,
    choose_values,
    create_import,
    discard_import,
    import_rows,
    map_columns,
    start_check,
    start_import,
)
from leads.models import Lead, LeadStatus, Queue, QueueMember
from leads.services import create_lead
from leads.work_queue import work_queue
from people.models import User
from tests.factories import UserFactory
from tests.integrations.import_files import (
    HEADER,
    check,
    csv_of,
    good_file,
    problems,
    row_of,
    run,
    upload,
)
from tests.odd_text import ODD_TEXTS

# --- Nothing is lost


def test_a_lead_of_a_file_is_a_lead_like_any_other(ada):
    """History, event, keys, score: all that create_lead writes."""
    run(upload(ada, [row_of(1)], mapping={"Index": "skip", "Deal Stage": "skip"}, queue=None))
    imported = Lead.objects.get()
    fields = {
        "first_name": "Ana",
        "last_name": "Person1",
        "company": "Firm 1 Inc",
        "phone": "+1 212 555 0001",
        "email": "ana1@firm1.com",
        "source": LeadSource.objects.get(name="Podcast"),
        "description": "Wants a call.",
        "imported_owner": "Selena Doyle",
    }
    typed = create_lead(actor=ada, fields=fields)
    own = {"id", "created_at", "updated_at", "assigned_at"}
    columns = [field.attname for field in Lead._meta.concrete_fields if field.name not in own]
    assert {name: getattr(imported, name) for name in columns} == {
        name: getattr(typed, name) for name in columns
    }
    assert imported.history.count() == 1
    event = Event.objects.get(verb="lead.created", lead=imported)
    assert event.note == "Imported from leads.csv, row 2."
    assert event.changes == {"owner": [None, ada.pk], "queue": [None, None]}


def test_every_cell_is_in_a_field_beside_the_lead_or_declined(ada):
    columns = [*HEADER, "Shoe size", "Secret"]
    row = row_of(1, **{"Shoe size": "44", "Secret": "x", "Deal Stage": "Closed Won"})
    run(upload(ada, [row], columns=columns, mapping={"Secret": "skip"}))
    lead = Lead.objects.get()
    assert lead.imported_values == {"Index": "1", "Shoe size": "44", "Deal Stage": "Closed Won"}
    assert lead.source.name == "Podcast"
    assert lead.imported_owner == "Selena Doyle"


@pytest.mark.parametrize("text", ODD_TEXTS.values(), ids=ODD_TEXTS)
def test_odd_text_comes_through_every_field_as_it_was(ada, text):
    columns = ["Last name", "First name", "Title", "Company", "City", "Notes", "Lead owner", text]
    data = csv_of([[text] * len(columns)], columns=columns)
    run(create_import(actor=ada, data=data, name="leads.csv"))
    lead = Lead.objects.get()
    typed = create_lead(
        actor=ada, fields={"last_name": text, "description": text, "source": lead.source}
    )
    assert {lead.last_name, lead.first_name, lead.title, lead.company, lead.city} == {
        typed.last_name
    }
    assert lead.description == typed.description
    assert lead.imported_owner == typed.description
    assert list(lead.imported_values.values()) == [typed.description]


def test_once_a_row_is_a_lead_its_cells_are_kept_nowhere_else(ada):
    batch = run(upload(ada, [row_of(1), row_of(2, **{"Last Name": ""})]))
    assert list(batch.rows.order_by("number").values_list("cells", flat=True)) == [
        [],
        list(row_of(2, **{"Last Name": ""}).values()),
    ]


# --- What values become


def test_stages_become_statuses_and_never_converted(ada):
    stages = ["New Lead", "Re-engagement", "On Hold", "Proposal Sent", "Closed Won", "Closed Lost"]
    rows = [row_of(number, **{"Deal Stage": stage}) for number, stage in enumerate(stages)]
    day = timezone.localdate() + dt.timedelta(days=7)
    reason = Reason.objects.get(kind="disqualify", code="no_need")
    run(upload(ada, rows, wake_up_on=day, reason=reason))
    leads = list(Lead.objects.order_by("pk"))
    assert [lead.status_kind for lead in leads] == [
        "new", "working", "nurturing", "qualified", "qualified", "disqualified",
    ]  # fmt: skip
    assert leads[2].wake_up_on == day
    assert leads[5].disqualified_reason == reason


def test_no_choice_leads_into_the_converted_kind(ada):
    batch = upload(ada, [row_of(1)])
    converted = LeadStatus.objects.get(kind="converted")
    with pytest.raises(ValidationError, match="Choose a status for “Contacted”"):
        choose_values(
            batch=batch, actor=ada, options={}, values={"status": {"Contacted": converted.pk}}
        )


def test_a_source_is_made_by_those_who_may_and_else_mapped(ada, rita):
    other = LeadSource.objects.get(name="Other")
    run(upload(rita, [row_of(1), row_of(2, Source="cold CALL")]))
    unknown, known = Lead.objects.order_by("pk")
    assert (unknown.source, unknown.imported_values["Source"]) == (other, "Podcast")
    assert known.source.name == "Cold call"
    assert "Source" not in known.imported_values
    assert not LeadSource.objects.filter(name="Podcast").exists()
    batch = upload(rita, [row_of(3)])
    with pytest.raises(ValidationError, match="You may not add the source “Podcast”"):
        choose_values(batch=batch, actor=rita, options={}, values={"source": {"Podcast": NEW}})
    run(upload(ada, [row_of(4)]))
    assert Lead.objects.latest("pk").source == LeadSource.objects.get(name="Podcast")


def test_an_owner_is_found_by_address_or_name_and_else_kept_by_name(ada, rita, leo):
    usual = Queue.objects.get(is_default=True)
    QueueMember.objects.create(queue=usual, user=rita)
    twins = UserFactory.create_batch(2, full_name="Kim Lee")
    names = [rita.email.upper(), "leo haddad", twins[0].full_name, "Nobody Known", ""]
    rows = [row_of(number, **{"Lead Owner": name}) for number, name in enumerate(names)]
    run(upload(ada, rows))
    leads = list(Lead.objects.order_by("pk"))
    assert [lead.owner for lead in leads] == [rita, leo, None, None, None]
    assert [lead.imported_owner for lead in leads] == ["", "", "Kim Lee", "Nobody Known", ""]
    assert [lead.queue for lead in leads] == [None, None, usual, usual, usual]
    assert leads[0].team == rita.team


def test_leads_for_nobody_go_to_the_usual_queue_only_when_somebody_takes_from_it(ada, nadia, rita):
    """A newcomer is alone: what they import is theirs, not in a queue that nobody looks into."""
    usual = Queue.objects.get(is_default=True)
    assert create_import(actor=nadia, data=good_file(1), name="a.csv").queue is None
    newcomer = User.objects.create_superuser("new@relay.example", "a long passphrase")
    run(create_import(actor=newcomer, data=good_file(3), name="b.csv"))
    assert list(work_queue(newcomer)) == list(Lead.objects.order_by("-score", "pk"))

    QueueMember.objects.create(queue=usual, user=rita)
    assert create_import(actor=ada, data=good_file(1), name="c.csv").queue == usual
    User.objects.filter(pk=rita.pk).update(is_active=False)
    assert create_import(actor=ada, data=good_file(1), name="d.csv").queue is None


def test_numbers_days_and_choices_are_read_as_people_write_them(ada):
    Campaign.objects.create(name="Spring")
    row = {
        "Name": "Whitfield, Dana",
        "Employees": "1,200",
        "Annual revenue": "$1.2M",
        "Rating": "Hot",
        "Do not call": "YES",
        "Follow up": "31.01.2027",
        "Campaign": "spring",
    }
    run(create_import(actor=ada, data=csv_of([row], columns=list(row)), name="leads.csv"))
    lead = Lead.objects.get()
    assert (lead.first_name, lead.last_name) == ("Dana", "Whitfield")
    assert (lead.employees, lead.annual_revenue) == (1200, 1_200_000)
    assert (lead.rating, lead.do_not_call, lead.campaign.name) == ("hot", True, "Spring")
    assert lead.next_step_on == dt.date(2027, 1, 31)
    assert lead.currency


# --- What is refused


BAD = {
    "Last Name": ("", "Last Name: Give the lead a last name."),
    "Email 1": ("ana@", "Email 1: Give one e-mail address"),
    "Phone 1": ("x", "Phone 1: Give a phone number"),
    "Company": ("x" * 201, "Company: Ensure this value has at most 200 characters"),
}


@pytest.mark.parametrize(("column", "bad"), BAD.items(), ids=BAD)
def test_a_bad_value_refuses_the_row_and_names_the_column(ada, column, bad):
    value, reason = bad
    batch = run(upload(ada, [row_of(1), row_of(2, **{column: value}), row_of(3)]))
    assert (batch.good_count, batch.refused_count) == (2, 1)
    assert problems(batch)[3].startswith(reason)


def test_a_bad_value_can_be_kept_beside_the_lead_instead(ada):
    columns = [*HEADER, "Employees"]
    rows = [
        row_of(1, **{"Email 1": "ana@", "Employees": "many"}),
        row_of(2, **{"Last Name": "", "Employees": "3"}),
    ]
    batch = run(upload(ada, rows, columns=columns, bad_values=BadValues.KEEP_BESIDE))
    lead = Lead.objects.get()
    assert (lead.email, lead.employees) == ("", None)
    assert lead.imported_values["Email 1"] == "ana@"
    assert lead.imported_values["Employees"] == "many"
    assert list(problems(batch)) == [3]


def test_a_row_with_too_many_cells_is_refused_and_a_short_one_is_not(ada):
    long = [*row_of(1).values(), "what is this"]
    batch = run(upload(ada, [long, ["", "", "Short"]]))
    assert Lead.objects.get().last_name == "Short"
    assert problems(batch) == {
        2: "The row has 11 cells for 10 columns. Put quotation marks around values that hold "
        "the separator."
    }


def test_refused_rows_come_back_as_a_file_that_is_safe_and_can_be_imported(ada):
    formula = "=HYPERLINK(1)"
    bad = row_of(1, **{"Email 1": "ana@", "Notes": formula, "Phone 1": "+49 30 901820"})
    batch = run(upload(ada, [bad, row_of(2)]))
    text = io.StringIO()
    csv.writer(text).writerows(refused_table(batch))
    header, row = csv.reader(io.StringIO(text.getvalue()))
    assert header == [*HEADER, "Why it was left out"]
    assert row[HEADER.index("Notes")] == "'" + formula
    corrected = text.getvalue().replace("ana@,", "ana@firm.com,")
    again = create_import(actor=ada, data=("\ufeff" + corrected).encode(), name="corrected.csv")
    assert again.mapping["Why it was left out"] == "skip"
    again = run(again)
    assert (again.good_count, again.refused_count) == (1, 0)
    lead = Lead.objects.latest("pk")
    assert (lead.description, lead.phone) == (formula, "+49 30 901820")


# --- States and what is told


def test_what_runs_or_is_over_cannot_be_changed_or_run_again(ada):
    batch = start_import(batch=upload(ada, [row_of(1)]), actor=ada, in_background=False)
    for act in (start_check, start_import, discard_import):
        with pytest.raises(ImportIsBusy):
            act(batch=batch, actor=ada)
    list(import_rows(batch.pk, batch.round))
    with pytest.raises(ImportIsBusy, match=r"leads.csv is imported and cannot change now"):
        start_import(batch=batch, actor=ada)
    with pytest.raises(ImportIsBusy):
        map_columns(batch=batch, mapping=batch.mapping, actor=ada)


def test_a_check_makes_nothing_and_can_be_repeated(ada):
    batch = upload(ada, [row_of(1), row_of(2, **{"Last Name": ""})])
    events = Event.objects.count()
    for _ in range(2):
        batch = check(batch)
        assert (batch.state, batch.good_count, batch.refused_count) == ("checked", 1, 1)
    assert not Lead.objects.exists()
    assert Event.objects.count() == events
    assert not LeadSource.objects.filter(name="Podcast").exists()


def test_work_for_a_round_that_is_over_is_dropped(ada):
    batch = start_check(batch=upload(ada, [row_of(1)]), actor=ada, in_background=False)
    assert list(check_rows(batch.pk, batch.round - 1)) == []
    assert list(import_rows(batch.pk, batch.round)) == []
    batch.refresh_from_db()
    assert (batch.state, batch.position) == (ImportState.CHECKING, 0)


def test_the_importer_and_new_owners_are_told_once_each(ada, rita, leo):
    rows = [row_of(n, **{"Lead Owner": rita.email}) for n in range(3)]
    run(upload(ada, [*rows, row_of(9, **{"Lead Owner": leo.email})]))
    told = Notification.objects.values_list("user__email", "event__verb", "event__note")
    assert sorted(told) == [
        (ada.email, "import.finished", "leads.csv: 4 leads."),
        (leo.email, "import.assigned", "leads.csv: 1 lead."),
        (rita.email, "import.assigned", "leads.csv: 3 leads."),
    ]


def test_a_column_with_too_many_values_is_no_source(ada):
    rows = [row_of(number, Source=f"Source {number}") for number in range(101)]
    batch = create_import(actor=ada, data=csv_of(rows), name="leads.csv")
    with pytest.raises(ValidationError) as refusal:
        map_columns(batch=batch, mapping=batch.mapping, actor=ada)
    assert "more than 100 different values" in refusal.value.message_dict["Source"][0]


def test_a_hundred_leads_cost_as_many_statements_as_one(ada, django_assert_max_num_queries):
    for count in (1, 100):
        batch = upload(ada, [row_of(count * 1000 + n) for n in range(count)])
        batch = start_import(batch=batch, actor=ada, in_background=False)
        with django_assert_max_num_queries(30):
            list(import_rows(batch.pk, batch.round))
