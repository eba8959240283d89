"""The page on which a conversion is requested."""

import pytest
from django.urls import reverse

from conversion.models import ConversionRequest
from tests.conversion.conftest import confirm, make_lead
from tests.conversion.pages import page, shown
from tests.factories import AccountFactory

pytestmark = pytest.mark.django_db


def handoff_page(client, lead):
    url = reverse("conversion:submit", args=[lead.pk])
    return url, shown(client.get(url))


def test_an_sdr_requests_a_conversion_in_one_step(ritas_lead, rita, leo, browse):
    path = confirm(ritas_lead, rita)
    client = browse(rita)
    url, fields = handoff_page(client, ritas_lead)
    answer = client.post(
        url,
        fields | {"path": path.pk, "approver": leo.pk, "message": "Ready.", "do": "submit"},
    )
    asked = ConversionRequest.objects.get()
    assert (answer.status_code, answer.url) == (302, asked.get_absolute_url())
    assert (asked.approver, asked.message, asked.state) == (leo, "Ready.", "pending")


def test_the_paths_rule_names_the_approver_and_says_why(ritas_lead, rita, leo, browse):
    confirm(ritas_lead, rita)
    AccountFactory(owner=leo, name="Halcyon", domain_key="halcyonrobotics.example")
    text = page(browse(rita), "submit", ritas_lead.pk).content.decode()
    assert "Leo Haddad: owns Halcyon" in text


def test_where_the_rule_finds_nobody_whom_one_asked_last_is_offered(asked, rita, leo, browse):
    another = make_lead(rita, company="Altamira", email="sofia@altamira.example", phone="")
    offered = page(browse(rita), "submit", another.pk).context["handoff"]["approver"]
    assert offered.value() == leo.pk


def test_why_the_approver_was_chosen_beforehand_stays_as_long_as_they_do(
    asked, rita, leo, ines, browse
):
    another = make_lead(rita, company="Altamira", email="sofia@altamira.example", phone="")
    client = browse(rita)
    url, fields = handoff_page(client, another)
    assert "Whom you asked last" in client.get(url).content.decode()
    for approver, is_said in ((leo.pk, True), (ines.pk, False), ("", False)):
        answer = client.post(url, fields | {"approver": approver, "do": "preview"})
        assert ("Whom you asked last" in answer.content.decode()) == is_said


def test_requesting_without_anybody_to_decide_asks_for_somebody(ritas_lead, rita, browse):
    path = confirm(ritas_lead, rita)
    client = browse(rita)
    url, fields = handoff_page(client, ritas_lead)
    answer = client.post(url, fields | {"path": path.pk, "do": "submit"})
    assert answer.status_code == 422
    assert answer.context["handoff"].errors["approver"]


def test_the_button_says_how_many_checks_are_missing(ritas_lead, rita, browse):
    text = page(browse(rita), "submit", ritas_lead.pk).content.decode()
    assert "Request conversion: 2 checks to go" in text


def test_a_path_that_is_not_met_is_refused(ritas_lead, rita, leo, browse):
    path = confirm(ritas_lead, rita)
    client = browse(rita)
    url, fields = handoff_page(client, ritas_lead)
    other = path.playbook.paths.get(key="trial_first")
    answer = client.post(url, fields | {"path": other.pk, "approver": leo.pk, "do": "submit"})
    assert answer.status_code == 422
    assert "still needs" in str(answer.context["handoff"].errors["path"])


def test_a_lead_that_is_requested_leads_to_its_request(asked, ritas_lead, rita, browse):
    answer = page(browse(rita), "submit", ritas_lead.pk)
    assert (answer.status_code, answer.url) == (302, asked.get_absolute_url())
