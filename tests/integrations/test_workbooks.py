"""Excel workbooks as people have them: what a cell says is what a CSV file would say."""

import datetime as dt
import io
import zipfile

import openpyxl
import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from integrations import workbooks
from integrations.models import Import
from integrations.services import create_import
from integrations.tables import read_table
from leads.models import Lead
from tests.integrations.import_files import HEADER, row_of, work


def workbook_of(*sheets, hidden=()):
    """The bytes of a workbook; a sheet is its name and its rows."""
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for name, rows in sheets:
        sheet = workbook.create_sheet(name)
        sheet.sheet_state = "hidden" if name in hidden else "visible"
        for row in rows:
            sheet.append(row)
    data = io.BytesIO()
    workbook.save(data)
    return data.getvalue()


def read(data):
    return read_table(data, "leads.xlsx")


def leads(count):
    rows = ([row_of(number)[name] for name in HEADER] for number in range(1, count + 1))
    return workbook_of(("Leads", [HEADER, *rows]))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Müller 🚀", "Müller 🚀"),
        ("  two\r\nlines ", "two\nlines"),
        ("'=1+1", "=1+1"),
        (250, "250"),
        (493012345678.0, "493012345678"),
        (48000.5, "48000.5"),
        (0.1 + 0.2, "0.3"),
        (1.234, "1.2340"),
        (True, "yes"),
        (False, "no"),
        (dt.date(2027, 1, 31), "2027-01-31"),
        (dt.datetime(2027, 1, 31), "2027-01-31"),
        (dt.datetime(2027, 1, 31, 14, 30), "2027-01-31 14:30:00"),
        (dt.time(14, 30), "14:30:00"),
    ],
)
def test_every_kind_of_value_is_read_as_text(value, text):
    table = read(workbook_of(("Leads", [["Last name", "Value"], ["Ana", value]])))
    assert table.rows == [(2, ["Ana", text])]


def test_a_workbook_is_read_like_the_csv_file_of_the_same_rows():
    rows = [["Name", "City"], [], ["Ana", "Bonn"], [None, None], ["Bo"], ["Cy", "Ulm", "extra"]]
    table = read(workbook_of(("Leads", rows)))
    text = "\n".join(",".join(cell or "" for cell in row) for row in rows)
    csv = read_table(text.encode(), "leads.csv")
    assert (table.columns, table.rows) == (csv.columns, csv.rows)
    assert (table.encoding, table.delimiter, table.sheet) == ("xlsx", "", "")


def test_the_first_sheet_with_rows_is_read_and_named_beside_others():
    rows = [["Last name"], ["Ana"]]
    sheets = [("Lists", [["Secret"], ["x"]]), ("Empty", []), ("Fair", rows), ("Legend", rows)]
    table = read(workbook_of(*sheets, hidden={"Lists"}))
    assert (table.columns, table.sheet) == (["Last name"], "Fair")


def test_a_formula_is_what_it_came_to():
    """As a spreadsheet program saves it: with the result beside the formula."""
    cell = '<c r="A2" t="str"><f>"An"&amp;"a"</f><v>Ana</v></c>'
    data = changed(
        workbook_of(("Leads", [["Last name"], ["formula"]])),
        "xl/worksheets/sheet1.xml",
        lambda text: (
            text[: text.index('<c r="A2"')] + cell + text[text.index("</row></sheetData>") :]
        ),
    )
    assert read(data).rows == [(2, ["Ana"])]


def changed(data, member, change):
    """The same archive with the text of one member changed."""
    copied = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(copied, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            new.writestr(name, change(text.decode()) if name == member else text)
    return copied.getvalue()


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (workbook_of(("Leads", [])), "empty", "leads.xlsx is empty"),
        (workbook_of(("Leads", [["Last name"]])), "no_rows", "no row below them"),
        (workbook_of(("Leads", [["Name", "name"], ["a", "b"]])), "duplicate_header", "“name”"),
        (
            workbook_of(("Leads", [[f"c{place}" for place in range(300)], ["x"]])),
            "too_many_columns",
            "more than 200 columns",
        ),
        (
            changed(leads(1), "xl/worksheets/sheet1.xml", lambda text: text[:-40]),
            "wrong_kind",
            "damaged Excel workbook",
        ),
        (
            changed(leads(1), "xl/worksheets/sheet1.xml", lambda text: text.replace("Ana", "&#0;")),
            "wrong_kind",
            "damaged Excel workbook",
        ),
        (
            changed(leads(1), "xl/workbook.xml", lambda text: "no XML"),
            "wrong_kind",
            "damaged Excel workbook",
        ),
    ],
    ids=[
        "empty",
        "names only",
        "same names",
        "too wide",
        "torn sheet",
        "no character",
        "torn workbook",
    ],
)
def test_what_cannot_be_read_says_what_to_do(data, code, words):
    with pytest.raises(ValidationError) as refusal:
        read(data)
    assert refusal.value.code == code
    assert words in refusal.value.message


def test_a_cell_far_to_the_right_is_not_lost_in_silence():
    far = changed(
        workbook_of(("Leads", [["Last name"], ["Ana"]])),
        "xl/worksheets/sheet1.xml",
        lambda text: text.replace('r="A2"', 'r="GT2"'),
    )
    with pytest.raises(ValidationError, match="more than 200 columns"):
        read(far)


def test_a_small_file_that_unpacks_to_a_huge_one_is_refused(monkeypatch):
    monkeypatch.setattr(workbooks, "MAX_UNPACKED_BYTES", 1000)
    with pytest.raises(ValidationError, match="too large unpacked"):
        read(leads(1))


@pytest.mark.django_db
def test_a_workbook_is_imported_from_the_page(rita, browse):
    browser = browse(rita)
    upload = SimpleUploadedFile("fair.xlsx", leads(3))
    answer = browser.post(reverse("integrations:import"), {"file": upload})
    batch = Import.objects.get()
    assert answer.url == reverse("integrations:import_columns", args=[batch.pk])
    for step in ("columns", "choices"):
        address = reverse(f"integrations:import_{step}", args=[batch.pk])
        form = browser.get(address).context["form"]
        shown = {field.html_name: field.value() for field in form if field.value() is not None}
        answer = browser.post(address, shown)
        assert answer.status_code == 302
    work()
    browser.post(reverse("integrations:import_run", args=[batch.pk]))
    work()
    assert sorted(Lead.objects.values_list("last_name", "mobile_key", "email")) == [
        (f"Person{number}", "", f"ana{number}@firm{number}.com") for number in (1, 2, 3)
    ]


@pytest.mark.django_db
def test_the_sheet_that_is_read_stands_behind_the_name(rita):
    rows = [["Last name"], ["Ana"]]
    data = workbook_of(("Fair", rows), ("Legend", rows))
    batch = create_import(actor=rita, data=data, name=f"{'x' * 300}.xlsx")
    assert batch.file_name.endswith("x.xlsx, sheet Fair")


@pytest.mark.django_db(transaction=True)
def test_a_workbook_is_imported_at_the_console(rita, tmp_path):
    path = tmp_path / "fair.xlsx"
    path.write_bytes(leads(2))
    call_command("import_leads", path, email=rita.email)
    assert Lead.objects.count() == 2
