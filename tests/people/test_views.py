import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from activities.models import Event
from people.models import Delegation, Role, Team, User
from people.services import deactivate_user, update_user
from tests.factories import LeadFactory, TeamFactory, UserFactory


def role(key):
    return Role.objects.get(key=key)


def details(user, **changes):
    fields = {
        "email": user.email,
        "full_name": user.full_name,
        "role": user.role_id,
        "team": user.team_id or "",
        "time_zone": user.time_zone,
        "locale": user.locale,
    }
    return fields | changes


def test_a_change_of_role_counts_on_the_next_request(ada, rita, browse):
    browser = browse(rita)
    assert browser.get(reverse("settings:users")).status_code == 403
    update_user(user=rita, changes={"role": role("admin")}, actor=ada)
    assert browser.get(reverse("settings:users")).status_code == 200


def test_who_is_deactivated_loses_access_at_once(ada, rita, browse):
    browser = browse(rita)
    assert browser.get(reverse("people:profile")).status_code == 200
    deactivate_user(user=rita, actor=ada)
    assert browser.get(reverse("people:profile")).status_code == 302


def test_settings_are_offered_by_right(ada, rita, browse):
    assert reverse("settings:index") in browse(ada).get("/profile/").content.decode()
    assert reverse("settings:index") not in browse(rita).get("/profile/").content.decode()
    assert browse(rita).get(reverse("settings:index")).status_code == 403


def test_the_settings_can_be_searched(ada, browse):
    def found(text):
        groups = browse(ada).get(reverse("settings:index"), {"q": text}).context["groups"]
        return [section.title for group in groups for section in group.sections]

    assert found("fiscal") == ["Workspace"]
    assert found("exit requir") == ["Pipelines and stages"]
    assert found("HALF-LIFE") == ["Score rules"]
    assert found("unicorn") == []
    assert len(found("")) > 10


def test_people_are_found_by_name_address_role_and_team(ada, rita, soren, south, browse):
    gone = UserFactory(full_name="Gone Girl", is_active=False)

    def found(**asked):
        return set(browse(ada).get(reverse("settings:users"), asked).context["page"].rows)

    assert found() == {ada, rita, soren}
    assert found(q="rita") == {rita}
    assert found(q="soren@") == {soren}
    assert found(team=south.pk) == {soren}
    assert found(role=role("admin").pk) == {ada}
    assert found(state="inactive") == {gone}
    assert found(role="1; DROP TABLE", cursor="nonsense") == {ada, rita, soren}


def test_the_list_of_users_costs_the_same_for_any_number(ada, browse, django_assert_num_queries):
    browser, address = browse(ada), reverse("settings:users")
    browser.get(address)
    with CaptureQueriesContext(connection) as for_one:
        browser.get(address)
    UserFactory.create_batch(20)
    with django_assert_num_queries(len(for_one)):
        browser.get(address)


def test_somebody_is_invited_from_the_page(ada, north, browse):
    answers = {
        "email": "Priya@example.com",
        "full_name": "Priya Rao",
        "role": role("sdr").pk,
        "team": north.pk,
        "time_zone": "Europe/Oslo",
        "locale": "en-GB",
    }
    answer = browse(ada).post(reverse("settings:user_invite"), answers)
    assert answer["Location"] == reverse("settings:users")
    assert User.objects.get(email="priya@example.com").team == north


def test_an_address_that_is_taken_is_named_and_nothing_typed_is_lost(ada, rita, browse):
    page = browse(ada).post(reverse("settings:user_invite"), details(rita, full_name="Twin"))
    assert page.status_code == 422
    assert "email" in page.context["form"].errors
    assert 'value="Twin"' in page.content.decode()


def test_somebody_is_edited_from_the_page(ada, rita, south, browse):
    browse(ada).post(reverse("settings:user_edit", args=[rita.pk]), details(rita, team=south.pk))
    rita.refresh_from_db()
    assert rita.team == south


def test_the_last_administrator_is_told_so(ada, browse):
    page = browse(ada).post(
        reverse("settings:user_edit", args=[ada.pk]), details(ada, role=role("sdr").pk)
    )
    assert page.status_code == 422
    assert "Nobody would be left" in page.context["form"].errors["role"][0]
    assert ada.full_name in page.content.decode()


def test_a_role_that_the_last_administrator_has_keeps_its_form(ada, browse):
    address = reverse("settings:role_edit", args=[ada.role_id])
    browser = browse(ada)
    answers = {bound.html_name: bound.value() for bound in browser.get(address).context["form"]}
    page = browser.post(address, answers | {"settings:edit": "none"})
    assert page.status_code == 422
    assert "Nobody would be left" in page.context["form"].non_field_errors()[0]


