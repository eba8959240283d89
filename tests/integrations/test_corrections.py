"""Values that are refused, corrected in place: read in place of the file's, which stays."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.models import LeadSource
from integrations.forms import CorrectionsForm
from integrations.queries import PROBLEMS_SHOWN, problem_rows, refused_table
from integrations.services import (
    ImportIsBusy,
    correct_rows,
    go_on,
    import_rows,
    map_columns,
    start_import,
)
from leads.models import Lead, LeadStatus
from people.models import RolePermission
from tests.browser import faults, press
from tests.integrations.import_files import check, problems, row_of, run, upload, work

BAD_EMAIL = {"Email 1": "ana@"}


def address(name, batch):
    return reverse(f"integrations:import_{name}", args=[batch.pk])


def correct(batch, corrections):
    return correct_rows(batch=batch, corrections=corrections, actor=batch.created_by)


def checked(actor, *rows, **options):
    return check(upload(actor, rows, **options))


# --- What is read


def test_a_corrected_row_becomes_the_lead_that_was_meant(ada):
    batch = checked(ada, row_of(1), row_of(2, **BAD_EMAIL), queue=None)
    assert (batch.good_count, batch.refused_count) == (1, 1)
    batch = correct(batch, {3: {"Email 1": "ana@right.com"}})
    assert (batch.state, batch.corrected_count) == ("draft", 1)
    batch = check(batch)
    assert (batch.good_count, batch.refused_count, batch.corrected_count) == (2, 0, 1)
    assert not Lead.objects.exists()
    run(batch)
    assert Lead.objects.get(last_name="Person2").email == "ana@right.com"


def test_each_column_says_what_is_wrong_with_its_own_value(ada):
    row = row_of(1, **BAD_EMAIL, **{"Notes": "many", "Last Name": ""})
    batch = checked(ada, row, mapping={"Notes": "employees"})
    assert batch.rows.get().faults == {"Notes": "Give a whole number, such as 250."}
    batch = check(correct(batch, {2: {"Notes": "12"}}))
    assert set(batch.rows.get().faults) == {"Last Name", "Email 1"}
    _, fields = next(CorrectionsForm(batch=batch, rows=problem_rows(batch)).rows())
    assert [field.name for field in fields] == ["row-2-2", "row-2-5"]


def test_both_faults_of_a_full_name_stand_at_its_one_column(ada):
    columns = ["Name", "Email"]
    row = [f"{'f' * 200} {'l' * 200}", "a@b.com"]
    batch = check(upload(ada, [row], columns=columns))
    ((column, said),) = batch.rows.get().faults.items()
    assert column == "Name"
    assert problems(batch) == {2: f"Name: {said}"}


def test_the_file_stays_as_it_came_and_its_own_value_takes_a_correction_back(ada):
    batch = checked(ada, row_of(1, **BAD_EMAIL))
    batch = correct(batch, {2: {"Email 1": " still@ ", "Notes": ""}})
    row = batch.rows.get()
    assert row.corrections == {"Email 1": "still@", "Notes": ""}
    assert row.cells == list(row_of(1, **BAD_EMAIL).values())
    batch = correct(batch, {2: {"Email 1": "ana@"}})
    assert batch.rows.get().corrections == {"Notes": ""}
    batch = correct(batch, {2: {"Notes": "Wants a call."}})
    assert batch.rows.get().corrections is None
    assert batch.corrected_count == 0


def test_a_cell_that_the_row_lacks_can_be_filled(ada):
    batch = check(upload(ada, [["Ana"]], columns=["First name", "Last name", "3"]))
    assert problems(batch) == {2: "Last name: Give the lead a last name."}
    batch = check(correct(batch, {2: {"Last name": "Kovač", "3": "kept"}}))
    assert problems(batch) == {}
    run(batch)
    lead = Lead.objects.get()
    assert (lead.last_name, lead.imported_values) == ("Kovač", {"3": "kept"})


def test_the_file_of_rows_left_out_has_the_corrected_values(ada):
    batch = checked(ada, row_of(1, **BAD_EMAIL))
    batch = run(correct(batch, {2: {"Email 1": "=still@", "Company": "Right Ltd"}}))
    header, row = refused_table(batch)
    left_out = dict(zip(header, row, strict=True))
    assert (left_out["Email 1"], left_out["Company"]) == ("'=still@", "Right Ltd")


def test_a_corrected_source_or_stage_is_matched_like_those_of_the_file(ada):
    batch = checked(ada, row_of(1, **BAD_EMAIL), queue=None)
    assert "Webinars" not in batch.values["source"]
    typed = {"Email 1": "a@b.com", "Source": "Webinars", "Deal Stage": "Closed Lost"}
    batch = correct(batch, {2: typed})
    webinar = LeadSource.objects.get(name="Webinar")
    assert batch.values["source"] == {"Webinars": webinar.pk}
    lost = LeadStatus.objects.get(pk=batch.values["status"]["Closed Lost"])
    assert lost.kind == "disqualified"
    # Matching the columns anew forgets neither.
    batch = map_columns(batch=batch, mapping=batch.mapping, actor=ada)
    run(batch)
    assert (Lead.objects.get().source, Lead.objects.get().status) == (webinar, lost)


def test_a_corrected_row_may_turn_out_to_be_there_already(ada):
    batch = checked(ada, row_of(1), row_of(2, **BAD_EMAIL))
    batch = check(correct(batch, {3: {"Email 1": "ana1@firm1.com"}}))
    assert problems(batch)[3].startswith("It is there already: same email")
    assert batch.rows.get(number=3).faults is None
    assert problem_rows(batch) == []


def test_an_import_gone_on_with_reads_the_corrections_and_makes_no_lead_twice(ada, monkeypatch):
    monkeypatch.setattr("integrations.services.running.CHUNK", 2)
    rows = [row_of(1), row_of(2), row_of(3, **BAD_EMAIL), row_of(4)]
    batch = correct(checked(ada, *rows, queue=None), {4: {"Email 1": "third@firm3.com"}})
    batch = start_import(batch=batch, actor=ada, in_background=False)
    stopped = next(import_rows(batch.pk, batch.round))
    assert stopped.position == 3
    batch = go_on(batch=batch, actor=ada, in_background=False)
    *_, done = import_rows(batch.pk, batch.round)
    assert (done.state, done.good_count, done.corrected_count) == ("done", 4, 1)
    assert Lead.objects.get(email="third@firm3.com").last_name == "Person3"
    assert Lead.objects.count() == 4


def test_once_a_row_is_a_lead_its_corrections_are_kept_nowhere_else(ada):
    batch = checked(ada, row_of(1, **BAD_EMAIL), row_of(2, **BAD_EMAIL))
    run(correct(batch, {2: {"Email 1": "a@b.com"}, 3: {"Email 1": "b@"}}))
    kept = batch.rows.order_by("number").values_list("corrections", "faults")
    assert [(bool(corrections), bool(faults)) for corrections, faults in kept] == [
        (False, False),
        (True, True),
    ]


# --- What is refused


@pytest.mark.parametrize(
    ("corrections", "message"),
    [
        (
            {3: {"Email 1": "a\x00b"}},
            "Row 3, Email 1: Character 2 is not allowed: NUL (U+0000).",
        ),
        (
            {3: {"Notes": "\ud800"}},
            "Row 3, Notes: Character 1 is not allowed: lone surrogate (U+D800).",
        ),
        ({3: {"Notes": "x" * 10_001}}, "Row 3, Notes: This is longer than 10,000 characters."),
        ({3: {"Shoe size": "44"}}, "Row 3, Shoe size: The file has no such column."),
        ({2: {"Notes": "x"}}, "Row 2 is not among the rows that are left out."),
        ({99: {"Notes": "x"}}, "Row 99 is not among the rows that are left out."),
    ],
)
def test_a_correction_that_cannot_be_kept_names_row_and_column(ada, corrections, message):
    batch = checked(ada, row_of(1), row_of(2, **BAD_EMAIL))
    with pytest.raises(ValidationError) as refusal:
        correct(batch, {3: {"Email 1": "a@b.com"}} | corrections)
    assert refusal.value.messages == [message]
    batch.refresh_from_db()
    assert (batch.state, batch.corrected_count) == ("checked", 0)
    assert not batch.rows.filter(corrections__isnull=False).exists()


def test_only_ones_own_import_can_be_corrected_and_only_before_it_runs(rita, nadia):
    batch = checked(rita, row_of(1, **BAD_EMAIL))
    with pytest.raises(PermissionDenied):
        correct_rows(batch=batch, corrections={}, actor=nadia)
    run(batch)
    with pytest.raises(ImportIsBusy):
        correct(batch, {2: {"Email 1": "a@b.com"}})


# --- On the page


def sent(batch, typed):
    """What the form sends when these values are typed, by row and column."""
    form = CorrectionsForm(batch=batch, rows=problem_rows(batch))
    as_shown = {field.html_name: field.value() for field in form}
    return as_shown | {
        f"row-{row}-{batch.columns.index(column)}": text
        for row, cells in typed.items()
        for column, text in cells.items()
    }


def test_a_value_corrected_on_the_page_is_checked_again(rita, browse):
    batch = checked(rita, row_of(1, **BAD_EMAIL), row_of(2, **{"Last Name": ""}))
    browser = browse(rita)
    page = browser.get(address("detail", batch)).content.decode()
    assert 'name="row-2-5" value="ana@"' in page
    assert "Email 1, row 2</label>" in page
    answer = browser.post(
        address("correct", batch), sent(batch, {2: {"Email 1": "still@"}, 3: {"Last Name": "Li"}})
    )
    assert answer.url == address("detail", batch)
    work()
    page = browser.get(answer.url).content.decode()
    assert "2 rows are read as corrected here." in page
    assert 'name="row-2-5" value="still@"' in page
    assert 'name="row-3-' not in page


def test_what_is_typed_and_not_checked_is_not_lost_by_importing(rita, browse):
    batch = checked(rita, row_of(1), row_of(2, **BAD_EMAIL))
    browser = browse(rita)
    typed = sent(batch, {3: {"Email 1": "ana@right.com"}})
    browser.post(address("run", batch), typed)
    work()
    batch.refresh_from_db()
    assert (batch.state, batch.good_count, batch.corrected_count) == ("checked", 2, 1)
    assert not Lead.objects.exists()
    browser.post(address("run", batch))
    work()
    assert Lead.objects.count() == 2


def test_values_left_as_they_were_do_not_stand_in_the_way_of_importing(rita, browse):
    batch = checked(rita, row_of(1), row_of(2, **{"Email 1": "ana@\nhome"}))
    unchanged = sent(batch, {3: {"Email 1": "ana@\r\nhome"}})
    browse(rita).post(address("run", batch), unchanged)
    work()
    batch.refresh_from_db()
    assert (batch.state, batch.corrected_count) == ("done", 0)
    assert Lead.objects.count() == 1


def test_a_value_with_odd_text_is_named_and_everything_typed_stays(rita, browse):
    batch = checked(rita, row_of(1, **BAD_EMAIL), row_of(2, **{"Last Name": ""}))
    typed = {2: {"Email 1": "a\x00"}, 3: {"Last Name": "<b>Li</b>"}}
    page = browse(rita).post(address("correct", batch), sent(batch, typed))
    assert page.status_code == 422
    said = page.content.decode()
    wrong = "Character 2 is not allowed: NUL (U+0000)."
    assert f'<a href="#id_row-2-5">Email 1, row 2</a>: {wrong}' in said
    assert 'value="&lt;b&gt;Li&lt;/b&gt;"' in said
    batch.refresh_from_db()
    assert (batch.state, batch.corrected_count) == ("checked", 0)


def test_a_value_with_line_breaks_keeps_them(rita):
    row = row_of(1, Notes="one\ntwo")
    batch = checked(rita, row, mapping={"Notes": "rating"})
    (field,) = CorrectionsForm(batch=batch, rows=problem_rows(batch))
    assert str(field).startswith("<textarea")
    assert field.value() == "one\ntwo"


def test_a_row_with_too_many_cells_has_no_value_to_correct(rita, browse):
    batch = checked(rita, [*row_of(1).values(), "beyond"])
    page = browse(rita).get(address("detail", batch)).content.decode()
    assert "The row has 11 cells for 10 columns." in page
    assert "Check again" not in page


def test_fields_are_offered_for_the_first_rows_only(rita, browse):
    batch = checked(rita, *(row_of(number, **BAD_EMAIL) for number in range(PROBLEMS_SHOWN + 1)))
    page = browse(rita).get(address("detail", batch))
    assert len(page.context["corrections"].fields) == PROBLEMS_SHOWN
    assert "The first 50 rows are shown" in page.content.decode()
    answer = browse(rita).post(address("correct", batch), {"row-52-5": "a@b.com"})
    assert answer.status_code == 302
    assert not batch.rows.filter(corrections__isnull=False).exists()


def test_whoever_only_sees_the_import_gets_no_fields(rita, nadia, browse):
    batch = checked(rita, row_of(1, **BAD_EMAIL))
    page = browse(nadia).get(address("detail", batch)).content.decode()
    assert "Email 1: Give one e-mail address" in page
    assert "row-2-5" not in page
    assert browse(nadia).post(address("correct", batch), {}).status_code == 403


def test_an_import_that_runs_meanwhile_is_not_corrected(rita, browse):
    batch = checked(rita, row_of(1, **BAD_EMAIL))
    typed = sent(batch, {2: {"Email 1": "a@b.com"}})
    start_import(batch=batch, actor=rita, in_background=False)
    assert browse(rita).post(address("correct", batch), typed).status_code == 409
    assert batch.rows.get().corrections is None


def test_a_choice_retired_meanwhile_leads_back_to_it_with_the_corrections_kept(rita, browse):
    batch = checked(rita, row_of(1, **BAD_EMAIL))
    batch.source.is_active = False
    batch.source.save()
    typed = sent(batch, {2: {"Email 1": "a@b.com"}})
    answer = browse(rita).post(address("correct", batch), typed)
    assert answer.url == address("choices", batch)
    assert batch.rows.get().corrections == {"Email 1": "a@b.com"}


def test_an_owner_out_of_reach_can_be_corrected(rita, soren, browse):
    RolePermission.objects.filter(role=rita.role, record_type="lead", action="assign").delete()
    rita.refresh_from_db()
    batch = checked(rita, row_of(1, **{"Lead Owner": soren.email}), queue=None)
    assert batch.rows.get().faults == {"Lead Owner": "You may not give a lead to Søren Dahl."}
    assert run(correct(batch, {2: {"Lead Owner": rita.email}})).good_count == 1


@pytest.mark.parametrize("count", [1, PROBLEMS_SHOWN])
def test_fields_cost_as_many_statements_whatever_the_rows(
    rita, browse, count, django_assert_max_num_queries
):
    batch = checked(rita, *(row_of(number, **BAD_EMAIL) for number in range(count)))
    browser = browse(rita)
    with django_assert_max_num_queries(11):
        assert browser.get(address("detail", batch)).status_code == 200
    typed = {number + 2: {"Email 1": f"a{number}@b.com"} for number in range(count)}
    with django_assert_max_num_queries(35):
        answer = browser.post(address("correct", batch), sent(batch, typed))
    assert answer.status_code == 302


# --- In the browser


@pytest.fixture
def wrong(rita):
    """Checked: a row without a last name, and one with two values that are refused."""
    rows = [
        row_of(1, **{"Lead Owner": rita.email, "Last Name": ""}),
        row_of(2, **{"Lead Owner": rita.email, "Email 1": "ana@", "Phone 1": "call me"}),
    ]
    return checked(rita, *rows)


@pytest.mark.django_db(transaction=True)
def test_two_rows_are_corrected_and_imported_by_keyboard(rita, browser_of, wrong):
    page: Page = browser_of(rita)
    page.goto(wrong.get_absolute_url())
    assert faults(page, closely=True) == []
    page.get_by_label("Last Name, row 2").focus()
    page.keyboard.type("Kovač")
    page.get_by_label("Email 1, row 3").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("ana@right.com")
    page.get_by_label("Phone 1, row 3").fill("+1 212 555 0001")
    press(page, "Enter")
    expect(page.get_by_role("heading", name="Checking leads.csv")).to_be_visible()
    work()
    expect(page.get_by_text("2 rows are read as corrected here.")).to_be_visible()
    press(page, "Control+Enter")
    expect(page.get_by_role("heading", name="Importing leads.csv")).to_be_visible()
    work()
    expect(page.get_by_role("heading", name="2 leads imported")).to_be_visible()
    assert set(Lead.objects.values_list("last_name", "email")) == {
        ("Kovač", "ana1@firm1.com"),
        ("Person2", "ana@right.com"),
    }


@pytest.mark.django_db(transaction=True)
def test_rows_are_corrected_without_scripts(rita, browser_of, wrong):
    page: Page = browser_of(rita, java_script_enabled=False)
    page.goto(wrong.get_absolute_url())
    page.get_by_label("Last Name, row 2").fill("Kovač")
    page.get_by_role("button", name="Check again").click()
    expect(page.get_by_role("heading", name="Checking leads.csv")).to_be_visible()
    work()
    expect(page.get_by_text("1 row is read as corrected here.")).to_be_visible()
    expect(page.get_by_label("Email 1, row 3")).to_have_value("ana@")
