"""What the search boxes for accounts and contacts offer while somebody types."""

from collections.abc import Iterable

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.models import Account, Contact
from accounts.search import search_accounts, search_contacts, search_contacts_near
from accounts.views.kinds import with_account_seen
from crm.http import Request
from crm.text import key_of

OPTIONS = 12


@require_GET
def account_options(request: Request) -> HttpResponse:
    """The accounts that match `q`, the likeliest first."""
    rows = search_accounts(Account.objects.visible_to(request.user).for_list(), asked(request))
    options = [(row.pk, row.name, row.city) for row in rows[:OPTIONS]]
    return render(request, "accounts/_options.html", {"options": options})


@require_GET
def contact_options(request: Request) -> HttpResponse:
    """
    The contacts that match `q`, the likeliest first: of `account` alone where it is given, or
    of the account that is `first` before the others.
    """
    contacts = with_account_seen(Contact.objects.visible_to(request.user).for_list(), request.user)
    rows: Iterable[Contact]
    if account := account_in(request, "account"):
        rows = search_contacts(contacts.filter(account=account), asked(request))[:OPTIONS]
    elif first := account_in(request, "first"):
        rows = search_contacts_near(contacts, asked(request), account=first, most=OPTIONS)
    else:
        rows = search_contacts(contacts, asked(request))[:OPTIONS]
    options = [(row.pk, row.name, row.account.name if row.is_account_seen else "") for row in rows]
    return render(request, "accounts/_options.html", {"options": options})


def account_in(request: Request, name: str) -> int | None:
    """The account that a parameter names, if it is a number of one at all."""
    return key_of(request.GET.get(name))


def asked(request: Request) -> str:
    return request.GET.get("q", "").replace("\x00", "")
