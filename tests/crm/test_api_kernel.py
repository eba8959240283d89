"""
What every resource gets from the kernel, tried on a small one over accounts.

The resource lives here only; its service is what a real one's would be.
"""

import json

import django_filters
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.http import Http404
from django.test import override_settings
from django.urls import include, path
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.routers import SimpleRouter
from rest_framework.test import APIClient

from accounts.models import Account
from crm.concurrency import VersionedDestroyMixin, VersionedRetrieveMixin, VersionedUpdateMixin
from crm.errors import DomainError
from crm.filters import StableOrderingFilter, StrictFilterSet
from crm.records import apply_changes, lock_record, save_changes, soft_delete
from crm.serializers import MoneyField, RelaySerializer, ShapeSerializer
from crm.viewsets import ApiViewSet, CreateMixin
from people.models import User

pytestmark = pytest.mark.django_db
ACCOUNTS = "/api/v1/accounts/"


class OwnerSerializer(RelaySerializer):
    class Meta:
        model = User
        fields = ("id", "full_name")


class AccountSerializer(RelaySerializer):
    revenue = MoneyField(amount="annual_revenue", required=False, allow_null=True)

    class Meta:
        model = Account
        fields = ("id", "name", "type", "employees", "revenue", "owner", "parent", "version")
        read_only_fields = ("id", "version")
        expandable = {"owner": OwnerSerializer}


class AccountFilter(StrictFilterSet):
    name = django_filters.CharFilter()
    owner = django_filters.ModelChoiceFilter(
        queryset=lambda request: User.objects.visible_to(request.user)
    )
    created = django_filters.DateFromToRangeFilter(field_name="created_at")
    ordering = StableOrderingFilter(fields={"employees": "employees", "name": "name"})


class RuleBroken(DomainError):
    code = "rule_broken"


class AccountViewSet(
    mixins.ListModelMixin,
    VersionedRetrieveMixin,
    CreateMixin,
    VersionedUpdateMixin,
    VersionedDestroyMixin,
    ApiViewSet,
):
    serializer_class = AccountSerializer
    filterset_class = AccountFilter

    def get_queryset(self):
        return Account.objects.visible_to(self.request.user).for_list()

    def perform_create(self, serializer):
        serializer.instance = Account.objects.create(**serializer.validated_data)

    @transaction.atomic
    def perform_update(self, serializer):
        account = self.lock(serializer.instance.pk)
        changes = serializer.validated_data
        apply_changes(account, changes, allowed=changes)
        save_changes(account, actor=self.request.user, fields=changes)
        serializer.instance = account

    @transaction.atomic
    def perform_destroy(self, account):
        soft_delete(self.lock(account.pk), actor=self.request.user)

    def lock(self, pk):
        return lock_record(
            Account.objects.all(), pk=pk, actor=self.request.user, version=self.expected_version
        )

    @action(detail=False, methods=["post"], serializer_class=ShapeSerializer)
    def fail(self, request):
        raise FAILURES[request.data["how"]]


FAILURES = {
    "domain": RuleBroken("It is closed.", extra={"receipt": "/x/", "status": "ours wins"}),
    "rules": ValidationError(
        {
            "name": ValidationError("Too plain.", code="plain"),
            "plan.account.name": ["Missing.", "Odd."],
            "__all__": ["Not together."],
        }
    ),
    "rule": ValidationError("Just no."),
    "hidden": Http404("No Account matches the given query."),
    "forbidden": PermissionDenied("Only its manager may."),
    "bug": RuntimeError("a secret detail"),
    "shape": serializers.ValidationError(
        {"rows": [{}, {"name": ["Missing.", "Odd."]}], "non_field_errors": ["No."]}
    ),
}

router = SimpleRouter(use_regex_path=False)
router.register("accounts", AccountViewSet, basename="account")
urlpatterns = [
    path("api/v1/", include((router.urls, "probe"))),
    path("", include("crm.urls")),
]


@pytest.fixture(autouse=True)
def probe_urls():
    with override_settings(ROOT_URLCONF=__name__):
        yield


