"""What pages say when the database refuses, and to addresses that cannot be."""

import pytest
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import include, path
from django.views.decorators.debug import sensitive_post_parameters

from tests.factories import LeadFactory

pytestmark = pytest.mark.django_db


def busy(request: HttpRequest) -> HttpResponse:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '55P03'; END $$")
    return HttpResponse()


urlpatterns = [
    path("busy/", busy),
    path("busy/secret/", sensitive_post_parameters()(busy)),
    path("", include("crm.urls")),
]


@pytest.fixture
def signed_in(rita):
    client = Client()
    client.force_login(rita)
    with override_settings(ROOT_URLCONF=__name__):
        yield client


def test_a_page_says_which_rule_of_the_database_was_in_the_way(signed_in):
    answer = signed_in.get("/busy/")
    assert answer.status_code == 503
    assert "Somebody else is working on this right now." in answer.content.decode()


def test_a_fragment_says_it_in_a_toast(signed_in):
    answer = signed_in.get("/busy/", HTTP_HX_REQUEST="true")
    assert answer.status_code == 503
    assert answer["HX-Retarget"] == "#toasts"


@pytest.mark.parametrize(
    "address", ["/account/login/?next=%00", "/%00", "/static/%00.css", "/?a%00b=1"]
)
def test_an_address_with_a_nul_is_400_everywhere(db, address):
    assert Client().get(address).status_code == 400


def signed_out(method: str, **headers: str) -> HttpResponse:
    return Client(headers=headers).generic(method, "/activities/log/")


@pytest.mark.parametrize(
    ("method", "headers", "back"),
    [
        ("GET", {}, "/activities/log/"),
        ("POST", {"Referer": "http://testserver/leads/4/?tab=calls"}, "/leads/4/%3Ftab%3Dcalls"),
        ("POST", {"Referer": "https://elsewhere.example/leads/4/"}, "/"),
        ("POST", {}, "/"),
    ],
)
def test_an_expired_session_leads_back_to_the_page_one_was_on(method, headers, back):
    answer = signed_out(method, **headers)
    assert answer["Location"] == f"/account/login/?next={back}"


def test_an_expired_session_leads_a_fragment_back_to_its_page():
    page = {"Referer": "http://testserver/leads/4/", "HX-Request": "true"}
    assert signed_out("GET", **page)["HX-Redirect"] == "/account/login/?next=/leads/4/"


def test_the_address_of_a_form_says_that_there_is_nothing_to_see(signed_in):
    answer = signed_in.get("/activities/log/")
    assert answer.status_code == 405
    assert answer["Allow"] == "POST"
    assert "there is nothing to see" in answer.content.decode()


def test_a_form_that_came_at_a_bad_moment_can_be_sent_once_more_as_it_was(signed_in):
    typed = {"note": 'She said "yes" <today>', "lead": ["3", "5"], "csrfmiddlewaretoken": "x"}
    answer = signed_in.post("/busy/?view=2", typed)
    assert answer.status_code == 503
    assert answer.context["again"] == [("note", typed["note"]), ("lead", "3"), ("lead", "5")]
    page = answer.content.decode()
    assert '<form method="post" action="/busy/?view=2">' in page
    assert 'name="note" value="She said &quot;yes&quot; &lt;today&gt;"' in page
    assert "Try again</button>" in page


@pytest.mark.parametrize(
    ("address", "typed"),
    [
        ("/busy/secret/", {"password": "relay-demo"}),
        ("/busy/", {"file": ContentFile("a", "a.csv")}),
    ],
)
def test_neither_passwords_nor_files_are_written_into_a_page(signed_in, address, typed):
    answer = signed_in.post(address, typed)
    assert answer.status_code == 503
    assert answer.context["again"] is None
    assert "relay-demo" not in answer.content.decode()


def test_a_page_that_came_at_a_bad_moment_offers_nothing_to_send(signed_in):
    assert "Try again</button>" not in signed_in.get("/busy/").content.decode()


@pytest.mark.parametrize("debug", [False, True])
def test_what_is_hidden_tells_nothing_of_the_application(browse, soren, settings, debug):
    settings.DEBUG = debug
    lead = LeadFactory()
    answer = browse(soren).get(lead.get_absolute_url())
    assert answer.status_code == 404
    assert "it is not yours to see" in answer.content.decode()
    assert "URLconf" not in answer.content.decode()
