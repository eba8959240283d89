"""A person's data leaves what is final by one way only, and nothing else does."""

import json
import os

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from accounts.models import LeadSource
from activities.models import Activity, Attachment, Event
from activities.services import log_activity
from conversion.finality import finality_problems
from conversion.invariants import broken_invariants
from conversion.models import Conversion
from conversion.services import convert_lead, erase_person, submit_request
from leads.models import Lead
from leads.services import LeadIsFinal, RequestIsOpen, update_lead
from tests.conversion.conftest import confirm, make_lead, plan_of

pytestmark = pytest.mark.django_db

# What only she could have brought here: searched for in every column of every table.
WORDS = ("Ottoline", "Quarrington", "ottoline", "5550177", "VP Zymurgy", "seventeen kilns")


@pytest.fixture
def ottoline(rita, leo, settings, tmp_path):
    """Converted through a request, with answers, a call, a file and notes about her."""
    settings.MEDIA_ROOT = tmp_path
    lead = make_lead(
        rita,
        first_name="Ottoline",
        last_name="Quarrington",
        email="ottoline@halcyonrobotics.example",
        other_email="ottoline.q@private.example",
        phone="+1 512 5550177",
        title="VP Zymurgy",
        description="Ottoline wants seventeen kilns.",
    )
    call = log_activity(
        kind="call",
        actor=rita,
        fields={"subject": "Call with Ottoline", "body": "She has seventeen kilns."},
        lead=lead,
        files=[SimpleUploadedFile("ottoline.pdf", b"%PDF-1.7 kilns")],
    )
    path = confirm(lead, rita)
    answer = lead.answers.first()
    update = {"value": "seventeen kilns", "evidence": "Ottoline said so"}
    type(answer).objects.filter(pk=answer.pk).update(evidence_activity=call, **update)
    lead = update_lead(lead=lead, changes={"next_step": "Ring Ottoline"}, actor=rita)
    request = submit_request(
        lead=lead,
        path=path,
        plan=plan_of(contact={"action": "create", "fields": {"title": "VP Zymurgy"}}),
        actor=rita,
        approver=leo,
        message="Ottoline is ready.",
    )
    convert_lead(lead=lead, plan=plan_of(), actor=leo, request=request)
    lead.refresh_from_db()
    return lead


