"""Hostile requests to a real resource: each a problem, none a 500, nothing written."""

import json

import pytest

from crm.parsers import MAX_DEPTH
from integrations.models import ApiToken

pytestmark = pytest.mark.django_db
TOKENS = "/api/v1/tokens/"
JSON = "application/json"
LONG = "x" * 10_000


def body(**values):
    return json.dumps({"name": "N", "scopes": ["read"], **values}).encode()


POSTS = {
    "nothing": (b"", 400),
    "not json": (b"name=N&scopes=read", 400),
    "a list": (b"[]", 400),
    "null": (b"null", 400),
    "text": (b'"name"', 400),
    "a number": (b"1", 400),
    "an empty object": (b"{}", 400),
    "nested 33 deep": (b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), 400),
    "nested 5,000 deep": (b"[" * 5_000 + b"]" * 5_000, 400),
    "nested 100,000 deep": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, 400),
    "never closed": (b"[" * 100_000, 400),
    "2 MiB": (b'"' + b"x" * 2**21 + b'"', 413),
    "100,000 keys": (json.dumps(dict.fromkeys(map(str, range(50_000)))).encode(), 400),
    "a doubled key": (b'{"name": "a", "name": "b", "scopes": ["read"]}', 400),
    "NaN": (b'{"name": NaN, "scopes": ["read"]}', 400),
    "1e999": (b'{"name": 1e999, "scopes": ["read"]}', 400),
    "a number of 100,000 digits": (b'{"user": ' + b"9" * 100_000 + b"}", 400),
    "NUL": (rb'{"name": "a\u0000b", "scopes": ["read"]}', 400),
    "half a surrogate pair": (rb'{"name": "\ud800", "scopes": ["read"]}', 400),
    "NUL in a key": (rb'{"na\u0000me": "a", "scopes": ["read"]}', 400),
    "NUL far down": (rb'{"name": {"a": [{"b": "\u0000"}]}, "scopes": ["read"]}', 400),
    "raw NUL": (b'{"name": "a\x00b", "scopes": ["read"]}', 400),
    "not utf-8": (b'{"name": "\xff\xfe", "scopes": ["read"]}', 400),
    "utf-16": ('{"name": "N"}'.encode("utf-16"), 400),
    "an unknown field": (body(is_admin=True), 400),
    "a number for text": (body(name=1), 400),
    "a list for text": (body(name=["N"]), 400),
    "an object for text": (body(name={"$ne": ""}), 400),
    "text that is too long": (body(name=LONG), 400),
    "only spaces": (body(name="   "), 400),
    "text for a list": (body(scopes="read"), 400),
    "an object for a list": (body(scopes={"0": "read"}), 400),
    "no scopes": (body(scopes=[]), 400),
    "a thousand scopes": (body(scopes=["read"] * 1000), 400),
    "null among scopes": (body(scopes=[None]), 400),
    "an unknown scope": (body(scopes=["root"]), 400),
    "text for an id": (body(user="1"), 400),
    "true for an id": (body(user=True), 400),
    "a fraction for an id": (body(user=1.5), 400),
    "a list for an id": (body(user=[1]), 400),
    "an id beyond bigint": (body(user=2**80), 400),
    "a negative id": (body(user=-1), 400),
    "an id of nobody": (body(user=2**40), 400),
    "a time in words": (body(expires_at="tomorrow"), 400),
    "a time of year 99999": (body(expires_at="99999-01-01T00:00:00Z"), 400),
    "a time as a number": (body(expires_at=1e9), 400),
    "a time that is over": (body(expires_at="2001-01-01T00:00:00Z"), 422),
}


@pytest.mark.parametrize(("content", "status"), POSTS.values(), ids=POSTS)
def test_a_hostile_body_is_refused(rita, call, content, status):
    client = call(rita)
    answer = client.generic("POST", TOKENS, content, content_type=JSON)
    assert_problem(answer, status)
    assert ApiToken.objects.count() == 1


