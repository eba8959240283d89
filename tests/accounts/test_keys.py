# Letters that look like other letters are what is tested here.
# ruff: noqa: RUF001

import csv
import os
from pathlib import Path

import pytest
import tldextract
from hypothesis import example, given
from hypothesis import strategies as st

from accounts.free_mail import FREE_MAIL_DOMAINS
from accounts.keys import (
    MAX_DOMAIN_LENGTH,
    MAX_EMAIL_LENGTH,
    MAX_NAME_KEY_LENGTH,
    ParsedPhone,
    company_key,
    domain_key,
    email_address,
    email_key,
    format_phone,
    parse_phone,
    person_key,
    phone_key,
    search_key,
    similarity,
)

# Everything a program can send, lone surrogates included.
ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=80)
ODD_TEXT = st.sampled_from(
    [
        "",
        " ",
        "\x00\x01\x1f\x7f\x85",
        "\ud800",
        "👩🏽‍🚀🚀❤️",
        "שלום עולם",
        "مرحبا بالعالم",
        "\u202eevil\u202c",
        "%_\\'\"`;--",
        "a" * 10_000,
        "é" * 10_000,
        "ab " * 4_000,
        "a b c " * 2_000,
        "ﷺ" * 255,
        "1" * 10_000,
        "+" * 10_000,
        "@" * 10_000,
        "." * 10_000,
        "a@" + "b." * 5_000 + "com",
        "ü." * 5_000,
        "((((" * 2_000,
        "gmbh " * 2_000,
    ]
)
# fmt: off
NAMES_AND_FORMS = st.lists(
    st.sampled_from([
        "The", "the", "&", "+", ".", ",", "A", "B", "ß", "ø", "İ", "ﬁ", "GmbH", "Co.", "KG", "S.",
        "p.", "à", "r.l.", "AB", "(publ)", "株式会社", "㈱", "ООО", "Ltd", "Müller", "Ö", "7", "'n",
    ]),
    max_size=12,
).flatmap(lambda words: st.sampled_from([" ", ""]).map(lambda space: space.join(words)))
# fmt: on
PHONE_LIKE = st.text("0123456789+-.()/ x#~e", max_size=25)
TEXTS = ANY_TEXT | ODD_TEXT | NAMES_AND_FORMS | PHONE_LIKE

# A key and the length of the column that holds it.
KEYS = [
    pytest.param(email_address, MAX_EMAIL_LENGTH, id="email_address"),
    pytest.param(email_key, MAX_EMAIL_LENGTH, id="email_key"),
    pytest.param(domain_key, MAX_DOMAIN_LENGTH, id="domain_key"),
    pytest.param(company_key, MAX_NAME_KEY_LENGTH, id="company_key"),
    pytest.param(search_key, MAX_NAME_KEY_LENGTH, id="search_key"),
    pytest.param(lambda text: person_key(text, ""), MAX_NAME_KEY_LENGTH, id="person_key"),
    pytest.param(lambda text: phone_key(text, "US"), 40, id="phone_key-US"),
    pytest.param(lambda text: phone_key(text, "DE"), 40, id="phone_key-DE"),
    pytest.param(lambda text: phone_key(text, "IT"), 40, id="phone_key-IT"),
    pytest.param(lambda text: phone_key(text, ""), 40, id="phone_key-nowhere"),
]


@pytest.mark.parametrize(("key", "longest"), KEYS)
@given(text=TEXTS)
def test_any_text_gives_a_short_key_that_is_its_own_key(key, longest, text):
    result = key(text)
    assert key(result) == result
    assert len(result) <= longest
    assert result == result.strip()


def test_a_long_name_is_cut_between_words():
    assert company_key("robotics & " * 40) == ("robotics and " * 15).strip()
    assert company_key("x" * 300) == "x" * MAX_NAME_KEY_LENGTH


# --- E-mail


