# Letters that look like other letters are what is tested here.
# ruff: noqa: RUF001

import csv
import os
from pathlib import Path

import pytest
import tldextract
from hypothesis import given

from accounts.free_mail import FREE_MAIL_DOMAINS
from accounts.keys import (
    MAX_DOMAIN_LENGTH,
    MAX_EMAIL_LENGTH,
    MAX_NAME_KEY_LENGTH,
    company_key,
    domain_key,
    email_address,
    email_key,
    parse_phone,
    person_key,
    phone_key,
    search_key,
)
from tests.accounts.texts import TEXTS

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
