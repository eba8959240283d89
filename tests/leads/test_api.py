import unicodedata

import pytest
from django.db.models import F
from rest_framework.test import APIClient

from activities.models import Event, Reason
from integrations.services import create_token
from leads.models import Lead, LeadStatus
from opportunities.models import Product
from tests.answers import ids, pointers
from tests.factories import ActivityFactory, LeadFactory, QueueFactory
from tests.odd_text import ODD_TEXTS

pytestmark = pytest.mark.django_db

LEADS = "/api/v1/leads/"
TEXTS = (
    "salutation",
    "first_name",
    "last_name",
    "title",
    "company",
    "industry",
    "street",
    "city",
    "region",
    "country",
    "source_detail",
    "description",
    "next_step",
    "external_id",
    "imported_owner",
)


@pytest.fixture
def body(source):
    return {"last_name": "Nowak", "source": source.pk}


def at(lead, action=""):
    return f"{LEADS}{lead.pk}/{action}"


def tag(lead):
    lead.refresh_from_db()
    return {"HTTP_IF_MATCH": f'"{lead.pk}-{lead.version}"'}


@pytest.mark.parametrize("action", ["assign", "status"])
def test_an_action_for_a_version_that_is_gone_does_nothing(api, nadia, rita, lead, action):
    working = LeadStatus.objects.default_for("working").pk
    body = {"assign": {"owner": nadia.pk}, "status": {"status": working}}[action]
    read = tag(lead)
    Lead.objects.filter(pk=lead.pk).update(version=F("version") + 1)
    stale = api(nadia).post(at(lead, f"{action}/"), body, **read)
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
    assert api(nadia).post(at(lead, f"{action}/"), body, **tag(lead)).status_code == 200


# --- Create


def test_a_lead_is_created_with_its_address_and_tag(api, rita, body):
    seats = Product.objects.create(name="Seats")
    wish = body | {
        "company": "Halcyon",
        "annual_revenue": {"amount": "1200000.00", "currency": "USD"},
        "products": [{"product": seats.pk, "quantity": "60.00"}],
        "next_step_on": "2030-01-31",
        "imported_values": {"Lifecycle": "MQL"},
    }
    answer = api(rita).post(LEADS, wish)
    lead = Lead.objects.get()
    assert answer.status_code == 201, answer.json()
    assert answer["Location"].endswith(at(lead))
    assert answer["ETag"] == f'"{lead.pk}-1"'
    shown = answer.json()
    assert {name: shown[name] for name in wish} == wish
    assert (shown["owner"], shown["team"], shown["status_kind"]) == (rita.pk, rita.team_id, "new")
    assert shown["score"] == sum(entry["points"] for entry in shown["score_explanation"]) > 0


def test_a_retry_with_the_same_key_makes_one_lead(api, rita, body):
    first, second = (api(rita).post(LEADS, body, HTTP_IDEMPOTENCY_KEY="form-17") for _ in range(2))
    assert second["Idempotent-Replayed"] == "true"
    assert first.json() == second.json()
    assert Lead.objects.count() == Event.objects.filter(verb="lead.created").count() == 1


def test_every_fault_is_named(api, rita):
    answer = api(rita).post(LEADS, {"email": "x", "employees": "many", "colour": "red"})
    assert (answer.status_code, pointers(answer)) == (400, {"#/colour"})
    answer = api(rita).post(LEADS, {"email": "x", "employees": "many"})
    assert answer.status_code == 400
    assert pointers(answer) == {"#/email", "#/employees", "#/last_name", "#/source"}


def test_what_the_service_refuses_is_named_too(api, rita, body):
    answer = api(rita).post(LEADS, body | {"phone": "call me", "website": "javascript:alert(1)"})
    assert answer.status_code == 422
    assert pointers(answer) == {"#/phone", "#/website"}


def test_a_lead_may_begin_in_a_queue_and_in_a_status(api, rita, body):
    queue = QueueFactory(members=[rita])
    nurturing = LeadStatus.objects.default_for("nurturing")
    wish = {"queue": queue.pk, "status": nurturing.pk, "wake_up_on": "2099-01-01"}
    shown = api(rita).post(LEADS, body | wish).json()
    assert {name: shown[name] for name in wish} == wish
    assert shown["owner"] is None