@pytest.mark.parametrize(
    ("typed", "stored", "key"),
    [
        ("ann@example.com", "ann@example.com", "ann@example.com"),
        ("  Ann@Example.COM\n", "ann@example.com", "ann@example.com"),
        ("ann+crm@example.com", "ann+crm@example.com", "ann@example.com"),
        ("ann+a+b@example.com", "ann+a+b@example.com", "ann@example.com"),
        ("a.nn@gmail.com", "a.nn@gmail.com", "a.nn@gmail.com"),
        ("+tag@example.com", "+tag@example.com", "+tag@example.com"),
        ("ann.+tag@example.com", "ann.+tag@example.com", "ann@example.com"),
        ('"a+b"@example.com', '"a+b"@example.com', '"a+b"@example.com'),
        ("ann@münchen.de", "ann@xn--mnchen-3ya.de", "ann@xn--mnchen-3ya.de"),
        ("ann@MÜNCHEN.de", "ann@xn--mnchen-3ya.de", "ann@xn--mnchen-3ya.de"),
        ("o'neill@example.ie", "o'neill@example.ie", "o'neill@example.ie"),
    ],
)
def test_an_address_has_a_stored_form_and_a_mailbox(typed, stored, key):
    assert email_address(typed) == stored
    assert email_key(typed) == key


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ann",
        "ann@",
        "@example.com",
        "ann@example",
        "ann@@example.com",
        "ann @example.com",
        "ann@exam ple.com",
        "ann@example.com, joe@example.com",
        "Ann <ann@example.com>",
        "n/a",
        "jürgen@example.com",
        "ſam@example.com",
        "ann@-example.com",
        "ann@example.com\x00",
        "\ud800@example.com",
        "a" * 250 + "@example.com",
    ],
)
def test_what_is_no_address_has_no_key(text):
    assert email_address(text) == ""
    assert email_key(text) == ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ann@example.com", "joann@example.com"),
        ("ann@example.com", "ann@example.co"),
        ("ann@example.com", "ann@sub.example.com"),
        ("ann.lee@gmail.com", "annlee@gmail.com"),
        ("ann-crm@example.com", "ann@example.com"),
    ],
)
def test_different_mailboxes_have_different_keys(one, other):
    assert email_key(one) != email_key(other)


# --- Domain


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("ann@halcyon.com", "halcyon.com"),
        ("Ann@Mail.HALCYON.com", "halcyon.com"),
        ("ann@sales.halcyon.co.uk", "halcyon.co.uk"),
        ("halcyon.com", "halcyon.com"),
        ("www.halcyon.com/about?x=1#y", "halcyon.com"),
        ("https://www.halcyon.com/", "halcyon.com"),
        ("HTTP://user:secret@shop.halcyon.com.au:8080/a@b", "halcyon.com.au"),
        ("//halcyon.de", "halcyon.de"),
        (" halcyon.com. ", "halcyon.com"),
        ("https://münchen.de", "xn--mnchen-3ya.de"),
        ("ann@xn--mnchen-3ya.de", "xn--mnchen-3ya.de"),
        ("straße.de", "xn--strae-oqa.de"),
        ("one.myshopify.com", "one.myshopify.com"),
        ("halcyon.github.io", "halcyon.github.io"),
        ("ann@comcast.com", "comcast.com"),
    ],
)
def test_a_domain_is_the_part_somebody_registered(text, domain):
    assert domain_key(text) == domain


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ann@gmail.com",
        "ann@googlemail.com",
        "ann@mail.yahoo.co.uk",
        "https://www.outlook.com/",
        "ann@GMX.de",
        "ann@web.de",
        "ann@t-online.de",
        "ann@icloud.com",
        "ann@mailinator.com",
        "ann@vip.163.com",
        "localhost",
        "http://localhost:8000/",
        "ann@localhost",
        "127.0.0.1",
        "http://192.168.1.1/admin",
        "http://[::1]/",
        "http://[broken",
        "co.uk",
        "com",
        "github.io",
        "crm.internal",
        "halcyon",
        "halcyon robotics.com",
        "n/a",
        "http://",
        "mailto:",
        "halcyon.com, halcyon.de",
    ],
)
def test_what_names_no_organization_has_no_domain(text):
    assert domain_key(text) == ""


def test_a_workspace_can_name_more_free_mail_domains():
    extra = {"students.example.edu", "provider.example.net"}
    assert domain_key("ann@halcyon.com", extra) == "halcyon.com"
    assert domain_key("ann@students.example.edu", extra) == ""
    assert domain_key("ann@example.edu", extra) == "example.edu"
    assert domain_key("ann@example.edu", ["example.edu"]) == ""


