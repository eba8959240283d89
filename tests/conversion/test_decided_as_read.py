"""An approver decides what they have read: nothing that was sent again in the meantime."""

import pytest
from django.urls import reverse

from activities.models import Reason
from conversion.models import Conversion, ConversionRequest, RequestState
from conversion.plans import read_plan
from conversion.services import approve, convert_lead, reject, resubmit, send_back
from conversion.services.transitions import STEPS
from crm.records import StaleVersion
from tests.conversion.conftest import plan_of


@pytest.fixture
def read_before(asked, rita, leo):
    """The version that Leo has open in another window, while the request came back for more."""
    version = asked.version
    send_back(request=asked, actor=leo, message="How much is it?")
    plan = plan_of(opportunity={"action": "create", "fields": {"amount": "1000000"}})
    resubmit(request=asked, actor=rita, plan=plan)
    asked.refresh_from_db()
    assert asked.state == RequestState.PENDING
    return version


def reason():
    return Reason.objects.get(kind="reject", code="no_budget")


@pytest.mark.parametrize(
    ("service", "values"),
    [
        (approve, dict),
        (send_back, lambda: {"message": "Who signs?"}),
        (reject, lambda: {"reason": reason(), "outcome": "keep_working", "note": "Not now."}),
    ],
)
def test_a_service_decides_only_the_version_that_was_read(asked, leo, read_before, service, values):
    with pytest.raises(StaleVersion):
        service(request=asked, actor=leo, version=read_before, **values())
    asked.refresh_from_db()
    assert asked.state == RequestState.PENDING
    service(request=asked, actor=leo, version=asked.version, **values())


def test_a_plan_that_was_replaced_before_the_lock_is_not_carried_out(asked, rita, leo):
    """The request is read, sent back and sent again; only then comes the conversion to its turn."""
    read = ConversionRequest.objects.get(pk=asked.pk)
    send_back(request=asked, actor=leo, message="How much is it?")
    plan = plan_of(opportunity={"action": "create", "fields": {"amount": "1000000"}})
    resubmit(request=asked, actor=rita, plan=plan)
    with pytest.raises(StaleVersion):
        convert_lead(lead=asked.lead, plan=read_plan(read.plan), actor=leo, request=read)
    assert not Conversion.objects.exists()
    asked.refresh_from_db()
    assert asked.state == RequestState.PENDING
    convert_lead(lead=asked.lead, plan=read_plan(asked.plan), actor=leo, request=asked)


@pytest.mark.parametrize("decision", ["approve", "approve_only", "send_back", "reject"])
def test_a_page_that_is_older_than_the_request_decides_nothing(
    asked, leo, read_before, browse, decision
):
    answer = browse(leo).post(
        reverse("conversion:decide", args=[asked.pk]),
        {
            "decision": decision,
            "version": read_before,
            "reason": reason().pk,
            "outcome": "keep_working",
            "message": "Go on.",
        },
    )
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Rita Ono resubmitted it" in page
    assert "You wrote: “Go on.”" in page
    asked.refresh_from_db()
    assert asked.state == RequestState.PENDING
    # What is shown now has been read, and may be decided.
    assert f'name="version" value="{asked.version}"' in page


@pytest.mark.parametrize("action", ["approve", "send-back", "reject"])
def test_by_rest_a_decision_may_name_the_version_that_was_read(
    asked, leo, read_before, api, action
):
    client, address = api(leo), f"/api/v1/conversion-requests/{asked.pk}/"
    body = {"message": "Go on.", "note": "Go on.", "reason": "no_budget", "outcome": "keep_working"}
    taken = {"approve": {"note"}, "send-back": {"message"}, "reject": {"note", "reason", "outcome"}}
    body = {name: value for name, value in body.items() if name in taken[action]}
    old = f'"{asked.pk}-{read_before}"'
    answer = client.post(f"{address}{action}/", body, format="json", headers={"If-Match": old})
    assert answer.status_code == 412
    assert answer.json()["code"] == "stale_version"
    tag = client.get(address)["ETag"]
    answer = client.post(f"{address}{action}/", body, format="json", headers={"If-Match": tag})
    assert answer.status_code == 200
    assert answer.json()["state"] == STEPS[action.replace("-", "_")][1]