def test_no_lead_begins_converted(api, rita, body):
    converted = LeadStatus.objects.default_for("converted")
    answer = api(rita).post(LEADS, body | {"status": converted.pk})
    assert (answer.status_code, answer.json()["code"]) == (409, "only_by_conversion")


def test_a_queue_one_cannot_see_does_not_exist(api, rita, soren, body):
    queue = QueueFactory(members=[soren])
    hidden, absent = (
        api(rita).post(LEADS, body | {"queue": pk}).json()["errors"] for pk in (queue.pk, 10**9)
    )
    assert hidden == absent


@pytest.mark.parametrize("text", ODD_TEXTS.values(), ids=ODD_TEXTS)
def test_odd_text_comes_back_as_it_went_in(api, rita, body, text):
    fields = dict.fromkeys(TEXTS, text) | {"salutation": text[:20]}
    answer = api(rita).post(LEADS, body | fields)
    assert answer.status_code == 201, answer.json()
    shown = api(rita).get(at(Lead.objects.get())).json()
    for name, sent in fields.items():
        assert shown[name] == unicodedata.normalize("NFC", sent).strip(), name


@pytest.mark.parametrize("name", [name for name in TEXTS if name != "description"])
def test_text_that_is_too_long_is_refused_by_name(api, rita, body, name):
    answer = api(rita).post(LEADS, body | {name: "x" * 256})
    assert (answer.status_code, pointers(answer)) == (400, {f"#/{name}"})


# --- Read


def test_a_list_has_what_one_may_see_latest_first(api, rita, soren):
    first, second = LeadFactory(owner=rita), LeadFactory(owner=rita)
    LeadFactory(owner=soren)
    assert ids(api(rita).get(LEADS)) == [second.pk, first.pk]


def test_filters_are_those_of_the_page(api, rita, lead):
    hot = LeadFactory(owner=rita, rating="hot")
    assert ids(api(rita).get(LEADS, {"rating": "hot", "owner": "me"})) == [hot.pk]
    answer = api(rita).get(LEADS, {"colour": "red"})
    assert (answer.status_code, pointers(answer)) == (400, {"colour"})


def test_pages_follow_each_other_without_gap(api, rita):
    leads = [LeadFactory(owner=rita, score=score) for score in (5, 5, 5, 1, 9)]
    client, seen, address = api(rita), [], f"{LEADS}?page_size=2&ordering=score"
    while address:
        answer = client.get(address)
        seen += ids(answer)
        address = answer.json()["next"]
    expected = sorted(leads, key=lambda lead: (lead.score, lead.pk))
    assert seen == [lead.pk for lead in expected]


def test_a_list_costs_four_queries_for_one_lead_and_for_twenty(rita, django_assert_num_queries):
    _token, secret = create_token(user=rita, name="test", scopes=["read"], actor=None)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    product = Product.objects.create(name="Seats")
    for count in (1, 19):
        for _ in range(count):
            LeadFactory(owner=rita).product_interests.create(product=product)
        client.get(LEADS)  # The first call of a while notes when the token was used.
        with django_assert_num_queries(4):  # token with user, reach, leads, their products
            assert client.get(LEADS).status_code == 200


def test_expand_costs_one_query_for_a_whole_page(api, nadia, rita, leo, django_assert_num_queries):
    for owner in (rita, leo, nadia):
        LeadFactory(owner=owner)
    with django_assert_num_queries(4):  # reach, leads, their products, their owners
        rows = api(nadia).get(LEADS, {"expand": "owner"}).json()["results"]
    assert [row["owner"]["full_name"] for row in rows] == ["Nadia Berg", "Leo Haddad", "Rita Ono"]


def test_expand_puts_the_account_in_the_place_of_its_id(api, leo, converted_lead):
    shown = api(leo).get(at(converted_lead), {"expand": "converted_account"}).json()
    assert shown["converted_account"]["name"] == "Halcyon"
    assert shown["converted_contact"] == converted_lead.converted_contact_id


def test_who_has_this_version_already_gets_nothing(api, rita, lead):
    answer = api(rita).get(at(lead), HTTP_IF_NONE_MATCH=f'"{lead.pk}-1"')
    assert answer.status_code == 304


# --- Change


