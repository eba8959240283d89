"""Settings that are open in two tabs: whoever saves last is asked, never obeyed unseen."""

import re

import pytest
from django.urls import reverse

from activities.models import Event
from crm.configuration.services import create_entry, shown_entry, update_entry
from crm.shown import ChangedMeanwhile
from leads.configuration import PATHS, PLAYBOOKS
from leads.models import Criterion, Path, Playbook
from people.models import Role, Team, User, Workspace
from people.services import update_role, update_team, update_user, update_workspace
from people.services.guards import DIRECTORY_LOCK
from people.services.roles import shown_role
from people.services.teams import shown_team
from tests.concurrency import collide, collide_at_lock
from tests.configuration.conftest import EVERY
from tests.factories import UserFactory

SHOWN = re.compile(r'name="shown_as" value="([^"]+)"')


@pytest.fixture
def otto(ada):
    """A second administrator."""
    return UserFactory(full_name="Otto Berg", role=ada.role)


def page_of_entry(catalog):
    def address(ada):
        entry = catalog.model.objects.first()
        entry = entry or create_entry(catalog=catalog, fields={"name": "One"}, actor=ada)
        return reverse(f"{catalog.url_name}_edit", args=[entry.pk])

    return address


def page_of_somebody(ada):
    return reverse("settings:user_edit", args=[UserFactory(full_name="Priya Rao").pk])


# Each kind of form in the settings: its address, and a field of text.
FORMS = [
    *(
        pytest.param(
            page_of_entry(catalog),
            next(name for name in ("name", "label") if name in catalog.form.base_fields),
            id=catalog.key,
        )
        for catalog in EVERY
        if {"name", "label"} & set(catalog.form.base_fields)
    ),
    pytest.param(page_of_somebody, "full_name", id="users"),
    pytest.param(
        lambda ada: reverse("settings:team_edit", args=[Team.objects.create(name="West").pk]),
        "name",
        id="teams",
    ),
    pytest.param(
        lambda ada: reverse("settings:role_edit", args=[Role.objects.get(key="sdr").pk]),
        "description",
        id="roles",
    ),
    pytest.param(lambda ada: reverse("settings:workspace"), "name", id="workspace"),
]


def opened(browser, address):
    """What a tab posts that is saved as it was opened."""
    page = browser.get(address)
    answers = {}
    for bound in page.context["form"]:
        value = bound.value()
        if value not in (None, False):
            answers[bound.html_name] = value
    return answers | {"shown_as": SHOWN.search(page.content.decode())[1]}


@pytest.mark.parametrize(("address_for", "field"), FORMS)
def test_the_second_save_shows_both_and_loses_nothing(ada, otto, browse, address_for, field):
    address = address_for(ada)
    ours, theirs = browse(ada), browse(otto)
    typed, saved = opened(ours, address), opened(theirs, address)
    assert theirs.post(address, saved | {field: "Saved by Otto"}).status_code == 302
    events = Event.objects.count()

    conflict = ours.post(address, typed | {field: "Typed by Ada"})
    assert conflict.status_code == 409
    text = conflict.content.decode()
    assert "Otto Berg saved this" in text
    assert "Saved by Otto" in text
    assert "Typed by Ada" in text
    assert Event.objects.count() == events
    assert opened(ours, address)[field] == "Saved by Otto"

    again = dict(conflict.context["merge"].typed)
    multiple = {name: value for name, value in typed.items() if isinstance(value, list)}
    kept = ours.post(address, again | multiple | {f"pick-{field}": "yours"})
    assert kept.status_code == 302
    assert opened(ours, address)[field] == "Typed by Ada"


@pytest.mark.parametrize(("address_for", "field"), FORMS)
def test_a_form_that_is_still_true_is_saved(ada, browse, address_for, field):
    address, browser = address_for(ada), browse(ada)
    for text in ("First", "Second"):
        assert browser.post(address, opened(browser, address) | {field: text}).status_code == 302
        assert opened(browser, address)[field] == text


def test_a_form_with_errors_does_not_pass_for_a_fresh_one(ada, otto, browse):
    address = reverse("settings:workspace")
    browser = browse(ada)
    typed = opened(browser, address)
    update_workspace(changes={"credit_window_days": 90}, actor=otto)
    refused = browser.post(address, typed | {"credit_window_days": "soon"})
    assert refused.status_code == 422
    again = SHOWN.search(refused.content.decode())[1]
    assert browser.post(address, typed | {"shown_as": again}).status_code == 409
    assert Workspace.load().credit_window_days == 90


def test_a_role_keeps_what_only_the_other_changed(ada, otto, browse):
    role = Role.objects.get(key="sdr")
    address, browser = reverse("settings:role_edit", args=[role.pk]), browse(ada)
    typed = opened(browser, address)
    update_role(role=role, actor=otto, levels=role.levels() | {"lead:delete": "team"})
    conflict = browser.post(address, typed | {"lead:export": "all"})
    assert conflict.status_code == 409
    merge = conflict.context["merge"]
    assert [field.name for field in merge.settled] == ["lead:delete"]
    assert merge.differences == []
    assert browser.post(address, dict(merge.typed)).status_code == 302
    levels = Role.objects.get(pk=role.pk).levels()
    assert (levels["lead:delete"], levels["lead:export"]) == ("team", "all")


