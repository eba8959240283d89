"""The import on its pages: file, columns, values, check, run, result."""

import csv
import datetime as dt
import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from integrations.models import Import
from integrations.services import check_rows, create_import, import_rows, start_check, start_import
from leads.models import Lead, Queue, QueueMember
from tests.factories import LeadFactory, QueueFactory
from tests.integrations.import_files import csv_of, good_file, row_of, work


def address(name, batch):
    return reverse(f"integrations:import_{name}", args=[batch.pk])


def send(browser, data, name="leads.csv"):
    return browser.post(reverse("integrations:import"), {"file": SimpleUploadedFile(name, data)})


def as_shown(page):
    """What a form sends when nothing in it is touched."""
    form = page.context["form"]
    return {field.html_name: field.value() if field.value() is not None else "" for field in form}


@pytest.fixture
def ran(rita):
    def run(rows):
        batch = create_import(actor=rita, data=csv_of(rows), name="leads.csv")
        batch = start_import(batch=batch, actor=rita, in_background=False)
        *_, batch = import_rows(batch.pk, batch.round)
        return batch

    return run


@pytest.mark.django_db(transaction=True)
def test_a_file_becomes_leads_in_five_steps(rita, browse):
    browser = browse(rita)
    mine = {"Lead Owner": rita.email}
    rows = [row_of(1, **mine), row_of(2, **mine), row_of(3, **{"Last Name": ""})]
    answer = send(browser, csv_of(rows))
    batch = Import.objects.get()
    assert answer.url == address("columns", batch)
    page = browser.get(answer.url)
    assert "Lead Owner" in page.content.decode()
    answer = browser.post(answer.url, as_shown(page))
    assert answer.url == address("choices", batch)
    answer = browser.post(answer.url, as_shown(browser.get(answer.url)))
    assert answer.url == address("detail", batch)
    assert "0 of 3 rows" in browser.get(answer.url).content.decode()
    work()
    page = browser.get(answer.url).content.decode()
    assert "Nothing has been saved yet" in page
    assert "Last Name, row 4" in page
    assert "Give the lead a last name." in page
    assert "Import 2, leave 1 out" in page
    assert not Lead.objects.exists()
    browser.post(address("run", batch))
    work()
    page = browser.get(answer.url).content.decode()
    assert "2 leads imported" in page
    assert not re.search(r"</time>\s+[.,]", page)
    assert Lead.objects.get(last_name="Person2").get_absolute_url() in page
    assert Lead.objects.count() == 2


def test_a_file_that_cannot_be_read_says_what_to_do(rita, browse):
    page = send(browse(rita), b"PK\x03\x04", name="leads.xlsx")
    assert page.status_code == 422
    assert "leads.xlsx is a ZIP archive. Unpack it" in page.content.decode()
    assert not Import.objects.exists()
    empty = send(browse(rita), b"")
    assert empty.status_code == 422
    assert "The file is empty." in empty.content.decode()


def test_a_mapping_that_cannot_work_names_the_column_and_keeps_what_was_chosen(rita, browse):
    batch = create_import(actor=rita, data=good_file(1), name="leads.csv")
    browser = browse(rita)
    chosen = as_shown(browser.get(address("columns", batch)))
    chosen |= {"column-9": "email", "column-3": "title"}
    page = browser.post(address("columns", batch), chosen)
    assert page.status_code == 422
    assert page.context["form"].errors == {"column-9": ["“Email 1” goes to Email already."]}
    assert page.context["form"]["column-3"].value() == "title"
    batch.refresh_from_db()
    assert batch.mapping["Company"] == "company"


def test_a_day_that_is_over_is_named_at_its_field(rita, browse):
    rows = [row_of(1, **{"Deal Stage": "On Hold"})]
    batch = create_import(actor=rita, data=csv_of(rows), name="leads.csv")
    browser = browse(rita)
    chosen = as_shown(browser.get(address("choices", batch))) | {"wake_up_on": "2001-01-01"}
    page = browser.post(address("choices", batch), chosen)
    assert page.status_code == 422
    assert page.context["form"].errors == {"wake_up_on": ["Choose a day after today."]}
    batch.refresh_from_db()
    assert batch.state == "draft"


def test_progress_comes_as_a_fragment_and_stops_asking_when_it_is_over(rita, browse):
    batch = create_import(actor=rita, data=good_file(2), name="leads.csv")
    batch = start_check(batch=batch, actor=rita, in_background=False)
    browser = browse(rita)
    page = browser.get(address("detail", batch))
    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in page.content.decode()
    asked = {"HX-Request": "true"}
    part = browser.get(address("detail", batch), headers=asked).content.decode()
    assert part.strip().startswith('<div class="contents" id="import" hx-get=')
    list(check_rows(batch.pk, batch.round))
    part = browser.get(address("detail", batch), headers=asked).content.decode()
    assert "hx-get" not in part
    assert "Nothing has been saved yet" in part


