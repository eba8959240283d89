"""What a column of an imported file may become, and the names columns have elsewhere."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Keep(StrEnum):
    """What becomes of a column that is no field of a lead."""

    BESIDE = "keep"
    DECLINED = "skip"


class Kind(StrEnum):
    """How the text of a cell is read."""

    TEXT = "text"
    NUMBER = "number"
    AMOUNT = "amount"
    DAY = "day"
    YES_NO = "yes_no"
    RATING = "rating"
    CAMPAIGN = "campaign"
    FULL_NAME = "full_name"
    OWNER = "owner"
    SOURCE = "source"
    STATUS = "status"


@dataclass(frozen=True)
class Target:
    """
    A field of a lead as an import fills it, and the names columns for it often have.

    The likeliest name stands first: of two columns it is the one that is taken. `spare` takes
    a second one.
    """

    name: str
    label: str
    group: str
    kind: Kind = Kind.TEXT
    names: tuple[str, ...] = ()
    spare: str = ""


def named(text: str) -> tuple[str, ...]:
    """The names between the bars; case, accents, spaces and punctuation do not count in them."""
    return tuple(name.strip() for name in text.split("|"))


WHO, WHERE, WHAT, WORK = "The person", "Where", "What they want", "How it stands"
# The name that the file of refused rows gives to its last column.
REASON_COLUMN = "Why it was left out"

# Beside what people call their columns, the names that HubSpot, Salesforce (reports and data
# loader), Pipedrive, Zoho, Dynamics 365, Google and Outlook write into their exports.
TARGETS: dict[str, Target] = {
    target.name: target
    for target in (
        Target("salutation", "Salutation", WHO, names=named("prefix | honorific | name prefix")),
        Target(
            "first_name",
            "First name",
            WHO,
            names=named("given name | forename | first | person first name | contact first name"),
        ),
        Target(
            "last_name",
            "Last name",
            WHO,
            names=named("surname | family name | last | person last name | contact last name"),
        ),
        Target(
            "full_name",
            "First name and last name",
            WHO,
            Kind.FULL_NAME,
            named(
                "full name | name | contact name | person name | contact person | lead name"
                " | contact | person | lead contact person | lead"
            ),
        ),
        Target(
            "title",
            "Title",
            WHO,
            names=named(
                "job title | position | job | role | person title"
                " | person job title | organization title"
            ),
        ),
        Target(
            "company",
            "Company",
            WHO,
            names=named(
                "company name | organization | organisation | organization name"
                " | organisation name | firm | firm name | business | business name | employer"
                " | company account | account name | account | associated company"
                " | primary associated company | lead organization | organization 1 name"
            ),
        ),
        Target(
            "email",
            "Email",
            WHO,
            names=named(
                "e mail | email address | e mail address | work email | business email | mail"
                " | email 1 | e mail 1 | primary email | person email work | person email"
                " | e mail 1 value | contact email"
            ),
            spare="other_email",
        ),
        Target(
            "other_email",
            "Other email",
            WHO,
            names=named(
                "email 2 | e mail 2 | second email | secondary email | email address 2"
                " | e mail 2 address | private email | personal email | home email"
                " | alternate email | alternative email | person email home | person email other"
                " | e mail 2 value"
            ),
        ),
        Target(
            "phone",
            "Phone",
            WHO,
            names=named(
                "phone number | telephone | telephone number | tel | phone 1 | work phone"
                " | business phone | office phone | direct phone | direct dial"
                " | person phone work | person phone | phone 1 value | company phone"
            ),
            spare="mobile",
        ),
        Target(
            "mobile",
            "Mobile",
            WHO,
            names=named(
                "mobile phone | mobile number | mobile phone number | cell | cell phone"
                " | cellphone | cell number | person phone mobile | phone 2 | other phone"
                " | phone number 2 | phone 2 value"
            ),
        ),
        Target(
            "website",
            "Website",
            WHO,
            names=named(
                "website url | web site | web | url | homepage | home page | web page"
                " | company website | company domain name | company domain | domain"
                " | organization website | website 1 value"
            ),
        ),
        Target(
            "street",
            "Street",
            WHERE,
            names=named(
                "street address | address | address 1 | address line 1 | street 1"
                " | business street | mailing street | organization address | address 1 street"
            ),
        ),
        Target(
            "city",
            "City",
            WHERE,
            names=named("town | city town | business city | mailing city | address 1 city"),
        ),
        Target(
            "region",
            "Region",
            WHERE,
            names=named(
                "state | province | state province | state region | county | business state"
                " | mailing state | address 1 region | state code | state province code"
            ),
        ),
        Target(
            "postal_code",
            "Postal code",
            WHERE,
            names=named(
                "zip | zip code | postcode | post code | zip postal code | postal"
                " | business postal code | mailing zip | address 1 postal code"
            ),
        ),
        Target(
            "country",
            "Country",
            WHERE,
            names=named(
                "country region | country name | country code | nation | business country"
                " | business country region | mailing country | address 1 country"
            ),
        ),
        Target("industry", "Industry", WHAT, names=named("sector | company industry")),
        Target(
            "employees",
            "Employees",
            WHAT,
            Kind.NUMBER,
            named(
                "number of employees | no of employees | num employees | employee count"
                " | company size | headcount | staff"
            ),
        ),
        Target(
            "annual_revenue",
            "Annual revenue",
            WHAT,
            Kind.AMOUNT,
            named("revenue | turnover | company annual revenue | annual turnover"),
        ),
        Target("currency", "Currency", WHAT, names=named("currency code | currency iso code")),
        Target(
            "description",
            "Description",
            WHAT,
            names=named("notes | note | comments | comment | remarks | message"),
        ),
        Target("rating", "Rating", WHAT, Kind.RATING, named("lead rating | temperature")),
        Target(
            "source",
            "Source",
            WORK,
            Kind.SOURCE,
            named(
                "lead source | lead source origin | original source | original traffic source"
                " | channel | lead channel | utm source"
            ),
        ),
        Target(
            "source_detail",
            "Source detail",
            WORK,
            names=named("source details | original source drill down 1 | utm medium"),
        ),
        Target("campaign", "Campaign", WORK, Kind.CAMPAIGN, named("campaign name | utm campaign")),
        Target(
            "status",
            "Status",
            WORK,
            Kind.STATUS,
            named("lead status | lead stage | stage | deal stage | lifecycle stage"),
        ),
        Target(
            "owner",
            "Owner",
            WORK,
            Kind.OWNER,
            named(
                "lead owner | owner name | contact owner | person owner | record owner"
                " | owner full name | owner email | assigned to | sales rep"
            ),
        ),
        Target("next_step", "Next step", WORK, names=named("next action")),
        Target(
            "next_step_on",
            "Next step on",
            WORK,
            Kind.DAY,
            named(
                "next step date | follow up | follow up date | next activity date"
                " | lead next activity date"
            ),
        ),
        Target(
            "do_not_call", "Do not call", WORK, Kind.YES_NO, named("dnc | do not allow phone calls")
        ),
        Target(
            "do_not_email",
            "Do not email",
            WORK,
            Kind.YES_NO,
            named(
                "email opt out | has opted out of email | opted out of email | unsubscribed"
                " | unsubscribed from all email | do not allow emails"
            ),
        ),
        Target(
            "external_id",
            "ID in the other system",
            WORK,
            names=named(
                "external id | lead id | record id | id | contact id | person id | account id"
            ),
        ),
    )
}


def target_choices() -> list[Any]:
    """What a column may become: fields of a lead by group, after two ways to leave it as it is."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for target in TARGETS.values():
        groups.setdefault(target.group, []).append((target.name, target.label))
    return [
        (Keep.BESIDE.value, "Keep beside the lead"),
        (Keep.DECLINED.value, "Do not import"),
        *groups.items(),
    ]