def test_every_free_mail_domain_is_lower_case_and_below_a_public_suffix():
    split = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
    assert len(FREE_MAIL_DOMAINS) > 400
    for domain in FREE_MAIL_DOMAINS:
        assert domain == domain.lower()
        assert split(domain).top_domain_under_public_suffix, domain
        assert domain_key(f"ann@{domain}") == ""


def test_domains_need_neither_network_nor_cache(monkeypatch, tmp_path):
    def refuse(*args, **kwargs):
        raise AssertionError("a key opened a connection")

    monkeypatch.setattr("socket.socket.connect", refuse)
    monkeypatch.setenv("TLDEXTRACT_CACHE", str(tmp_path))
    assert domain_key("ann@new.halcyon-offline.co.jp") == "halcyon-offline.co.jp"
    assert list(tmp_path.iterdir()) == []


# --- Phone


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


# --- Company


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Halcyon Robotics", "halcyon robotics"),
        ("HALCYON  ROBOTICS", "halcyon robotics"),
        ("Halcyon-Robotics, Inc.", "halcyon robotics"),
        ("Halcyon Robotics Incorporated", "halcyon robotics"),
        ("The Halcyon Robotics Company", "halcyon robotics"),
        ("Halcyon Robotics LLC", "halcyon robotics"),
        ("Halcyon Robotics L.L.C.", "halcyon robotics"),
        ("Halcyon Robotics Co., Ltd.", "halcyon robotics"),
        ("Halcyon Robotics Pty Ltd", "halcyon robotics"),
        ("Halcyon Robotics Pty. Ltd.", "halcyon robotics"),
        ("Halcyon Robotics Pvt. Ltd.", "halcyon robotics"),
        ("Halcyon Robotics Private Limited", "halcyon robotics"),
        ("Halcyon Robotics plc", "halcyon robotics"),
        ("Halcyon Robotics GmbH", "halcyon robotics"),
        ("Halcyon Robotics GmbH & Co. KG", "halcyon robotics"),
        ("Halcyon Robotics GmbH & Co. KGaA", "halcyon robotics"),
        ("Halcyon Robotics UG (haftungsbeschränkt)", "halcyon robotics"),
        ("Halcyon Robotics e.K.", "halcyon robotics"),
        ("Halcyon Robotics AG", "halcyon robotics"),
        ("Halcyon Robotics SE", "halcyon robotics"),
        ("Halcyon Robotics S.à r.l.", "halcyon robotics"),
        ("Halcyon Robotics SARL", "halcyon robotics"),
        ("Halcyon Robotics S.A.", "halcyon robotics"),
        ("Halcyon Robotics S. A.", "halcyon robotics"),
        ("Halcyon Robotics SAS", "halcyon robotics"),
        ("Halcyon Robotics S.p.A.", "halcyon robotics"),
        ("Halcyon Robotics SpA", "halcyon robotics"),
        ("Halcyon Robotics S.r.l.", "halcyon robotics"),
        ("Halcyon Robotics Sp. z o.o.", "halcyon robotics"),
        ("Halcyon Robotics Sp. z o. o.", "halcyon robotics"),
        ("Halcyon Robotics s.r.o.", "halcyon robotics"),
        ("Halcyon Robotics, spol. s r.o.", "halcyon robotics"),
        ("Halcyon Robotics a.s.", "halcyon robotics"),
        ("Halcyon Robotics d.o.o.", "halcyon robotics"),
        ("Halcyon Robotics Kft.", "halcyon robotics"),
        ("Halcyon Robotics A/S", "halcyon robotics"),
        ("Halcyon Robotics ApS", "halcyon robotics"),
        ("Halcyon Robotics AS", "halcyon robotics"),
        ("Halcyon Robotics ASA", "halcyon robotics"),
        ("Halcyon Robotics AB", "halcyon robotics"),
        ("Halcyon Robotics AB (publ)", "halcyon robotics"),
        ("Halcyon Robotics Oy", "halcyon robotics"),
        ("Halcyon Robotics Oyj", "halcyon robotics"),
        ("Halcyon Robotics B.V.", "halcyon robotics"),
        ("Halcyon Robotics N.V.", "halcyon robotics"),
        ("Halcyon Robotics BVBA", "halcyon robotics"),
        ("Halcyon Robotics S.L.", "halcyon robotics"),
        ("Halcyon Robotics Ltda.", "halcyon robotics"),
        ("Halcyon Robotics S.A. de C.V.", "halcyon robotics"),
        ("Halcyon Robotics S. de R.L. de C.V.", "halcyon robotics"),
        ("Halcyon Robotics K.K.", "halcyon robotics"),
        ("Halcyon Robotics Sdn. Bhd.", "halcyon robotics"),
        ("Halcyon Robotics Pte. Ltd.", "halcyon robotics"),
        ("Halcyon Robotics LLP", "halcyon robotics"),
        ("Halcyon Robotics & Co.", "halcyon robotics"),
        ("Halcyon Robotics Corp", "halcyon robotics"),
        ("Ｈａｌｃｙｏｎ Robotics", "halcyon robotics"),
        ("Halcyon\u00adRobotics", "halcyonrobotics"),
        ("Halcyon\u200b Robotics", "halcyon robotics"),
        ("🚀 Halcyon Robotics ❤️", "halcyon robotics"),
        ("株式会社トヨタ", "トヨタ"),
        ("トヨタ株式会社", "トヨタ"),
        ("㈱トヨタ", "トヨタ"),
        ("삼성전자 주식회사", "삼성전자"),
        ("华为技术有限公司", "华为技术"),
        ("ООО «Ромашка»", "ромашка"),
        ("Ромашка ООО", "ромашка"),
        ("Müller & Söhne GmbH & Co. KG", "muller and sohne"),
        ("Müller + Söhne", "muller and sohne"),
        ("Mu\u0308ller and So\u0308hne", "muller and sohne"),
        ("Straßenbau Groß", "strassenbau gross"),
        ("STRASSENBAU GROSS", "strassenbau gross"),
        ("Ørsted A/S", "orsted"),
        ("Łódź Æther Œuvre Đakovo Þór", "lodz aether oeuvre dakovo thor"),
        ("İstanbul Işık A.Ş.", "istanbul isik"),
        ("McDonald's", "mcdonalds"),
        ("McDonald’s", "mcdonalds"),
        ("McDonald´s", "mcdonalds"),
        ("J.P. Morgan", "jp morgan"),
        ("J. P. Morgan", "jp morgan"),
        ("I.B.M.", "ibm"),
        ("U.S. Steel Corp.", "us steel"),
        ("AT&T Inc.", "at and t"),
        ("1&1", "1 and 1"),
        ("3M", "3m"),
        ("7-Eleven", "7 eleven"),
        ("Booking.com B.V.", "booking com"),
        ("Smith, Jones and Sons", "smith jones and sons"),
        ("AB", "ab"),
        ("GmbH", "gmbh"),
        ("Oy AB", "oy"),
        ("The Limited", "limited"),
        ("The The", "the"),
        ("The", "the"),
        ("Co", "co"),
        ("", ""),
        ("🚀", ""),
        ("❤️", ""),
        ("— . —", ""),
    ],
)
def test_a_company_key_is_the_name_without_form_case_and_accents(name, key):
    assert company_key(name) == key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Smith Group", "Smith"),
        ("Smith Holding", "Smith"),
        ("Smith and Sons", "Smith"),
        ("Smith International Inc", "Smith Inc"),
        ("Halcyon Robotics", "Halcyon Labs"),
        ("Vodafone UK", "Vodafone NL"),
        ("Acme Private Coop", "Acme"),
        ("SE Labs", "Labs"),
        ("AS Roma", "Roma"),
        ("Sia Partners", "Partners"),
        ("PA Consulting", "Consulting"),
        ("Inc Magazine", "Magazine"),
        ("A1", "A2"),
        ("カタ", "ガタ"),
        ("राम", "रीम"),
    ],
)
def test_different_companies_keep_different_keys(one, other):
    assert company_key(one) != company_key(other)


