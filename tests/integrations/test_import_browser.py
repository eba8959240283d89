"""The import in a real browser: accessible, by keyboard, and with scripts off."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from integrations.models import Import
from integrations.services import check_rows, create_import, import_rows, start_check, start_import
from leads.models import Lead
from tests.browser import faults, press
from tests.factories import LeadFactory
from tests.integrations.import_files import csv_of, row_of, work

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def as_rita(rita, browser_of) -> Page:
    return browser_of(rita)


@pytest.fixture
def without_scripts(rita, browser_of) -> Page:
    return browser_of(rita, java_script_enabled=False)


@pytest.fixture
def path(rita, tmp_path):
    """Two good rows of Rita's, one that is there already, and one without a last name."""
    LeadFactory(owner=rita, last_name="There", email="ana3@firm3.com")
    mine = {"Lead Owner": rita.email}
    rows = [row_of(number, **mine) for number in (1, 2, 3)]
    path = tmp_path / "leads.csv"
    path.write_bytes(csv_of([*rows, row_of(4, **{"Last Name": ""})]))
    return path


def address(name, batch):
    return reverse(f"integrations:import_{name}", args=[batch.pk])


def test_every_screen_of_the_import_is_accessible_and_fits(as_rita, rita, path):
    def uploaded():
        return create_import(actor=rita, data=path.read_bytes(), name="leads.csv")

    draft = uploaded()
    checked = start_check(batch=uploaded(), actor=rita, in_background=False)
    list(check_rows(checked.pk, checked.round))
    done = start_import(batch=uploaded(), actor=rita, in_background=False)
    list(import_rows(done.pk, done.round))
    stopped = start_import(batch=uploaded(), actor=rita, in_background=False)
    Import.objects.filter(pk=stopped.pk).update(moved_at="2026-01-01T00:00Z")
    at_work = start_check(batch=uploaded(), actor=rita, in_background=False)
    found = {}
    for place in (
        reverse("integrations:import"),
        address("columns", draft),
        address("choices", draft),
        *(batch.get_absolute_url() for batch in (checked, done, stopped, at_work)),
    ):
        as_rita.goto(place)
        if wrong := faults(as_rita, closely=True):
            found[place] = wrong
    assert found == {}


def test_both_tables_of_values_have_the_same_columns(as_rita, rita, path):
    batch = create_import(actor=rita, data=path.read_bytes(), name="leads.csv")
    as_rita.goto(address("choices", batch))
    status, source = as_rita.locator(".tbl").evaluate_all(
        "tables => tables.map(table => [...table.rows[0].cells].map(cell => cell.clientWidth))"
    )
    assert status == source


def test_a_clean_file_takes_a_choice_and_four_presses(as_rita, path):
    as_rita.goto(reverse("integrations:import"))
    as_rita.set_input_files("#id_file", path)
    for heading in ("Match your columns", "Match your values", "Checking leads.csv"):
        press(as_rita, "Control+Enter")
        expect(as_rita.get_by_role("heading", name=heading)).to_be_visible()
    work()
    # The page asks by itself how far it is.
    expect(as_rita.get_by_role("heading", name="Nothing has been saved yet")).to_be_visible()
    press(as_rita, "Control+Enter")
    expect(as_rita.get_by_role("heading", name="Importing leads.csv")).to_be_visible()
    work()
    expect(as_rita.get_by_role("heading", name="2 leads imported")).to_be_visible()
    assert Lead.objects.filter(import_row__isnull=False).count() == 2


def test_a_file_is_imported_without_scripts(without_scripts, path):
    page = without_scripts
    page.goto(reverse("integrations:import"))
    page.set_input_files("#id_file", path)
    page.get_by_role("button", name="Upload and match columns").click()
    page.get_by_role("button", name="Match values").click()
    page.get_by_role("button", name="Check 4 rows").click()
    expect(page.get_by_role("heading", name="Checking leads.csv")).to_be_visible()
    work()
    expect(page.get_by_role("heading", name="Nothing has been saved yet")).to_be_visible()
    page.get_by_role("button", name="Import 2, leave 2 out").click()
    expect(page.get_by_role("heading", name="Importing leads.csv")).to_be_visible()
    work()
    expect(page.get_by_role("heading", name="2 leads imported")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download them as CSV").click()
    assert "Give the lead a last name." in download.value.path().read_text()
