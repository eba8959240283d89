"""Why a request was rejected and what becomes of its lead: told alike wherever it is read."""

import datetime as dt
import re

import pytest
from django.urls import reverse

from activities.models import Reason
from conversion.display import step_of
from conversion.services import reject
from crm.templatetags.relay import day
from tests.factories import UserFactory

DAY = dt.date(2030, 1, 31)
OUTCOMES = {
    "keep_working": "keep working it",
    "recycle": f"recycle on {day(DAY)}",
    "disqualify": "disqualify",
    "reassign": "reassign to Mia Sato",
}


@pytest.fixture
def mia(north):
    return UserFactory(role="sdr", team=north, full_name="Mia Sato")


@pytest.fixture
def rejected_with(asked, leo, mia):
    def rejected(outcome):
        more = {"recycle": {"recycle_on": DAY}, "reassign": {"reassign_to": mia}}.get(outcome, {})
        reason = Reason.objects.get(kind="reject", code="no_budget")
        return reject(
            request=asked, actor=leo, reason=reason, outcome=outcome, note="Later.", **more
        )

    return rejected


def text_of(answer):
    text = re.sub(r"<[^>]+>", " ", answer.content.decode().partition("<main")[2])
    return re.sub(r"\s+", " ", text)


@pytest.mark.parametrize(("outcome", "words"), OUTCOMES.items(), ids=OUTCOMES)
def test_the_page_of_the_request(rejected_with, browse, leo, outcome, words):
    request = rejected_with(outcome)
    page = text_of(browse(leo).get(request.get_absolute_url()))
    assert f"The lead: {words}." in page
    assert f"rejected it: No budget; the lead: {words}" in page


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        ("recycle", ["Lead outcome → to Recycle on a date", f"Wake up on → to {day(DAY)}"]),
        ("reassign", ["Lead outcome → to Reassign", "Owner Rita Ono → to Mia Sato"]),
        ("disqualify", ["Lead outcome → to Disqualify"]),
    ],
)
def test_the_notification_and_the_timeline(rejected_with, browse, rita, leo, outcome, words):
    request = rejected_with(outcome)
    pages = [(leo, request.lead.get_absolute_url()), (rita, reverse("activities:notifications"))]
    if outcome == "reassign":
        # Who lost the lead by it reads of it on the page of the request.
        pages.pop()
    for person, address in pages:
        text = text_of(browse(person).get(address))
        for line in ["Because → to No budget", *words]:
            assert line in text


@pytest.mark.parametrize(
    ("outcome", "more"),
    [
        ("keep_working", {}),
        ("recycle", {"recycle_on": "2030-01-31"}),
        ("reassign", {"reassign_to": {"name": "Mia Sato"}}),
    ],
)
def test_the_history_by_rest(rejected_with, api, leo, mia, outcome, more):
    request = rejected_with(outcome)
    if to := more.get("reassign_to"):
        to["id"] = mia.pk
    url = reverse("api:conversion-request-history", args=[request.pk])
    step = api(leo).get(url).json()["steps"][0]
    assert step["facts"] == {"outcome": outcome, **more}
    assert step["reason"] == "no_budget"


def test_an_older_rejection_says_what_is_known(rejected_with):
    """Rows of a history are final; those from before had neither the day nor the person."""
    request = rejected_with("recycle")
    step = request.transitions.latest("pk")
    step.facts = {"outcome": "recycle"}
    assert step_of(step).outcome == "recycle on a date"
