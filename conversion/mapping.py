"""
The field map: where each field of a lead goes, as data.

Every field of Lead stands in exactly one of FIELD_MAP, SPECIAL, KEPT_ON_LEAD or SYSTEM
(a test compares them with the model), so that nothing is dropped without being named.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

from leads.models import Lead


class Mapped(NamedTuple):
    """One field of a lead and the field of a target that takes its value."""

    lead_field: str
    target: str
    target_field: str


ADDRESS = ("street", "city", "region", "postal_code", "country")

FIELD_MAP = (
    Mapped("company", "account", "name"),
    Mapped("industry", "account", "industry"),
    Mapped("employees", "account", "employees"),
    Mapped("annual_revenue", "account", "annual_revenue"),
    Mapped("currency", "account", "currency"),
    Mapped("website", "account", "website"),
    Mapped("phone", "account", "phone"),
    *(Mapped(name, "account", name) for name in ADDRESS),
    Mapped("source", "account", "source"),
    Mapped("campaign", "account", "campaign"),
    Mapped("salutation", "contact", "salutation"),
    Mapped("first_name", "contact", "first_name"),
    Mapped("last_name", "contact", "last_name"),
    Mapped("title", "contact", "title"),
    Mapped("email", "contact", "email"),
    Mapped("phone", "contact", "phone"),
    Mapped("mobile", "contact", "mobile"),
    *(Mapped(name, "contact", name) for name in ADDRESS),
    Mapped("description", "contact", "description"),
    Mapped("do_not_call", "contact", "do_not_call"),
    Mapped("do_not_email", "contact", "do_not_email"),
    Mapped("source", "contact", "source"),
    Mapped("campaign", "contact", "campaign"),
    Mapped("source", "opportunity", "source"),
    Mapped("campaign", "opportunity", "campaign"),
    Mapped("next_step", "opportunity", "next_step"),
    Mapped("next_step_on", "opportunity", "next_step_on"),
    Mapped("partner_account", "opportunity", "partner_account"),
)

# Fields that become rows of their own.
SPECIAL = {
    "other_email": "a further address of the contact",
    "products": "line items of a new opportunity",
}

# Fields without a place on the targets: they stay readable on the converted lead.
KEPT_ON_LEAD = (
    "source_detail",
    "rating",
    "external_id",
    "imported_owner",
    "imported_values",
)

# What the system keeps about the lead itself; nothing a person filled in.
SYSTEM = (
    "id",
    "owner",
    "queue",
    "team",
    "status",
    "status_kind",
    "disqualified_reason",
    "wake_up_on",
    "playbook",
    "handoff_state",
    "score",
    "score_explanation",
    "assigned_at",
    "first_response_at",
    "last_activity_at",
    "converted_at",
    "converted_by",
    "converted_account",
    "converted_contact",
    "converted_opportunity",
    "reengaged_from",
    "email_key",
    "other_email_key",
    "phone_key",
    "mobile_key",
    "domain_key",
    "company_key",
    "person_key",
    "search_text",
    "created_at",
    "created_by",
    "updated_at",
    "updated_by",
    "deleted_at",
    "version",
)

# The fields a plan may set on a new target, beyond or instead of what the map takes.
TARGET_FIELDS = {
    "account": (
        "name",
        "type",
        "industry",
        "employees",
        "annual_revenue",
        "currency",
        "website",
        "phone",
        "description",
        *ADDRESS,
        "source",
        "campaign",
    ),
    "contact": (
        "salutation",
        "first_name",
        "last_name",
        "title",
        "department",
        "email",
        "phone",
        "mobile",
        "description",
        *ADDRESS,
        "do_not_call",
        "do_not_email",
        "source",
        "campaign",
    ),
    "opportunity": (
        "name",
        "amount",
        "currency",
        "close_date",
        "stage",
        "owner",
        "type",
        "next_step",
        "next_step_on",
        "description",
        "competitor",
        "source",
        "campaign",
        "partner_account",
    ),
}

# Opt-outs only ever become stricter; the account keeps its name.
TIGHTENING = frozenset({"do_not_call", "do_not_email"})
NEVER_TAKEN = frozenset({"name"})


def values_for(lead: Lead, target: str) -> dict[str, Any]:
    """{target field: value} for everything the lead has to give to this target."""
    values = {}
    for mapped in FIELD_MAP:
        if mapped.target == target:
            value = getattr(lead, mapped.lead_field)
            if mapped.lead_field == "company":
                value = lead.company_or_name
            if mapped.lead_field == "website":
                # The company's mail domain is its site as well, and how it is found again.
                value = value or lead.domain_key
            if not is_empty(value):
                values[mapped.target_field] = value
    return values


def kept_on_lead(lead: Lead, targets: set[str]) -> Iterator[dict[str, str]]:
    """The filled fields that no target of this conversion takes, named for people."""
    destinations = defaultdict(set)
    for mapped in FIELD_MAP:
        destinations[mapped.lead_field].add(mapped.target)
    for name in (*KEPT_ON_LEAD, *destinations):
        if not destinations[name] & targets and not is_empty(value := getattr(lead, name)):
            column: Any = lead._meta.get_field(name)
            label = column.verbose_name.capitalize()
            yield {"field": name, "label": label, "value": shown(value)}


def is_empty(value: Any) -> bool:
    """Nothing to give: no text, no number, no opt-out. Zero is a value."""
    return value is None or value is False or value == "" or value == {}


def shown(value: Any) -> str:
    """A value as a receipt prints it."""
    if isinstance(value, dict):
        return "; ".join(f"{key}: {item}" for key, item in value.items())
    return str(value)
