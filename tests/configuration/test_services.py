"""The lists that an admin keeps: every rule of the rule book, on the lists that have it."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.configuration import SOURCES
from accounts.models import LeadSource
from activities.configuration import REASONS
from activities.models import Event, Reason
from crm.configuration.services import (
    CONFIGURATION_LOCK,
    EntryIsNeeded,
    EntryIsUsed,
    create_entry,
    delete_entry,
    move_entry,
    restore_entry,
    retire_entry,
    update_entry,
)
from crm.configuration.uses import uses_of
from leads.configuration import CRITERIA, LEAD_STATUSES, PATHS, PLAYBOOKS, QUEUES, SCORE_RULES
from leads.models import Criterion, LeadStatus, Queue, ScoreRule
from opportunities.configuration import EXIT_REQUIREMENTS, PIPELINES, STAGES
from opportunities.defaults import default_stage
from opportunities.models import Pipeline, Stage
from tests.concurrency import collide_at_lock
from tests.configuration.conftest import EVERY, new_status
from tests.factories import LeadFactory, OpportunityFactory


def test_a_new_entry_comes_last_and_is_history(ada):
    source = create_entry(catalog=SOURCES, fields={"name": "Trade fair"}, actor=ada)
    assert list(SOURCES.entries())[-1] == source
    event = Event.objects.get()
    assert (event.verb, event.subject_type, event.subject_id) == (
        "settings.created",
        "leadsource",
        source.pk,
    )
    assert event.changes["list"] == "Lead sources"


def test_a_change_is_history_with_what_was_before(ada):
    source = LeadSource.objects.first()
    before = source.name
    update_entry(catalog=SOURCES, entry=source, changes={"name": "Renamed"}, actor=ada)
    assert Event.objects.get().changes["name"] == [before, "Renamed"]


def test_saving_an_entry_as_it_is_is_no_history(ada):
    source = LeadSource.objects.first()
    update_entry(catalog=SOURCES, entry=source, changes={"name": source.name}, actor=ada)
    assert not Event.objects.exists()


def test_names_are_unique_whatever_their_case(ada):
    with pytest.raises(ValidationError) as refused:
        new_status(ada, name="WORKING")
    assert refused.value.message_dict == {"name": ["There is a lead status of this name already."]}


def test_what_people_choose_from_one_list_is_told_apart(ada, bant):
    twice = [
        (REASONS, {"kind": "reject", "label": "NO BUDGET"}, None, "label"),
        (CRITERIA, {"label": "budget", "question": "How much?"}, bant, "label"),
        (PATHS, {"name": "Meeting Held"}, bant, "name"),
    ]
    for catalog, fields, parent, field in twice:
        with pytest.raises(ValidationError) as refused:
            create_entry(catalog=catalog, parent=parent, fields=fields, actor=ada)
        assert list(refused.value.message_dict) == [field]
    create_entry(catalog=REASONS, fields={"kind": "won", "label": "No budget"}, actor=ada)


def test_a_character_that_cannot_be_stored_is_refused(ada):
    with pytest.raises(ValidationError):
        new_status(ada, name="N\0L")


def test_a_kind_cannot_change_once_a_lead_has_the_status(ada):
    status = new_status(ada)
    update_entry(catalog=LEAD_STATUSES, entry=status, changes={"kind": "new"}, actor=ada)
    LeadFactory(status=LeadStatus.objects.get(pk=status.pk))
    with pytest.raises(ValidationError, match="cannot change"):
        update_entry(catalog=LEAD_STATUSES, entry=status, changes={"kind": "working"}, actor=ada)
    update_entry(catalog=LEAD_STATUSES, entry=status, changes={"name": "Called"}, actor=ada)


def test_a_kind_keeps_its_default(ada):
    only = LeadStatus.objects.get(kind="working")
    with pytest.raises(EntryIsNeeded):
        update_entry(catalog=LEAD_STATUSES, entry=only, changes={"kind": "new"}, actor=ada)


def test_a_new_default_takes_the_place_of_the_old_one(ada):
    status = new_status(ada, is_default=True)
    assert LeadStatus.objects.default_for("working") == status
    assert LeadStatus.objects.filter(kind="working", is_default=True).count() == 1
    assert LeadStatus.objects.get(kind="new").is_default


def test_a_default_stays_until_another_takes_its_place(ada):
    status = LeadStatus.objects.get(kind="working")
    with pytest.raises(ValidationError, match="the default instead"):
        update_entry(catalog=LEAD_STATUSES, entry=status, changes={"is_default": False}, actor=ada)
    for gone in (retire_entry, delete_entry):
        with pytest.raises(EntryIsNeeded, match="is the default"):
            gone(catalog=LEAD_STATUSES, entry=status, actor=ada)


def test_several_statuses_may_mean_converted(ada):
    status = new_status(ada, name="Signed", kind="converted")
    assert status not in LeadStatus.objects.choosable()


def test_what_is_used_is_retired_and_not_deleted(ada):
    source = LeadFactory().source
    with pytest.raises(EntryIsUsed):
        delete_entry(catalog=SOURCES, entry=source, actor=ada)
    retire_entry(catalog=SOURCES, entry=source, actor=ada)
    assert source not in LeadSource.objects.active()
    assert LeadSource.objects.filter(pk=source.pk).exists()
    restore_entry(catalog=SOURCES, entry=source, actor=ada)
    assert source in LeadSource.objects.active()
    verbs = list(Event.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == ["settings.retired", "settings.restored"]


def test_what_is_not_used_can_be_deleted(ada):
    source = LeadSource.objects.first()
    delete_entry(catalog=SOURCES, entry=source, actor=ada)
    assert not LeadSource.objects.filter(pk=source.pk).exists()
    assert Event.objects.get().verb == "settings.deleted"


def test_the_last_one_stays(ada):
    last, *others = LeadSource.objects.all()
    for other in others:
        retire_entry(catalog=SOURCES, entry=other, actor=ada)
    for gone in (retire_entry, delete_entry):
        with pytest.raises(EntryIsNeeded, match="the last lead source"):
            gone(catalog=SOURCES, entry=last, actor=ada)


def test_every_kind_of_reason_keeps_one(ada):
    won = list(Reason.objects.filter(kind="won"))
    for reason in won[1:]:
        retire_entry(catalog=REASONS, entry=reason, actor=ada)
    with pytest.raises(EntryIsNeeded):
        retire_entry(catalog=REASONS, entry=won[0], actor=ada)


def test_a_reason_gets_a_code_that_no_other_of_its_kind_has(ada):
    first = create_entry(catalog=REASONS, fields={"kind": "lost", "label": "Too slow"}, actor=ada)
    second = create_entry(catalog=REASONS, fields={"kind": "lost", "label": "Too slow!"}, actor=ada)
    assert (first.code, second.code) == ("too_slow", "too_slow_2")


def test_an_entry_changes_places_with_its_neighbor(ada):
    first, second, *rest = SOURCES.entries()
    move_entry(catalog=SOURCES, entry=second, up=True, actor=ada)
    assert list(SOURCES.entries()) == [second, first, *rest]
    move_entry(catalog=SOURCES, entry=second, up=False, actor=ada)
    assert list(SOURCES.entries()) == [first, second, *rest]


def test_the_first_cannot_move_further_up(ada):
    entries = list(SOURCES.entries())
    move_entry(catalog=SOURCES, entry=entries[0], up=True, actor=ada)
    assert list(SOURCES.entries()) == entries
    assert not Event.objects.exists()


def test_order_is_kept_within_one_kind(ada):
    first = Reason.objects.for_kind("lost")[0]
    others = list(Reason.objects.exclude(kind="lost").order_by("pk").values_list("position"))
    move_entry(catalog=REASONS, entry=first, up=False, actor=ada)
    assert Reason.objects.for_kind("lost")[1] == first
    now = list(Reason.objects.exclude(kind="lost").order_by("pk").values_list("position"))
    assert now == others


def test_a_path_is_kept_with_its_criteria(ada, bant):
    need, budget = Criterion.objects.filter(playbook=bant, key__in=["need", "budget"]).order_by(
        "-key"
    )
    path = create_entry(
        catalog=PATHS,
        parent=bant,
        actor=ada,
        fields={
            "name": "Warm introduction",
            "required_criteria": [need],
            "optional_criteria": [budget],
        },
    )
    assert (path.key, path.playbook) == ("warm_introduction", bant)
    update_entry(
        catalog=PATHS,
        entry=path,
        actor=ada,
        changes={"required_criteria": [budget], "optional_criteria": [need]},
    )
    rows = set(path.path_criteria.values_list("criterion", "is_required"))
    assert rows == {(budget.pk, True), (need.pk, False)}
    event = Event.objects.get(verb="settings.edited")
    assert event.changes["required_criteria"] == [[need.pk], [budget.pk]]


def test_a_criterion_on_a_path_is_in_use(ada, bant):
    with pytest.raises(EntryIsUsed):
        delete_entry(catalog=CRITERIA, entry=bant.criteria.first(), actor=ada)


def test_a_playbook_whose_criteria_are_answered_stays(ada, bant):
    other = create_entry(catalog=PLAYBOOKS, fields={"name": "Own", "subject": "lead"}, actor=ada)
    criterion = create_entry(
        catalog=CRITERIA, parent=other, fields={"label": "Fit", "question": ""}, actor=ada
    )
    LeadFactory().answers.create(criterion=criterion)
    with pytest.raises(EntryIsUsed):
        delete_entry(catalog=PLAYBOOKS, entry=other, actor=ada)
    assert Criterion.objects.filter(pk=criterion.pk).exists()


def test_a_queue_is_kept_with_its_members(ada, rita, leo):
    queue = create_entry(
        catalog=QUEUES, fields={"name": "Inbound", "members": [rita, leo]}, actor=ada
    )
    update_entry(catalog=QUEUES, entry=queue, changes={"members": [leo]}, actor=ada)
    assert list(Queue.objects.get(pk=queue.pk).members.all()) == [leo]


def test_what_is_won_or_lost_is_certain(ada):
    won = Stage.objects.get(kind="won")
    with pytest.raises(ValidationError, match="100 percent"):
        update_entry(catalog=STAGES, entry=won, changes={"probability": 90}, actor=ada)


def test_a_pipeline_keeps_a_stage_of_each_kind(ada):
    with pytest.raises(EntryIsNeeded, match="last stage"):
        retire_entry(catalog=STAGES, entry=Stage.objects.get(kind="lost"), actor=ada)


def test_new_deals_never_start_in_a_pipeline_without_an_open_stage(ada):
    with pytest.raises(ValidationError, match="open stage first"):
        create_entry(catalog=PIPELINES, fields={"name": "Renewals", "is_default": True}, actor=ada)
    renewals = create_entry(catalog=PIPELINES, fields={"name": "Renewals"}, actor=ada)
    usual = {"catalog": PIPELINES, "entry": renewals, "changes": {"is_default": True}}
    with pytest.raises(ValidationError, match="open stage first"):
        update_entry(**usual, actor=ada)
    assert default_stage().pipeline != renewals
    fields = {"name": "Due", "kind": "open", "probability": 50}
    due = create_entry(catalog=STAGES, parent=renewals, fields=fields, actor=ada)
    update_entry(**usual, actor=ada)
    assert default_stage() == due
    assert Pipeline.objects.filter(is_default=True).count() == 1


def test_a_stage_with_deals_keeps_its_kind(ada):
    stage = OpportunityFactory().stage
    with pytest.raises(ValidationError, match="cannot change"):
        update_entry(
            catalog=STAGES, entry=stage, changes={"kind": "won", "probability": 100}, actor=ada
        )


def test_an_exit_requirement_asks_for_one_thing(ada, bant):
    stage = Stage.objects.in_order().first()
    both = {"label": "Both", "field": "amount", "criterion": bant.criteria.first()}
    neither = {"label": "Neither", "field": "", "criterion": None}
    for fields in (both, neither):
        with pytest.raises(ValidationError, match="not both"):
            create_entry(catalog=EXIT_REQUIREMENTS, parent=stage, fields=fields, actor=ada)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "fit", "field": "call"}, "field"),
        ({"operator": "equals", "value": ""}, "value"),
        ({"operator": "at_least", "value": "many"}, "value"),
        ({"half_life_days": 7}, "half_life_days"),
        ({"points": 500}, "points"),
    ],
)
def test_a_score_rule_that_could_never_count_is_refused(ada, changes, field):
    rule = ScoreRule.objects.filter(kind="fit").first()
    with pytest.raises(ValidationError):
        update_entry(catalog=SCORE_RULES, entry=rule, changes=changes, actor=ada)


def test_uses_are_counted_for_all_entries_at_once(ada, django_assert_num_queries):
    source, other, *_ = sources = list(LeadSource.objects.all())
    for _ in range(2):
        LeadFactory(source=source)
    with CaptureQueriesContext(connection) as for_one:
        uses_of(SOURCES, [source])
    with django_assert_num_queries(len(for_one)):
        found = uses_of(SOURCES, sources)
    assert [str(use) for use in found[source.pk]] == ["2 leads"]
    assert found[other.pk] == []


@pytest.mark.parametrize("catalog", EVERY, ids=lambda catalog: catalog.key)
def test_only_those_who_keep_settings_change_a_list(nadia, catalog):
    entry = catalog.model.objects.first() or catalog.model(pk=1)
    for act in (
        lambda: create_entry(catalog=catalog, fields={}, actor=nadia),
        lambda: update_entry(catalog=catalog, entry=entry, changes={}, actor=nadia),
        lambda: retire_entry(catalog=catalog, entry=entry, actor=nadia),
        lambda: restore_entry(catalog=catalog, entry=entry, actor=nadia),
        lambda: delete_entry(catalog=catalog, entry=entry, actor=nadia),
        lambda: move_entry(catalog=catalog, entry=entry, up=True, actor=nadia),
    ):
        with pytest.raises(PermissionDenied):
            act()


@pytest.mark.django_db(transaction=True)
def test_two_defaults_at_once_leave_one(ada):
    outcomes = collide_at_lock(
        CONFIGURATION_LOCK,
        lambda: new_status(ada, name="One", is_default=True),
        lambda: new_status(ada, name="Two", is_default=True),
    )
    assert {type(outcome) for outcome in outcomes} == {LeadStatus}
    assert LeadStatus.objects.filter(kind="working", is_default=True).count() == 1
