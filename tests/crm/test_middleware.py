"""What pages say when the database refuses, and to addresses that cannot be."""

import pytest
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import include, path

pytestmark = pytest.mark.django_db


def busy(request: HttpRequest) -> HttpResponse:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '55P03'; END $$")
    return HttpResponse()


urlpatterns = [path("busy/", busy), path("", include("crm.urls"))]


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
