"""The pages of one account and of one contact."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.models import Account, Contact
from accounts.views.kinds import with_account_seen
from activities.timeline import timeline
from crm.http import Request, get_visible_or_404
from people.ownership import MemberKind, allowed_actions
from people.reach import Action, RecordType

# A related list shows no more than this; a link leads to the rest.
RELATED = 8
ASKED = (Action.EDIT, Action.ASSIGN, Action.DELETE)


@require_GET
def account_detail(request: Request, pk: int) -> HttpResponse:
    """Everything about one account."""
    accounts = Account.objects.select_related(
        "owner", "team", "parent", "source", "campaign", "created_by"
    )
    account = get_visible_or_404(request, accounts, pk=pk)
    visible = Account.objects.visible_to(request.user)
    # The parent and the children in one query.
    family = visible.filter(pk=account.parent_id) | visible.filter(parent=account)
    relatives = list(family.order_by("name", "pk")[: RELATED + 2])
    contacts = (
        Contact.objects.visible_to(request.user)
        .filter(account=account)
        .order_by("last_name", "first_name", "pk")
    )
    actions = allowed_actions(account, request.user, ASKED)
    context = {
        "account": account,
        "record": account,
        "parent": next((each for each in relatives if each.pk == account.parent_id), None),
        "children": [each for each in relatives if each.parent_id == account.pk],
        "contacts": list(contacts[: RELATED + 1]),
        "members": account.members.filter(kind=MemberKind.MEMBER)
        .select_related("user")
        .order_by("user__full_name", "pk"),
        "related": RELATED,
        "page": timeline(account, request.user, may=actions),
        "may_add_contact": request.user.can(RecordType.CONTACT, Action.CREATE),
        **{f"may_{action}": action in actions for action in ASKED},
    }
    return render(request, "accounts/account.html", context)


@require_GET
def contact_detail(request: Request, pk: int) -> HttpResponse:
    """Everything about one contact."""
    contacts = Contact.objects.select_related(
        "account", "owner", "team", "source", "campaign", "created_by"
    )
    contact = get_visible_or_404(
        request, with_account_seen(contacts, request.user).with_further(), pk=pk
    )
    visible = Contact.objects.visible_to(request.user)
    # Whom they report to and who reports to them, in one query.
    around = visible.filter(pk=contact.reports_to_id) | visible.filter(reports_to=contact)
    people = list(around.order_by("last_name", "first_name", "pk")[: RELATED + 2])
    actions = allowed_actions(contact, request.user, ASKED)
    context = {
        "contact": contact,
        "record": contact,
        "chief": next((each for each in people if each.pk == contact.reports_to_id), None),
        "reports": [each for each in people if each.reports_to_id == contact.pk],
        "page": timeline(contact, request.user, may=actions),
        "may_create_opportunity": request.user.can(RecordType.OPPORTUNITY, Action.CREATE),
        **{f"may_{action}": action in actions for action in ASKED},
    }
    return render(request, "accounts/contact.html", context)