ADDRESSES = {
    "NUL in the path": ("/api/v1/tokens/%00/", 400),
    "NUL in the query": (f"{TOKENS}?cursor=%00", 400),
    "NUL in a name": (f"{TOKENS}?%00=1", 400),
    "not utf-8 in the path": ("/api/v1/tokens/%ff/", 404),
    "not utf-8 in the query": (f"{TOKENS}?cursor=%ff%fe", 400),
    "half a surrogate pair in the query": (f"{TOKENS}?cursor=%ed%a0%80", 400),
    "an id that is text": ("/api/v1/tokens/abc/", 404),
    "an id beyond bigint": (f"/api/v1/tokens/{2**80}/", 404),
    "an id of 5,000 digits": (f"/api/v1/tokens/{'9' * 5000}/", 404),
    "a negative id": ("/api/v1/tokens/-1/", 404),
    "an id with SQL": ("/api/v1/tokens/1%20or%201=1/", 404),
    "climbing up": ("/api/v1/../../etc/passwd", 404),
    "no last slash": ("/api/v1/tokens", 404),
    "another format": ("/api/v1/tokens.xml", 404),
    "a format parameter": (f"{TOKENS}?format=api", 400),
    "an unknown version": ("/api/v2/tokens/", 404),
    "the bare root": ("/api/", 404),
    "an unknown parameter": (f"{TOKENS}?user__password__startswith=a", 400),
    "an ordering that is not offered": (f"{TOKENS}?ordering=user__password", 400),
    "a made-up cursor": (f"{TOKENS}?cursor=eyJhIjoxfQ", 400),
    "a long cursor": (f"{TOKENS}?cursor={LONG}", 400),
    "a page of nothing": (f"{TOKENS}?page_size=0", 400),
    "a page of everything": (f"{TOKENS}?page_size=201", 400),
    "a page of words": (f"{TOKENS}?page_size=all", 400),
    "a page of a negative size": (f"{TOKENS}?page_size=-1", 400),
    "a page size of 5,000 digits": (f"{TOKENS}?page_size={'9' * 5000}", 400),
    "a page size in other digits": (f"{TOKENS}?page_size=%D9%A1", 400),
    "an expansion that is not offered": (f"{TOKENS}?expand=user.password", 400),
}


@pytest.mark.parametrize(("address", "status"), ADDRESSES.values(), ids=ADDRESSES)
def test_a_hostile_address_is_refused(rita, call, address, status):
    assert_problem(call(rita).get(address), status)


REQUESTS = {
    "a method that does not exist": ("PUT", TOKENS, {}, 405),
    "a method nobody knows": ("BREW", TOKENS, {}, 405),
    "options": ("OPTIONS", TOKENS, {}, 405),
    "trace": ("TRACE", TOKENS, {}, 405),
    "a form": ("POST", TOKENS, {"CONTENT_TYPE": "application/x-www-form-urlencoded"}, 415),
    "a multipart form": ("POST", TOKENS, {"CONTENT_TYPE": "multipart/form-data"}, 415),
    "xml": ("POST", TOKENS, {"CONTENT_TYPE": "application/xml"}, 415),
    "no content type": ("POST", TOKENS, {"CONTENT_TYPE": ""}, 415),
    "an odd content type": ("POST", TOKENS, {"CONTENT_TYPE": "\x7f;;;=/"}, 415),
    "another charset": ("POST", TOKENS, {"CONTENT_TYPE": "application/json; charset=utf-7"}, 400),
    "an answer we cannot give": ("GET", TOKENS, {"HTTP_ACCEPT": "image/png"}, 406),
    "an odd accept header": ("GET", TOKENS, {"HTTP_ACCEPT": ";;;,,,q=/"}, 406),
    "a foreign host": ("GET", TOKENS, {"HTTP_HOST": "evil.example"}, 400),
    "a broken host": ("GET", TOKENS, {"HTTP_HOST": "a b<>"}, 400),
    "an empty key": ("POST", TOKENS, {"HTTP_IDEMPOTENCY_KEY": ""}, 400),
    "a long key": ("POST", TOKENS, {"HTTP_IDEMPOTENCY_KEY": "k" * 256}, 400),
    "a key with spaces": ("POST", TOKENS, {"HTTP_IDEMPOTENCY_KEY": "a b"}, 400),
    "a key that is not ASCII": ("POST", TOKENS, {"HTTP_IDEMPOTENCY_KEY": "schl\xfcssel"}, 400),
    "a method override": ("GET", TOKENS, {"HTTP_X_HTTP_METHOD_OVERRIDE": "DELETE"}, 200),
}


@pytest.mark.parametrize(
    ("method", "address", "headers", "status"), REQUESTS.values(), ids=REQUESTS
)
def test_a_hostile_request_is_refused(rita, call, method, address, headers, status):
    headers = {"CONTENT_TYPE": JSON, **headers}
    content_type = headers.pop("CONTENT_TYPE")
    answer = call(rita).generic(method, address, b"{}", content_type=content_type, **headers)
    assert answer.status_code == status
    if status >= 400:
        assert_problem(answer, status)


def assert_problem(answer, status):
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["type"] == f"urn:relay:problem:{problem['code']}"
    assert {"title", "detail", "errors", "request_id"} <= set(problem)
    assert "Traceback" not in answer.content.decode()