def test_nobody_deactivates_themselves_and_the_form_says_so(ada, browse):
    page = browse(ada).post(reverse("settings:user_deactivate", args=[ada.pk]))
    assert page.status_code == 422
    assert "cannot deactivate yourself" in page.context["form"].non_field_errors()[0]
    assert User.objects.get(pk=ada.pk).is_active


def test_a_team_with_people_says_at_its_form_that_it_stays(ada, rita, north, browse):
    browser, address = browse(ada), reverse("settings:team_delete", args=[north.pk])
    page = browser.post(address, {"name": "Typed"})
    assert page.status_code == 422
    assert "still belong to North" in page.context["form"].non_field_errors()[0]
    text = page.content.decode()
    assert 'value="Typed"' in text
    assert f'action="{reverse("settings:team_edit", args=[north.pk])}"' in text


def test_a_team_gives_its_approvers_at_least_an_hour(ada, north, browse):
    browser, address = browse(ada), reverse("settings:team_edit", args=[north.pk])
    form = browser.get(address).context["form"]
    answers = {bound.html_name: bound.value() or "" for bound in form}
    page = browser.post(address, answers | {"request_sla_hours": "0"})
    assert page.status_code == 422
    assert "at least one hour" in page.context["form"].errors["request_sla_hours"][0]


def test_before_somebody_goes_the_page_counts_what_they_hold(ada, rita, soren, browse):
    LeadFactory.create_batch(3, owner=rita)
    browser, address = browse(ada), reverse("settings:user_deactivate", args=[rita.pk])
    page = browser.get(address)
    assert [(each.label, each.count) for each in page.context["held"]] == [("Leads", 3)]
    assert list(page.context["form"].fields) == ["to"]
    refused = browser.post(address, {})
    assert refused.status_code == 422
    assert "Say who takes over." in refused.content.decode()
    assert browser.post(address, {"to": soren.pk}).status_code == 302
    rita.refresh_from_db()
    assert not rita.is_active


def test_who_holds_nothing_goes_without_a_successor(ada, rita, browse):
    address = reverse("settings:user_deactivate", args=[rita.pk])
    assert browse(ada).post(address, {}).status_code == 302


def test_somebody_comes_back_and_is_invited_again(ada, browse):
    browser, rita = browse(ada), UserFactory(password="!")
    deactivate_user(user=rita, actor=ada)
    browser.post(reverse("settings:user_reactivate", args=[rita.pk]))
    rita.refresh_from_db()
    assert rita.is_active
    browser.post(reverse("settings:user_invite_again", args=[rita.pk]))
    assert Event.objects.filter(verb="user.invited", subject_id=rita.pk).exists()


def test_the_tree_shows_teams_below_their_parents(ada, europe, north, south, browse):
    oslo = TeamFactory(name="Oslo", parent=north)
    nodes = browse(ada).get(reverse("settings:teams")).context["nodes"]
    assert [(node.team, node.depth) for node in nodes] == [
        (europe, 0),
        (north, 1),
        (oslo, 2),
        (south, 0),
    ]


def team_details(**changes):
    return {
        "name": "Oslo",
        "parent": "",
        "time_zone": "Europe/Oslo",
        "workdays": ["1", "2", "3", "4"],
        "workday_start": "08:00",
        "workday_end": "16:00",
        "request_sla_hours": "4",
    } | changes


def test_a_team_is_made_renamed_moved_and_deleted_from_the_pages(ada, north, browse):
    browser = browse(ada)
    browser.post(reverse("settings:team_create"), team_details())
    oslo = Team.objects.get(name="Oslo")
    assert oslo.workdays == [1, 2, 3, 4]
    address = reverse("settings:team_edit", args=[oslo.pk])
    browser.post(address, team_details(name="Bergen", parent=north.pk))
    oslo.refresh_from_db()
    assert (oslo.name, oslo.parent) == ("Bergen", north)
    browser.post(reverse("settings:team_delete", args=[oslo.pk]))
    assert not Team.objects.filter(pk=oslo.pk).exists()


def test_a_team_does_not_move_when_its_new_name_is_taken(ada, north, south, browse):
    address = reverse("settings:team_edit", args=[south.pk])
    page = browse(ada).post(address, team_details(name="NORTH", parent=north.pk))
    assert page.status_code == 422
    south.refresh_from_db()
    assert south.parent is None
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"workdays": []}, "workdays"), ({"workday_end": "07:00"}, None), ({"name": ""}, "name")],
)
def test_an_impossible_team_is_told(ada, south, browse, changes, field):
    address = reverse("settings:team_edit", args=[south.pk])
    page = browse(ada).post(address, team_details(**changes))
    assert page.status_code == 422
    assert field is None or field in page.context["form"].errors