@pytest.fixture
def manager(nadia):
    """A client of the manager, who may change the accounts of her team."""
    client = APIClient(raise_request_exception=False)
    client.force_authenticate(nadia)
    return client


@pytest.fixture
def account(rita):
    return Account.objects.create(name="Halcyon", owner=rita)


def address(account):
    return f"{ACCOUNTS}{account.pk}/"


def fail(manager, how):
    answer = manager.post(f"{ACCOUNTS}fail/", {"how": how}, format="json")
    assert answer["Content-Type"] == "application/problem+json"
    return answer.status_code, answer.json()


# --- Problems ---


def test_a_domain_error_has_its_status_its_code_and_what_it_adds(manager):
    status, problem = fail(manager, "domain")
    assert status == 409
    assert problem == {
        "receipt": "/x/",
        "type": "urn:relay:problem:rule_broken",
        "title": "Conflict",
        "status": 409,
        "detail": "It is closed.",
        "code": "rule_broken",
        "errors": [],
        "request_id": problem["request_id"],
    }
    assert len(problem["request_id"]) > 10


def test_what_a_service_says_about_values_is_422_with_pointers(manager):
    status, problem = fail(manager, "rules")
    assert (status, problem["code"]) == (422, "invalid")
    assert problem["errors"] == [
        {"pointer": "#/name", "code": "plain", "detail": "Too plain."},
        {"pointer": "#/plan/account/name", "code": "invalid", "detail": "Missing."},
        {"pointer": "#/plan/account/name", "code": "invalid", "detail": "Odd."},
        {"pointer": "#", "code": "invalid", "detail": "Not together."},
    ]
    assert fail(manager, "rule")[1]["errors"] == [
        {"pointer": "#", "code": "invalid", "detail": "Just no."}
    ]


def test_what_a_serializer_says_is_400_with_pointers_into_nested_rows(manager):
    status, problem = fail(manager, "shape")
    assert (status, problem["code"]) == (400, "invalid")
    assert problem["errors"] == [
        {"pointer": "#/rows/1/name", "code": "invalid", "detail": "Missing."},
        {"pointer": "#/rows/1/name", "code": "invalid", "detail": "Odd."},
        {"pointer": "#", "code": "invalid", "detail": "No."},
    ]


def test_hidden_and_absent_are_the_same_404(manager, soren, account):
    hidden = Account.objects.create(name="Hidden", owner=soren)
    answers = [fail(manager, "hidden")[1]]
    answers += [manager.get(where).json() for where in (address(hidden), f"{ACCOUNTS}999999999/")]
    assert {answer["status"] for answer in answers} == {404}
    assert len({answer["detail"] for answer in answers}) == 1
    assert "Account" not in answers[0]["detail"]


def test_forbidden_says_why(manager):
    status, problem = fail(manager, "forbidden")
    assert (status, problem["detail"]) == (403, "Only its manager may.")


def test_a_bug_is_a_500_that_tells_nothing(manager):
    with override_settings(DEBUG=True):
        status, problem = fail(manager, "bug")
    assert status == 500
    assert "secret" not in json.dumps(problem)


# --- The database says no ---


def test_the_finality_of_a_lead_is_409(manager, monkeypatch):
    error = refusal_of(
        "DO $$ BEGIN RAISE EXCEPTION 'no'"
        " USING ERRCODE = '23001', CONSTRAINT = 'lead_final'; END $$"
    )
    monkeypatch.setitem(FAILURES, "database", error)
    status, problem = fail(manager, "database")
    assert (status, problem["code"]) == (409, "lead_final")


def test_a_named_constraint_speaks_for_itself(manager, monkeypatch):
    error = refusal_of(
        "INSERT INTO people_delegation (user_id, delegate_id, starts_on, ends_on)"
        " SELECT id, id, now(), now() FROM people_user"
    )
    monkeypatch.setitem(FAILURES, "database", error)
    status, problem = fail(manager, "database")
    assert (status, problem["code"]) == (409, "constraint_broken")
    assert problem["detail"] == "A delegate must be somebody else."
    assert problem["constraint"] == "delegation_to_somebody_else"


