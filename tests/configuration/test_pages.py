"""The pages on which an admin keeps the lists."""

import pytest
from django.urls import reverse

from accounts.models import LeadSource
from activities.models import Event, Reason
from conversion.services import reject, submit_request
from crm.configuration.services import create_entry
from crm.settings_pages import CATALOGS
from leads.configuration import PLAYBOOKS, QUEUES
from leads.models import Criterion, LeadStatus, Path
from opportunities.models import Pipeline, Stage
from tests.configuration.conftest import EVERY, new_status
from tests.conversion.conftest import confirm, make_lead, plan_of
from tests.factories import LeadFactory


@pytest.mark.parametrize("catalog", CATALOGS, ids=lambda catalog: catalog.key)
def test_every_list_has_its_pages(ada, rita, browse, catalog):
    page = browse(ada).get(reverse(catalog.url_name))
    assert page.status_code == 200
    assert catalog.title in page.content.decode()
    for entry in catalog.entries():
        assert str(entry) in page.content.decode()
    assert browse(rita).get(reverse(catalog.url_name)).status_code == 403


@pytest.mark.parametrize("catalog", EVERY, ids=lambda catalog: catalog.key)
def test_every_entry_has_its_page_and_can_be_saved_as_it_is(ada, browse, catalog):
    entry = catalog.model.objects.first()
    if entry is None:
        entry = create_entry(catalog=catalog, fields={"name": "One"}, actor=ada)
    browser, address = browse(ada), reverse(f"{catalog.url_name}_edit", args=[entry.pk])
    form = browser.get(address).context["form"]
    answers = {}
    for bound in form:
        value = bound.value()
        if value not in (None, False):
            answers[bound.html_name] = value
    events = Event.objects.count()
    assert browser.post(address, answers).status_code == 302
    assert Event.objects.count() == events


@pytest.mark.parametrize("catalog", EVERY, ids=lambda catalog: catalog.key)
def test_an_empty_form_is_refused_with_its_fields_named(ada, browse, catalog):
    args = []
    if catalog.parent:
        args = [catalog.model._meta.get_field(catalog.parent).related_model.objects.first().pk]
    count = catalog.model.objects.count()
    page = browse(ada).post(reverse(f"{catalog.url_name}_create", args=args), {})
    assert page.status_code == 422
    assert page.context["form"].errors
    assert catalog.model.objects.count() == count


def test_a_rule_that_says_no_keeps_what_was_typed(ada, browse):
    won = Stage.objects.get(kind="won")
    page = browse(ada).post(
        reverse("settings:stages_edit", args=[won.pk]),
        {"name": "Closed", "kind": "won", "probability": 50, "forecast_category": "closed"},
    )
    assert page.status_code == 422
    assert 'value="Closed"' in page.content.decode()
    assert "100 percent" in page.content.decode()


def test_the_page_makes_another_entry_the_default(ada, browse):
    status = new_status(ada)
    answers = {"name": "Contacted", "kind": "working", "is_default": "on"}
    browse(ada).post(reverse("settings:lead_statuses_edit", args=[status.pk]), answers)
    assert LeadStatus.objects.default_for("working") == status


def test_buttons_of_a_list_act(ada, browse):
    browser = browse(ada)
    source = LeadSource.objects.active().first()
    for act, is_active in (("retire", False), ("restore", True)):
        answer = browser.post(reverse("settings:sources_act", args=[source.pk, act]))
        assert answer["Location"] == reverse("settings:sources")
        source.refresh_from_db()
        assert source.is_active is is_active
    assert browser.post(reverse("settings:sources_act", args=[source.pk, "eat"])).status_code == 404
    assert browser.get(reverse("settings:sources_act", args=[source.pk, "up"])).status_code == 405


@pytest.mark.parametrize("act", ["up", "down", "retire", "restore"])
def test_a_list_without_places_or_retirement_has_no_such_button(ada, browse, act):
    queue = create_entry(catalog=QUEUES, fields={"name": "Inbound"}, actor=ada)
    needed = Stage.objects.in_order().first().exit_requirements.first()
    for key, entry, has in (
        ("queues", queue, {"retire", "restore"}),
        ("exit_requirements", needed, {"up", "down"}),
    ):
        address = reverse(f"settings:{key}_act", args=[entry.pk, act])
        assert browse(ada).post(address).status_code == (302 if act in has else 404)


def test_a_rule_broken_by_a_button_is_told(ada, browse):
    pipeline = Pipeline.objects.get()
    answer = browse(ada).post(reverse("settings:pipelines_act", args=[pipeline.pk, "delete"]))
    assert answer.status_code == 409
    assert "is the default" in answer.content.decode()


def test_a_playbook_that_everybody_goes_by_is_not_called_unused(ada, north, browse):
    fields = {"subject": "lead"}
    create_entry(catalog=PLAYBOOKS, fields=fields | {"name": "North", "team": north}, actor=ada)
    create_entry(catalog=PLAYBOOKS, fields=fields | {"name": "Spare"}, actor=ada)
    rows = browse(ada).get(reverse("settings:playbooks")).context["section"]["rows"]
    told = {row["entry"].name: row["without_uses"] for row in rows}
    assert told["BANT"] == "Everybody without one of their own"
    assert told["North"] == "North and all below"
    assert told["Spare"] == "Not used yet"


def test_a_page_says_what_a_change_touches(ada, browse):
    lead = LeadFactory()
    address = reverse("settings:lead_statuses_edit", args=[lead.status_id])
    assert "In use by 1 lead." in browse(ada).get(address).content.decode()


def test_what_uses_an_entry_is_told_in_words_of_the_product(ada, rita, leo, bant, browse):
    path = confirm(lead := make_lead(rita), rita)
    request = submit_request(lead=lead, path=path, plan=plan_of(), actor=rita, approver=leo)
    reason = Reason.objects.get(kind="reject", code="no_budget")
    reject(request=request, actor=leo, reason=reason, outcome="keep_working", note="Not now.")
    criterion = path.path_criteria.filter(is_required=True).first().criterion
    paths = criterion.paths.count()
    for url_name, entry, words in (
        ("reasons", reason, "In use by 1 conversion request, 1 handoff step."),
        ("criteria", criterion, f"In use by {paths} paths, 1 answer."),
    ):
        page = browse(ada).get(reverse(f"settings:{url_name}_edit", args=[entry.pk]))
        assert words in page.content.decode()


def test_the_path_of_another_playbook_offers_only_its_own_criteria(ada, browse, bant):
    path = Path.objects.filter(playbook=bant).first()
    other = Criterion.objects.exclude(playbook=bant).first()
    page = browse(ada).post(
        reverse("settings:paths_edit", args=[path.pk]),
        {
            "name": path.name,
            "approval": path.approval,
            "approver_rule": path.approver_rule,
            "required_criteria": [other.pk],
        },
    )
    assert page.status_code == 422
