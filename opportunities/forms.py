"""What people type into the screens of deals."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms

from accounts.models import Account, AccountType, Campaign, Contact, LeadSource
from activities.models import Reason, ReasonKind
from crm.forms import AmountField, DayField
from crm.model_forms import ReadingForm
from opportunities.models import (
    ExchangeRate,
    ExitRequirement,
    ForecastCategory,
    LineItem,
    Opportunity,
    OpportunityRole,
    Product,
    Stage,
    StageKind,
)
from opportunities.requirements import FIELDS
from people.models import User

# A select shows no more than this; a search box over it finds the rest.
SHOWN = 50

REASON_KINDS = {StageKind.WON: ReasonKind.WON, StageKind.LOST: ReasonKind.LOST}


def show_only(field: forms.ModelChoiceField, chosen: Any, *, more: Iterable[Any] = ()) -> None:
    """Offer the chosen row and a few more of a long list; any row of the queryset is taken."""
    pk = str(getattr(chosen, "pk", chosen) or "")
    rows = list(field.queryset.filter(pk=pk)) if pk.isdecimal() else []
    rows += [row for row in more if row not in rows]
    field.widget.choices = [("", ""), *((row.pk, str(row)) for row in rows)]


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
        choices=[("", "The stage's"), *ForecastCategory.choices],
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
        show_only(
            self.fields["partner_account"],
            self.data.get("partner_account") or self.instance.partner_account_id,
            more=accounts.filter(type=AccountType.PARTNER).order_by("name", "pk")[:SHOWN],
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
        show_only(
            self.fields["account"], chosen, more=accounts.order_by("-created_at", "-pk")[:SHOWN]
        )
        self.fields["stage"].queryset = (
            Stage.objects.in_order()
            .filter(kind=StageKind.OPEN, pipeline__is_active=True)
            .select_related("pipeline")
        )
        self.fields["owner"].queryset = owners
        contact = self.data.get("primary_contact") or self.initial.get("primary_contact")
        field = self.fields["primary_contact"]
        near = (
            field.queryset.filter(account=chosen)[:SHOWN] if str(chosen or "").isdecimal() else ()
        )
        show_only(field, contact, more=near)

    @property
    def fields_of_service(self) -> dict[str, Any]:
        """What `create_opportunity` takes as `fields`: all but the account, and no blanks."""
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if name != "account" and value not in (None, "")
        }


class MoveForm(forms.Form):
    """
    What a move to a stage needs besides the stage.

    `wanted` names fields of the deal that are asked for on the way, `answers` requirements
    whose criteria are. Empty ones are refused unless they `may_be_blank`, or there is a
    reason to overrule the requirements.
    """

    asked = forms.CharField(widget=forms.HiddenInput, initial="yes", required=False)

    def __init__(
        self,
        *args,
        opportunity: Opportunity,
        stage: Stage,
        user: User,
        wanted: Sequence[str] = (),
        answers: Sequence[ExitRequirement] = (),
        may_overrule: bool = False,
        may_be_blank: bool = False,
        **kwargs,
    ):
        # A browser that insists on the fields would not send a reason to do without them.
        super().__init__(*args, use_required_attribute=not may_overrule, **kwargs)
        self.wanted = list(wanted)
        self.asked_for = [need.criterion_id for need in answers if need.criterion_id]
        if kind := REASON_KINDS.get(StageKind(stage.kind)):
            self.fields["reason"] = forms.ModelChoiceField(
                queryset=Reason.objects.for_kind(kind),
                required=stage.kind == StageKind.LOST,
                empty_label="Choose a reason",
                label="Why",
            )
        offered = OpportunityForm(instance=opportunity, user=user, account=opportunity.account)
        is_needed = not may_be_blank and not self.data.get("override_reason")
        for name in self.wanted:
            field = self.fields[name] = offered.fields[name]
            field.required = is_needed
            field.label = FIELDS.get(name) or field.label
            self.initial.setdefault(name, offered.initial.get(name))
        self.ask_for_answers(opportunity, answers, is_needed=is_needed)
        if not stage.is_open:
            self.fields["note"] = forms.CharField(
                required=False, widget=forms.Textarea(attrs={"rows": 3})
            )
        if may_overrule:
            self.fields["override_reason"] = forms.CharField(
                required=False,
                max_length=250,
                label="Or move it anyway, because",
                help_text="It is kept in the history.",
            )

    def ask_for_answers(
        self, opportunity: Opportunity, needs: Sequence[ExitRequirement], *, is_needed: bool
    ) -> None:
        """Two fields for each criterion, beginning with what is only assumed so far."""
        criteria = [need.criterion_id for need in needs]
        answers = opportunity.answers.filter(criterion__in=criteria) if criteria else ()
        known = {answer.criterion_id: answer for answer in answers}
        for need in needs:
            value, evidence = answer_fields(need.criterion_id)
            self.fields[value] = forms.CharField(
                label=need.label,
                required=is_needed,
                max_length=500,
                help_text=need.criterion.question,
            )
            self.fields[evidence] = forms.CharField(
                label=f"How we know: {need.label}",
                required=False,
                max_length=4000,
                widget=forms.Textarea(attrs={"rows": 2}),
            )
            if answer := known.get(need.criterion_id):
                self.initial.setdefault(value, answer.value)
                self.initial.setdefault(evidence, answer.evidence)

    @property
    def answers(self) -> dict[int, dict[str, str]]:
        """What is answered, by criterion."""
        read = self.cleaned_data
        fields = {pk: answer_fields(pk) for pk in self.asked_for}
        return {
            pk: {"value": read[value], "evidence": read[evidence]}
            for pk, (value, evidence) in fields.items()
            if read[value]
        }

    @property
    def arguments(self) -> dict[str, Any]:
        """What `move_stage` takes besides the deal, the stage and the actor."""
        read = self.cleaned_data
        given = {name: read[name] for name in ("reason", "note", "override_reason") if name in read}
        filled = {
            name: read[name]
            for name in self.wanted
            if read.get(name) not in (None, "") and not self.fields[name].disabled
        }
        return given | {"changes": filled, "answers": self.answers}


def answer_fields(criterion_id: int | None) -> tuple[str, str]:
    """The names of a criterion's two fields: those by which the service reports errors."""
    return f"answers.{criterion_id}.value", f"answers.{criterion_id}.evidence"