@pytest.mark.parametrize(
    ("statement", "status", "code"),
    [
        ("INSERT INTO people_role (key, name, description) SELECT key, 'x', '' FROM people_role",
         409, "constraint_broken"),
        ("INSERT INTO people_team (name) VALUES (NULL)", 500, "internal_server_error"),
        ("SELECT repeat('x', 300)::varchar(20)::int", 422, "unstorable_value"),
        ("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '55P03'; END $$", 503, "busy"),
        ("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40001'; END $$", 503, "busy"),
        ("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40P01'; END $$", 503, "busy"),
        ("SET LOCAL statement_timeout = '10ms'; SELECT pg_sleep(2)", 503, "busy"),
        ("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '57P01'; END $$",
         503, "database_unavailable"),
        ("SELECT nonsense", 500, "internal_server_error"),
    ],
)  # fmt: skip
def test_other_refusals_have_their_status(manager, monkeypatch, statement, status, code):
    monkeypatch.setitem(FAILURES, "database", refusal_of(statement))
    answer = manager.post(f"{ACCOUNTS}fail/", {"how": "database"}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.has_header("Retry-After") == (status == 503)


def refusal_of(statement):
    """The error with which the real database refuses a statement."""
    with pytest.raises(Exception, match=r".") as caught, transaction.atomic():
        connection.cursor().execute(statement)
    return caught.value


# --- Lists ---


def test_a_list_is_walked_by_its_links(manager, rita):
    for number in range(5):
        Account.objects.create(name=f"A{number}", owner=rita, employees=number or None)
    url, names, pages = f"{ACCOUNTS}?page_size=2&ordering=-employees", [], 0
    while url:
        page = manager.get(url).json()
        names += [row["name"] for row in page["results"]]
        url, pages = page["next"], pages + 1
    assert (names, pages) == (["A4", "A3", "A2", "A1", "A0"], 3)
    back = manager.get(page["previous"]).json()
    assert [row["name"] for row in back["results"]] == ["A2", "A1"]


def test_filters_narrow_and_bad_values_are_named_by_parameter(manager, rita, account):
    Account.objects.create(name="Other", owner=rita)
    [row] = manager.get(f"{ACCOUNTS}?name=Halcyon&created_after=2020-01-01").json()["results"]
    assert row["id"] == account.pk
    answer = manager.get(f"{ACCOUNTS}?owner={2**40}&created_before=never&ordering=password")
    assert answer.status_code == 400
    assert {error["parameter"] for error in answer.json()["errors"]} == {
        "owner",
        "created",
        "ordering",
    }


@pytest.mark.parametrize(
    "query", ["?nmae=x", "?created=2020-01-01", "?cursor_=x", "?owner__email=x"]
)
def test_unknown_parameters_are_named(manager, query):
    answer = manager.get(f"{ACCOUNTS}{query}")
    [error] = answer.json()["errors"]
    assert answer.status_code == 400
    assert error["code"] == "unknown_parameter"
    assert error["parameter"] in query


def test_a_record_takes_no_parameters_of_the_list(manager, account):
    assert manager.get(f"{address(account)}?name=Other").status_code == 400
    assert manager.get(f"{address(account)}?page_size=5").status_code == 400


def test_a_list_costs_the_same_for_one_row_as_for_twenty(manager, rita, django_assert_num_queries):
    url = f"{ACCOUNTS}?expand=owner&name=A&owner={rita.pk}"
    for rows in (1, 19):
        for _ in range(rows):
            Account.objects.create(name="A", owner=rita)
        manager.get(url)
        with django_assert_num_queries(3):  # chosen owner, page, owners to expand
            assert manager.get(url).status_code == 200


# --- Expanding ---


def test_expand_puts_the_record_in_the_place_of_its_id(manager, account, rita):
    row = manager.get(f"{address(account)}?expand=owner").json()
    assert row["owner"] == {"id": rita.pk, "full_name": rita.full_name}
    [row] = manager.get(f"{ACCOUNTS}?expand=owner").json()["results"]
    assert row["owner"] == {"id": rita.pk, "full_name": rita.full_name}


def test_expand_shows_nothing_that_the_caller_may_not_see(manager, account, rita, monkeypatch):
    monkeypatch.setattr(
        type(User.objects.all()), "visible_to", lambda self, user, action="view": self.none()
    )
    assert manager.get(f"{address(account)}?expand=owner").json()["owner"] == rita.pk


def test_what_cannot_be_expanded_is_refused(manager):
    answer = manager.get(f"{ACCOUNTS}?expand=owner,parent")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["parameter"] == "expand"


# --- Versions ---


def test_a_record_comes_with_its_etag_and_304_to_whoever_has_it(manager, account):
    answer = manager.get(address(account))
    assert answer["ETag"] == f'"{account.pk}-1"'
    assert manager.get(address(account), HTTP_IF_NONE_MATCH=answer["ETag"]).status_code == 304
    assert manager.get(address(account), HTTP_IF_NONE_MATCH='"1-0"').status_code == 200


def test_a_change_names_the_version_it_is_for(manager, account):
    wish = {"name": "New"}
    bare = manager.patch(address(account), wish, format="json")
    assert (bare.status_code, bare.json()["code"]) == (428, "precondition_required")
    tag = manager.get(address(account))["ETag"]
    changed = manager.patch(address(account), wish, format="json", HTTP_IF_MATCH=tag)
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    stale = manager.patch(address(account), {"name": "Old"}, format="json", HTTP_IF_MATCH=tag)
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
    again = manager.patch(address(account), wish, format="json", HTTP_IF_MATCH=changed["ETag"])
    assert again.status_code == 200
    account.refresh_from_db()
    assert account.name == "New"


@pytest.mark.parametrize(
    ("header", "status"),
    [("*", 204), ('"x", {tag}', 204), ("W/{tag}", 412), ('"1"', 412), ("nonsense", 412), ("", 412)],
)
def test_deleting_honours_every_form_of_if_match(manager, account, header, status):
    tag = manager.get(address(account))["ETag"]
    answer = manager.delete(address(account), HTTP_IF_MATCH=header.format(tag=tag))
    assert answer.status_code == status
    assert Account.objects.live().filter(pk=account.pk).exists() == (status != 204)


def test_deleting_without_a_version_is_428(manager, account):
    assert manager.delete(address(account)).status_code == 428
    assert Account.objects.live().filter(pk=account.pk).exists()


# --- Shapes ---


def create(manager, **values):
    answer = manager.post(ACCOUNTS, values, format="json")
    return answer.status_code, answer.json()


def test_money_goes_in_and_out_as_amount_and_currency(manager, rita):
    money = {"amount": "48000.50", "currency": "EUR"}
    status, body = create(manager, name="A", owner=rita.pk, revenue=money)
    assert (status, body["revenue"]) == (201, money)
    account = Account.objects.get()
    assert (str(account.annual_revenue), account.currency) == ("48000.50", "EUR")
    answer = manager.patch(
        address(account), {"revenue": None}, format="json", HTTP_IF_MATCH=f'"{account.pk}-1"'
    )
    assert answer.json()["revenue"] is None
    account.refresh_from_db()
    assert (account.annual_revenue, account.currency) == (None, "EUR")


def test_money_that_is_not_given_stays(manager, rita):
    status, body = create(manager, name="A", owner=rita.pk)
    assert (status, body["revenue"]) == (201, None)


@pytest.mark.parametrize(
    ("money", "pointer"),
    [
        ("48000", "#/revenue"),
        (48000, "#/revenue"),
        ([], "#/revenue"),
        ({}, "#/revenue"),
        ({"amount": "1"}, "#/revenue"),
        ({"amount": "1", "currency": "EUR", "more": 1}, "#/revenue"),
        ({"amount": 1, "currency": "EUR"}, "#/revenue/amount"),
        ({"amount": "1e3", "currency": "EUR"}, "#/revenue/amount"),
        ({"amount": "NaN", "currency": "EUR"}, "#/revenue/amount"),
        ({"amount": "1.234", "currency": "EUR"}, "#/revenue/amount"),
        ({"amount": "9" * 17, "currency": "EUR"}, "#/revenue/amount"),
        ({"amount": "\u0661", "currency": "EUR"}, "#/revenue/amount"),
        ({"amount": "1", "currency": "eur"}, "#/revenue/currency"),
        ({"amount": "1", "currency": "EUR\n"}, "#/revenue/currency"),
        ({"amount": "1", "currency": None}, "#/revenue/currency"),
    ],
)
def test_other_money_is_refused_where_it_is_wrong(manager, rita, money, pointer):
    status, problem = create(manager, name="A", owner=rita.pk, revenue=money)
    assert (status, [error["pointer"] for error in problem["errors"]]) == (400, [pointer])


@pytest.mark.parametrize(
    ("values", "pointer", "code"),
    [
        ({"name": 5}, "#/name", "invalid"),
        ({"name": True}, "#/name", "invalid"),
        ({"name": None}, "#/name", "null"),
        ({"employees": "5"}, "#/employees", "invalid"),
        ({"employees": 5.0}, "#/employees", "invalid"),
        ({"employees": True}, "#/employees", "invalid"),
        ({"employees": -1}, "#/employees", "min_value"),
        ({"employees": 2**40}, "#/employees", "max_value"),
        ({"type": "nonsense"}, "#/type", "invalid_choice"),
        ({"nmae": "A"}, "#/nmae", "unknown_field"),
        ({"owner": "1"}, "#/owner", "incorrect_type"),
        ({"owner": 1.5}, "#/owner", "incorrect_type"),
        ({"owner": {"id": 1}}, "#/owner", "incorrect_type"),
    ],
)
def test_types_are_taken_literally(manager, rita, values, pointer, code):
    status, problem = create(manager, **{"name": "A", "owner": rita.pk, **values})
    [error] = problem["errors"]
    assert (status, error["pointer"], error["code"]) == (400, pointer, code)


def test_fields_that_are_read_only_may_be_sent_back(manager, rita, account):
    row = manager.get(address(account)).json()
    answer = manager.patch(
        address(account), {**row, "name": "B"}, format="json", HTTP_IF_MATCH=f'"{account.pk}-1"'
    )
    assert (answer.status_code, answer.json()["version"]) == (200, 2)


def test_a_foreign_key_to_a_hidden_row_is_like_one_to_no_row(manager, rita, soren):
    hidden = Account.objects.create(name="Hidden", owner=soren)
    answers = [create(manager, name="A", owner=rita.pk, parent=key) for key in (hidden.pk, 2**40)]
    assert answers[0][0] == answers[1][0] == 400
    assert answers[0][1]["errors"] == answers[1][1]["errors"]
    assert answers[0][1]["errors"][0]["pointer"] == "#/parent"


def test_creating_answers_with_address_and_etag(manager, rita):
    answer = manager.post(ACCOUNTS, {"name": "A", "owner": rita.pk}, format="json")
    assert answer["Location"].endswith(f"{ACCOUNTS}{answer.json()['id']}/")
    assert answer["ETag"] == f'"{answer.json()["id"]}-1"'
    assert manager.get(answer["Location"]).json() == answer.json()


def test_a_retried_create_keeps_its_address_and_etag(manager, rita):
    body = {"name": "A", "owner": rita.pk}
    first, retry = (
        manager.post(ACCOUNTS, body, format="json", HTTP_IDEMPOTENCY_KEY="k") for _ in range(2)
    )
    assert retry["Idempotent-Replayed"] == "true"
    assert retry.content == first.content
    assert (retry["Location"], retry["ETag"]) == (first["Location"], first["ETag"])
    assert Account.objects.count() == 1