def test_a_role_is_made_and_edited_in_its_table(ada, browse):
    browser = browse(ada)
    form = browser.get(reverse("settings:role_create")).context["form"]
    answers = {bound.html_name: bound.value() or "" for bound in form}
    answers |= {"name": "Partner manager", "account:view": "all"}
    browser.post(reverse("settings:role_create"), answers)
    made = Role.objects.get(key="partner-manager")
    assert made.levels() == {"account:view": "all"}
    browser.post(reverse("settings:role_edit", args=[made.pk]), answers | {"account:view": "team"})
    assert made.levels() == {"account:view": "team"}
    browser.post(reverse("settings:role_delete", args=[made.pk]))
    assert not Role.objects.filter(pk=made.pk).exists()


def test_a_role_with_people_says_at_its_form_that_it_stays(ada, browse):
    page = browse(ada).post(reverse("settings:role_delete", args=[ada.role_id]))
    assert page.status_code == 422
    assert "People have the role" in page.context["form"].non_field_errors()[0]


def test_the_workspace_is_saved_from_its_page(ada, browse):
    browser, address = browse(ada), reverse("settings:workspace")
    form = browser.get(address).context["form"]
    answers = {bound.html_name: bound.value() or "" for bound in form}
    refused = browser.post(address, answers | {"currency": "Euros"})
    assert refused.status_code == 422
    browser.post(address, answers | {"extra_free_mail_domains": "example.net, example.org"})
    assert Event.objects.get().changes["extra_free_mail_domains"][1] == [
        "example.net",
        "example.org",
    ]


@pytest.mark.parametrize("page", ["user_invite", "team_create"])
def test_what_is_new_starts_in_the_time_zone_of_who_makes_it(ada, browse, page):
    ada.time_zone = "Europe/Oslo"
    ada.save()
    form = browse(ada).get(reverse(f"settings:{page}")).context["form"]
    assert form["time_zone"].value() == "Europe/Oslo"


def test_the_audit_log_can_be_narrowed(ada, rita, browse):
    update_user(user=rita, changes={"full_name": "Rita O"}, actor=ada)
    lead = LeadFactory(owner=rita)
    Event.objects.create(verb="lead.created", actor=rita, lead=lead)

    def found(**asked):
        rows = browse(ada).get(reverse("settings:audit"), asked).context["page"].rows
        return [event.verb for event in rows]

    assert found() == ["lead.created", "user.edited"]
    assert found(about="user") == ["user.edited"]
    assert found(actor=rita.pk) == ["lead.created"]
    assert found(until="2020-01-01") == []
    assert found(since=timezone.localdate().isoformat()) == ["lead.created", "user.edited"]


def test_people_edit_their_own_profile(rita, browse):
    answers = {
        "full_name": "Rita Ono",
        "time_zone": "Asia/Tokyo",
        "locale": "ja",
        "theme": "dark",
        "density": "compact",
    }
    browse(rita).post(reverse("people:profile"), answers)
    rita.refresh_from_db()
    assert (rita.theme, rita.keyboard_shortcuts) == ("dark", False)


def test_a_profile_with_mistakes_names_them(rita, browse):
    page = browse(rita).post(reverse("people:profile"), {"full_name": ""})
    assert page.status_code == 422
    rita.refresh_from_db()
    assert rita.full_name == "Rita Ono"


def test_an_approver_names_a_delegate_and_takes_it_back(leo, ines, browse):
    browser = browse(leo)
    answers = {"delegate": ines.pk, "starts_on": "2099-01-05", "ends_on": "2099-01-09"}
    browser.post(reverse("people:delegate"), answers)
    delegation = Delegation.objects.get(user=leo, delegate=ines)
    assert "2099" in browser.get(reverse("people:profile")).content.decode()
    again = browser.post(reverse("people:delegate"), answers)
    assert again.status_code == 422
    browser.post(reverse("people:delegate_end", args=[delegation.pk]))
    assert not Delegation.objects.exists()


def test_the_delegation_of_somebody_else_is_no_address(leo, ines, browse):
    delegation = Delegation.objects.create(
        user=leo, delegate=ines, starts_on="2099-01-05", ends_on="2099-01-09"
    )
    answer = browse(ines).post(reverse("people:delegate_end", args=[delegation.pk]))
    assert answer.status_code == 404


def test_who_decides_nothing_is_not_asked_for_a_delegate(rita, leo, browse):
    assert "Absence" not in browse(rita).get(reverse("people:profile")).content.decode()
    assert "Absence" in browse(leo).get(reverse("people:profile")).content.decode()


def test_a_colleagues_page_says_whom_to_turn_to(rita, nadia, leo, browse):
    page = browse(leo).get(reverse("people:user", args=[rita.pk])).content.decode()
    assert "Nadia Berg" in page
    assert reverse("settings:user_edit", args=[rita.pk]) not in page


def test_a_colleagues_page_leads_an_administrator_to_their_settings(rita, ada, browse):
    page = browse(ada).get(reverse("people:user", args=[rita.pk])).content.decode()
    assert reverse("settings:user_edit", args=[rita.pk]) in page
