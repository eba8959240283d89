"""What people and programs send as a lead's fields, made fit to be stored and compared."""

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from accounts.keys import (
    company_key,
    domain_key,
    email_address,
    email_key,
    person_key,
    phone_key,
)
from crm.text import clean_text
from leads.models import Lead, Playbook, PlaybookSubject
from opportunities.models import Product
from people.models import Workspace

# What anybody who may edit a lead may change. Owner, queue and status have their own services.
EDITABLE = frozenset(
    {
        "salutation",
        "first_name",
        "last_name",
        "title",
        "company",
        "email",
        "other_email",
        "phone",
        "mobile",
        "website",
        "industry",
        "employees",
        "annual_revenue",
        "currency",
        "street",
        "city",
        "region",
        "postal_code",
        "country",
        "source",
        "source_detail",
        "campaign",
        "products",
        "rating",
        "description",
        "team",
        "partner_account",
        "do_not_call",
        "do_not_email",
        "next_step",
        "next_step_on",
        "external_id",
        "imported_owner",
        "imported_values",
        "playbook",
    }
)
# What matching and search compare; a change of one of these changes the keys.
KEY_FIELDS = (
    "email_key",
    "other_email_key",
    "phone_key",
    "mobile_key",
    "domain_key",
    "company_key",
    "person_key",
)

_HOST = r"(?:[^\s/?#@:.]+\.)+[^\s/?#@:.]{2,}"
_WEBSITE = re.compile(rf"(?:https?://)?{_HOST}(?::\d+)?(?:[/?#]\S*)?", re.IGNORECASE)
_FEWEST_DIGITS = 3


def clean_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    """
    The fields as they may be stored: text normalized, e-mail addresses in lower case.

    Raises one ValidationError that names every field with a fault, and KeyError for a
    name that is no editable field.
    """
    cleaned: dict[str, Any] = {}
    errors: dict[str, ValidationError] = {}
    for name, value in fields.items():
        if name not in EDITABLE:
            raise KeyError(name)
        try:
            cleaned[name] = clean_field(name, value)
        except ValidationError as error:
            errors[name] = error
    if errors:
        raise ValidationError(errors)
    return cleaned


def salvage(fields: Mapping[str, Any]) -> dict[str, Any]:
    """
    Fields for an import: what would be refused moves to `imported_values`, as it was typed.

    A last name or source that is missing cannot be moved anywhere: those still raise, when
    the lead is created.
    """
    kept = dict(fields)
    leftovers = dict(kept.get("imported_values") or {})
    for name, value in fields.items():
        if name in ("last_name", "source", "imported_values"):
            continue
        try:
            clean_field(name, value)
        except ValidationError:
            leftovers[name] = str(kept.pop(name))
    if leftovers:
        kept["imported_values"] = leftovers
    return kept


def clean_field(name: str, value: Any) -> Any:
    """One field as it may be stored. Raises ValidationError without naming the field."""
    if name == "products":
        return clean_products(value)
    if name == "imported_values":
        return clean_imported(value or {})
    field: Any = Lead._meta.get_field(name)
    if field.is_relation:
        return clean_relation(name, field, value)
    if isinstance(value, str):
        value = clean_line(value) if isinstance(field, models.CharField) else storable(value)
    if value and (check := SHAPES.get(name)):
        value = check(value)
    if name == "last_name" and not value:
        raise ValidationError("Give the lead a last name.", code="required")
    if value is None and not field.null:
        value = field.get_default()
    value = field.clean(value, None)
    if isinstance(value, Decimal) and value < 0:
        raise ValidationError("This cannot be negative.", code="negative")
    return value


def storable(text: str) -> str:
    try:
        return clean_text(text)
    except ValueError as error:
        raise ValidationError(str(error), code="unstorable_text") from None


def clean_line(text: str) -> str:
    """Text for a field of one line: breaks and tabs, which no input shows, become spaces."""
    return re.sub(r"\s*[\n\t\v\f\x85\u2028\u2029]\s*", " ", storable(text)).strip()


def clean_email(text: str) -> str:
    if address := email_address(text):
        return address
    raise ValidationError("Give one e-mail address, such as ann@example.com.", code="invalid_email")


def clean_phone(text: str) -> str:
    """As it was typed: people write extensions and notes beside a number."""
    if sum(character.isdigit() for character in text) < _FEWEST_DIGITS:
        raise ValidationError("Give a phone number, such as +49 30 901820.", code="invalid_phone")
    return text


def clean_website(text: str) -> str:
    if _WEBSITE.fullmatch(text):
        return text
    raise ValidationError("Give a web address, such as www.example.com.", code="invalid_website")


SHAPES: dict[str, Callable[[str], str]] = {
    "email": clean_email,
    "other_email": clean_email,
    "phone": clean_phone,
    "mobile": clean_phone,
    "website": clean_website,
    "currency": str.upper,
}


def clean_imported(values: Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(values, Mapping):
        raise ValidationError("Give an object of names and values.", code="invalid")
    return {
        storable(str(name)): storable(value) if isinstance(value, str) else value
        for name, value in values.items()
    }


def clean_products(
    wishes: Iterable[Product | tuple[Product, Decimal]],
) -> list[tuple[Product, Decimal | None]]:
    """Each product once, with its quantity: None where only the product is named."""
    interests: dict[Product, Decimal | None] = {}
    for wish in wishes or ():
        product, quantity = wish if isinstance(wish, tuple) else (wish, None)
        if quantity is not None and quantity <= 0:
            raise ValidationError("A quantity is more than zero.", code="quantity")
        if product in interests:
            raise ValidationError(f"{product} is named twice.", code="duplicate")
        interests[product] = quantity
    return list(interests.items())


def clean_relation(name: str, field: models.Field, value: Any) -> Any:
    if value is None and not field.null:
        raise ValidationError("Say where the lead came from.", code="required")
    if isinstance(value, Playbook) and value.subject != PlaybookSubject.LEAD:
        raise ValidationError(f"{value} is not a playbook for leads.", code="wrong_playbook")
    return value


def set_keys(lead: Lead, workspace: Workspace) -> None:
    """Compute the columns by which leads are compared. The caller saves KEY_FIELDS."""
    free = workspace.extra_free_mail_domains
    lead.email_key = email_key(lead.email)
    lead.other_email_key = email_key(lead.other_email)
    lead.phone_key = phone_key(lead.phone, workspace.region)
    lead.mobile_key = phone_key(lead.mobile, workspace.region)
    lead.domain_key = domain_key(lead.email, free) or domain_key(lead.website, free)
    lead.company_key = company_key(lead.company)
    lead.person_key = person_key(lead.first_name, lead.last_name)
