"""What a JSON body may be, and that everything else is a clean refusal."""

import pytest
from rest_framework.exceptions import APIException

from crm.parsers import MAX_DEPTH, MAX_KEYS, UnstorableText, parse_strictly


def refusal(body: bytes) -> str:
    with pytest.raises(APIException) as caught:
        parse_strictly(body)
    return caught.value.get_codes()


def test_plain_json_comes_through_unchanged():
    body = '{"name": "Zoë 🙂", "tags": ["a", null, true, 1, 2.5], "deep": {"er": {}}}'.encode()
    assert parse_strictly(body) == {
        "name": "Zoë 🙂",
        "tags": ["a", None, True, 1, 2.5],
        "deep": {"er": {}},
    }


def test_escaped_pairs_of_surrogates_are_one_character():
    assert parse_strictly(rb'"\ud83d\ude42"') == "🙂"


def test_nesting_is_allowed_to_the_limit_and_not_beyond():
    assert parse_strictly(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)
    assert refusal(b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1)) == "too_deep"


def test_nesting_counts_levels_and_not_brackets():
    assert len(parse_strictly(b"[" + b",".join([b"{}"] * 1000) + b"]")) == 1000


@pytest.mark.parametrize("depth", [999, 5_000, 100_000])
def test_absurd_nesting_is_refused_like_any_other(depth):
    assert refusal(b"[" * depth + b"]" * depth) == "too_deep"
    assert refusal(b'{"a":' * depth + b"1" + b"}" * depth) == "too_deep"


def test_keys_are_counted_over_the_whole_body():
    half = ", ".join(f'"k{n}": 1' for n in range(MAX_KEYS // 2 + 1))
    assert refusal(f"[{{{half}}}, {{{half}}}]".encode()) == "too_many_keys"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"a": 1, "a": 2}', "duplicate_key"),
        (b'[{"x": {"a": 1, "b": 2, "a": 1}}]', "duplicate_key"),
        (b"NaN", "number_not_finite"),
        (b'{"a": -Infinity}', "number_not_finite"),
        (b"1e400", "number_too_large"),
        (b"9" * 5000, "parse_error"),
        (b"", "parse_error"),
        (b"{", "parse_error"),
        (b"{'a': 1}", "parse_error"),
        (b'{"a": 1} x', "parse_error"),
        (b'"a\nb"', "parse_error"),
        (b'"a\x00b"', "parse_error"),
        (b'"\xff"', "parse_error"),
        (b'"\xed\xa0\x80"', "parse_error"),
        (b"\xef\xbb\xbf{}", "parse_error"),
    ],
)
def test_other_bodies_are_refused_with_a_code(body, code):
    assert refusal(body) == code


def test_unstorable_text_is_named_by_pointer_in_values_and_keys():
    body = rb'{"ok": "fine", "bad": ["x", "\u0000"], "a/b": {"c~d": "\ud800"}, "k\udfff": 1}'
    with pytest.raises(UnstorableText) as caught:
        parse_strictly(body)
    assert sorted(caught.value.pointers) == ["#", "#/a~1b/c~0d", "#/bad/1"]
