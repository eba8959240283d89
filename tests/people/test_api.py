import pytest
from django.urls import reverse

from integrations.services import create_token
from people.models import Role, User
from people.services import deactivate_user
from tests.answers import pointers
from tests.factories import LeadFactory, UserFactory


def newcomer(**fields):
    role = Role.objects.get(key="sdr")
    return {"email": "Priya@Example.com", "full_name": "Priya Rao", "role": role.pk} | fields


def test_everybody_finds_colleagues(rita, soren, api):
    answer = api(rita).get(reverse("api:user-list"), {"q": "søren"})
    assert [row["id"] for row in answer.json()["results"]] == [soren.pk]


def test_people_are_narrowed_by_role_team_and_access(rita, leo, soren, north, api):
    gone = UserFactory(is_active=False)

    def found(**asked):
        rows = api(rita).get(reverse("api:user-list"), asked).json()["results"]
        return {row["id"] for row in rows}

    assert found(team=north.pk) == {rita.pk, leo.pk}
    assert found(role=leo.role_id) == {leo.pk}
    assert found(is_active="false") == {gone.pk}


def test_a_role_and_a_team_can_be_expanded(rita, north, api):
    address = reverse("api:user-detail", args=[rita.pk])
    person = api(rita).get(address, {"expand": "role,team"}).json()
    assert (person["role"]["key"], person["team"]["name"]) == ("sdr", "North")


def test_the_list_costs_the_same_for_any_number(rita, api, django_assert_max_num_queries):
    UserFactory.create_batch(20)
    with django_assert_max_num_queries(2):  # reach, people
        api(rita).get(reverse("api:user-list"))


def test_an_administrator_invites(ada, api):
    answer = api(ada).post(reverse("api:user-list"), newcomer(), format="json")
    assert answer.status_code == 201
    assert answer.json()["email"] == "priya@example.com"
    assert answer["Location"].endswith(f"/users/{answer.json()['id']}/")


def test_others_do_not_invite(nadia, api):
    answer = api(nadia).post(reverse("api:user-list"), newcomer(), format="json")
    assert answer.status_code == 403
    assert not User.objects.filter(full_name="Priya Rao").exists()


@pytest.mark.parametrize(
    ("fields", "status", "pointer"),
    [
        ({"email": "nobody"}, 400, "#/email"),
        ({"email": "RITA@example.com"}, 422, "#/email"),
        ({"role": None}, 400, "#/role"),
        ({"role": 9999}, 400, "#/role"),
        ({"time_zone": "Mars/Olympus"}, 400, "#/time_zone"),
        ({"locale": "tlh-QO"}, 400, "#/locale"),
        ({"full_name": "N\0L"}, 400, "#/full_name"),
        ({"is_admin": True}, 400, "#/is_admin"),
    ],
)
def test_what_is_wrong_with_a_newcomer_is_pointed_at(ada, rita, api, fields, status, pointer):
    answer = api(ada).post(reverse("api:user-list"), newcomer(**fields), format="json")
    assert answer.status_code == status
    assert pointers(answer) == {pointer}


def test_an_administrator_edits_and_others_do_not(ada, nadia, rita, south, api):
    address = reverse("api:user-detail", args=[rita.pk])
    refused = api(nadia).patch(address, {"team": south.pk}, format="json")
    assert refused.status_code == 403
    answer = api(ada).patch(address, {"team": south.pk}, format="json")
    assert (answer.status_code, answer.json()["team"]) == (200, south.pk)


def test_the_last_administrator_is_told_by_code(ada, api):
    address = reverse("api:user-detail", args=[ada.pk])
    role = Role.objects.get(key="sdr")
    answer = api(ada).patch(address, {"role": role.pk}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (409, "last_administrator")


def test_holdings_are_counted_and_handed_over(ada, rita, soren, nadia, api):
    LeadFactory.create_batch(2, owner=rita)
    holdings = reverse("api:user-holdings", args=[rita.pk])
    assert api(ada).get(holdings).json() == {"held": {"lead": 2}}
    assert api(nadia).get(holdings).status_code == 403
    address = reverse("api:user-deactivate", args=[rita.pk])
    refused = api(ada).post(address, {}, format="json")
    assert (refused.status_code, pointers(refused)) == (422, {"#/to"})
    answer = api(ada).post(address, {"to": soren.pk}, format="json")
    assert answer.json() == {"handed_over": {"lead": 2}}
    again = api(ada).post(reverse("api:user-reactivate", args=[rita.pk]))
    assert again.json()["is_active"] is True


def test_a_token_needs_the_scope_admin_to_change_people(ada, rita, client):
    _, secret = create_token(user=ada, name="sync", scopes=["read", "write"], actor=None)
    answer = client.patch(
        reverse("api:user-detail", args=[rita.pk]),
        {"full_name": "R"},
        content_type="application/json",
        headers={"Authorization": f"Bearer {secret}"},
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "missing_scope")


def test_tokens_of_who_is_deactivated_stop_working_at_once(ada, rita, client):
    _, secret = create_token(user=rita, name="sync", scopes=["read"], actor=None)
    headers = {"Authorization": f"Bearer {secret}"}
    assert client.get(reverse("api:me"), headers=headers).status_code == 200
    deactivate_user(user=rita, actor=ada)
    assert client.get(reverse("api:me"), headers=headers).status_code == 401


def test_me_says_who_asks_and_what_they_may_do(rita, api):
    answer = api(rita).get(reverse("api:me")).json()
    assert (answer["id"], answer["permissions"]["lead:view"]) == (rita.pk, "own")


def test_people_change_their_own_profile_and_no_right(rita, api):
    address = reverse("api:me")
    assert api(rita).patch(address, {"theme": "dark"}, format="json").json()["theme"] == "dark"
    admin = Role.objects.get(key="admin")
    api(rita).patch(address, {"role": admin.pk}, format="json")
    rita.refresh_from_db()
    assert (rita.theme, rita.role.key) == ("dark", "sdr")


def test_a_profile_refuses_what_is_no_theme(rita, api):
    answer = api(rita).patch(reverse("api:me"), {"theme": "pink"}, format="json")
    assert (answer.status_code, pointers(answer)) == (400, {"#/theme"})


def test_teams_and_roles_can_be_read(rita, europe, north, api):
    teams = api(rita).get(reverse("api:team-list")).json()["results"]
    assert [(team["name"], team["parent"]) for team in teams] == [
        ("Europe", None),
        ("North", europe.pk),
    ]
    role = api(rita).get(reverse("api:role-detail", args=[rita.role_id])).json()
    assert role["permissions"]["lead:request"] == "own"


@pytest.mark.parametrize("name", ["team", "role"])
def test_teams_and_roles_are_only_read(ada, api, name):
    assert api(ada).post(reverse(f"api:{name}-list"), {}, format="json").status_code == 405


def test_without_the_right_roles_are_not_shown(api, db):
    role = Role.objects.create(key="bare", name="Bare")
    answer = api(UserFactory(role=role)).get(reverse("api:role-list"))
    assert answer.json()["results"] == []
