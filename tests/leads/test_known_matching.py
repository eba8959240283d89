"""What must match, what must not, and what may be told of it."""

import pytest

from accounts.services import insert_account, insert_contact
from conversion.errors import PlanInvalid
from conversion.plans import read_plan
from leads.known import find_matches
from tests.conversion.conftest import make_lead
from tests.factories import AccountFactory, ContactFactory, UserFactory

pytestmark = pytest.mark.django_db


def account(owner, name, **fields):
    return insert_account(actor=owner, fields={"name": name, "owner": owner} | fields)


def contact(owner, first, last, at=None, **fields):
    return insert_contact(
        actor=owner,
        account=at or account(owner, f"{last} elsewhere"),
        fields={"first_name": first, "last_name": last, "owner": owner} | fields,
    )


def found(lead, actor, target):
    matches = find_matches(lead, actor)
    return getattr(matches, f"{target}s")


def strengths(lead, actor, target):
    return [match.strength for match in found(lead, actor, target)]


def bare(leo, **fields):
    """A lead of which only these fields say who it is."""
    nothing = {"email": "", "phone": "", "company": "", "first_name": "", "last_name": "Nobody"}
    return make_lead(leo, **nothing | fields)


# --- must match ---


def test_the_same_email_is_a_strong_match_of_contact_and_account(leo):
    dana = contact(leo, "D.", "W.", email="dana@halcyon.com")
    lead = bare(leo, email="Dana@Halcyon.com")
    assert strengths(lead, leo, "contact") == ["strong"]
    (match,) = found(lead, leo, "account")
    assert match.record == dana.account
    assert match.is_strong


def test_a_plus_address_is_the_same_mailbox(leo):
    contact(leo, "D.", "W.", email="dana@halcyon.com")
    assert strengths(bare(leo, email="dana+crm@halcyon.com"), leo, "contact") == ["strong"]


@pytest.mark.parametrize("field", ["email", "other_email"])
def test_each_of_two_addresses_counts_on_both_sides(leo, field):
    contact(leo, "D.", "W.", email="first@one.com", other_emails=["second@two.com"])
    for address in ("first@one.com", "second@two.com"):
        assert strengths(bare(leo, **{field: address}), leo, "contact") == ["strong"]


def test_the_same_domain_is_a_strong_match(leo):
    account(leo, "Anything", website="https://www.halcyon.com/about")
    assert strengths(bare(leo, email="new@mail.halcyon.com"), leo, "account") == ["strong"]


def test_the_same_phone_is_a_match_however_it_is_written(leo):
    account(leo, "Anything", phone="001 (212) 555-0142")
    assert strengths(bare(leo, phone="+1 212-555-0142 x99"), leo, "account") == ["strong"]


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("Halcyon Robotics, Inc.", "halcyon robotics"),
        ("Müller GmbH & Co. KG", "MULLER"),
        ("Société Générale S.A.", "Societe Generale"),
        ("The Acme Company Ltd.", "ACME COMPANY"),
    ],
)
def test_a_company_name_matches_without_legal_form_accents_and_case(leo, ours, theirs):
    account(leo, ours)
    (match,) = found(bare(leo, company=theirs), leo, "account")
    assert match.has_reason("same_name")


def test_a_similar_name_is_offered_with_how_alike_it_is(leo):
    account(leo, "Halcyon Robotics")
    (match,) = found(bare(leo, company="Halcyon Robotic"), leo, "account")
    assert match.reasons[0].label.startswith("Name 9")
    assert not match.is_strong


# --- must not match ---


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({"first_name": "Paul", "last_name": "Graham"}, {"first": "Paul", "last": "Taylor"}),
        ({"email": "ann@brown.com"}, {"first": "Jo", "last": "Ann", "email": "joann@other.com"}),
        ({"email": "ann@gmail.com"}, {"first": "Bo", "last": "Li", "email": "bo@gmail.com"}),
        ({"last_name": "Smith"}, {"first": "Ann", "last": "Smith"}),
        ({"phone": "555-1234"}, {"first": "Bo", "last": "Li", "phone": "555-1234"}),
    ],
)
def test_different_people_do_not_match(leo, ours, theirs):
    fields = dict(theirs)
    contact(leo, fields.pop("first"), fields.pop("last"), **fields)
    assert strengths(bare(leo, **ours), leo, "contact") == []


def test_the_same_name_alone_is_never_more_than_weak(leo):
    contact(leo, "Ann", "Smith")
    lead = bare(leo, first_name="Ann", last_name="Smith")
    assert strengths(lead, leo, "contact") == ["weak"]