def test_a_stopped_import_can_be_gone_on_with(rita, browse):
    batch = create_import(actor=rita, data=good_file(2), name="leads.csv")
    batch = start_import(batch=batch, actor=rita, in_background=False)
    browser = browse(rita)
    assert "It has stopped" not in browser.get(address("detail", batch)).content.decode()
    Import.objects.update(moved_at=timezone.now() - dt.timedelta(minutes=2))
    page = browser.get(address("detail", batch)).content.decode()
    assert "It has stopped" in page
    assert address("go_on", batch) in page
    assert "hx-get" not in page.partition('id="import"')[2].partition(">")[0]
    browser.post(address("go_on", batch))
    work()
    assert "2 leads imported" in browser.get(address("detail", batch)).content.decode()


def test_the_rows_left_out_are_a_file(rita, browse, ran):
    batch = ran([row_of(1), row_of(2, **{"Email 1": "ana@", "Notes": "=1+1"})])
    answer = browse(rita).get(address("refused", batch))
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="leads-left-out.csv"'
    header, row = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert header[-1] == "Why it was left out"
    assert row[-1].startswith("Email 1: Give one e-mail address")
    assert "'=1+1" in row


def test_a_viewer_sees_only_leads_within_reach(rita, nadia, soren, browse, ran):
    rows = [row_of(1, **{"Lead Owner": rita.email}), row_of(2, **{"Lead Owner": soren.email})]
    batch = ran(rows)
    for viewer in (rita, nadia):
        page = browse(viewer).get(address("detail", batch)).content.decode()
        assert "Ana Person1" in page
        assert "Person2" not in page


def test_leads_that_are_all_out_of_sight_are_spoken_of(rita, soren, browse, ran):
    QueueMember.objects.create(queue=Queue.objects.get(is_default=True), user=soren)
    batch = ran([row_of(1)])
    page = browse(rita).get(address("detail", batch)).content.decode()
    assert "1 lead imported" in page
    assert "with people or in queues outside your reach" in page


def test_leads_are_paged(rita, browse, ran):
    batch = ran([row_of(number, **{"Lead Owner": rita.email}) for number in range(60)])
    browser = browse(rita)
    first = browser.get(address("detail", batch)).context["outcome"]
    assert (len(first.made), first.next_after) == (50, 51)
    second = browser.get(address("detail", batch) + "?after=51").context["outcome"]
    assert (len(second.made), second.next_after) == (10, None)
    assert browser.get(address("detail", batch) + "?after=x").status_code == 200


def test_a_file_can_be_forgotten(rita, browse):
    batch = create_import(actor=rita, data=good_file(2), name="leads.csv")
    browse(rita).post(address("discard", batch))
    assert not Import.objects.exists()


def test_a_choice_that_was_retired_meanwhile_leads_back_to_the_choices(rita, browse):
    batch = create_import(actor=rita, data=good_file(2), name="leads.csv")
    batch = start_check(batch=batch, actor=rita, in_background=False)
    list(check_rows(batch.pk, batch.round))
    batch.source.is_active = False
    batch.source.save()
    answer = browse(rita).post(address("run", batch))
    assert answer.url == address("choices", batch)
    assert not Lead.objects.exists()


@pytest.mark.parametrize("count", [1, 20])
def test_pages_cost_as_many_statements_whatever_the_rows(
    rita, nadia, browse, ran, count, django_assert_max_num_queries
):
    for number in range(count):
        LeadFactory(owner=rita, email=f"ana{number}@firm{number}.com")
    rows = [row_of(number) for number in range(2 * count)]
    rows += [row_of(number + 500, **{"Last Name": ""}) for number in range(count)]
    rows += [row_of(number + 700, **{"Lead Owner": rita.email}) for number in range(count)]
    done = ran(rows)
    for _ in range(count):
        draft = create_import(actor=rita, data=csv_of(rows), name="leads.csv")
    browser = browse(rita)
    for place in (
        reverse("integrations:import"),
        address("columns", draft),
        address("choices", draft),
        address("detail", done),
    ):
        with django_assert_max_num_queries(15):
            assert browser.get(place).status_code == 200, place


def test_what_is_kept_beside_the_lead_is_on_its_page(rita, browse, ran):
    ran([row_of(1, **{"Lead Owner": rita.email, "Index": "Row <b>1</b>"})])
    page = browse(rita).get(Lead.objects.get().get_absolute_url()).content.decode()
    assert "<dt>Index</dt>" in page
    assert "Row &lt;b&gt;1&lt;/b&gt;" in page


@pytest.mark.django_db
def test_a_queue_that_nobody_takes_from_is_offered_with_a_warning(ada, rita, browse):
    QueueFactory(name="Fairs", members=[rita])
    batch = create_import(actor=ada, data=good_file(1), name="leads.csv")
    choices = browse(ada).get(address("choices", batch)).context["form"]["queue"].field.choices
    assert [str(label) for _, label in choices] == [
        "Become mine",
        "Fairs",
        "Unassigned leads (has no members)",
    ]