def test_a_patch_needs_the_version_it_is_for(api, rita, lead):
    client, old = api(rita), tag(lead)
    assert client.patch(at(lead), {"city": "Köln"}).status_code == 428
    answer = client.patch(at(lead), {"city": "Köln"}, **old)
    assert (answer.status_code, answer["ETag"]) == (200, f'"{lead.pk}-2"')
    assert answer.json()["city"] == "Köln"
    assert client.patch(at(lead), {"city": "Bonn"}, **old).status_code == 412


@pytest.mark.parametrize(
    ("name", "code"), [("owner", "use_assign"), ("queue", "use_assign"), ("status", "use_status")]
)
def test_owner_and_status_have_actions_of_their_own(api, rita, leo, lead, name, code):
    client = api(rita)
    value = {
        "owner": leo.pk,
        "queue": QueueFactory(members=[rita]).pk,
        "status": LeadStatus.objects.default_for("working").pk,
    }[name]
    answer = client.patch(at(lead), {name: value}, **tag(lead))
    assert (answer.status_code, pointers(answer)) == (400, {f"#/{name}"})
    assert answer.json()["errors"][0]["code"] == code
    unchanged = client.get(at(lead)).json()[name]
    assert client.patch(at(lead), {name: unchanged}, **tag(lead)).status_code == 200


@pytest.mark.parametrize("name", ["id", "score", "version", "converted_at", "status_kind"])
def test_what_the_system_keeps_is_not_changed(api, rita, lead, name):
    before = api(rita).get(at(lead)).json()[name]
    api(rita).patch(at(lead), {name: 7}, **tag(lead))
    assert api(rita).get(at(lead)).json()[name] == before


def test_a_deleted_lead_is_gone(api, rita, lead):
    assert api(rita).delete(at(lead), **tag(lead)).status_code == 204
    assert api(rita).get(at(lead)).status_code == 404


@pytest.mark.parametrize("method", ["patch", "delete"])
def test_a_converted_lead_is_final(api, leo, converted_lead, method):
    answer = getattr(api(leo), method)(at(converted_lead), {"city": "Köln"}, HTTP_IF_MATCH="*")
    assert (answer.status_code, answer.json()["code"]) == (409, "lead_final")
    assert answer.json()["receipt"] == converted_lead.conversion.get_absolute_url()


# --- Actions


def test_assign_to_a_person_or_a_queue(api, rita, nadia, leo, lead):
    answer = api(nadia).post(at(lead, "assign/"), {"owner": leo.pk, "why": "Speaks Arabic."})
    assert (answer.status_code, answer.json()["owner"]) == (200, leo.pk)
    assert answer["ETag"] == f'"{lead.pk}-2"'
    queue = QueueFactory(team=rita.team)
    answer = api(nadia).post(at(lead, "assign/"), {"queue": queue.pk})
    assert (answer.json()["owner"], answer.json()["queue"]) == (None, queue.pk)
    assert api(nadia).post(at(lead, "assign/"), {}).status_code == 422


def test_a_converted_lead_may_still_be_assigned(api, leo, ines, converted_lead):
    answer = api(leo).post(at(converted_lead, "assign/"), {"owner": ines.pk})
    assert (answer.status_code, answer.json()["owner"]) == (200, ines.pk)


def test_status(api, rita, lead):
    reason = Reason.objects.for_kind("disqualify").first()
    disqualified = LeadStatus.objects.default_for("disqualified").pk
    answer = api(rita).post(at(lead, "status/"), {"status": disqualified})
    assert (answer.status_code, pointers(answer)) == (422, {"#/reason"})
    answer = api(rita).post(at(lead, "status/"), {"status": disqualified, "reason": reason.pk})
    assert answer.json()["status_kind"] == "disqualified"
    assert answer.json()["disqualified_reason"] == reason.pk


def test_a_reason_is_named_by_its_code_too(api, rita, lead):
    reason = Reason.objects.get(kind="disqualify", code="no_budget")
    disqualified = LeadStatus.objects.default_for("disqualified").pk
    for code in ("timing", "no_such", "", True):
        answer = api(rita).post(at(lead, "status/"), {"status": disqualified, "reason": code})
        assert (answer.status_code, pointers(answer)) == (400, {"#/reason"})
    body = {"status": disqualified, "reason": "no_budget"}
    answer = api(rita).post(at(lead, "status/"), body)
    assert (answer.status_code, answer.json()["disqualified_reason"]) == (200, reason.pk)


