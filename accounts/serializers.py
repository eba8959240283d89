"""Shapes of accounts and contacts."""

from typing import Any, ClassVar

from rest_framework import serializers

from accounts.models import Account, Contact
from accounts.services.addresses import MAX_OTHERS
from crm.serializers import (
    CleanCharField,
    CleanEmailField,
    MoneyField,
    RelaySerializer,
    ShapeSerializer,
    VisibleRelatedField,
)
from people.models import User
from people.serializers import TeamSerializer, UserSerializer

Expandable = dict[str, type[RelaySerializer]]

PEOPLE: Expandable = {"owner": UserSerializer, "team": TeamSerializer}
ADDRESS = ("street", "city", "region", "postal_code", "country")
BOOKKEEPING = ("id", "team", "version", "created_at", "created_by", "updated_at", "updated_by")

HELP = {
    "id": "The record's number, which never changes.",
    "team": "The owner's team at the time the owner was set.",
    "version": "Counts the changes; the ETag is made of it.",
    "created_at": "When it was made.",
    "created_by": "Who made it.",
    "updated_at": "When it was last changed.",
    "updated_by": "Who last changed it.",
    "external_id": "The record's id in another system.",
    "source": "How they came to us.",
    "campaign": "The marketing effort they are counted for.",
    "description": "Free text.",
    "phone": "As people write it; without a prefix it is a number of the company's country.",
    "street": "Street and number.",
    "city": "City.",
    "region": "State, province or canton.",
    "postal_code": "Postal code.",
    "country": "Country, as people write it.",
}


def explained(**texts: str) -> dict[str, dict[str, str]]:
    """`extra_kwargs` with a help text for each field."""
    return {name: {"help_text": text} for name, text in (HELP | texts).items()}


class OwnedSerializer(RelaySerializer):
    """A record whose owner is named when it is made, and afterwards only by `assign`."""

    owner = VisibleRelatedField(
        queryset=User.objects.all(),
        required=False,
        help_text="Whose it is: yours unless you name somebody. Later only `assign` changes it.",
    )

    def validate_owner(self, owner: User) -> User:
        if self.instance is not None and owner != self.instance.owner:
            raise serializers.ValidationError("Use the action assign.", code="use_assign")
        return owner

    def to_internal_value(self, data: Any) -> Any:
        values = super().to_internal_value(data)
        # A PATCH that repeats the owner it has read changes nothing.
        if self.instance is not None:
            values.pop("owner", None)
        return values


class AccountSerializer(OwnedSerializer):
    """A company or organization."""

    annual_revenue = MoneyField(
        amount="annual_revenue",
        currency="currency",
        required=False,
        allow_null=True,
        help_text="Yearly revenue.",
    )

    class Meta:
        model = Account
        fields = (
            "id",
            "name",
            "type",
            "industry",
            "employees",
            "annual_revenue",
            "website",
            "phone",
            *ADDRESS,
            "description",
            "parent",
            "source",
            "campaign",
            "external_id",
            "owner",
            "team",
            "version",
            "created_at",
            "created_by",
            "updated_at",
            "updated_by",
        )
        read_only_fields = BOOKKEEPING
        expandable: ClassVar[Expandable] = {**PEOPLE}
        extra_kwargs = explained(
            name="The company's name, with its legal form.",
            type="What they are to us.",
            industry="Line of business.",
            employees="How many people work there.",
            website="Address of their site; its domain is used to recognize the company.",
            parent="The account it belongs to. No circles.",
        )


AccountSerializer.Meta.expandable["parent"] = AccountSerializer


class FurtherField(serializers.ListField):
    """
    Further addresses or numbers, a list of text; `column` is where a row of theirs has it.

    Shows what `with_further()` brought along, and asks the database where a service
    returned the contact without it.
    """

    def __init__(self, *, column: str, **options: Any):
        self.column = column
        super().__init__(required=False, max_length=MAX_OTHERS, **options)

    def get_attribute(self, contact: Contact) -> list[str]:
        fetched = getattr(contact, f"further_{self.column}s", None)
        if fetched is not None:
            return fetched
        rows = contact.other_emails if self.column == "email" else contact.other_phones
        return list(rows.order_by("pk").values_list(self.column, flat=True))


class ContactSerializer(OwnedSerializer):
    """A person at an account."""

    other_emails = FurtherField(
        column="email",
        child=CleanEmailField(),
        help_text="Further addresses. The list replaces the one that is there.",
    )
    other_phones = FurtherField(
        column="phone",
        child=CleanCharField(max_length=60),
        help_text="Further numbers. The list replaces the one that is there.",
    )

    class Meta:
        model = Contact
        fields = (
            "id",
            "account",
            "salutation",
            "first_name",
            "last_name",
            "title",
            "department",
            "email",
            "other_emails",
            "phone",
            "mobile",
            "other_phones",
            *ADDRESS,
            "description",
            "reports_to",
            "source",
            "campaign",
            "do_not_call",
            "do_not_email",
            "external_id",
            "owner",
            "team",
            "version",
            "created_at",
            "created_by",
            "updated_at",
            "updated_by",
        )
        read_only_fields = BOOKKEEPING
        expandable: ClassVar[Expandable] = {"account": AccountSerializer, **PEOPLE}
        extra_kwargs = explained(
            account="Where they work. A contact that came out of a conversion cannot move.",
            salutation="Such as Ms or Dr.",
            first_name="Given name.",
            last_name="Family name.",
            title="Job title.",
            department="Department.",
            email="The primary address.",
            mobile="Mobile number.",
            reports_to="Their superior, another contact.",
            do_not_call="They asked not to be called.",
            do_not_email="They asked not to get mail.",
        )


ContactSerializer.Meta.expandable["reports_to"] = ContactSerializer


class AssignSerializer(ShapeSerializer):
    """Whom to give a record to."""

    owner = VisibleRelatedField(
        queryset=User.objects.all(), help_text="Its new owner, who is told."
    )
