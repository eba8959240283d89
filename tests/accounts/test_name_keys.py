# Letters that look like other letters are what is tested here.
# ruff: noqa: RUF001

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from accounts.keys import (
    company_key,
    person_key,
    search_key,
    similarity,
)
from tests.accounts.texts import TEXTS


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
