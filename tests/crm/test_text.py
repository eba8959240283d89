# Characters that look like others are what is tested here.
# ruff: noqa: RUF001

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.text import clean_text, csv_safe, csv_unsafe

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()))
STORABLE_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("  Halcyon Robotics \n", "Halcyon Robotics"),
        ("first\r\nsecond\rthird\nfourth", "first\nsecond\nthird\nfourth"),
        ("Mu\u0308ller", "Müller"),
        ("\u00a0padded\u3000", "padded"),
        ("שלום 👋🏽 = +1 %_ \"quoted\" 'so'", "שלום 👋🏽 = +1 %_ \"quoted\" 'so'"),
        ("bell \x07 stays", "bell \x07 stays"),
        ("", ""),
    ],
)
def test_text_is_stored_in_one_form(typed, stored):
    assert clean_text(typed) == stored


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        ("ab\x00c", r"Character 3 is not allowed: NUL \(U\+0000\)"),
        ("\x00", r"Character 1 is not allowed: NUL \(U\+0000\)"),
        ("a\ud800", r"Character 2 is not allowed: lone surrogate \(U\+D800\)"),
        ("\udfff and more", r"Character 1 is not allowed: lone surrogate \(U\+DFFF\)"),
    ],
)
def test_what_the_database_cannot_store_is_refused_by_name(typed, complaint):
    with pytest.raises(ValueError, match=complaint):
        clean_text(typed)


@given(STORABLE_TEXT)
def test_cleaning_twice_changes_nothing_more(text):
    cleaned = clean_text(text)
    assert clean_text(cleaned) == cleaned
    assert unicodedata.is_normalized("NFC", cleaned)
    assert "\r" not in cleaned


def test_a_long_text_is_cleaned_whole():
    assert clean_text("é\r\n" * 10_000).count("é\n") == 9_999


@pytest.mark.parametrize(
    "dangerous",
    [
        "=1+1",
        '=HYPERLINK("https://evil.example","click")',
        "+1-802-953-3859x15419",
        "+18029533859",
        "-1+1",
        "-2-3cmd|' /C calc'!A0",
        "@SUM(A1:A2)",
        "|cmd",
        "%0A=1",
        "  =1+1",
        "\t=1",
        "\tplain",
        "\rplain",
        "\nplain",
        "\u00a0=1",
        "\u200b=1",
        "\ufeff=1",
        "＝1+1",
        "﹢1",
        "＠SUM(A1)",
        "=\u0338cmd",
        "-",
    ],
)
def test_a_cell_that_could_run_as_a_formula_gets_an_apostrophe(dangerous):
    assert csv_safe(dangerous) == f"'{dangerous}"
    assert csv_unsafe(csv_safe(dangerous)) == dangerous


@pytest.mark.parametrize(
    "harmless",
    [
        "",
        "Halcyon",
        "-12",
        "-12.50",
        "-1,200.00",
        "-1E+5",
        "3 = 3",
        "a@b.com",
        "'tis",
        "(+1) 2",
        "№",
    ],
)
def test_a_harmless_cell_stays_as_it_is(harmless):
    assert csv_safe(harmless) == harmless
    assert csv_unsafe(harmless) == harmless


@pytest.mark.parametrize(
    ("value", "cell"), [(None, ""), (0, "0"), (-5, "-5"), (-1.5, "-1.5"), (True, "True")]
)
def test_values_other_than_text_become_cells(value, cell):
    assert csv_safe(value) == cell


@pytest.mark.parametrize("text", ["'=1", "''=1", "'\tx", "'", "''", "'+1 802"])
def test_a_text_that_looks_guarded_comes_back_with_its_apostrophe(text):
    assert csv_unsafe(csv_safe(text)) == text


@given(ANY_TEXT | st.from_regex(r"\A['\s]*[=+\-@|%\t\r\n].*"))
def test_every_text_survives_export_and_import(text):
    assert csv_unsafe(csv_safe(text)) == text


@given(ANY_TEXT)
def test_no_cell_starts_like_a_formula(text):
    cell = csv_safe(text)
    first = unicodedata.normalize("NFKC", cell).lstrip()[:1]
    is_negative_number = cell.startswith("-") and cell[1:2].isdigit()
    assert first not in set("=+@|%")
    assert first != "-" or is_negative_number
    assert cell[:1] not in {"\t", "\r", "\n"}


def test_no_single_character_hides_a_formula():
    lookalikes = {
        chr(point)
        for point in range(sys.maxunicode + 1)
        if unicodedata.normalize("NFKC", chr(point)).lstrip()[:1] in set("=+-@|%")
    }
    assert len(lookalikes) > 6
    assert {csv_safe(f"{character}A1")[0] for character in lookalikes} == {"'"}
