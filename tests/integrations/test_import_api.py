"""The import by REST: the same steps, through the same services, as on its pages."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.models import LeadSource
from activities.models import Reason
from integrations import api as import_api
from integrations.models import Import, Scope
from integrations.services import change_import, start_import
from leads.models import Lead, LeadStatus
from people.models import RolePermission
from tests.concurrency import collide
from tests.factories import UserFactory
from tests.integrations.import_files import check, csv_of, good_file, problems, row_of, upload, work

IMPORTS = "/api/v1/imports/"
BAD_EMAIL = {"Email 1": "ana@"}


def at(batch, act="detail"):
    return reverse(f"api:import-{act}", args=[batch if isinstance(batch, int) else batch.pk])


def send(client, data, name="leads.csv", **headers):
    return client.post(
        IMPORTS, {"file": SimpleUploadedFile(name, data)}, format="multipart", **headers
    )


def patch(client, batch, **changes):
    return client.patch(at(batch), changes, format="json")


def errors(answer):
    return {(each["pointer"], each["code"]): each["detail"] for each in answer.json()["errors"]}


# --- The whole way


@pytest.mark.django_db(transaction=True)
def test_a_file_becomes_leads_without_a_page(rita, call):
    client = call(rita, "read", "write")
    mine = {"Lead Owner": rita.email}
    rows = [row_of(1, **mine), row_of(2, **mine, **BAD_EMAIL), row_of(3, **{"Last Name": ""})]
    made = send(client, csv_of(rows))
    assert made.status_code == 201
    batch = made.json()
    assert made["Location"].endswith(at(batch["id"]))
    assert (batch["state"], batch["row_count"]) == ("draft", 3)
    assert batch["mapping"]["Email 1"] == "email"
    assert (batch["queue"], batch["duplicates"]) == (None, "leave_out")

    changed = patch(client, batch["id"], mapping={"Index": "external_id"}, bad_values="leave_out")
    assert changed.status_code == 200
    assert changed.json()["mapping"] == batch["mapping"] | {"Index": "external_id"}

    started = client.post(at(batch["id"], "check"))
    assert (started.status_code, started.json()["state"]) == (202, "checking")
    work()
    checked = client.get(at(batch["id"])).json()
    assert (checked["state"], checked["settled_count"], checked["good_count"]) == ("checked", 3, 1)
    assert not Lead.objects.exists()
    assert [(each["row"], list(each["faults"])) for each in checked["problems"]] == [
        (3, ["Email 1"]),
        (4, ["Last Name"]),
    ]

    correction = {"row": 3, "values": {"Email 1": "ana@right.com"}}
    corrected = patch(client, batch["id"], corrections=[correction])
    assert (corrected.json()["state"], corrected.json()["corrected_count"]) == ("draft", 1)
    assert client.post(at(batch["id"], "run")).status_code == 202
    work()
    done = client.get(at(batch["id"])).json()
    assert (done["state"], done["good_count"], done["refused_count"]) == ("done", 2, 1)
    assert Lead.objects.get(last_name="Person2").external_id == "2"
    assert Lead.objects.get(last_name="Person2").email == "ana@right.com"

    left_out = client.get(at(batch["id"], "errors"))
    assert left_out["Content-Type"] == "text/csv; charset=utf-8"
    assert left_out["Content-Disposition"] == 'attachment; filename="leads-left-out.csv"'
    assert "Last Name: Give the lead a last name." in left_out.content.decode("utf-8-sig")


def test_what_texts_of_the_file_are_is_chosen(ada, call):
    batch = upload(ada, [row_of(1, **{"Source": "Tiktok", "Deal Stage": "Closed Lost"})])
    webinar = LeadSource.objects.get(name="Webinar").pk
    working = LeadStatus.objects.default_for("working").pk
    values = {"source": {"Tiktok": webinar}, "status": {"Closed Lost": working}}
    answer = patch(call(ada), batch, values=values)
    assert (answer.status_code, answer.json()["values"]) == (200, values)
    assert patch(call(ada), batch, values={"source": {"Tiktok": "new"}}).json()["values"] == {
        "source": {"Tiktok": "new"},
        "status": {"Closed Lost": working},
    }


@pytest.mark.parametrize("by", ["pk", "code"])
def test_why_leads_of_it_are_disqualified_is_named_by_id_or_code(rita, call, by):
    batch = upload(rita, [row_of(1)])
    reason = Reason.objects.get(kind="disqualify", code="no_budget")
    changed = patch(call(rita), batch, reason=getattr(reason, by))
    assert (changed.status_code, changed.json()["reason"]) == (200, reason.pk)
    refused = patch(call(rita), batch, reason="timing")
    assert (refused.status_code, list(errors(refused))) == (400, [("#/reason", "does_not_exist")])


@pytest.mark.django_db(transaction=True)
def test_what_has_stopped_is_gone_on_with(rita, call):
    batch = start_import(batch=upload(rita, [row_of(1)]), actor=rita, in_background=False)
    assert call(rita).post(at(batch, "go-on")).status_code == 202
    work()
    assert call(rita).get(at(batch)).json()["state"] == "done"


def test_a_file_can_be_forgotten(rita, call):
    batch = upload(rita, [row_of(1)])
    assert call(rita).delete(at(batch)).status_code == 204
    assert not Import.objects.exists()


def test_an_upload_sent_again_makes_one_import(rita, call):
    client = call(rita)
    first, retry = (send(client, good_file(1), HTTP_IDEMPOTENCY_KEY="k-1") for _ in range(2))
    assert (first.status_code, retry.status_code) == (201, 201)
    assert retry["Idempotent-Replayed"] == "true"
    assert retry.json() == first.json()
    assert Import.objects.count() == 1
    other = send(client, good_file(2), HTTP_IDEMPOTENCY_KEY="k-1")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


# --- Files that are refused


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"PK\x03\x04", "wrong_kind"),
        (b"%PDF-1.7", "wrong_kind"),
        (b"\x00\x01\x02", "unknown_encoding"),
        (b"  \n", "empty"),
        (b"Last name,Email\n", "no_rows"),
        (b"Email,Email\na@b.com,c@d.com\n", "duplicate_header"),
        (b'Last name\n"never closed\n', "open_quote"),
    ],
)
def test_a_file_that_is_no_table_says_what_to_do(rita, call, data, code):
    answer = send(call(rita), data)
    assert answer.status_code == 422
    assert list(errors(answer)) == [("#/file", code)]
    assert not Import.objects.exists()


def test_a_file_without_anything_in_it_is_refused(rita, call):
    answer = send(call(rita), b"")
    assert (answer.status_code, list(errors(answer))) == (400, [("#/file", "empty")])


def test_a_file_that_is_too_large_is_refused(rita, call, monkeypatch):
    data = good_file(1)
    monkeypatch.setattr(import_api, "MAX_BYTES", len(data) - 1)
    answer = send(call(rita), data)
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert not Import.objects.exists()


def test_what_is_no_form_is_refused(rita, call):
    answer = call(rita).post(IMPORTS, {"file": "Last name\nLi"}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, {("#/file", "required")}),
        ({"file": "Last name\nLi"}, {("#/file", "invalid")}),
        ({"file": SimpleUploadedFile("a.csv", b"x"), "rows": "1"}, {("#/rows", "unknown_field")}),
    ],
)
def test_a_form_of_another_shape_is_refused(rita, call, body, expected):
    answer = call(rita).post(IMPORTS, body, format="multipart")
    assert (answer.status_code, set(errors(answer))) == (400, expected)


# --- Choices that are refused


@pytest.mark.parametrize(
    ("changes", "pointer", "detail"),
    [
        ({"mapping": {"Shoe. size": "title"}}, "#/mapping", "The file has no column “Shoe. size”."),
        (
            {"mapping": {"Nr. 1": "email"}},
            "#/mapping/Nr. 1",
            "“Email” goes to Email already.",
        ),
        (
            {"corrections": [{"row": 99, "values": {"Email": "a@b.com"}}]},
            "#/corrections",
            "Row 99 is not among the rows that are left out.",
        ),
        (
            {"values": {"source": {"Radio": "new"}}},
            "#/source",
            "No row of the file says “Radio” there.",
        ),
        ({"wake_up_on": "2001-01-01"}, "#/wake_up_on", "Choose a day after today."),
    ],
)
def test_a_choice_that_cannot_be_says_where(rita, call, changes, pointer, detail):
    columns = ["Email", "Last name", "Nr. 1", "Stage"]
    batch = check(upload(rita, [["a@", "Li", "x", "On Hold"]], columns=columns))
    answer = patch(call(rita), batch, **changes)
    assert answer.status_code == 422
    assert [(each["pointer"], each["detail"]) for each in answer.json()["errors"]] == [
        (pointer, detail)
    ]
    batch.refresh_from_db()
    assert batch.state == "checked"


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"mapping": {"Email 1": "shoe_size"}}, "#/mapping/Email 1"),
        ({"mapping": ["email"]}, "#/mapping"),
        ({"values": {"source": {"Podcast": True}}}, "#/values/source/Podcast"),
        ({"values": {"source": {"Podcast": "old"}}}, "#/values/source/Podcast"),
        ({"values": {"status": {"Contacted": "new"}}}, "#/values/status/Contacted"),
        ({"values": {"owner": {}}}, "#/values/owner"),
        ({"corrections": [{"row": "2", "values": {}}]}, "#/corrections/0/row"),
        ({"corrections": [{"row": 2, "values": {"Notes": 1}}]}, "#/corrections/0/values/Notes"),
        ({"corrections": [{"row": 2}]}, "#/corrections/0/values"),
        ({"corrections": [{"row": 2, "values": {}}] * 51}, "#/corrections"),
        ({"queue": 999_999}, "#/queue"),
        ({"source": None}, "#/source"),
        ({"duplicates": "merge"}, "#/duplicates"),
        ({"state": "done"}, "#/state"),
        ({"file_name": "x"}, "#/file_name"),
    ],
)
def test_changes_of_another_shape_are_refused(rita, call, changes, pointer):
    batch = check(upload(rita, [row_of(1, **BAD_EMAIL)]))
    answer = patch(call(rita), batch, **changes)
    assert (answer.status_code, {pointer for pointer, _ in errors(answer)}) == (400, {pointer})


def test_odd_text_in_a_correction_is_refused_where_it_is(rita, call):
    batch = check(upload(rita, [row_of(1, **BAD_EMAIL)]))
    body = rb'{"corrections": [{"row": 2, "values": {"Email 1": "a\u0000b"}}]}'
    answer = call(rita).patch(at(batch), body, content_type="application/json")
    assert answer.status_code == 400
    assert set(errors(answer)) == {("#/corrections/0/values/Email 1", "unstorable_text")}


def test_one_choice_that_cannot_be_leaves_all_others_unmade(rita, call):
    batch = check(upload(rita, [row_of(1, **BAD_EMAIL)]))
    correction = {"row": 2, "values": {"Email 1": "a@b.com"}}
    answer = patch(
        call(rita), batch, mapping={"Index": "skip"}, corrections=[correction], source=999_999
    )
    assert answer.status_code == 400
    answer = patch(
        call(rita),
        batch,
        mapping={"Index": "skip"},
        corrections=[correction],
        values={"source": {"Radio": "new"}},
    )
    assert answer.status_code == 422
    batch.refresh_from_db()
    assert (batch.state, batch.corrected_count, batch.mapping["Index"]) == ("checked", 0, "keep")


@pytest.mark.parametrize("act", ["check", "run"])
def test_what_was_retired_meanwhile_is_named_before_anything_starts(rita, call, act):
    batch = upload(rita, [row_of(1)])
    batch.source.is_active = False
    batch.source.save()
    answer = call(rita).post(at(batch, act))
    assert (answer.status_code, list(errors(answer))) == (422, [("#/source", "invalid")])
    batch.refresh_from_db()
    assert batch.state == "draft"


@pytest.mark.parametrize(
    ("method", "act"),
    [("patch", "detail"), ("post", "check"), ("post", "run"), ("delete", "detail")],
)
def test_an_import_that_runs_or_is_over_does_not_change(rita, call, method, act):
    batch = start_import(batch=upload(rita, [row_of(1)]), actor=rita, in_background=False)
    client = call(rita)
    for state in ("running", "done", "undone"):
        Import.objects.update(state=state, good_count=1)
        answer = getattr(client, method)(at(batch, act))
        assert (answer.status_code, answer.json()["code"]) == (409, "import_busy"), state


def test_only_what_has_stopped_can_be_gone_on_with(rita, call):
    batch = upload(rita, [row_of(1)])
    answer = call(rita).post(at(batch, "go-on"))
    assert (answer.status_code, answer.json()["code"]) == (409, "import_busy")


# --- Who may


def test_whoever_may_not_make_leads_uploads_nothing(rita, call):
    program = UserFactory(role="integration")
    assert send(call(program), good_file(1)).status_code == 403
    RolePermission.objects.filter(role=rita.role, record_type="lead", action="create").delete()
    assert send(call(rita), good_file(1)).status_code == 403
    assert not Import.objects.exists()


def test_a_token_that_only_reads_follows_an_import_and_starts_none(rita, call):
    batch = check(upload(rita, [row_of(1, **BAD_EMAIL)]))
    client = call(rita, Scope.READ)
    assert client.get(at(batch)).status_code == 200
    assert client.get(at(batch, "errors")).status_code == 200
    for answer in (
        send(client, good_file(1)),
        patch(client, batch),
        client.post(at(batch, "check")),
        client.post(at(batch, "run")),
        client.delete(at(batch)),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "missing_scope")


def test_a_colleague_who_sees_an_import_changes_nothing(rita, nadia, soren, call):
    batch = check(upload(rita, [row_of(1, **BAD_EMAIL)]))
    assert call(nadia).get(at(batch)).json()["problems"][0]["row"] == 2
    for person, status in ((nadia, 403), (soren, 404)):
        client = call(person)
        assert patch(client, batch, bad_values="keep_beside").status_code == status
        assert client.post(at(batch, "check")).status_code == status
        assert client.post(at(batch, "run")).status_code == status
    assert problems(batch) != {}


def test_problems_of_the_errors_file_are_json_all_the_same(rita, soren, call):
    batch = upload(rita, [row_of(1)])
    answer = call(soren).get(at(batch, "errors"), HTTP_ACCEPT="text/csv")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert answer.json()["code"] == "not_found"


# --- What it costs


@pytest.mark.parametrize("count", [1, 60])
def test_reading_costs_the_same_whatever_the_rows(rita, call, count, django_assert_num_queries):
    batch = check(upload(rita, [row_of(number, **BAD_EMAIL) for number in range(count)]))
    client = call(rita)
    client.get(IMPORTS)
    with django_assert_num_queries(4):  # token, reach, import, problems
        answer = client.get(at(batch))
    assert len(answer.json()["problems"]) == min(count, 50)
    with django_assert_num_queries(3):
        assert client.get(IMPORTS).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_of_two_changes_at_once_neither_is_lost(rita):
    batch = upload(rita, [row_of(1)])

    def decline(column):
        # Read before the other one is done, as a request reads it.
        read = Import.objects.get(pk=batch.pk)
        none = {"corrections": {}, "options": {}, "values": {}}
        return lambda: change_import(batch=read, actor=rita, mapping={column: "skip"}, **none)

    outcomes = collide(batch, decline("Notes"), decline("Index"))
    assert [type(outcome) for outcome in outcomes] == [Import, Import]
    batch.refresh_from_db()
    assert (batch.mapping["Notes"], batch.mapping["Index"]) == ("skip", "skip")
