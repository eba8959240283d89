"""What became of converted leads: receipts, their list, and what is still possible after."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.models import Account, Contact
from conversion.crediting import conversions_to_credit, deals_to_credit
from conversion.display import TARGET_ICONS, kept_lines, moved_words, target_facts
from conversion.forms import CreditedOpportunityForm
from conversion.models import Conversion, Outcome
from conversion.queries import inbox
from conversion.services import (
    CreditRefused,
    create_credited_opportunity,
    link_for_credit,
    reengage,
)
from crm.errors import require
from crm.http import Request, get_visible_or_404, render_page
from crm.text import key_of
from leads.models import Lead
from opportunities.models import Opportunity
from people.models import User
from people.reach import Action, RecordType

MOST_RELATED = 20


@dataclass(frozen=True)
class Card:
    """One target on a receipt. Without a url the reader may not open it."""

    icon: str
    name: str
    outcome: str
    label: str
    detail: str
    url: str


@dataclass(frozen=True)
class NextStep:
    """Something worth doing after a conversion, and where; perhaps for a moment."""

    icon: str
    label: str
    url: str
    at: dt.datetime | None = None


@require_GET
def receipt(request: Request, pk: int) -> HttpResponse:
    """What a conversion made, used, filled and moved; who had a part; what to do from here."""
    conversion = visible_receipt(request, pk)
    return render_receipt(request, conversion, deal_form(request, conversion))


@require_POST
def receipt_opportunity(request: Request, pk: int) -> HttpResponse:
    """Create the opportunity that the conversion did not make, linked to it for credit."""
    conversion = visible_receipt(request, pk)
    require(request.user.can(RecordType.OPPORTUNITY, Action.CREATE))
    form = deal_form(request, conversion, request.POST)
    if form is None:
        raise CreditRefused("This conversion has an opportunity of its own.")
    if not form.is_valid():
        return render_receipt(request, conversion, form, status=422)
    opportunity = create_credited_opportunity(
        conversion=conversion, fields=form.fields_to_set(), actor=request.user
    )
    return redirect(opportunity)


@require_POST
def receipt_credit(request: Request, pk: int) -> HttpResponse:
    """Count an opportunity that is there already for the conversion."""
    conversion = visible_receipt(request, pk)
    opportunity = get_visible_or_404(
        request, Opportunity.objects.all(), pk=key_of(request.POST.get("opportunity"))
    )
    link_for_credit(conversion=conversion, opportunity=opportunity, actor=request.user)
    messages.success(request, f"Credited to the conversion of {conversion.lead.name}.")
    return redirect(opportunity)


@require_POST
def receipt_reengage(request: Request, pk: int) -> HttpResponse:
    """Start a new lead for the person of a converted one."""
    conversion = visible_receipt(request, pk)
    return redirect(reengage(conversion=conversion, actor=request.user))


@require_GET
def of_account(request: Request, pk: int) -> HttpResponse:
    """The conversions that made or used an account, for its page."""
    account = get_visible_or_404(request, Account.objects.all(), pk=pk)
    return render_related(request, Q(account=account))


@require_GET
def of_contact(request: Request, pk: int) -> HttpResponse:
    """The conversions that made or used a contact, for its page."""
    contact = get_visible_or_404(request, Contact.objects.all(), pk=pk)
    return render_related(request, Q(contact=contact))


@require_GET
def of_opportunity(request: Request, pk: int) -> HttpResponse:
    """The conversions an opportunity came from, is credited to, or may be, for its page."""
    opportunity = get_visible_or_404(request, Opportunity.objects.all(), pk=pk)
    return render_related(
        request,
        Q(opportunity=opportunity) | Q(credits__opportunity=opportunity),
        opportunity=opportunity,
        offered=conversions_to_credit(opportunity, request.user)[:MOST_RELATED],
    )


def visible_receipt(request: Request, pk: int) -> Conversion:
    rows = Conversion.objects.for_list().select_related(
        "lead", "account", "contact", "opportunity", "sourced_by", "request"
    )
    return get_visible_or_404(request, rows, pk=pk)


def deal_form(
    request: Request, conversion: Conversion, data: Any = None
) -> CreditedOpportunityForm | None:
    """The form for the opportunity that is missing, where this person may create one."""
    may_create = request.user.can(RecordType.OPPORTUNITY, Action.CREATE)
    if conversion.opportunity_id is not None or not may_create:
        return None
    initial = {"name": f"{conversion.account.name} - New business"}
    return CreditedOpportunityForm(data, initial=initial)


def render_receipt(
    request: Request,
    conversion: Conversion,
    form: CreditedOpportunityForm | None,
    *,
    status: int = 200,
) -> HttpResponse:
    user = request.user
    lead = Lead.objects.visible_to(user).filter(pk=conversion.lead_id).first()
    targets = cards(conversion, user)
    next_request = inbox(user).place_of(None).next
    context = {
        "conversion": conversion,
        "lead": lead,
        "cards": targets,
        "next_steps": next_steps(conversion, targets),
        "moved": moved_words(conversion.effects["moved"]),
        "kept": kept_lines(conversion.effects),
        "credits": credited(conversion, user),
        "form": form,
        "linkable": deals_to_credit(conversion, user)[:MOST_RELATED],
        "may_reengage": lead is not None and user.can(RecordType.LEAD, Action.CREATE),
        "may_sell": user.can(RecordType.OPPORTUNITY, Action.CREATE),
        "told": told(conversion, user),
        "next_request": next_request if next_request and next_request.approver == user else None,
    }
    return render(request, "conversion/receipt.html", context, status=status)


def cards(conversion: Conversion, user: User) -> list[Card]:
    """The targets, each with whether the reader may open it."""
    found = []
    for name, objects in (
        ("account", Account.objects),
        ("contact", Contact.objects),
        ("opportunity", Opportunity.objects),
    ):
        record = getattr(conversion, name)
        outcome = Outcome(getattr(conversion, f"{name}_outcome"))
        if record is None:
            found.append(Card("circle-slash", "No opportunity", outcome, "Not created", "", ""))
            continue
        may_open = objects.visible_to(user).filter(pk=record.pk).exists()
        found.append(
            Card(
                icon=TARGET_ICONS[name],
                name=record.name,
                outcome=outcome,
                label="Created" if outcome == Outcome.CREATED else "Used",
                detail=" · ".join(target_facts(name, conversion.effects[name]))
                or name.capitalize(),
                url=record.get_absolute_url() if may_open else "",
            )
        )
    return found


def next_steps(conversion: Conversion, cards: list[Card]) -> list[NextStep]:
    """What is worth doing now with what the reader may open."""
    contact, deal = cards[1].url, cards[2].url
    asked, steps = conversion.request, []
    meeting = asked.next_meeting_at if asked else None
    if meeting and meeting > timezone.now() and (deal or contact):
        steps.append(NextStep("calendar-days", "Prepare", deal or contact, at=meeting))
    if deal and conversion.opportunity.is_open:
        people = reverse("opportunities:people", args=[conversion.opportunity_id])
        answers = reverse("leads:opportunity_answers", args=[conversion.opportunity_id])
        steps.append(NextStep("user-round-plus", "Add others who decide", people))
        steps.append(NextStep("list-checks", "Answer what the deal asks", answers))
    elif contact:
        steps.append(NextStep("phone", f"Log a call with {conversion.contact.name}", contact))
    return steps


def credited(conversion: Conversion, user: User) -> QuerySet:
    """The later opportunities counted for this conversion that the reader may see."""
    visible = Opportunity.objects.visible_to(user)
    return (
        conversion.credits.filter(opportunity__in=visible)
        .select_related("opportunity", "linked_by")
        .order_by("linked_at")
    )


def told(conversion: Conversion, reader: User) -> list[str]:
    """Who was told of the conversion, besides the one who reads this."""
    people = {
        person.pk: person.full_name
        for person in (conversion.sourced_by, conversion.requested_by)
        if person and person.pk not in (reader.pk, conversion.converted_by_id)
    }
    return list(people.values())


def render_related(request: Request, condition: Q, **context: Any) -> HttpResponse:
    conversions = Conversion.objects.visible_to(request.user).for_list().filter(condition)
    context["conversions"] = conversions.distinct()[:MOST_RELATED]
    return render_page(request, "conversion/related.html", context, partial="conversions")
