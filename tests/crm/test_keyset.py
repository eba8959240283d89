"""Paging by key loses no row and doubles none, whatever the order and the values."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.models import F
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activities.events import record
from activities.models import Event
from crm.counts import capped_count
from crm.keyset import InvalidCursor, Keyset, segments, stable_order
from integrations.models import ApiToken

pytestmark = pytest.mark.django_db

START = datetime(2026, 1, 1, tzinfo=UTC)
# Few distinct values, so that equal keys and NULLs meet the edges of pages.
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "B", "é"]),
        st.one_of(st.none(), st.integers(0, 2)),
        st.one_of(st.none(), st.integers(0, 1)),
        st.integers(0, 1),
    ),
    max_size=12,
)
COLUMNS = ["name", "last_used_at", "expiry", "created", "user__email"]
ORDERS = st.lists(st.sampled_from(COLUMNS), unique=True, max_size=3).flatmap(
    lambda names: st.tuples(
        *(st.sampled_from([name, f"-{name}"]) for name in names),
        st.sampled_from(["pk", "-pk"]),
    )
)


def make_tokens(user, rows):
    return ApiToken.objects.bulk_create(
        ApiToken(
            user=user,
            digest=f"{user.pk}-{number}",
            token_key="relay_",
            scopes=["read"],
            name=name,
            last_used_at=None if used is None else START + timedelta(microseconds=used),
            expiry=None if expiry is None else START + timedelta(days=expiry),
            created=START + timedelta(seconds=created),
        )
        for number, (name, used, expiry, created) in enumerate(rows)
    )


def walk(keyset, cursor=None, *, backward=False):
    """The keys of all pages from a cursor on, and the last cursor that could be followed."""
    keys, last = [], None
    for _ in range(100):
        page = keyset.page(cursor)
        assert len(page.rows) <= keyset.size
        found = [row.pk for row in page.rows]
        keys = found + keys if backward else keys + found
        cursor = page.previous if backward else page.next
        if cursor is None:
            return keys, last
        last = page
    raise AssertionError("The pages have no end.")


@settings(
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(rows=ROWS, order=ORDERS, size=st.integers(1, 5))
def test_walking_the_pages_there_and_back_meets_every_row_once(rita, soren, rows, order, size):
    ApiToken.objects.all().delete()
    make_tokens(rita, rows[::2])
    make_tokens(soren, rows[1::2])
    tokens = ApiToken.objects.select_related("user")
    expected = [token.pk for token in tokens.order_by(*stable_order(tokens, order))]
    keyset = Keyset(tokens, order, size=size)

    forward, before_last = walk(keyset)
    assert forward == expected

    if before_last is not None:
        last = keyset.page(before_last.next)
        assert last.next is None
        back, _ = walk(keyset, last.previous, backward=True)
        assert back + [row.pk for row in last.rows] == expected


def test_empty_values_come_last_both_ways(rita):
    make_tokens(rita, [("a", None, None, 0), ("b", 1, None, 0), ("c", 2, None, 0)])
    ascending = Keyset(ApiToken.objects.all(), ["last_used_at"]).page().rows
    descending = Keyset(ApiToken.objects.all(), ["-last_used_at"]).page().rows
    assert [token.name for token in ascending] == ["b", "c", "a"]
    assert [token.name for token in descending] == ["c", "b", "a"]


def test_rows_that_come_and_go_neither_double_nor_hide_others(rita, soren):
    make_tokens(rita, [(name, 0, None, 0) for name in "bdfh"])
    keyset = Keyset(ApiToken.objects.all(), ["name"], size=2)
    first = keyset.page()
    ApiToken.objects.filter(name="d").delete()
    make_tokens(soren, [("a", 0, None, 0), ("e", 0, None, 0)])
    assert [token.name for token in keyset.page(first.next).rows] == ["e", "f"]


def test_without_an_order_of_its_own_the_list_keeps_the_querysets(rita):
    make_tokens(rita, [("a", 0, None, 1), ("b", 0, None, 2)])
    page = Keyset(ApiToken.objects.order_by("-created")).page()
    assert [token.name for token in page.rows] == ["b", "a"]


def test_rows_may_be_dictionaries_and_ordered_by_an_annotation(rita):
    make_tokens(rita, [("a", 1, None, 0), ("b", None, None, 0), ("c", 0, None, 0)])
    tokens = ApiToken.objects.annotate(used=F("last_used_at")).values("id", "name", "used")
    keyset = Keyset(tokens, ["used"], size=1)
    names, cursor = [], None
    for _ in range(3):
        page = keyset.page(cursor)
        names += [row["name"] for row in page.rows]
        cursor = page.next
    assert names == ["c", "a", "b"]
    assert cursor is None


def test_a_page_past_the_end_is_empty(rita):
    make_tokens(rita, [("a", 0, None, 0), ("b", 0, None, 0)])
    keyset = Keyset(ApiToken.objects.all(), ["name"], size=1)
    cursor = keyset.page().next
    ApiToken.objects.all().delete()
    assert keyset.page(cursor).rows == []


@pytest.mark.parametrize("cursor", ["x", "e30:abc", "\x00", "a" * 5000])
def test_a_made_up_cursor_is_refused(cursor):
    keyset = Keyset(ApiToken.objects.all(), ["name"])
    with pytest.raises(InvalidCursor):
        keyset.page(cursor)


def test_a_cursor_of_another_order_is_refused(rita):
    make_tokens(rita, [("a", 0, None, 0), ("b", 0, None, 0)])
    cursor = Keyset(ApiToken.objects.all(), ["name"], size=1).page().next
    with pytest.raises(InvalidCursor):
        Keyset(ApiToken.objects.all(), ["-name"], size=1).page(cursor)


@pytest.mark.parametrize(("order", "sign"), [("transaction_id", ">"), ("-transaction_id", "<")])
def test_an_index_takes_the_list_to_the_page(rita, order, sign):
    for _ in range(3):
        record("lead.called", actor=rita)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
    keyset = Keyset(Event.objects.all(), [order], size=1)
    backward, values = keyset.read(keyset.page().next)
    [condition] = segments(keyset.terms, values, backward=backward)
    ordered = Event.objects.order_by(*stable_order(Event.objects.all(), [order]))
    plan = ordered.filter(condition)[:2].explain()
    assert f"Index Cond: (ROW(transaction_id, id) {sign} ROW(" in plan


def test_a_page_is_one_query_and_two_where_empty_values_begin(rita, django_assert_num_queries):
    make_tokens(rita, [("", 0, None, 0)] * 3 + [("", None, None, 0)] * 2)
    keyset = Keyset(ApiToken.objects.all(), ["last_used_at"], size=1)
    cursor = None
    for queries in (1, 1, 2, 2, 1):
        with django_assert_num_queries(queries):
            cursor = keyset.page(cursor).next
    assert cursor is None


def test_counts_stop_at_the_cap(rita, django_assert_num_queries):
    make_tokens(rita, [("a", 0, None, 0)] * 4)
    with django_assert_num_queries(3):
        assert capped_count(ApiToken.objects.order_by("name"), cap=5) == (4, False)
        assert capped_count(ApiToken.objects.all(), cap=4) == (4, False)
        assert capped_count(ApiToken.objects.all(), cap=3) == (3, True)
