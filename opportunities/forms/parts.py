"""What people type about the people and the products of a deal."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms

from accounts.forms import OFFERED, offer
from accounts.models import Contact
from crm.forms import AmountField
from opportunities.models import LineItem, Opportunity, OpportunityRole, Product
from people.models import User


class ContactRoleForm(forms.Form):
    """Somebody's part in a deal."""

    contact = forms.ModelChoiceField(queryset=Contact.objects.none())
    role = forms.ChoiceField(choices=OpportunityRole.choices)
    primary = forms.BooleanField(required=False, label="Primary contact")

    def __init__(self, *args, user: User, opportunity: Opportunity, chosen: Any = None, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["contact"]
        field.queryset = Contact.objects.visible_to(user)
        near = field.queryset.filter(account=opportunity.account_id).order_by("last_name", "pk")
        offer(field, chosen or self.data.get("contact"), more=near[:OFFERED])


class LineItemForm(forms.Form):
    """One product of a deal; a line without a product does not count."""

    product = forms.ModelChoiceField(queryset=Product.objects.none(), required=False)
    description = forms.CharField(required=False, max_length=250)
    quantity = AmountField(required=False, max_digits=12)
    unit_price = AmountField(required=False, label="Unit price")
    discount_percent = AmountField(
        required=False, max_digits=5, min_value=0, max_value=100, label="Discount, %"
    )

    def __init__(self, *args, products: Sequence[Product], **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["product"]
        field.queryset = Product.objects.live()
        # One query for all lines: the choices are read once, by the view.
        field.widget.choices = [("", ""), *((product.pk, str(product)) for product in products)]

    @property
    def item(self) -> dict[str, Any]:
        """What `set_line_items` takes for this line."""
        return {name: value for name, value in self.cleaned_data.items() if value is not None}


LineItemFormSet = forms.formset_factory(LineItemForm, extra=3, max_num=100)


def initial_items(items: Iterable[LineItem]) -> list[dict[str, Any]]:
    """The lines of a deal as the formset shows them: 2 instead of 2.00."""
    # Adding 0 turns the 1E+2 that normalize() makes of 100.00 into 100.
    return [
        {
            "product": item.product_id,
            "description": item.description,
            "quantity": item.quantity.normalize() + 0,
            "unit_price": item.unit_price,
            "discount_percent": item.discount_percent.normalize() + 0,
        }
        for item in items
    ]
