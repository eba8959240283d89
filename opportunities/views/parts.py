"""The people and the products of a deal, and deals as parts of other pages."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import BaseFormSet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import Account, Contact
from crm.errors import require
from crm.form_errors import add_service_errors
from crm.http import Request, get_visible_or_404, render_page
from crm.undo import posted_version
from opportunities.display import people_of, sums_of
from opportunities.forms import ContactRoleForm, LineItemFormSet, initial_items
from opportunities.models import Opportunity, Product
from opportunities.services import add_contact_role, remove_contact_role, set_line_items
from opportunities.views.asking import actions_on
from people.reach import Action, RecordType

RELATED_SHOWN = 10


@require_http_methods(["GET", "POST"])
def opportunity_people(request: Request, pk: int) -> HttpResponse:
    """Who takes part in a deal; a POST adds somebody or changes their part."""
    opportunity = get_visible_or_404(
        request, Opportunity.objects.select_related("account", "stage"), pk=pk
    )
    may_edit = Action.EDIT in actions_on(request.user, opportunity)
    form = ContactRoleForm(
        request.POST if request.method == "POST" else None,
        user=request.user,
        opportunity=opportunity,
    )
    if form.is_valid():
        read = form.cleaned_data
        add_contact_role(
            opportunity=opportunity,
            contact=read["contact"],
            role=read["role"],
            primary=True if read["primary"] else None,
            actor=request.user,
        )
        messages.success(request, f"{read['contact']} takes part in {opportunity}.")
        return redirect("opportunities:people", pk=pk)
    context = {
        "opportunity": opportunity,
        "people": people_of(opportunity, request.user),
        "form": form,
        "may_edit": may_edit,
    }
    status = 422 if form.errors else 200
    return render_page(
        request, "opportunities/people.html", context, partial="people", status=status
    )


@require_POST
def opportunity_person_remove(request: Request, pk: int, role: int) -> HttpResponse:
    """Take somebody out of a deal."""
    opportunity = get_visible_or_404(request, Opportunity.objects, pk=pk)
    row = get_object_or_404(people_of(opportunity, request.user), pk=role)
    remove_contact_role(role=row, actor=request.user)
    messages.success(request, f"{row.contact} does not take part in {opportunity} any more.")
    return redirect("opportunities:people", pk=pk)


@require_http_methods(["GET", "POST"])
def opportunity_products(request: Request, pk: int) -> HttpResponse:
    """The products of a deal, as lines to edit; together they make its amount."""
    opportunity = get_visible_or_404(
        request, Opportunity.objects.select_related("account", "stage"), pk=pk
    )
    require(Action.EDIT in actions_on(request.user, opportunity))
    items = list(opportunity.line_items.select_related("product").order_by("position", "pk"))
    known = [item.product for item in items]
    products = list(Product.objects.active())
    formset = LineItemFormSet(
        request.POST if request.method == "POST" else None,
        initial=initial_items(items),
        form_kwargs={"products": products + [p for p in known if p not in products]},
    )
    if formset.is_valid():
        try:
            set_line_items(
                opportunity=opportunity,
                items=lines_of(formset),
                actor=request.user,
                version=posted_version(request) or 0,
            )
        except ValidationError as error:
            add_line_errors(formset, error)
        else:
            messages.success(request, f"The products of {opportunity} are saved.")
            return redirect(opportunity)
    context = {"opportunity": opportunity, "formset": formset}
    status = 200 if request.method == "GET" else 422
    return render_page(
        request, "opportunities/products.html", context, partial="form", status=status
    )


def filled(formset: BaseFormSet) -> list[Any]:
    """The lines that name a product."""
    return [form for form in formset.forms if form.cleaned_data.get("product")]


def lines_of(formset: BaseFormSet) -> list[dict[str, Any]]:
    """What the service takes, in the order of the lines."""
    return [form.item for form in filled(formset)]


def add_line_errors(formset: BaseFormSet, error: ValidationError) -> None:
    """Put "items.2.quantity" at the quantity of the third line; the rest above all lines."""
    lines = filled(formset)
    for name, found in error.error_dict.items():
        parts = name.split(".")
        if parts[0] == "items":
            lines[int(parts[1])].add_error(parts[2], found)
        else:
            add_service_errors(formset.forms[0], ValidationError({name: found}))


@require_GET
def opportunities_of_account(request: Request, pk: int) -> HttpResponse:
    """The deals of an account, for its page."""
    account = get_visible_or_404(request, Account.objects, pk=pk)
    deals = Opportunity.objects.visible_to(request.user).filter(account=account)
    return related(request, deals, f"account={account.pk}")


@require_GET
def opportunities_of_contact(request: Request, pk: int) -> HttpResponse:
    """The deals a contact takes part in, for their page."""
    contact = get_visible_or_404(request, Contact.objects, pk=pk)
    deals = Opportunity.objects.visible_to(request.user).filter(contact_roles__contact=contact)
    return related(request, deals, f"contact={contact.pk}")


def related(request: Request, deals: Any, query: str) -> HttpResponse:
    context = {
        "deals": deals.for_list().order_by("stage_kind", "-created_at", "-pk")[:RELATED_SHOWN],
        "sums": sums_of(deals),
        "query": query,
        "may_create": request.user.can(RecordType.OPPORTUNITY, Action.CREATE),
    }
    return render(request, "opportunities/_related.html", context)