def test_the_values_of_the_other_can_be_preferred(ada, otto, browse):
    team = Team.objects.create(name="West", workdays=[1, 2, 3])
    address, browser = reverse("settings:team_edit", args=[team.pk]), browse(ada)
    typed = opened(browser, address)
    update_team(team=team, changes={"workdays": [1, 2], "name": "Far West"}, actor=otto)
    conflict = browser.post(address, typed | {"workdays": [1, 2, 3, 4], "name": "Wild West"})
    text = conflict.content.decode()
    assert "Monday, Tuesday</label>" in text
    assert "Monday, Tuesday, Wednesday, Thursday</label>" in text
    chosen = dict(conflict.context["merge"].typed) | {
        "workdays": [1, 2, 3, 4],
        "pick-workdays": "theirs",
        "pick-name": "yours",
    }
    assert browser.post(address, chosen).status_code == 302
    team.refresh_from_db()
    assert (team.name, team.workdays) == ("Wild West", [1, 2])


def test_what_is_linked_to_an_entry_counts(ada, otto):
    path = Path.objects.filter(playbook__name="BANT").first()
    shown = shown_entry(PATHS, path)
    criteria = Criterion.objects.filter(playbook=path.playbook)
    update_entry(catalog=PATHS, entry=path, changes={"required_criteria": criteria}, actor=otto)
    with pytest.raises(ChangedMeanwhile, match="changed by Otto Berg in the meantime"):
        update_entry(catalog=PATHS, entry=path, changes={"name": "Mine"}, actor=ada, shown=shown)


def test_ones_own_other_tab_is_called_that(ada):
    bant = Playbook.objects.get(name="BANT")
    shown = shown_entry(PLAYBOOKS, bant)
    update_entry(catalog=PLAYBOOKS, entry=bant, changes={"name": "BANT 2"}, actor=ada)
    with pytest.raises(ChangedMeanwhile, match="changed by you, in another tab"):
        update_entry(catalog=PLAYBOOKS, entry=bant, changes={}, actor=ada, shown=shown)


@pytest.mark.parametrize("shown_as", ["", "nonsense", "name=0", "= = ="])
def test_what_never_was_shown_is_refused(ada, browse, shown_as):
    role = Role.objects.get(key="sdr")
    address, browser = reverse("settings:role_edit", args=[role.pk]), browse(ada)
    conflict = browser.post(address, opened(browser, address) | {"shown_as": shown_as})
    assert conflict.status_code == 409
    assert "did not say what the role was" in conflict.content.decode()


@pytest.mark.django_db(transaction=True)
def test_of_two_saves_of_a_role_at_once_one_is_refused(ada, otto):
    role = Role.objects.get(key="sdr")
    shown = shown_role(role)

    def save(actor, level):
        levels = role.levels() | {"lead:export": level}
        return lambda: update_role(role=role, actor=actor, levels=levels, shown=shown)

    outcomes = collide_at_lock(DIRECTORY_LOCK, save(ada, "team"), save(otto, "all"))
    assert {type(outcome) for outcome in outcomes} == {Role, ChangedMeanwhile}


@pytest.mark.django_db(transaction=True)
def test_of_two_saves_of_a_team_at_once_one_is_refused(ada, otto):
    team = Team.objects.create(name="West")
    shown = shown_team(team)

    def save(actor, name):
        return lambda: update_team(team=team, changes={"name": name}, actor=actor, shown=shown)

    outcomes = collide(team, save(ada, "By Ada"), save(otto, "By Otto"))
    assert {type(outcome) for outcome in outcomes} == {Team, ChangedMeanwhile}
    refused = next(outcome for outcome in outcomes if isinstance(outcome, ChangedMeanwhile))
    team.refresh_from_db()
    assert refused.editor.full_name.split()[0] == team.name.split()[1]


def test_by_rest_somebody_comes_with_an_etag_that_a_change_may_name(ada, otto, rita, api):
    address = reverse("api:user-detail", args=[rita.pk])
    client = api(ada)
    tag = client.get(address)["ETag"]
    update_user(user=rita, changes={"full_name": "Rita North"}, actor=otto)
    stale = client.patch(address, {"locale": "de"}, format="json", HTTP_IF_MATCH=tag)
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
    assert "Otto Berg" in stale.json()["detail"]
    fresh = client.get(address)["ETag"]
    changed = client.patch(address, {"locale": "de"}, format="json", HTTP_IF_MATCH=fresh)
    assert changed.status_code == 200
    assert changed["ETag"] == client.get(address)["ETag"] != fresh
    for named in ({}, {"HTTP_IF_MATCH": "*"}):
        assert client.patch(address, {"locale": "fr"}, format="json", **named).status_code == 200
    rita = User.objects.get(pk=rita.pk)
    assert (rita.full_name, rita.locale) == ("Rita North", "fr")