@given(TEXTS)
def test_removing_legal_forms_never_removes_the_whole_name(text):
    assert bool(company_key(text)) == bool(search_key(text))


@given(st.text("abcdefgz ßøÄé.&-'", min_size=1))
def test_case_and_legal_form_never_matter_for_a_company(name):
    assert company_key(name.upper()) == company_key(name) == company_key(name.lower())
    if search_key(name):
        assert company_key(f"{name} GmbH & Co. KG") == company_key(f"{name}, Inc.")


@given(st.text(st.characters(categories=["Lu", "Ll", "Lo", "Nd"]), min_size=1))
def test_a_company_of_letters_is_never_empty(name):
    assert company_key(name)


# --- Person


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Anne-Marie", "Dupont"), ("Anne Marie", "DUPONT")),
        (("José", "García"), ("Jose", "Garcia")),
        (("Søren", "Ødegård"), ("Soren", "Odegard")),
        (("Siobhán", "O’Neill"), ("siobhan", "ONeill")),
        (("J. R.", "Smith"), ("JR", "Smith")),
        (("", "Müller"), ("", "MULLER")),
        (("Mary Ann", "Lee"), ("Mary", "Ann Lee")),
        (("Łukasz", "Wójcik"), ("Lukasz", "Wojcik")),
    ],
)
def test_one_name_in_two_spellings_has_one_key(one, other):
    assert person_key(*one) == person_key(*other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Paul", "Graham"), ("Paul", "Taylor")),
        (("Paul", "Graham"), ("Graham", "Paul")),
        (("Ann", "Lee"), ("Joann", "Lee")),
        (("Ann", "Lee"), ("", "Lee")),
    ],
)
def test_different_names_have_different_keys(one, other):
    assert person_key(*one) != person_key(*other)


