import pytest

from leads.matching import similar_leads, typed_lead
from leads.models import Lead
from tests.factories import LeadFactory

pytestmark = pytest.mark.django_db

ANN = {
    "first_name": "Ann",
    "last_name": "Lee",
    "company": "Halcyon Robotics GmbH",
    "email": "ann@halcyon.com",
    "phone": "+49 30 901820",
}


def told(fields, user):
    """(lead, strength, reasons) of each match."""
    return [
        (match.lead, match.strength, {str(reason) for reason in match.reasons})
        for match in similar_leads(typed_lead(fields), user)
    ]


@pytest.mark.parametrize("address", ["ann@halcyon.com", "ANN+news@Halcyon.com"])
@pytest.mark.parametrize("theirs", ["email", "other_email"])
@pytest.mark.parametrize("ours", ["email", "other_email"])
def test_the_same_mailbox_is_strong_whichever_address_it_is(rita, address, theirs, ours):
    lead = LeadFactory(owner=rita, **{"email": "", theirs: "ann@halcyon.com"})
    assert told({ours: address}, rita) == [(lead, "strong", {"same_email"})]


def test_the_same_phone_alone_is_weak_since_colleagues_share_one(rita):
    lead = LeadFactory(owner=rita, mobile="030 901820", phone="")
    Lead.objects.filter(pk=lead.pk).update(mobile_key="+4930901820")
    assert told({"phone": "+49 (30) 90 18 20"}, rita) == [(lead, "weak", {"same_phone"})]


def test_the_same_phone_and_person_are_strong(rita):
    lead = LeadFactory(
        owner=rita, first_name="Ann", last_name="Lee", company="", email="", phone=ANN["phone"]
    )
    assert told(ANN, rita) == [(lead, "strong", {"same_phone", "same_person"})]


def test_a_similar_name_at_the_same_domain_is_possible(rita):
    lead = LeadFactory(
        owner=rita, first_name="Anne", last_name="Lee", company="", email="a.lee@halcyon.com"
    )
    assert told(ANN, rita) == [(lead, "possible", {"similar_name", "same_domain"})]


def test_the_same_person_at_the_same_company_is_possible_never_strong(rita):
    lead = LeadFactory(
        owner=rita, first_name="ANN", last_name="Lée", company="HALCYON ROBOTICS", email=""
    )
    assert told(ANN, rita) == [(lead, "possible", {"same_person", "same_company"})]


@pytest.mark.parametrize(
    "other",
    [
        {"first_name": "Ann", "last_name": "Lee", "company": "", "email": ""},
        {"first_name": "Joann", "last_name": "Lee", "email": "joann@halcyon.com", "company": ""},
        {"first_name": "Paul", "last_name": "Taylor", "email": "paul@halcyon.com"},
        {"first_name": "Bo", "last_name": "Ek", "company": "Halcyon Robotics GmbH", "email": ""},
        {"first_name": "Ann", "last_name": "Lee", "company": "Halcyon", "email": "ann@gmail.com"},
        {"first_name": "Bo", "last_name": "Ek", "company": "", "email": "hann@halcyon.com"},
    ],
    ids=["name alone", "ann in joann", "colleague", "same company", "other company", "substring"],
)
def test_what_must_not_match(rita, other):
    LeadFactory(owner=rita, **other)
    typed = ANN | ({"email": "ann.other@gmail.com"} if "gmail" in other["email"] else {})
    assert told(typed, rita) == []


def test_paul_graham_is_not_paul_taylor_at_a_free_mail_domain(rita):
    LeadFactory(owner=rita, first_name="Paul", last_name="Taylor", company="", email="pt@gmail.com")
    typed = {"first_name": "Paul", "last_name": "Graham", "email": "pg@gmail.com"}
    assert told(typed, rita) == []


def test_nothing_typed_matches_nothing(rita):
    LeadFactory(owner=rita, email="", phone="", company="")
    assert told({}, rita) == []


def test_a_hidden_lead_is_told_with_its_team_and_nothing_else(rita, soren):
    LeadFactory(owner=soren, email="ann@halcyon.com")
    (match,) = similar_leads(typed_lead(ANN), rita)
    assert (match.lead, match.team, match.strength) == (None, "South", "strong")


def test_deleted_leads_are_not_told(rita):
    lead = LeadFactory(owner=rita, email="ann@halcyon.com")
    Lead.objects.filter(pk=lead.pk).update(deleted_at=lead.created_at)
    assert told(ANN, rita) == []


def test_the_surest_come_first(rita):
    weak = LeadFactory(owner=rita, phone=ANN["phone"])
    strong = LeadFactory(owner=rita, email=ANN["email"])
    weak_too = LeadFactory(owner=rita, phone=ANN["phone"])
    assert [lead for lead, *_ in told(ANN, rita)] == [strong, weak_too, weak]


def test_a_lead_is_not_like_itself(rita):
    lead = LeadFactory(owner=rita)
    twin = LeadFactory(owner=rita, email=lead.email)
    assert [match.lead for match in similar_leads(lead, rita)] == [twin]


def test_it_costs_one_query_beside_workspace_and_reach(rita, soren, django_assert_num_queries):
    for owner in (rita, soren) * 3:
        LeadFactory(owner=owner, email="ann@halcyon.com")
    with django_assert_num_queries(3):  # workspace, reach, leads
        assert len(similar_leads(typed_lead(ANN), rita)) == 5