def test_a_new_lead_names_its_reason_by_id_or_code(api, rita, body):
    reason = Reason.objects.get(kind="disqualify", code="bad_fit")
    status = LeadStatus.objects.default_for("disqualified").pk
    for name in (reason.pk, "bad_fit"):
        new = body | {"status": status, "disqualified_reason": name}
        answer = api(rita).post(LEADS, new)
        assert (answer.status_code, answer.json()["disqualified_reason"]) == (201, reason.pk)


def test_matches(api, rita, soren):
    lead, twin = (LeadFactory(owner=rita, email="ann@halcyon.com") for _ in range(2))
    LeadFactory(owner=soren, email="ann@halcyon.com")
    answer = api(rita).get(at(lead, "matches/"))
    hidden, seen = answer.json()["matches"]
    assert (hidden["lead"], hidden["name"], hidden["team"]) == (None, "", "South")
    assert (seen["lead"], seen["name"], seen["strength"]) == (twin.pk, twin.name, "strong")
    assert seen["reasons"] == [{"code": "same_email", "label": "Same email"}]


def test_qualification(api, rita, lead):
    client, address = api(rita), at(lead, "qualification/")
    shown = client.get(address).json()
    assert [answer["criterion"] for answer in shown["answers"]][:2] == ["budget", "authority"]
    assert {answer["state"] for answer in shown["answers"]} == {"unknown"}
    call = ActivityFactory(kind="call", lead=lead, owner=rita)
    answers = [
        {"criterion": "need", "state": "confirmed", "evidence_activity": call.pk},
        {"criterion": "trial", "state": "confirmed", "value": "Went well"},
    ]
    answer = client.put(address, {"answers": answers})
    assert answer.status_code == 200, answer.json()
    assert answer.json() == client.get(address).json()
    by_key = {each["criterion"]: each for each in answer.json()["answers"]}
    assert by_key["need"]["evidence_activity"] == call.pk
    assert (by_key["trial"]["value"], by_key["trial"]["answered_by"]) == ("Went well", rita.pk)
    paths = {path["key"]: path for path in answer.json()["paths"]}
    assert paths["trial_first"]["met"] is True
    assert paths["phone_interest"]["missing"] == ["authority", "timeline"]


def test_an_answer_nobody_asked_for_is_named(api, rita, lead):
    body = {"answers": [{"criterion": "luck", "state": "confirmed"}]}
    answer = api(rita).put(at(lead, "qualification/"), body)
    assert (answer.status_code, pointers(answer)) == (422, {"#/answers/0/criterion"})


def test_in_bulk_each_row_stands_for_itself(api, rita, soren, lead, body):
    strangers = LeadFactory(owner=soren)
    rows = [
        body | {"company": "Halcyon"},
        {"id": lead.pk, "city": "Köln"},
        {"last_name": "No source"},
        {"id": strangers.pk, "city": "Bonn"},
        {"id": lead.pk, "version": 1, "city": "Bonn"},
    ]
    answer = api(rita).post(f"{LEADS}bulk/", {"rows": rows})
    results = answer.json()["results"]
    assert [result["status"] for result in results] == [201, 200, 400, 404, 412]
    lead.refresh_from_db()
    assert lead.city == "Köln"
    assert Lead.objects.get(pk=results[0]["id"]).company == "Halcyon"


def test_at_most_two_hundred_rows_at_once(api, rita, body):
    answer = api(rita).post(f"{LEADS}bulk/", {"rows": [body] * 201})
    assert answer.status_code == 400
    assert not Lead.objects.exists()


def test_the_next_lead_of_a_queue_is_taken(api, rita):
    queue = QueueFactory(members=[rita])
    lead = LeadFactory(owner=None, queue=queue)
    address = f"/api/v1/queues/{queue.pk}/take-next/"
    answer = api(rita).post(address)
    assert (answer.status_code, answer.json()["id"]) == (200, lead.pk)
    assert answer.json()["owner"] == rita.pk
    answer = api(rita).post(address)
    assert (answer.status_code, answer.json()["code"]) == (409, "queue_empty")
