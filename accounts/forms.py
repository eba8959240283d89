"""What people type into the screens of accounts and contacts."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet

from accounts.models import Account, Campaign, Contact, LeadSource
from crm.forms import AmountField
from crm.model_forms import ReadingForm
from crm.text import key_of
from people.models import User

# A select offers no more than this; the search box over it finds the rest.
OFFERED = 50


def offer(field: forms.ModelChoiceField, chosen: Any, more: Iterable[Any] = ()) -> None:
    """Offer the chosen row and some more of a long list; any row of the queryset is taken."""
    pk = key_of(getattr(chosen, "pk", chosen))
    rows = list(field.queryset.filter(pk=pk)) if pk else []
    rows += [row for row in more if row not in rows]
    field.widget.choices = [("", ""), *((row.pk, str(row)) for row in rows)]


class LinesField(forms.CharField):
    """Several texts, one on each line."""

    widget = forms.Textarea

    def __init__(self, **options: Any):
        options.setdefault("widget", forms.Textarea(attrs={"rows": 2}))
        super().__init__(required=False, **options)

    def to_python(self, value: Any) -> list[str]:
        return [line.strip() for line in super().to_python(value).splitlines() if line.strip()]

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value


class RecordForm(ReadingForm):
    """What the forms of accounts and contacts share."""

    def __init__(self, *args, user: User, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["source"].queryset = LeadSource.objects.active()
        self.fields["campaign"].queryset = Campaign.objects.active()

    def offer(self, name: str, rows: QuerySet) -> None:
        """Let a field take any of `rows`, and offer the first of them."""
        field = self.fields[name]
        field.queryset = rows
        chosen = self.data.get(name) if self.is_bound else self.initial.get(name)
        offer(field, chosen, rows[:OFFERED])


class AccountForm(RecordForm):
    """Every field of an account that people fill in."""

    SECTIONS = {
        "Company": ["name", "type", "industry", "employees", "annual_revenue", "currency"],
        "How to reach them": ["website", "phone"],
        "Address": ["street", "city", "region", "postal_code", "country"],
        "Where it belongs": ["parent", "source", "campaign", "external_id"],
        "More": ["description"],
    }

    annual_revenue = AmountField(required=False, label="Annual revenue")

    class Meta:
        model = Account
        fields = (
            "name",
            "type",
            "industry",
            "employees",
            "annual_revenue",
            "currency",
            "website",
            "phone",
            "street",
            "city",
            "region",
            "postal_code",
            "country",
            "parent",
            "source",
            "campaign",
            "external_id",
            "description",
        )
        labels = {
            "parent": "Parent account",
            "external_id": "Id in another system",
            "postal_code": "Postal code",
        }
        widgets = {
            "phone": forms.TextInput(attrs={"type": "tel"}),
            "description": forms.Textarea(attrs={"rows": 4, "data-draft": ""}),
        }

    def __init__(self, *args, user: User, **kwargs):
        super().__init__(*args, user=user, **kwargs)
        self.fields["employees"].min_value = 0
        above = Account.objects.visible_to(user).order_by("name", "pk")
        if self.instance.pk:
            above = above.exclude(pk=self.instance.pk)
        self.offer("parent", above)

    def clean_currency(self) -> str:
        return self.cleaned_data["currency"].upper()


class ContactForm(RecordForm):
    """Every field of a contact that people fill in."""

    SECTIONS = {
        "Person": ["account", "salutation", "first_name", "last_name", "title", "department"],
        "How to reach them": [
            "email",
            "other_emails",
            "phone",
            "mobile",
            "other_phones",
            "do_not_email",
            "do_not_call",
        ],
        "Address": ["street", "city", "region", "postal_code", "country"],
        "Where they belong": ["reports_to", "source", "campaign", "external_id"],
        "More": ["description"],
    }

    other_emails = LinesField(label="Further emails", help_text="One on each line.")
    other_phones = LinesField(label="Further phones", help_text="One on each line.")

    class Meta:
        model = Contact
        fields = (
            "account",
            "salutation",
            "first_name",
            "last_name",
            "title",
            "department",
            "email",
            "other_emails",
            "phone",
            "mobile",
            "other_phones",
            "do_not_email",
            "do_not_call",
            "street",
            "city",
            "region",
            "postal_code",
            "country",
            "reports_to",
            "source",
            "campaign",
            "external_id",
            "description",
        )
        labels = {
            "title": "Job title",
            "reports_to": "Reports to",
            "external_id": "Id in another system",
            "postal_code": "Postal code",
            "do_not_email": "Do not email",
            "do_not_call": "Do not call",
        }
        help_texts = {"email": "", "phone": ""}
        widgets = {
            "phone": forms.TextInput(attrs={"type": "tel"}),
            "mobile": forms.TextInput(attrs={"type": "tel"}),
            "description": forms.Textarea(attrs={"rows": 4, "data-draft": ""}),
        }

    def __init__(self, *args, user: User, **kwargs):
        super().__init__(*args, user=user, **kwargs)
        if self.instance.pk:
            self.initial["other_emails"] = texts(self.instance.other_emails, "email")
            self.initial["other_phones"] = texts(self.instance.other_phones, "phone")
        self.offer("account", Account.objects.visible_to(user).order_by("name", "pk"))
        colleagues = Contact.objects.visible_to(user).order_by("last_name", "first_name", "pk")
        if self.instance.pk:
            colleagues = colleagues.exclude(pk=self.instance.pk)
        self.offer("reports_to", colleagues)


def texts(rows: Any, column: str) -> list[str]:
    return list(rows.order_by("pk").values_list(column, flat=True))


class OwnerForm(forms.Form):
    """Whose a record is to be."""

    owner = forms.ModelChoiceField(queryset=User.objects.none(), empty_label=None)

    def __init__(self, *args, user: User, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = (
            User.objects.visible_to(user).active().order_by("full_name", "pk")
        )


class MemberForm(forms.Form):
    """Whom to put on an account's team list."""

    user = forms.ModelChoiceField(queryset=User.objects.none(), empty_label=None, label="Colleague")

    def __init__(self, *args, user: User, account: Account, **kwargs):
        super().__init__(*args, **kwargs)
        on_it = account.members.values("user")
        self.fields["user"].queryset = (
            User.objects.visible_to(user)
            .active()
            .exclude(pk__in=on_it)
            .exclude(pk=account.owner_id)
            .order_by("full_name", "pk")
        )