def mentions():
    """{table: how many rows have one of her words anywhere}, over the whole database."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(
                f"SELECT count(*) FROM {table} row WHERE row::text ~ %s",  # noqa: S608
                ["|".join(WORDS)],
            )
            if count := cursor.fetchone()[0]:
                found[table] = count
    return found


def test_nothing_in_the_whole_database_knows_the_person_any_more(ottoline, ada):
    assert len(mentions()) >= 12
    erase_person(lead=ottoline, actor=ada, reason="Asked by letter")
    assert mentions() == {}


def test_what_says_nothing_of_the_person_stays(ottoline, ada):
    before = Conversion.objects.get()
    erase_person(lead=ottoline, actor=ada, reason="Asked by letter")
    lead, after = Lead.objects.get(pk=ottoline.pk), Conversion.objects.get()
    assert (lead.name, lead.company, lead.is_converted) == ("Erased", "Halcyon Robotics", True)
    for fact in ("account", "contact", "opportunity", "requested_by", "approved_by", "mode"):
        assert getattr(after, fact) == getattr(before, fact)
    assert after.account.name == "Halcyon Robotics"
    assert (after.contact.do_not_call, after.contact.do_not_email) == (True, True)
    assert [each["state"] for each in after.answers] == [each["state"] for each in before.answers]
    assert after.effects["moved"] == before.effects["moved"]
    assert broken_invariants() == {}


def test_the_log_says_who_did_it_and_why(ottoline, ada):
    erase_person(lead=ottoline, actor=ada, reason="Asked by letter")
    event = Event.objects.get(verb="lead.erased")
    assert (event.actor, event.lead, event.note) == (ada, ottoline, "Asked by letter")


def test_a_person_without_a_company_is_erased_from_the_name_of_their_account(rita, ada):
    lead = make_lead(rita, first_name="Ottoline", last_name="Quarrington", company="")
    convert_lead(lead=lead, plan=plan_of(), actor=ada)
    erase_person(lead=lead, actor=ada, reason="Asked by letter")
    assert mentions() == {}


def test_somebody_who_never_became_a_contact_can_be_erased_too(rita, ada):
    lead = make_lead(rita, first_name="Ottoline", last_name="Quarrington")
    erase_person(lead=lead, actor=ada, reason="Asked by letter")
    assert mentions() == {}


@pytest.mark.django_db(transaction=True)
def test_their_files_leave_the_disk(ottoline, ada):
    path = Attachment.objects.get().file.path
    assert os.path.exists(path)
    erase_person(lead=ottoline, actor=ada, reason="Asked by letter")
    assert not os.path.exists(path)


@pytest.fixture
def by_api(rita, leo, ada, api):
    """The whole job for her by REST, each call with a key: `by_api()` makes the same calls."""
    everything = {
        "first_name": "Ottoline",
        "last_name": "Quarrington",
        "email": "ottoline@halcyonrobotics.example",
        "phone": "+1 512 5550177",
        "company": "",
        "source": LeadSource.objects.get(name="Referral").pk,
    }
    targets = ("account", "contact", "opportunity")
    plan = {name: {"action": "create"} for name in targets}
    paths = []

    def call(key, actor, address, body, **also):
        address = f"/api/v1/{address}/"
        return api(actor).post(address, body, HTTP_IDEMPOTENCY_KEY=key, **also)

    def work():
        answers = [call("lead", rita, "leads", everything)]
        pk = answers[0].json()["id"]
        note = {"kind": "note", "body": "Ottoline has seventeen kilns.", "lead": pk}
        answers.append(call("note", rita, "activities", note))
        if not paths:
            paths.append(confirm(Lead.objects.get(pk=pk), rita).pk)
        asked = {"path": paths[0], "plan": plan, "approver": leo.pk, "message": "Ottoline is in."}
        answers.append(call("ask", rita, f"leads/{pk}/conversion-requests", asked))
        request = answers[-1].json()["id"]
        approval = {"convert": True}
        answers.append(call("yes", leo, f"conversion-requests/{request}/approve", approval))
        late = {"rows": [{"id": pk, "title": "VP Zymurgy"}]}
        answers.append(call("late", ada, "leads/bulk", late))
        return answers

    return work


def test_a_call_repeated_after_the_erasure_tells_nothing_and_does_nothing(by_api, ada):
    first = by_api()
    assert "crm_idempotencykey" in mentions()
    other = make_lead(ada, company="Elsewhere", email="e@elsewhere.example", phone="")
    erase_person(lead=Lead.objects.get(pk=first[0].json()["id"]), actor=ada, reason="By letter")
    assert mentions() == {}
    counts = [model.objects.count() for model in (Lead, Activity, Conversion)]
    again = by_api()
    for before, after in zip(first, again, strict=True):
        assert (after.status_code, after["Idempotent-Replayed"]) == (before.status_code, "true")
        assert not any(word in after.content.decode() for word in WORDS)
    ids = [answer.json().get("id") for answer in first]
    assert [answer.json().get("id") for answer in again] == ids
    assert again[3].json()["contact"]["url"] == first[3].json()["contact"]["url"]
    assert [model.objects.count() for model in (Lead, Activity, Conversion)] == counts
    assert other.name == "Dana Whitfield"


def test_stored_answers_about_others_stay_as_they_are(by_api, lead, leo, ada, api):
    key = {"HTTP_IDEMPOTENCY_KEY": "other"}
    note = {"kind": "note", "body": "Somebody else.", "lead": lead.pk}
    before = api(leo).post("/api/v1/activities/", note, **key)
    erase_person(lead=Lead.objects.get(pk=by_api()[0].json()["id"]), actor=ada, reason="By letter")
    after = api(leo).post("/api/v1/activities/", note, **key)
    assert after["Idempotent-Replayed"] == "true"
    assert after.content == before.content


def test_the_pages_of_the_erased_still_open(ottoline, ada, browse, api):
    erase_person(lead=ottoline, actor=ada, reason="Asked by letter")
    conversion = Conversion.objects.get()
    for record in (ottoline, conversion, conversion.contact, conversion.request):
        page = browse(ada).get(record.get_absolute_url())
        assert page.status_code == 200
    answer = api(ada).get(f"/api/v1/conversions/{conversion.pk}/")
    assert not any(word in json.dumps(answer.json()) for word in WORDS)


def test_only_who_keeps_the_settings_may_erase(ottoline, rita, nadia, leo):
    for person in (rita, nadia, leo):
        with pytest.raises(PermissionDenied):
            erase_person(lead=ottoline, actor=person, reason="Asked by letter")
    assert mentions()


def test_there_must_be_a_reason(ottoline, ada):
    with pytest.raises(ValidationError, match="Say why"):
        erase_person(lead=ottoline, actor=ada, reason="  ")


def test_nobody_is_erased_under_the_eyes_of_an_approver(ritas_lead, rita, leo, ada):
    path = confirm(ritas_lead, rita)
    submit_request(lead=ritas_lead, path=path, plan=plan_of(), actor=rita, approver=leo)
    with pytest.raises(RequestIsOpen):
        erase_person(lead=ritas_lead, actor=ada, reason="Asked by letter")


def test_an_erased_lead_is_as_final_as_before(ottoline, ada):
    erase_person(lead=ottoline, actor=ada, reason="Asked by letter")
    with pytest.raises(LeadIsFinal):
        update_lead(lead=ottoline, changes={"last_name": "Back"}, actor=ada)
    assert finality_problems() == []


ATTEMPTS = {
    "become the eraser": "SET ROLE relay_eraser",
    "become it for a session": "SET SESSION AUTHORIZATION relay_eraser",
    "be made a member of it": "GRANT relay_eraser TO current_user",
    "give it a function of one's own": """
        CREATE FUNCTION pg_temp.forge() RETURNS void LANGUAGE sql SECURITY DEFINER
        AS 'UPDATE leads_lead SET last_name = ''Forged''';
        ALTER FUNCTION pg_temp.forge() OWNER TO relay_eraser""",
    "replace its function": """
        CREATE OR REPLACE FUNCTION erase_person(a bigint, b bigint, c text) RETURNS void
        LANGUAGE sql AS 'SELECT'""",
    "erase for no reason": "SELECT erase_person({lead}, {ada}, ' ')",
    "erase as somebody who may not": "SELECT erase_person({lead}, {rita}, 'Because')",
    "erase as nobody": "SELECT erase_person({lead}, NULL, 'Because')",
    "erase what is not there": "SELECT erase_person(0, {ada}, 'Because')",
    "blank a receipt directly": "UPDATE conversion_conversion SET plan = '{{}}'",
    "blank a converted lead directly": "UPDATE leads_lead SET first_name = '' WHERE id = {lead}",
    "blank an answer directly": "UPDATE leads_answer SET value = '' WHERE lead_id = {lead}",
    "blank an event directly": "UPDATE activities_event SET note = ''",
    "blank history directly": "UPDATE leads_leadhistory SET first_name = ''",
    "shadow what the function reads": """
        CREATE TEMPORARY TABLE people_rolepermission AS
            SELECT *, 'all' AS granted FROM people_rolepermission;
        UPDATE pg_temp.people_rolepermission
           SET record_type = 'settings', action = 'edit', level = 'all';
        SELECT erase_person({lead}, {rita}, 'Because')""",
}


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_there_is_no_other_way(ottoline, ada, rita, attempt):
    before = mentions()
    statement = ATTEMPTS[attempt].format(lead=ottoline.pk, ada=ada.pk, rita=rita.pk)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert mentions() == before


def test_the_command_erases_and_says_so(ottoline, ada, capsys):
    call_command("erase_person", ottoline.pk, email=ada.email, reason="Asked by letter")
    assert "is erased" in capsys.readouterr().out
    assert mentions() == {}


@pytest.mark.parametrize(
    ("lead", "email", "said"),
    [
        (None, "nobody@example.com", "no active user"),
        (0, "ada@example.com", "no lead"),
        (None, "rita@example.com", "may not erase"),
    ],
)
def test_the_command_says_what_is_wrong(ottoline, ada, lead, email, said):
    number = ottoline.pk if lead is None else lead
    with pytest.raises(CommandError, match=said):
        call_command("erase_person", number, email=email, reason="Asked by letter")
