"""The lists around leads by REST: statuses, sources, reasons, playbooks and queues."""

import pytest

from accounts.models import LeadSource
from tests.factories import QueueFactory

pytestmark = pytest.mark.django_db


def listed(api, user, name, **query):
    answer = api(user).get(f"/api/v1/{name}/", query)
    assert answer.status_code == 200, answer.json()
    return answer.json()["results"]


def test_statuses_tell_their_kind(api, rita):
    (status,) = listed(api, rita, "lead-statuses", kind="converted")
    assert (status["name"], status["kind"], status["is_default"]) == (
        "Converted",
        "converted",
        True,
    )


def test_only_active_sources_when_asked(api, rita):
    retired = LeadSource.objects.create(name="Fax", is_active=False)
    assert retired.pk in [each["id"] for each in listed(api, rita, "lead-sources")]
    active = listed(api, rita, "lead-sources", is_active="true")
    assert retired.pk not in [each["id"] for each in active]


def test_reasons_by_kind(api, rita):
    assert {each["kind"] for each in listed(api, rita, "reasons", kind="disqualify")} == {
        "disqualify"
    }


def test_a_playbook_comes_with_criteria_and_paths(api, rita):
    (bant,) = listed(api, rita, "playbooks", subject="lead")
    assert bant["criteria"][0]["key"] == "budget"
    paths = {path["key"]: path for path in bant["paths"]}
    assert paths["trial_first"]["required"] == ["need", "trial"]
    assert paths["trial_first"]["optional"] == ["authority", "timeline"]


def test_queues_are_ones_own(api, rita, nadia, soren):
    queue = QueueFactory(members=[rita], team=rita.team)
    QueueFactory(members=[soren])
    (hers,) = listed(api, rita, "queues")
    assert (hers["id"], hers["is_member"]) == (queue.pk, True)
    (managed,) = listed(api, nadia, "queues")
    assert (managed["id"], managed["is_member"]) == (queue.pk, False)


@pytest.mark.parametrize(
    "name", ["lead-statuses", "lead-sources", "campaigns", "reasons", "playbooks", "queues"]
)
def test_lists_of_configuration_are_read_here_and_kept_elsewhere(api, ada, name):
    assert api(ada).post(f"/api/v1/{name}/", {"name": "New"}).status_code == 405
