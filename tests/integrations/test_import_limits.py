"""Which rows an import leaves out because they are there already, and who may import what."""

import pytest
from django.core.exceptions import PermissionDenied

from integrations.models import Duplicates, Import
from integrations.queries import outcome_of
from integrations.services import (
    create_import,
    discard_import,
    import_rows,
    start_check,
    start_import,
)
from leads.models import Lead
from people.models import RolePermission
from tests.factories import LeadFactory, UserFactory
from tests.integrations.import_files import check, good_file, problems, row_of, run, upload

# --- Duplicates


def test_what_is_there_already_is_left_out_or_made_as_chosen(ada):
    there = LeadFactory(first_name="Dana", last_name="There", email="ana1@firm1.com")
    rows = [row_of(1), row_of(2), row_of(2, Notes="again")]
    checked = check(upload(ada, rows))
    assert problems(checked) == {
        2: f"It is there already: same email as the lead {there.name}.",
        4: "It is there already: same email and same phone as row 3 of this file.",
    }
    assert not Lead.objects.exclude(pk=there.pk).exists()
    done = run(checked)
    assert problems(done) == problems(checked)
    assert Lead.objects.count() == 2
    run(upload(ada, rows, duplicates=Duplicates.CREATE))
    assert Lead.objects.count() == 5


def test_duplicates_within_a_file_are_told_alike_whatever_the_chunk(ada, monkeypatch):
    monkeypatch.setattr("integrations.services.running.CHUNK", 2)
    rows = [row_of(1), row_of(2), row_of(3), row_of(1), row_of(2), row_of(4)]
    checked = problems(check(batch := upload(ada, rows)))
    assert sorted(checked) == [5, 6]
    assert problems(run(batch)) == checked
    assert Lead.objects.count() == 4


def test_a_colleague_with_the_same_name_is_told_and_imported(ada):
    same = {"First Name": "Ana", "Last Name": "Person1", "Company": "Firm 1, Inc."}
    rows = [row_of(1), row_of(2, **same)]
    batch = run(upload(ada, rows))
    assert (batch.good_count, batch.alike_count) == (2, 1)
    alike = outcome_of(batch, ada).alike
    assert [(each.row.number, each.likeness["reasons"]) for each in alike] == [
        (3, ["Same person", "Same company"])
    ]


def test_a_hidden_duplicate_is_told_without_its_data(rita, soren):
    hidden = LeadFactory(owner=soren, last_name="Secretly", email="ana1@firm1.com")
    batch = check(upload(rita, [row_of(1)]))
    assert problems(batch) == {
        2: "It is there already: same email as a lead in the team South that you may not see."
    }
    (alike,) = outcome_of(batch, rita).alike
    assert alike.is_hidden
    assert "Secretly" not in str(list(batch.rows.values()))
    assert outcome_of(batch, soren).alike[0].lead == hidden


# --- Who may


def test_only_whoever_may_import_and_create_leads_imports(ada, rita):
    program = UserFactory(role="integration")
    with pytest.raises(PermissionDenied):
        create_import(actor=program, data=good_file(1), name="leads.csv")
    RolePermission.objects.filter(role=rita.role, record_type="lead", action="create").delete()
    with pytest.raises(PermissionDenied):
        create_import(actor=rita, data=good_file(1), name="leads.csv")


def test_only_ones_own_import_can_be_worked_with(ada, rita, nadia):
    batch = upload(rita, [row_of(1)])
    assert Import.objects.visible_to(nadia).get() == batch
    for act in (start_check, start_import, discard_import):
        with pytest.raises(PermissionDenied):
            act(batch=batch, actor=nadia)


def test_a_row_for_somebody_out_of_reach_is_refused(rita, soren):
    RolePermission.objects.filter(role=rita.role, record_type="lead", action="assign").delete()
    rita.refresh_from_db()
    rows = [row_of(1, **{"Lead Owner": soren.email}), row_of(2)]
    batch = run(upload(rita, rows, queue=None))
    assert problems(batch) == {2: "You may not give a lead to Søren Dahl."}
    assert Lead.objects.get().owner == rita


def test_whoever_lost_the_right_meanwhile_makes_no_lead(rita):
    batch = upload(rita, [row_of(1)])
    batch = start_import(batch=batch, actor=rita, in_background=False)
    rita.is_active = False
    rita.save()
    *_, done = import_rows(batch.pk, batch.round)
    assert (done.good_count, done.refused_count) == (0, 1)
