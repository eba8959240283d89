"""What is sold and what currencies are worth, for whoever may change the settings."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from crm.errors import require
from crm.form_errors import add_service_errors
from crm.http import Request, render_page
from opportunities.forms import ProductForm, RateForm
from opportunities.models import ExchangeRate, Product
from opportunities.services import create_product, set_rate, update_product
from people.models import Workspace
from people.reach import Action, RecordType


def require_settings(request: Request) -> None:
    """Raise PermissionDenied unless the user may change the settings."""
    require(request.user.can(RecordType.SETTINGS, Action.EDIT))


@require_GET
def product_list(request: Request) -> HttpResponse:
    """Every product, those that can be sold first."""
    require_settings(request)
    products = Product.objects.live().order_by("-is_active", "name", "pk")
    return render_page(
        request, "opportunities/settings_products.html", {"products": products}, partial="rows"
    )


@require_http_methods(["GET", "POST"])
def product_create(request: Request) -> HttpResponse:
    """A new product."""
    require_settings(request)
    initial = {"currency": Workspace.load().currency}
    form = ProductForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        try:
            product = create_product(actor=request.user, fields=form.cleaned_data)
        except ValidationError as error:
            add_service_errors(form, error)
        else:
            messages.success(request, f"{product} can be sold now.")
            return redirect("opportunities:products")
    return render_product(request, form, None)


@require_http_methods(["GET", "POST"])
def product_edit(request: Request, pk: int) -> HttpResponse:
    """One product's name, price, and whether it can be sold."""
    require_settings(request)
    product = get_object_or_404(Product.objects.live(), pk=pk)
    posted = request.POST if request.method == "POST" else None
    form = ProductForm(posted, instance=product)
    if form.is_valid():
        try:
            product = update_product(product=product, changes=form.cleaned_data, actor=request.user)
        except ValidationError as error:
            add_service_errors(form, error)
        else:
            messages.success(request, f"{product} is saved.")
            return redirect("opportunities:products")
    return render_product(request, form, product)


def render_product(request: Request, form: ProductForm, product: Product | None) -> HttpResponse:
    context = {"form": form, "product": product}
    status = 422 if form.errors else 200
    return render_page(
        request, "opportunities/settings_product.html", context, partial="form", status=status
    )


@require_http_methods(["GET", "POST"])
def rate_list(request: Request) -> HttpResponse:
    """The exchange rates, newest first; a POST adds one."""
    require_settings(request)
    form = RateForm(
        request.POST if request.method == "POST" else None,
        initial={"starts_on": timezone.localdate()},
    )
    if form.is_valid():
        try:
            rate = set_rate(actor=request.user, **form.cleaned_data)
        except ValidationError as error:
            add_service_errors(form, error)
        else:
            messages.success(request, f"{rate.currency} is {rate.rate} from {rate.starts_on}.")
            return redirect("opportunities:rates")
    context = {
        "form": form,
        "rates": ExchangeRate.objects.order_by("-starts_on", "currency")[:200],
        "currency": Workspace.load().currency,
    }
    status = 422 if form.errors else 200
    return render_page(
        request, "opportunities/settings_rates.html", context, partial="form", status=status
    )
