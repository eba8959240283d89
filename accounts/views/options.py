"""What the search boxes for accounts and contacts offer while somebody types."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.models import Account, Contact
from accounts.search import search_accounts, search_contacts
from accounts.views.kinds import with_account_seen
from crm.http import Request

OPTIONS = 12


@require_GET
def account_options(request: Request) -> HttpResponse:
    """The accounts that match `q`, the likeliest first."""
    rows = search_accounts(Account.objects.visible_to(request.user).for_list(), asked(request))
    options = [(row.pk, row.name, row.city) for row in rows[:OPTIONS]]
    return render(request, "accounts/_options.html", {"options": options})


@require_GET
def contact_options(request: Request) -> HttpResponse:
    """The contacts that match `q`, the likeliest first; those of `account` where it is given."""
    contacts = with_account_seen(Contact.objects.visible_to(request.user).for_list(), request.user)
    account = request.GET.get("account", "")
    if account.isdecimal() and len(account) < 19:
        contacts = contacts.filter(account=int(account))
    rows = search_contacts(contacts, asked(request))
    options = [
        (row.pk, row.name, row.account.name if row.is_account_seen else "")
        for row in rows[:OPTIONS]
    ]
    return render(request, "accounts/_options.html", {"options": options})


def asked(request: Request) -> str:
    return request.GET.get("q", "").replace("\x00", "")