def test_the_same_name_at_the_same_company_is_possible_never_strong(leo):
    contact(leo, "Ann", "Smith", at=account(leo, "Brown Ltd"))
    lead = bare(leo, first_name="Ann", last_name="Smith", company="Brown")
    assert strengths(lead, leo, "contact") == ["possible"]


def test_a_company_name_alone_is_never_strong(leo):
    account(leo, "Acme")
    assert strengths(bare(leo, company="ACME Inc."), leo, "account") == ["possible"]


def test_free_mail_says_nothing_about_the_company(leo):
    account(leo, "Ann's", website="https://gmail.com")
    assert strengths(bare(leo, email="ann@gmail.com"), leo, "account") == []


@pytest.mark.parametrize("company", ["Acme", "Ac", "100%", "_", "A'; DROP TABLE x", "Nova"])
def test_part_of_a_name_is_not_the_name(leo, company):
    account(leo, "Acmeville Novartis Holdings")
    assert strengths(bare(leo, company=company), leo, "account") == []


def test_nothing_matches_a_lead_that_says_nothing(leo):
    account(leo, "Acme")
    assert find_matches(bare(leo), leo).as_json() == []


def test_deleted_records_do_not_match(leo):
    from django.utils import timezone

    AccountFactory(owner=leo, domain_key="halcyon.com", deleted_at=timezone.now())
    assert strengths(bare(leo, email="x@halcyon.com"), leo, "account") == []


# --- what may be told ---


def test_a_hidden_match_is_told_without_its_data(leo, ines):
    account(ines, "Halcyon Secret", website="https://halcyon.com")
    (match,) = found(bare(leo, email="x@halcyon.com"), leo, "account")
    told = match.as_json()
    assert told["hidden"]
    assert told["detail"] == "A match exists in team South."
    assert "Secret" not in str(told)
    assert match.record is None


def test_a_match_says_whether_it_may_be_used(leo, north):
    colleague = UserFactory(role="ae", team=north)
    ContactFactory(
        account=AccountFactory(owner=colleague), owner=colleague, email_key="x@halcyon.com"
    )
    (match,) = found(bare(leo, email="x@halcyon.com"), leo, "contact")
    assert match.record is not None
    assert not match.is_editable


def test_matching_takes_two_queries_however_many_there_are(leo, django_assert_num_queries):
    lead = make_lead(leo)
    leo.reach  # noqa: B018 - read once per request, not by matching
    with django_assert_num_queries(2):
        find_matches(lead, leo)
    for number in range(20):
        contact(leo, "Dana", "Whitfield", email=f"{number}@halcyonrobotics.example")
    with django_assert_num_queries(2):
        find_matches(lead, leo)


# --- plans ---


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (None, ""),
        ([], ""),
        ({}, "/account"),
        ({"account": {"action": "guess"}}, "/account/action"),
        ({"account": {"action": "existing"}}, "/account/id"),
        ({"account": {"action": "existing", "id": True}}, "/account/id"),
        ({"account": {"action": "existing", "id": "7"}}, "/account/id"),
        ({"account": {"action": "existing", "id": 2**70}}, "/account/id"),
        ({"account": {"action": "create", "id": 7}}, "/account/id"),
        ({"account": {"action": "none"}}, "/account/action"),
        ({"account": {"action": "create", "fields": {"owner": 1}}}, "/account/fields/owner"),
        ({"account": {"action": "create", "fields": []}}, "/account/fields"),
        ({"account": {"action": "create", "fields": {"name": "a\0b"}}}, "/account/fields/name"),
        ({"contact": {"action": "create", "take_from_lead": ["phone"]}}, "/contact/take_from_lead"),
        ({"unknown": 1}, "/unknown"),
        ({"contact_role": "boss"}, "/contact_role"),
        ({"owner": 0}, "/owner"),
        ({"hand_over_tasks": "yes"}, "/hand_over_tasks"),
        ({"duplicate_override": {"reason": ""}}, "/duplicate_override/reason"),
        ({"duplicate_override": {"reason": "x" * 501}}, "/duplicate_override/reason"),
    ],
)
def test_a_plan_of_the_wrong_shape_names_the_place(body, pointer):
    with pytest.raises(PlanInvalid) as refusal:
        read_plan(body)
    assert pointer in {problem["pointer"] for problem in refusal.value.problems}


def test_a_plan_survives_being_kept():
    body = {
        "account": {"action": "existing", "id": 3, "take_from_lead": ["website"]},
        "contact": {"action": "create", "fields": {"title": "COO"}},
        "opportunity": {"action": "none"},
        "contact_role": "champion",
        "hand_over_tasks": False,
        "owner": 4,
        "duplicate_override": {"reason": "another one"},
    }
    assert read_plan(body).as_json() == body
