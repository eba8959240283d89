"""What accounts and contacts differ in, for the screens that they have alike."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.http import QueryDict
from django.urls import reverse

from accounts import services
from accounts.filters import AccountFilter, ContactFilter, RecordFilter
from accounts.forms import AccountForm, ContactForm, RecordForm
from accounts.matching import Similar, similar_accounts, similar_contacts
from accounts.models import Account, AccountType, Contact
from crm.text import key_of
from people.models import User


@dataclass(frozen=True)
class Tab:
    """A predefined view of the records a person sees."""

    key: str
    label: str
    narrow: Callable[[QuerySet, User], QuerySet]


@dataclass(frozen=True)
class Kind:
    """Accounts or contacts: their model, words, screens and services."""

    model: Any
    article: str
    noun: str
    plural: str
    icon: str
    welcome: str
    form: type[RecordForm]
    filterset: type[RecordFilter]
    tabs: tuple[Tab, ...]
    columns: dict[str, str]
    similar: Callable[..., list[Similar]]
    create: Callable[..., Any]
    update: Callable[..., Any]
    assign: Callable[..., Any]
    delete: Callable[..., Any]
    # Filters that links set, and that would be too long as a list of choices.
    by_link: tuple[str, ...]
    urls: dict[str, str] = field(default_factory=dict)

    def url(self, screen: str, *args: Any) -> str:
        """The address of one of the kind's screens."""
        return reverse(self.urls.get(screen) or f"accounts:{self.prefix}{screen}", args=args)

    @property
    def prefix(self) -> str:
        return "" if self is ACCOUNT else "contact_"

    @property
    def list_url(self) -> str:
        return self.url("list")

    @property
    def create_url(self) -> str:
        return self.url("create")

    @property
    def filter_url(self) -> str:
        return self.url("filter")

    @property
    def bulk_url(self) -> str:
        return self.url("bulk")

    @property
    def similar_url(self) -> str:
        return self.url("similar")

    def rows(self, user: User) -> QuerySet:
        """What a list shows of the records a person sees."""
        rows = self.model.objects.visible_to(user).for_list()
        if self.model is Contact:
            rows = with_account_seen(rows, user)
        return rows

    def typed(self, data: QueryDict) -> dict[str, Any]:
        """What somebody is typing into the form, as far as similar records are looked for by it."""
        fields: dict[str, Any] = {name: data.get(name, "")[:300] for name in self.compared}
        if account := key_of(data.get("account")):
            fields["account"] = account
        return fields

    @property
    def compared(self) -> tuple[str, ...]:
        if self.model is Account:
            return ("name", "website", "phone")
        return ("first_name", "last_name", "email", "phone", "mobile")


def with_account_seen(contacts: QuerySet, user: User) -> QuerySet:
    """Whether the person sees each contact's account too: else it is shown without its name."""
    accounts = Account.objects.visible_to(user).order_by()
    return contacts.annotate(
        is_account_seen=Exists(accounts.filter(pk=OuterRef("account_id")).values("pk"))
    )


ACCOUNT = Kind(
    model=Account,
    article="an",
    noun="account",
    plural="accounts",
    icon="building-2",
    welcome="An account is a company or an organization. Converting a lead makes one, too.",
    form=AccountForm,
    filterset=AccountFilter,
    tabs=(
        Tab("mine", "My accounts", lambda rows, user: rows.filter(owner=user)),
        Tab("customers", "Customers", lambda rows, user: rows.filter(type=AccountType.CUSTOMER)),
        Tab("prospects", "Prospects", lambda rows, user: rows.filter(type=AccountType.PROSPECT)),
        Tab("all", "All accounts", lambda rows, user: rows),
    ),
    columns={
        "name": "Account",
        "": "Type",
        " ": "Industry",
        "  ": "City",
        "   ": "Owner",
        "created_at": "Created",
    },
    similar=similar_accounts,
    create=services.create_account,
    update=services.update_account,
    assign=services.assign_account,
    delete=services.delete_account,
    by_link=("parent",),
)
CONTACT = Kind(
    model=Contact,
    article="a",
    noun="contact",
    plural="contacts",
    icon="users-round",
    welcome="A contact is a person at an account. Converting a lead makes one, too.",
    form=ContactForm,
    filterset=ContactFilter,
    tabs=(
        Tab("mine", "My contacts", lambda rows, user: rows.filter(owner=user)),
        Tab("all", "All contacts", lambda rows, user: rows),
    ),
    columns={
        "last_name": "Contact",
        "account_name": "Account",
        "": "Email",
        " ": "Phone",
        "  ": "Owner",
        "created_at": "Created",
    },
    similar=similar_contacts,
    create=services.create_contact,
    update=services.update_contact,
    assign=services.assign_contact,
    delete=services.delete_contact,
    by_link=("account",),
    urls={"list": "accounts:contacts", "detail": "accounts:contact"},
)
