"""`manage.py import_leads`: the whole import at the console."""

import os
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from activities.models import Event
from integrations.models import Import
from leads.models import Lead, LeadStatus, Queue, QueueMember
from tests.factories import QueueFactory
from tests.integrations.import_files import csv_of, good_file, row_of


@pytest.fixture
def run(tmp_path, ada):
    def command(data, *options, email=ada.email):
        path = tmp_path / "leads.csv"
        path.write_bytes(data)
        said = StringIO()
        call_command("import_leads", str(path), "--as", email, *options, stdout=said)
        return said.getvalue()

    return command


def test_rows_become_leads(run, ada, rita):
    QueueMember.objects.create(queue=Queue.objects.get(is_default=True), user=rita)
    said = run(good_file(3))
    assert "3 rows became leads, 0 are left out." in said
    lead = Lead.objects.order_by("pk").first()
    assert (lead.name, lead.email_key, lead.source.name) == (
        "Ana Person1",
        "ana1@firm1.com",
        "Podcast",
    )
    assert lead.imported_owner == "Selena Doyle"
    assert lead.queue.is_default
    assert lead.owner is None
    assert lead.imported_values == {"Index": "1", "Deal Stage": "Contacted"}
    assert lead.status_kind == "working"
    assert lead.score > 0
    assert lead.created_by == ada


def test_a_dry_run_leaves_nothing_behind(run):
    said = run(good_file(3), "--dry-run")
    assert "3 rows would become leads" in said
    assert "Deal Stage -> Status" in said
    assert not Lead.objects.exists()
    assert not Import.objects.exists()
    assert not Event.objects.exists()


def test_one_row_is_told_in_the_singular(run):
    assert "1 row became a lead, 0 are left out." in run(good_file(1))
    assert "0 rows became leads, 1 is left out." in run(good_file(1))


def test_a_second_run_of_the_same_file_makes_no_second_leads(run):
    run(good_file(3))
    said = run(good_file(3))
    assert "0 rows became leads, 3 are left out." in said
    assert "Row 2: It is there already: same email" in said
    assert Lead.objects.count() == 3


def test_columns_and_cases_of_doubt_can_be_chosen(run, rita):
    queue = QueueFactory(name="Event leads")
    data = csv_of([row_of(1, **{"Lead Owner": rita.full_name}), row_of(2), row_of(2)])
    said = run(
        data, "--map", "Notes=next_step", "--map", "Index=skip", "--queue", "event leads",
        "--duplicates", "create",
    )  # fmt: skip
    assert "3 rows became leads" in said
    owned, *queued = Lead.objects.order_by("pk")
    assert (owned.owner, owned.next_step) == (rita, "Wants a call.")
    assert "Index" not in owned.imported_values
    assert {lead.queue for lead in queued} == {queue}


def test_a_column_named_by_hand_takes_its_field_from_a_guess(run):
    run(good_file(1), "--map", "Company=last_name")
    lead = Lead.objects.get()
    assert lead.last_name == "Firm 1 Inc"
    assert lead.imported_values["Last Name"] == "Person1"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--map", "Notes"], "write COLUMN=FIELD"),
        (["--map", "Fax=phone"], "no column “Fax”"),
        (["--map", "Notes=fax"], "Notes: There is no field “fax”"),
        (["--map", "Last Name=keep"], "Choose the column with the last name"),
        (["--map", "Index=full_name"], "First and last name come from columns of their own"),
        (["--queue", "Nobody"], "There is no queue Nobody"),
    ],
)
def test_a_wrong_option_is_named_and_leaves_nothing(run, options, says):
    with pytest.raises(CommandError, match=says):
        run(good_file(1), *options)
    assert not Import.objects.exists()


def test_a_file_or_person_that_is_not_there_is_told(run, tmp_path, ada):
    with pytest.raises(CommandError, match=r"no active user nobody@example.com"):
        run(good_file(1), email="nobody@example.com")
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_leads", str(tmp_path / "none.csv"), "--as", ada.email)
    with pytest.raises(CommandError, match="is empty"):
        run(b"")


def test_a_lead_that_was_won_elsewhere_is_qualified_here(run):
    run(csv_of([row_of(1, **{"Deal Stage": "Closed Won"})]))
    lead = Lead.objects.get()
    assert lead.status == LeadStatus.objects.get(name="Qualified")
    assert lead.imported_values["Deal Stage"] == "Closed Won"


SAMPLE = os.environ.get("RELAY_SAMPLE_LEADS")


@pytest.mark.slow
@pytest.mark.skipif(not SAMPLE, reason="RELAY_SAMPLE_LEADS names no file")
def test_ten_thousand_leads_from_outside_come_in_without_loss(run):
    data = Path(SAMPLE).read_bytes()
    said = run(data)
    assert "10,000 rows became leads, 0 are left out." in said
    assert Lead.objects.count() == 10_000
    assert Event.objects.filter(verb="lead.created").count() == 10_000
    assert not Lead.objects.filter(status_kind="converted").exists()
    assert not Lead.objects.filter(imported_owner="").exists()
    assert set(Lead.objects.values_list("status_kind", flat=True)) == {
        "new", "working", "nurturing", "qualified", "disqualified",
    }  # fmt: skip
