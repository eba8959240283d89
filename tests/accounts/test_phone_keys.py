# Letters that look like other letters are what is tested here.
# ruff: noqa: RUF001

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.keys import (
    ParsedPhone,
    format_phone,
    parse_phone,
    phone_key,
)
from tests.accounts.texts import TEXTS


@pytest.mark.parametrize(
    ("typed", "region", "key", "extension", "valid"),
    [
        ("917-584-0243x4606", "US", "+19175840243", "4606", True),
        ("(360)703-4411x05090", "US", "+13607034411", "05090", True),
        ("369.329.6963", "US", "+13693296963", "", True),
        ("9802005297", "US", "+19802005297", "", True),
        ("001-734-555-7505x54026", "US", "+17345557505", "54026", True),
        ("+1-802-953-3859x15419", "US", "+18029533859", "15419", True),
        ("+1-802-953-3859", "DE", "+18029533859", "", True),
        ("917-584-0243 ext. 12", "US", "+19175840243", "12", True),
        ("Tel: (917) 584-0243", "US", "+19175840243", "", True),
        ("011 49 30 901820", "US", "+4930901820", "", True),
        ("0049 30 901820", "US", "+4930901820", "", True),
        ("0049 30 901820", "DE", "+4930901820", "", True),
        ("030 901820", "DE", "+4930901820", "", True),
        ("030/90 18 20", "de", "+4930901820", "", True),
        ("+44 (0)20 7946 0958", "US", "+442079460958", "", True),
        ("020 7946 0958", "GB", "+442079460958", "", True),
        ("06 6982", "IT", "+39066982", "", True),
        ("+39 06 6982", "US", "+39066982", "", True),
        ("01 42 27 81 86", "FR", "+33142278186", "", True),
        ("٠١٠ ١٢٣٤ ٥٦٧٨", "EG", "+201012345678", "", True),
        ("1-800-FLOWERS", "US", "+18003569377", "", True),
        ("834.998.8869x2671", "US", "+18349988869", "2671", False),
        ("637-232-5543", "US", "+16372325543", "", False),
    ],
)
def test_a_phone_number_is_read_however_it_is_written(typed, region, key, extension, valid):
    assert phone_key(typed, region) == key
    assert parse_phone(typed, region) == ParsedPhone(e164=key, extension=extension, valid=valid)


@pytest.mark.parametrize(
    ("typed", "region", "key"),
    [
        ("020 7946 0958 123", "US", "~02079460958123"),
        ("91758402434", "US", "~91758402434"),
        ("+999 123 456 789", "US", "~999123456789"),
        ("030 901820", "", "~030901820"),
        ("(030) 901 8200", "", "~0309018200"),
    ],
)
def test_a_number_that_fits_no_plan_is_compared_by_its_digits(typed, region, key):
    assert phone_key(typed, region) == key
    assert phone_key(key, "DE") == key
    assert parse_phone(typed, region) == ParsedPhone(e164="", extension="", valid=False)


@pytest.mark.parametrize(
    "garbage",
    [
        "",
        "n/a",
        "none",
        "-",
        "x123",
        "ext. 4606",
        "12345",
        "555-1234",
        "000-000-0000",
        "(999) 999-9999",
        "888-888-8888",
        "123-456-7890",
        "0123456789",
        "00000000000000",
        "1010101010",
        "2024-10-31",
        "call me after 5",
        "ask Bob, room 123456",
        "order 123456789012 of May",
        "917-584-0243 / 834-998-8869",
        "1" * 300,
        "+",
        "~12345",
        "\x00",
        "👋",
    ],
)
def test_what_cannot_be_told_apart_from_chance_has_no_phone_key(garbage):
    assert phone_key(garbage, "US") == ""


@pytest.mark.parametrize(
    ("typed", "region", "locale", "shown"),
    [
        ("9175840243x4606", "US", "en-us", "(917) 584-0243 ext. 4606"),
        ("9175840243", "US", "de-de", "+1 917-584-0243"),
        ("9175840243", "US", "de", "(917) 584-0243"),
        ("9175840243", "US", "zh-hans", "(917) 584-0243"),
        ("9175840243", "US", "zh_Hans_CN", "+1 917-584-0243"),
        ("030901820", "DE", "de_AT", "+49 30 901820"),
        ("+4930901820", "US", "de-DE", "030 901820"),
        ("46851972000", "SE", "sv", "08-519 720 00"),
        ("08-519 720 00", "SE", "sv", "08-519 720 00"),
        ("637-232-5543", "US", "en-us", "(637) 232-5543"),
        (" ask reception ", "US", "en-us", "ask reception"),
        ("555-1234", "US", "en-us", "555-1234"),
        ("", "US", "en-us", ""),
        ("+1 917 584 0243", "", "", "+1 917-584-0243"),
    ],
)
def test_a_phone_number_is_shown_as_its_reader_expects(typed, region, locale, shown):
    assert format_phone(typed, region, locale) == shown


@given(text=TEXTS, region=st.sampled_from(["US", "DE", "IT", "FR", "JP", "AU", "", "??"]))
def test_reading_and_showing_a_phone_never_fails(text, region):
    parsed = parse_phone(text, region)
    assert bool(parsed.e164) or not (parsed.valid or parsed.extension)
    format_phone(text, region, text)
