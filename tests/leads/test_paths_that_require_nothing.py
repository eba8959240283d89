"""A path without a required criterion is no way to qualify, and settings let nobody make one."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from conversion.errors import PathNotMet
from conversion.services import submit_request
from conversion.services.rights import path_rules, require_direct_conversion_allowed
from crm.configuration.services import EntryIsNeeded, create_entry, retire_entry, update_entry
from leads.configuration import CRITERIA, PATHS
from leads.models import AnswerState, Criterion, Path, PathCriterion, Playbook
from leads.services import path_statuses
from tests.conversion.conftest import confirm, make_lead, plan_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def bant():
    return Playbook.objects.get(name="BANT")


@pytest.fixture
def trial_first(bant):
    """A path that requires a need and a trial."""
    return bant.paths.get(key="trial_first")


@pytest.fixture
def empty(trial_first):
    """The same as an older version or SQL may have left it: it requires nothing."""
    trial_first.path_criteria.update(is_required=False)
    Path.objects.filter(pk=trial_first.pk).update(approval="never")
    return Path.objects.get(pk=trial_first.pk)


def told_by_python(lead):
    return {status.path.approval for status in path_statuses(lead) if status.met}


def told_by_sql(lead):
    return {rule for rule, is_met in path_rules(lead) if is_met}


def test_it_is_never_met(rita, leo, empty):
    lead = make_lead(rita)
    assert empty not in [status.path for status in path_statuses(lead)]
    assert told_by_python(lead) == told_by_sql(lead) == set()
    with pytest.raises(PermissionDenied):
        require_direct_conversion_allowed(lead, rita)
    with pytest.raises(PathNotMet):
        submit_request(lead=lead, path=empty, plan=plan_of(), actor=rita, approver=leo)


def test_nor_is_one_of_which_every_criterion_is_retired(rita, trial_first):
    Path.objects.filter(pk=trial_first.pk).update(approval="never")
    required = trial_first.path_criteria.filter(is_required=True).values("criterion")
    Criterion.objects.filter(pk__in=required).update(is_active=False)
    lead = make_lead(rita)
    assert "never" not in told_by_python(lead) | told_by_sql(lead)


@pytest.mark.parametrize("state", AnswerState.values)
@pytest.mark.parametrize("left_out", [0, 1])
def test_both_that_decide_what_is_met_agree(rita, trial_first, state, left_out):
    Path.objects.filter(pk=trial_first.pk).update(approval="never")
    lead = make_lead(rita)
    confirm(lead, rita, path_key="trial_first")
    answers = lead.answers.order_by("pk")
    answers.filter(pk__in=list(answers.values_list("pk", flat=True))[left_out:]).update(state=state)
    assert told_by_python(lead) == told_by_sql(lead)
    assert ("never" in told_by_sql(lead)) == (state == AnswerState.CONFIRMED)


def test_the_page_of_its_lead_can_still_be_read(rita, browse, bant):
    PathCriterion.objects.filter(path__playbook=bant).update(is_required=False)
    lead = make_lead(rita)
    for url_name in ("leads:detail", "conversion:submit"):
        assert browse(rita).get(reverse(url_name, args=[lead.pk])).status_code == 200


def test_settings_refuse_it_at_the_field(ada, browse, bant, trial_first):
    told = "a path that requires nothing is never met"
    wish = {"name": "Any", "approval": "never", "approver_rule": "chosen"}
    browser = browse(ada)
    for address in (
        reverse("settings:paths_create", args=[bant.pk]),
        reverse("settings:paths_edit", args=[trial_first.pk]),
    ):
        page = browser.post(address, wish)
        assert page.status_code == 422
        assert told in page.context["form"].errors["required_criteria"][0]
    assert not Path.objects.filter(name="Any").exists()
    assert trial_first.path_criteria.filter(is_required=True).count() == 2


def test_a_criterion_that_nobody_is_asked_does_not_count(ada, bant, trial_first):
    retired = bant.criteria.get(key="timeline")
    Criterion.objects.filter(pk=retired.pk).update(is_active=False)
    changes = {"required_criteria": [retired], "optional_criteria": []}
    with pytest.raises(ValidationError, match="is never met"):
        update_entry(catalog=PATHS, entry=trial_first, changes=changes, actor=ada)


def test_the_last_required_criterion_of_a_path_stays(ada, browse, bant):
    need, budget = bant.criteria.get(key="need"), bant.criteria.get(key="budget")
    fields = {"name": "Warm", "required_criteria": [need]}
    warm = create_entry(catalog=PATHS, fields=fields, actor=ada, parent=bant)
    with pytest.raises(EntryIsNeeded, match="all that is required by: Warm"):
        retire_entry(catalog=CRITERIA, entry=need, actor=ada)
    page = browse(ada).post(reverse("settings:criteria_act", args=[need.pk, "retire"]))
    assert page.status_code == 409
    assert "all that is required by: Warm" in page.content.decode()
    update_entry(
        catalog=PATHS, entry=warm, changes={"required_criteria": [need, budget]}, actor=ada
    )
    assert not retire_entry(catalog=CRITERIA, entry=need, actor=ada).is_active


def test_a_retired_path_holds_no_criterion(ada, bant):
    need = bant.criteria.get(key="need")
    fields = {"name": "Warm", "required_criteria": [need]}
    warm = create_entry(catalog=PATHS, fields=fields, actor=ada, parent=bant)
    retire_entry(catalog=PATHS, entry=warm, actor=ada)
    assert not retire_entry(catalog=CRITERIA, entry=need, actor=ada).is_active
