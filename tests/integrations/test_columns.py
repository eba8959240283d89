"""What columns are taken for: by every usual name, and in the exports of other systems."""

import pytest

from integrations.columns import KNOWN_NAMES, guess_columns, header_key
from integrations.services import create_import
from integrations.targets import TARGETS, Keep
from leads.models import Lead
from tests.integrations.import_files import csv_of, run


@pytest.mark.parametrize(
    ("header", "target"),
    [
        ("Firm", "company"),
        ("organisation", "company"),
        ("ORGANIZATION", "company"),
        ("Business", "company"),
        ("Employer", "company"),
        ("Surname", "last_name"),
        ("Family name", "last_name"),
        ("Given-Name", "first_name"),
        ("Cell", "mobile"),
        ("E-mail", "email"),
        ("e_mail_2", "other_email"),
        ("Web", "website"),
        ("URL", "website"),
        ("ZIP", "postal_code"),
        ("Postcode", "postal_code"),
        ("State", "region"),
        ("Province", "region"),
        ("Country code", "country"),
        ("Country/Region", "country"),
        ("No. of Employees", "employees"),
        ("Comments", "description"),
        ("Favorite color", Keep.BESIDE),
        ("Fax", Keep.BESIDE),
    ],
)
def test_usual_names_are_known_however_they_are_spelled(header, target):
    assert guess_columns([header], []) == {header: target}


def test_every_name_stands_for_one_field():
    names = [
        header_key(name)
        for target in TARGETS.values()
        for name in {header_key(each) for each in (target.label, target.name, *target.names)}
    ]
    assert len(names) == len(set(names)) == len(KNOWN_NAMES)


# The names of columns as those systems write them; what is not named here stays beside the lead.
EXPORTS = {
    "HubSpot": {
        "Record ID": "external_id",
        "First Name": "first_name",
        "Last Name": "last_name",
        "Email": "email",
        "Phone Number": "phone",
        "Mobile Phone Number": "mobile",
        "Contact owner": "owner",
        "Lifecycle Stage": Keep.BESIDE,
        "Lead Status": "status",
        "Marketing contact status": Keep.BESIDE,
        "Job Title": "title",
        "Company Name": "company",
        "Associated Company": Keep.BESIDE,
        "Website URL": "website",
        "Street Address": "street",
        "City": "city",
        "State/Region": "region",
        "Postal Code": "postal_code",
        "Country/Region": "country",
        "Number of Employees": "employees",
        "Annual Revenue": "annual_revenue",
        "Original Traffic Source": "source",
        "Unsubscribed from all email": "do_not_email",
    },
    "Salesforce report": {
        "Lead Owner": "owner",
        "Salutation": "salutation",
        "First Name": "first_name",
        "Last Name": "last_name",
        "Title": "title",
        "Company / Account": "company",
        "Email": "email",
        "Phone": "phone",
        "Mobile": "mobile",
        "Street": "street",
        "City": "city",
        "State/Province": "region",
        "State/Province Code": Keep.BESIDE,
        "Zip/Postal Code": "postal_code",
        "Country": "country",
        "Lead Source": "source",
        "Lead Status": "status",
        "Rating": "rating",
        "Lead ID": "external_id",
        "Email Opt Out": "do_not_email",
        "Create Date": Keep.BESIDE,
    },
    "Salesforce data loader": {
        "Id": "external_id",
        "LastName": "last_name",
        "FirstName": "first_name",
        "Name": Keep.BESIDE,
        "Company": "company",
        "PostalCode": "postal_code",
        "MobilePhone": "mobile",
        "NumberOfEmployees": "employees",
        "AnnualRevenue": "annual_revenue",
        "CurrencyIsoCode": "currency",
        "LeadSource": "source",
        "HasOptedOutOfEmail": "do_not_email",
        "DoNotCall": "do_not_call",
        "IsConverted": Keep.BESIDE,
    },
    "Pipedrive": {
        "Lead - ID": "external_id",
        "Lead - Title": Keep.BESIDE,
        "Lead - Owner": "owner",
        "Lead - Source origin": "source",
        "Lead - Next activity date": "next_step_on",
        "Person - Name": "full_name",
        "Person - Email - Work": "email",
        "Person - Email - Home": "other_email",
        "Person - Phone - Work": "phone",
        "Person - Phone - Mobile": "mobile",
        "Organization - Name": "company",
        "Organization - Address": "street",
    },
    "Zoho": {
        "Record Id": "external_id",
        "Lead Owner.id": Keep.BESIDE,
        "Lead Owner": "owner",
        "Company": "company",
        "First Name": "first_name",
        "Last Name": "last_name",
        "Full Name": Keep.BESIDE,
        "Secondary Email": "other_email",
        "Email": "email",
        "Phone": "phone",
        "Mobile": "mobile",
        "Zip Code": "postal_code",
        "No. of Employees": "employees",
        "Email Opt Out": "do_not_email",
    },
    "Google Contacts": {
        "First Name": "first_name",
        "Last Name": "last_name",
        "Organization Name": "company",
        "Organization Title": "title",
        "E-mail 1 - Value": "email",
        "E-mail 2 - Value": "other_email",
        "Phone 1 - Value": "phone",
        "Phone 2 - Value": "mobile",
        "Website 1 - Value": "website",
    },
    "Outlook": {
        "First Name": "first_name",
        "Last Name": "last_name",
        "Company": "company",
        "Job Title": "title",
        "E-mail Address": "email",
        "E-mail 2 Address": "other_email",
        "Business Phone": "phone",
        "Mobile Phone": "mobile",
        "Business Street": "street",
        "Business Country/Region": "country",
        "Web Page": "website",
    },
}


@pytest.mark.parametrize("system", EXPORTS)
def test_the_exports_of_other_systems_are_recognized(system):
    expected = EXPORTS[system]
    assert guess_columns(list(expected), []) == expected


def test_of_two_columns_for_one_field_the_likelier_is_taken_wherever_it_stands():
    guesses = guess_columns(["Lifecycle stage", "Account", "Company name", "Lead status"], [])
    assert guesses["Company name"] == "company"
    assert guesses["Lead status"] == "status"
    assert guesses["Account"] == guesses["Lifecycle stage"] == Keep.BESIDE


def test_a_second_address_and_a_second_number_are_not_lost():
    guesses = guess_columns(["Work email", "Email", "Office phone", "Phone"], [])
    assert guesses == {
        "Email": "email",
        "Work email": "other_email",
        "Phone": "phone",
        "Office phone": "mobile",
    }


@pytest.mark.django_db
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_file_of_any_kind_becomes_the_same_leads(ada, encoding, delimiter):
    columns = ["Given name", "Surname", "Firm", "E-mail", "Cell", "Province", "Postcode"]
    cells = ["Zoë", "Müller", "Café, Söhne; Co", "zoe@cafe.example", "+49 171 5550100", "Köln"]
    data = csv_of([[*cells, "50667"]], columns=columns, delimiter=delimiter, encoding=encoding)
    batch = run(create_import(actor=ada, data=data, name="leads.csv"))
    assert (batch.good_count, batch.refused_count) == (1, 0)
    lead = Lead.objects.get()
    assert (lead.name, lead.company, lead.email) == ("Zoë Müller", cells[2], cells[3])
    assert (lead.region, lead.postal_code) == ("Köln", "50667")
    assert lead.mobile.replace(" ", "") == "+491715550100"
    assert lead.imported_values == {}
