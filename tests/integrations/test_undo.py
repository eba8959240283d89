"""Taking an import back: what it made goes, what somebody has touched since stays."""

import datetime as dt

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from activities.models import Event, Notification
from activities.services import log_activity
from conversion.plans import read_plan
from conversion.services import convert_lead
from integrations.models import Import, ImportState
from integrations.queries import kept_of
from integrations.services import ImportIsBusy, ImportStays, go_on, start_undo, undo_rows
from integrations.services.imports import discard_import, map_columns
from leads.models import Lead
from leads.services import update_lead
from tests.browser import faults
from tests.integrations.import_files import row_of, run, upload, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def imported(rita):
    """An import of Rita's that has made three leads of hers."""
    return run(upload(rita, [row_of(n, **{"Lead Owner": rita.email}) for n in (1, 2, 3)]))


def undo(batch, actor):
    batch = start_undo(batch=batch, actor=actor, in_background=False)
    *_, last = undo_rows(batch.pk, batch.round, actor)
    return last


def lead_of(batch, number):
    return Lead.objects.get(import_row__batch=batch, import_row__number=number + 1)


def live():
    return set(Lead.objects.live().values_list("last_name", flat=True))


def at(name, batch):
    return reverse(f"integrations:import_{name}", args=[batch.pk])


def convert(lead, actor):
    actions = {"account": "create", "contact": "create", "opportunity": "none"}
    plan = read_plan({part: {"action": action} for part, action in actions.items()})
    convert_lead(lead=lead, plan=plan, actor=actor)


def test_what_nobody_touched_is_deleted_with_one_event_each(imported, rita):
    batch = undo(imported, rita)
    assert (batch.state, batch.undone_count, batch.kept_count) == (ImportState.UNDONE, 3, 0)
    assert live() == set()
    for lead in Lead.objects.all():
        verbs = Event.objects.filter(lead=lead).order_by("pk").values_list("verb", flat=True)
        assert list(verbs) == ["lead.created", "lead.deleted"]
    done = Event.objects.get(verb="import.undone")
    assert done.note == "leads.csv: 3 leads deleted."
    assert (done.actor, done.changes) == (rita, {"deleted": 3, "kept": 0})


def test_what_was_changed_or_worked_on_stays(imported, rita, nadia):
    update_lead(lead=lead_of(imported, 1), changes={"title": "CFO"}, actor=nadia)
    log_activity(kind="note", actor=rita, fields={"body": "Hi"}, lead=lead_of(imported, 2))
    batch = undo(imported, rita)
    assert (batch.undone_count, batch.kept_count) == (1, 2)
    assert live() == {"Person1", "Person2"}


def test_a_converted_lead_stays_for_ever(leo):
    batch = run(upload(leo, [row_of(1, **{"Lead Owner": leo.email})]))
    convert(lead_of(batch, 1), leo)
    assert undo(batch, leo).undone_count == 0
    assert live() == {"Person1"}


def test_an_import_is_undone_once(imported, rita):
    undo(imported, rita)
    with pytest.raises(ImportStays, match="is undone and cannot be undone"):
        start_undo(batch=imported, actor=rita)
    for act in (discard_import, lambda **about: map_columns(mapping={}, **about), go_on):
        with pytest.raises(ImportIsBusy):
            act(batch=imported, actor=rita)


def test_after_seven_days_it_stays(imported, rita, browse):
    assert "Undo import" in browse(rita).get(at("detail", imported)).content.decode()
    with time_machine.travel(timezone.now() + dt.timedelta(days=7, minutes=1)):
        with pytest.raises(ImportStays, match="too long ago"):
            start_undo(batch=imported, actor=rita)
        assert "Undo import" not in browse(rita).get(at("detail", imported)).content.decode()


def test_only_its_importer_and_administrators_undo_it(imported, rita, nadia, ada):
    with pytest.raises(PermissionDenied):
        start_undo(batch=imported, actor=nadia)
    assert undo(imported, ada).undone_count == 3
    told = Notification.objects.filter(event__verb="import.undone").values_list("user", flat=True)
    assert list(told) == [rita.pk]


def test_work_that_was_stopped_goes_on_and_deletes_nothing_twice(imported, rita, monkeypatch):
    monkeypatch.setattr("integrations.services.undoing.CHUNK", 1)
    batch = start_undo(batch=imported, actor=rita, in_background=False)
    next(undo_rows(batch.pk, batch.round, rita))
    again = go_on(batch=batch, actor=rita)
    assert list(undo_rows(batch.pk, batch.round, rita)) == []
    work()
    again.refresh_from_db()
    assert (again.state, again.undone_count) == (ImportState.UNDONE, 3)
    assert Event.objects.filter(verb="lead.deleted").count() == 3


@pytest.mark.django_db(transaction=True)
def test_the_page_says_what_would_go_and_what_stays(imported, rita, browse):
    update_lead(lead=lead_of(imported, 2), changes={"title": "CFO"}, actor=rita)
    client = browse(rita)
    page = client.get(at("undo", imported)).content.decode()
    assert "2 of 3 leads will be deleted" in page
    assert "Delete 2 leads, keep 1" in page
    assert lead_of(imported, 2).get_absolute_url() in page
    assert lead_of(imported, 1).get_absolute_url() not in page
    assert live() == {"Person1", "Person2", "Person3"}
    assert client.post(at("undo", imported)).url == at("detail", imported)
    assert "Undoing the import" in client.get(at("detail", imported)).content.decode()
    work()
    page = client.get(at("detail", imported)).content.decode()
    assert "Of 3 leads from leads.csv 2 were deleted and 1 kept" in page
    assert lead_of(imported, 2).get_absolute_url() in page
    assert client.get(at("undo", imported)).url == at("detail", imported)


def test_who_sees_no_lead_is_told_how_many_without_names(imported, rita, soren):
    lead = lead_of(imported, 1)
    update_lead(lead=lead, changes={"title": "CFO"}, actor=rita)
    Lead.objects.filter(pk=lead.pk).update(owner=soren, team=soren.team)
    kept = kept_of(imported, rita)
    assert (kept.changed, kept.deletable, kept.shown) == (1, 2, [])


@pytest.mark.django_db(transaction=True)
def test_the_api_undoes_it_too(imported, api, rita):
    address = reverse("api:import-revert", args=[imported.pk])
    answer = api(rita).post(address)
    assert (answer.status_code, answer.data["state"]) == (202, "undoing")
    work()
    answer = api(rita).get(reverse("api:import-detail", args=[imported.pk]))
    assert (answer.data["state"], answer.data["undone_count"]) == ("undone", 3)
    refused = api(rita).post(address)
    assert (refused.status_code, refused.json()["code"]) == (409, "import_stays")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("scripts", [True, False])
def test_an_import_is_undone_in_a_browser(imported, browser_of, rita, scripts):
    update_lead(lead=lead_of(imported, 2), changes={"title": "CFO"}, actor=rita)
    page = browser_of(rita, java_script_enabled=scripts)
    page.goto(at("detail", imported))
    page.get_by_role("link", name="Undo import").click()
    page.wait_for_url(f"**{at('undo', imported)}")
    if scripts:
        assert faults(page) == []
    page.get_by_role("button", name="Delete 2 leads, keep 1").click()
    expect(page.get_by_role("heading", name="Undoing the import of leads.csv")).to_be_visible()
    work()
    # The page asks again by itself, with scripts and without.
    undone = page.get_by_role("heading", name="The import is undone")
    expect(undone).to_be_visible(timeout=20_000)
    assert Import.objects.get().undone_count == 2
    if scripts:
        assert faults(page) == []
