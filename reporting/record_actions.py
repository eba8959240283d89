"""What one may do with a record now, as addresses: what its own page offers, for the palette."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from accounts.models import Account, Contact
from accounts.views.details import ASKED
from conversion.models import Conversion
from crm.addresses import address_of
from crm.text import key_of
from leads.models import Lead
from leads.services import qualification
from leads.views.panels import handoff_of, lead_actions
from opportunities.models import Opportunity
from opportunities.permissions import can_reopen
from opportunities.views.asking import actions_on
from people.models import User
from people.ownership import allowed_actions
from people.reach import Action, RecordType

# The text box of the composer on a record's page; an address that ends so puts the focus there.
COMPOSER = "#log_body"


@dataclass(frozen=True)
class Command:
    """Something to do or a place to go to, and the keys that do the same."""

    label: str
    icon: str
    url: str
    keys: tuple[str, ...] = ()


def record_named(user: User, name: str) -> Any | None:
    """The record that a page calls "lead-12", if the user sees it."""
    kind, _, digits = name.partition("-")
    pk = key_of(digits)
    if kind not in KINDS or pk is None:
        return None
    rows, _ = KINDS[kind]
    return rows().visible_to(user).filter(pk=pk).first()


def record_actions(user: User, record: Any) -> list[Command]:
    """What the user may do with a record they see, the likeliest first. The pages check again."""
    _, commands = KINDS[record._meta.model_name]
    return list(commands(user, record))


def on_lead(user: User, lead: Lead) -> Iterator[Command]:
    actions = lead_actions(user, lead)
    if lead.is_converted:
        receipt = Conversion.objects.only("pk").get(lead=lead).get_absolute_url()
        yield Command("Open the receipt", "lock", receipt)
    else:
        yield from reaching(lead, lead.phone or lead.mobile)
    yield from handing_off(lead, actions)
    if Action.ASSIGN in actions:
        yield Command("Assign", "user-round", address_of("leads:assign", lead.pk))
    if Action.EDIT in actions:
        yield Command("Change status", "circle-dot", address_of("leads:status", lead.pk))
        yield Command("Next step", "calendar-clock", address_of("leads:next_step", lead.pk))
        yield logging(lead)
        yield Command("Edit", "pencil", address_of("leads:edit", lead.pk))
    if Action.DELETE in actions:
        yield Command("Delete…", "trash-2", address_of("leads:delete", lead.pk))


def handing_off(lead: Lead, actions: set[str]) -> Iterator[Command]:
    """Request and convert; while checks are missing, the way to the first of them."""
    handoff = handoff_of(lead, qualification(lead), actions)
    if handoff is None:
        return
    if handoff.missing:
        check = f"#id_{handoff.first_missing}-value" if handoff.first_missing else ""
        yield Command(
            f"{handoff.label}: {handoff.missing}", "send", lead.get_absolute_url() + check
        )
    else:
        yield Command(handoff.label, "send", handoff.url)
    if handoff.convert_url:
        yield Command("Convert", "git-merge", handoff.convert_url)


def on_account(user: User, account: Account) -> Iterator[Command]:
    actions = allowed_actions(account, user, ASKED)
    if account.phone:
        yield Command("Call", "phone", f"tel:{account.phone_key or account.phone}")
    if user.can(RecordType.CONTACT, Action.CREATE):
        url = f"{address_of('accounts:contact_create')}?account={account.pk}"
        yield Command("New contact", "user-round-plus", url)
    yield from selling(user, account)
    if Action.ASSIGN in actions:
        yield Command("Assign", "user-round", address_of("accounts:assign", account.pk))
        team = address_of("accounts:member_add", account.pk)
        yield Command("Add to the team", "users-round", team)
    yield logging(account)
    if Action.EDIT in actions:
        yield Command("Edit", "pencil", address_of("accounts:edit", account.pk))
    if Action.DELETE in actions:
        yield Command("Delete…", "trash-2", address_of("accounts:delete", account.pk))


def on_contact(user: User, contact: Contact) -> Iterator[Command]:
    actions = allowed_actions(contact, user, ASKED)
    number = contact.phone_key or contact.mobile_key or contact.phone or contact.mobile
    yield from reaching(contact, number)
    yield from selling(user, contact)
    if Action.ASSIGN in actions:
        yield Command("Assign", "user-round", address_of("accounts:contact_assign", contact.pk))
    yield logging(contact)
    if Action.EDIT in actions:
        yield Command("Edit", "pencil", address_of("accounts:contact_edit", contact.pk))
    if Action.DELETE in actions:
        yield Command("Delete…", "trash-2", address_of("accounts:contact_delete", contact.pk))


def on_opportunity(user: User, opportunity: Opportunity) -> Iterator[Command]:
    actions = actions_on(user, opportunity)
    may_edit = Action.EDIT in actions and opportunity.is_open
    if Action.ASSIGN in actions:
        assign = address_of("opportunities:assign", opportunity.pk)
        yield Command("Assign: hand over…", "user-round", assign)
    if may_edit:
        close = address_of("opportunities:close", opportunity.pk)
        yield Command("Close as won…", "trophy", f"{close}?as=won")
        yield Command("Close as lost…", "circle-x", f"{close}?as=lost")
        people = address_of("opportunities:people", opportunity.pk)
        yield Command("People", "users-round", people)
        yield Command("Edit", "pencil", address_of("opportunities:edit", opportunity.pk))
        products = address_of("opportunities:line_items", opportunity.pk)
        yield Command("Products", "package", products)
    if can_reopen(user, opportunity, actions):
        reopen = address_of("opportunities:reopen", opportunity.pk)
        yield Command("Re-open", "rotate-ccw", reopen)
    if user.can(RecordType.ACTIVITY, Action.CREATE):
        yield logging(opportunity)
    if Action.DELETE in actions:
        yield Command("Delete…", "trash-2", address_of("opportunities:delete", opportunity.pk))


def reaching(person: Lead | Contact, number: str) -> Iterator[Command]:
    """Calling and writing to somebody who did not ask not to."""
    if number and not person.do_not_call:
        yield Command("Call", "phone", f"tel:{number}")
    if person.email and not person.do_not_email:
        yield Command("Email", "mail", f"mailto:{person.email}")


def selling(user: User, record: Account | Contact) -> Iterator[Command]:
    if user.can(RecordType.OPPORTUNITY, Action.CREATE):
        url = f"{address_of('opportunities:create')}?{record._meta.model_name}={record.pk}"
        yield Command("New opportunity", "plus", url)


def logging(record: Any) -> Command:
    url = record.get_absolute_url() + COMPOSER
    return Command("Log a call, note or task", "notebook-pen", url)


# How each type of record is read whole, and what is offered on it.
KINDS: dict[str, tuple[Callable[[], Any], Callable[[User, Any], Iterator[Command]]]] = {
    "lead": (Lead.objects.for_list, on_lead),
    "account": (Account.objects.all, on_account),
    "contact": (Contact.objects.all, on_contact),
    "opportunity": (Opportunity.objects.for_list, on_opportunity),
}
