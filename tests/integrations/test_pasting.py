"""What is imported without choosing a file: pasted rows, and a file that is dropped."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from playwright.sync_api import expect

from integrations.models import Import

pytestmark = pytest.mark.django_db

HERE = reverse("integrations:import")
ROWS = "Last name\tCompany\tNotes\r\nKovač\tHalcyon, Inc.\t=1+1\r\nNowak\tPolder\t\r\n"


def cells():
    return list(Import.objects.get().rows.order_by("number").values_list("cells", flat=True))


def test_rows_of_a_spreadsheet_are_read_as_a_file_is(browse, rita):
    answer = browse(rita).post(HERE, {"rows": ROWS})
    batch = Import.objects.get()
    assert answer.url == reverse("integrations:import_columns", args=[batch.pk])
    assert (batch.file_name, batch.columns) == ("Pasted rows", ["Last name", "Company", "Notes"])
    assert cells() == [["Kovač", "Halcyon, Inc.", "=1+1"], ["Nowak", "Polder", ""]]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("", "Choose a file, or paste rows."),
        (" \n ", "Choose a file, or paste rows."),
        ("Last name\n" + "x" * 500_000, "This is too much to paste."),
        ("Last name", "Pasted rows has the names of columns, but no row below them."),
        ("ann@example.com\tAnn\n1\t2", "The first row must hold the names of the columns"),
    ],
)
def test_what_cannot_be_read_says_so_and_is_kept(browse, rita, rows, said):
    page = browse(rita).post(HERE, {"rows": rows})
    assert page.status_code == 422
    assert said in page.content.decode()
    assert page.context["form"]["rows"].value() == rows
    assert not Import.objects.exists()


def test_two_sources_at_once_are_one_too_many(browse, rita):
    upload = SimpleUploadedFile("leads.csv", b"Last name\nNowak\n")
    page = browse(rita).post(HERE, {"file": upload, "rows": ROWS})
    assert page.context["form"].errors["rows"] == ["Choose a file or paste rows, not both."]
    assert not Import.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_rows_are_pasted_without_scripts(browser_of, rita):
    page = browser_of(rita, java_script_enabled=False)
    page.goto(HERE)
    page.get_by_label("Or paste rows").fill(ROWS)
    page.get_by_role("button", name="Upload and match columns").click()
    page.wait_for_url("**/columns/")
    assert len(cells()) == 2


@pytest.mark.django_db(transaction=True)
def test_a_file_is_dropped_onto_the_field(browser_of, rita, tmp_path):
    path = tmp_path / "fair.csv"
    path.write_text("Last name\nNowak\n")
    page = browser_of(rita)
    page.goto(HERE)
    field = page.get_by_label("CSV file or Excel workbook")
    box = field.bounding_box()
    devtools = page.context.new_cdp_session(page)
    place = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    dragged = {"items": [], "files": [str(path)], "dragOperationsMask": 1}
    for step in ("dragEnter", "dragOver", "drop"):
        devtools.send("Input.dispatchDragEvent", {"type": step, **place, "data": dragged})
    expect(field).to_have_value("C:\\fakepath\\fair.csv")
    page.get_by_role("button", name="Upload and match columns").click()
    page.wait_for_url("**/columns/")
    assert Import.objects.get().file_name == "fair.csv"