# --- Similarity


@pytest.mark.parametrize(
    ("one", "other", "lowest", "highest"),
    [
        ("Halcyon Robotics", "Halcyon Robotics GmbH", 100, 100),
        ("Halcyon Robotics", "Robotics Halcyon", 100, 100),
        ("Halcyon Robotics", "Halcyon Robotix", 90, 99),
        ("Mueller", "Müller", 90, 99),
        ("Mueller Maschinenbau", "Müller Maschinenbau GmbH", 95, 99),
        ("Halcyon Robotics", "Halcyon Labs", 0, 79),
        ("Smith Group", "Smith", 0, 79),
        ("Paul Graham", "Paul Taylor", 0, 60),
        ("Halcyon", "", 0, 0),
        ("", "", 0, 0),
    ],
)
def test_similarity_tells_a_typo_from_another_company(one, other, lowest, highest):
    assert lowest <= similarity(company_key(one), company_key(other)) <= highest


@given(TEXTS, TEXTS)
@example("a" * 10_000, "b" * 10_000)
def test_similarity_is_a_symmetric_percentage(one, other):
    assert 0 <= similarity(one, other) == similarity(other, one) <= 100


@given(st.text("abc ", min_size=2, max_size=300))
def test_only_the_same_words_are_fully_alike(text):
    words = text.split()
    changed = [*words, "d"]
    assert similarity(" ".join(words), " ".join(changed)) < 100
    if words:
        assert similarity(" ".join(words), " ".join(reversed(words))) == 100


# --- Real leads


@pytest.fixture(scope="module")
def sample_leads():
    path = os.environ.get("RELAY_SAMPLE_LEADS", "")
    if not Path(path).is_file():
        pytest.skip("RELAY_SAMPLE_LEADS names no file of leads")
    with Path(path).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_every_phone_of_the_sample_has_a_key_and_no_two_share_one(sample_leads):
    phones = [lead[column] for lead in sample_leads for column in ("Phone 1", "Phone 2")]
    keys = {phone_key(phone, "US") for phone in phones}
    assert all(parse_phone(phone, "US").e164 for phone in phones)
    assert len(keys) == len(phones)


def test_every_address_and_company_of_the_sample_has_a_key(sample_leads):
    for lead in sample_leads:
        assert email_key(lead["Email 1"]) == lead["Email 1"].lower()
        assert email_key(lead["Email 2"]) == lead["Email 2"].lower()
        host = lead["Website"].split("/")[2].removeprefix("www.")
        assert domain_key(lead["Website"]) == ("" if host in FREE_MAIL_DOMAINS else host)
        assert company_key(lead["Company"])
        assert person_key(lead["First Name"], lead["Last Name"])