class ReopenForm(forms.Form):
    """Why a closed deal is open again."""

    reason = forms.ModelChoiceField(queryset=Reason.objects.none(), label="Why")
    note = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].queryset = Reason.objects.for_kind(ReasonKind.REOPEN)


class AssignForm(forms.Form):
    """Who has the deal from now on."""

    to = forms.ModelChoiceField(queryset=User.objects.none(), label="New owner")

    def __init__(self, *args, people: Any, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = people


class ContactRoleForm(forms.Form):
    """Somebody's part in a deal."""

    contact = forms.ModelChoiceField(queryset=Contact.objects.none())
    role = forms.ChoiceField(choices=OpportunityRole.choices)
    primary = forms.BooleanField(required=False, label="Primary contact")

    def __init__(self, *args, user: User, opportunity: Opportunity, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["contact"]
        field.queryset = Contact.objects.visible_to(user)
        near = field.queryset.filter(account=opportunity.account_id).order_by("last_name", "pk")
        show_only(field, self.data.get("contact"), more=near[:SHOWN])


class LineItemForm(forms.Form):
    """One product of a deal; a line without a product does not count."""

    product = forms.ModelChoiceField(queryset=Product.objects.none(), required=False)
    description = forms.CharField(required=False, max_length=250)
    quantity = AmountField(required=False, max_digits=12)
    unit_price = AmountField(required=False, label="Unit price", help_text="Empty: the list price.")
    discount_percent = AmountField(
        required=False, max_digits=5, min_value=0, max_value=100, label="Discount, %"
    )

    def __init__(self, *args, products: Sequence[Product], **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["product"]
        field.queryset = Product.objects.all()
        # One query for all lines: the choices are read once, by the view.
        field.widget.choices = [("", ""), *((product.pk, str(product)) for product in products)]

    @property
    def item(self) -> dict[str, Any]:
        """What `set_line_items` takes for this line."""
        return {name: value for name, value in self.cleaned_data.items() if value is not None}


LineItemFormSet = forms.formset_factory(LineItemForm, extra=3, max_num=100)


def initial_items(items: Iterable[LineItem]) -> list[dict[str, Any]]:
    """The lines of a deal as the formset shows them."""
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


def unmet_elsewhere(missing: Iterable[ExitRequirement]) -> list[ExitRequirement]:
    """What is missing that has a page of its own: people and products."""
    return [
        need
        for need in missing
        if not need.criterion_id and need.field not in OpportunityForm.base_fields
    ]
