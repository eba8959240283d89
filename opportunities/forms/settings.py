"""What people type into the settings of deals."""

from django import forms

from crm.forms import AmountField, DayField
from opportunities.models import ExchangeRate, Product


class ProductForm(forms.ModelForm):
    """A product as the settings show it."""

    unit_price = AmountField(min_value=0, label="List price")

    class Meta:
        model = Product
        fields = ["name", "code", "unit_price", "currency", "description", "is_active"]
        labels = {"is_active": "Can be sold"}
        widgets = {"description": forms.Textarea(attrs={"rows": 3})}

    def _post_clean(self) -> None:
        """Leave the record alone: a form reads, the service writes."""


class RateForm(forms.Form):
    """What a currency is worth from a day on."""

    currency = ExchangeRate._meta.get_field("currency").formfield()
    rate = AmountField(
        max_digits=18, decimal_places=8, help_text="In the company's currency, for one unit."
    )
    starts_on = DayField(label="From")
