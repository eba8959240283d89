"""What people type into the screens of a deal: its fields, and who has it."""

from typing import Any

from django import forms

from accounts.forms import OFFERED, offer
from accounts.models import Account, AccountType, Campaign, Contact, LeadSource
from crm.forms import AmountField, DayField
from crm.model_forms import ReadingForm
from crm.text import key_of
from opportunities.models import ForecastCategory, Opportunity, Stage, StageKind
from people.models import User


class OpportunityForm(ReadingForm):
    """The fields of a deal that people fill in."""

    SECTIONS = {
        "Deal": ["name", "amount", "currency", "close_date", "type"],
        "Forecast": ["probability", "forecast_category"],
        "Next step": ["next_step", "next_step_on"],
        "People": ["primary_contact", "partner_account", "competitor"],
        "Where it comes from": ["source", "campaign", "description"],
    }  # fmt: skip

    amount = AmountField(required=False, min_value=0)
    probability = forms.IntegerField(
        min_value=0, max_value=100, required=False, help_text="Empty: the stage's."
    )
    forecast_category = forms.ChoiceField(
        choices=[
            ("", "The stage's"),
            # What is closed is not edited.
            *(
                choice
                for choice in ForecastCategory.choices
                if choice[0] != ForecastCategory.CLOSED
            ),
        ],
        required=False,
        label="Forecast",
    )

    class Meta:
        model = Opportunity
        fields = [
            "name", "amount", "currency", "close_date", "type", "probability",
            "forecast_category", "next_step", "next_step_on", "primary_contact",
            "partner_account", "competitor", "source", "campaign", "description",
        ]  # fmt: skip
        labels = {"next_step_on": "On", "partner_account": "Partner"}
        field_classes = {"close_date": DayField, "next_step_on": DayField}
        widgets = {
            "currency": forms.TextInput(attrs={"class": "short", "maxlength": 3}),
            "description": forms.Textarea(attrs={"rows": 4, "data-draft": ""}),
        }

    def __init__(self, *args, user: User, account: Account | None, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["source"].queryset = LeadSource.objects.active()
        self.fields["campaign"].queryset = Campaign.objects.active()
        accounts = Account.objects.visible_to(user)
        self.fields["partner_account"].queryset = accounts
        offer(
            self.fields["partner_account"],
            self.data.get("partner_account") or self.instance.partner_account_id,
            more=accounts.filter(type=AccountType.PARTNER).order_by("name", "pk")[:OFFERED],
        )
        contacts = Contact.objects.visible_to(user)
        if account is not None:
            contacts = contacts.filter(account=account)
        self.fields["primary_contact"].queryset = contacts.order_by("last_name", "pk")
        if self.instance.pk:
            self.follow_the_stage()

    def follow_the_stage(self) -> None:
        """Leave empty what still follows the stage, so that saving does not pin it."""
        stage = self.instance.stage
        if not self.instance.probability_overridden:
            self.initial["probability"] = None
            self.fields["probability"].help_text = f"Empty: {stage.probability}, the stage's."
        if self.instance.forecast_category == stage.forecast_category:
            self.initial["forecast_category"] = ""
        if self.instance.line_items.exists():
            self.fields["amount"].disabled = True
            self.fields["amount"].help_text = "The products make the amount."

    def clean_currency(self) -> str:
        return self.cleaned_data["currency"].upper()

    @property
    def changes(self) -> dict[str, Any]:
        """What the service is to write."""
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if not self.fields[name].disabled
        }


class NewOpportunityForm(OpportunityForm):
    """As for a deal that exists, with its account, its first stage and its owner."""

    SECTIONS = {
        "Deal": ["account", "name", "amount", "currency", "close_date", "stage", "type"],
        "Forecast": ["probability", "forecast_category"],
        "Next step": ["next_step", "next_step_on"],
        "People": ["owner", "primary_contact", "partner_account", "competitor"],
        "Where it comes from": ["source", "campaign", "description"],
    }  # fmt: skip

    account = forms.ModelChoiceField(queryset=Account.objects.none())
    stage = forms.ModelChoiceField(queryset=Stage.objects.none(), empty_label=None)
    owner = forms.ModelChoiceField(queryset=User.objects.none(), empty_label=None)

    def __init__(self, *args, user: User, owners: Any, **kwargs):
        super().__init__(*args, user=user, **kwargs)
        self.fields["close_date"].required = False
        accounts = Account.objects.visible_to(user)
        self.fields["account"].queryset = accounts
        chosen = self.data.get("account") or self.initial.get("account")
        offer(
            self.fields["account"], chosen, more=accounts.order_by("-created_at", "-pk")[:OFFERED]
        )
        self.fields["stage"].queryset = (
            Stage.objects.in_order()
            .filter(kind=StageKind.OPEN, pipeline__is_active=True)
            .select_related("pipeline")
        )
        self.fields["owner"].queryset = owners
        contact = self.data.get("primary_contact") or self.initial.get("primary_contact")
        field = self.fields["primary_contact"]
        near = field.queryset.filter(account=chosen)[:OFFERED] if key_of(chosen) else ()
        offer(field, contact, more=near)

    @property
    def fields_of_service(self) -> dict[str, Any]:
        """What `create_opportunity` takes as `fields`: all but the account, and no blanks."""
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if name != "account" and value not in (None, "")
        }


class AssignForm(forms.Form):
    """Who has the deal from now on."""

    to = forms.ModelChoiceField(queryset=User.objects.none(), label="New owner")

    def __init__(self, *args, people: Any, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = people
