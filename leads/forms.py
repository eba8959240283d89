"""What people type into the lead screens."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone

from accounts.forms import offer
from accounts.models import Account, Campaign, LeadSource
from activities.models import Activity, CallOutcome, Reason, ReasonKind
from crm.forms import AmountField, DayField
from crm.model_forms import ReadingForm
from crm.templatetags.relay import day
from leads.models import AnswerState, Lead, LeadStatus, ProductInterest, Queue, StatusKind
from leads.services import ChecklistItem
from opportunities.models import Product
from people.models import User

# Accounts offered without a search, for a browser without scripts.
FEW = 20


class LeadForm(ReadingForm):
    """Every field of a lead that people fill in."""

    SECTIONS = {
        "Person": ["salutation", "first_name", "last_name", "title"],
        "How to reach them": [
            "email", "other_email", "phone", "mobile", "do_not_email", "do_not_call",
        ],
        "Company": [
            "company", "website", "industry", "employees", "annual_revenue", "currency",
            "street", "city", "region", "postal_code", "country",
        ],
        "Interest": [
            "source", "source_detail", "campaign", "partner_account", "products", "rating",
            "description",
        ],
        "Next step": ["next_step", "next_step_on"],
    }  # fmt: skip

    annual_revenue = AmountField(required=False, label="Annual revenue")
    products = forms.ModelMultipleChoiceField(
        queryset=Product.objects.none(),
        required=False,
        label="Interested in",
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Lead
        fields = [
            "salutation", "first_name", "last_name", "title",
            "email", "other_email", "phone", "mobile", "do_not_email", "do_not_call",
            "company", "website", "industry", "employees", "annual_revenue", "currency",
            "street", "city", "region", "postal_code", "country",
            "source", "source_detail", "campaign", "partner_account", "products", "rating",
            "description", "next_step", "next_step_on",
        ]  # fmt: skip
        labels = {
            "other_email": "Second email",
            "title": "Job title",
            "source_detail": "Source detail",
            "do_not_email": "Do not email",
            "do_not_call": "Do not call",
            "next_step_on": "On",
            "partner_account": "Partner",
        }
        field_classes = {"next_step_on": DayField}
        widgets = {
            "description": forms.Textarea(attrs={"rows": 4, "data-draft": ""}),
            "phone": forms.TextInput(attrs={"type": "tel"}),
            "mobile": forms.TextInput(attrs={"type": "tel"}),
        }

    def __init__(self, *args, user: User, **kwargs):
        super().__init__(*args, **kwargs)
        lead = self.instance
        # What is no longer in use stays with a lead that has it.
        sources, campaigns = LeadSource.objects, Campaign.objects
        self.fields["source"].queryset = sources.active() | sources.filter(pk=lead.source_id)
        self.fields["campaign"].queryset = campaigns.active() | campaigns.filter(
            pk=lead.campaign_id
        )
        wanted = ProductInterest.objects.filter(lead_id=lead.pk).values("product")
        products = Product.objects.live().filter(Q(is_active=True) | Q(pk__in=wanted))
        self.fields["products"].queryset = products.order_by("name", "pk")
        self.offer_partners(user)

    def offer_partners(self, user: User) -> None:
        """Let people choose an account they see; one they do not see stays as it is."""
        accounts = Account.objects.visible_to(user)
        partner = self.instance.partner_account_id
        if partner and not accounts.filter(pk=partner).exists():
            del self.fields["partner_account"]
            return
        field = self.fields["partner_account"]
        field.queryset = accounts
        chosen = self.data.get("partner_account") if self.is_bound else partner
        offer(field, chosen, accounts.order_by("name", "pk")[:FEW])

    @property
    def changes(self) -> dict[str, Any]:
        """What the service is to write: every field of the form, as read."""
        read = {name: self.cleaned_data[name] for name in self.fields}
        return read | {"products": list(read["products"])}


class BelongsToForm(forms.Form):
    """Whose a lead is: a person's, or a queue's."""

    owner = forms.ModelChoiceField(
        queryset=User.objects.none(), required=False, empty_label="Nobody yet"
    )
    queue = forms.ModelChoiceField(
        queryset=Queue.objects.none(),
        required=False,
        empty_label="No queue",
        help_text="Whoever of its members is free takes the lead.",
    )

    def __init__(self, *args, user: User, **kwargs):
        super().__init__(*args, **kwargs)
        people = User.objects.visible_to(user).active().order_by("full_name", "pk")
        self.fields["owner"].queryset = people
        queues = Queue.objects.visible_to(user).filter(is_active=True).order_by("name", "pk")
        self.fields["queue"].queryset = queues

    def clean(self):
        owner, queue = self.cleaned_data.get("owner"), self.cleaned_data.get("queue")
        if owner and queue:
            self.add_error("queue", "Choose a person or a queue, not both.")
        elif not owner and not queue and not self.errors:
            self.add_error("owner", "Choose a person or a queue.")


class StatusRadios(forms.RadioSelect):
    """Statuses to choose from, each naming its kind, by which the form shows what it asks for."""

    def create_option(self, name, value, *args, **kwargs):
        option = super().create_option(name, value, *args, **kwargs)
        option["attrs"]["data-kind"] = value.instance.kind
        return option


class StatusForm(forms.Form):
    """A new status, with what its kind asks for."""

    status = forms.ModelChoiceField(
        queryset=LeadStatus.objects.none(), empty_label=None, widget=StatusRadios
    )
    reason = forms.ModelChoiceField(
        queryset=Reason.objects.none(),
        required=False,
        label="Why it is disqualified",
        empty_label="Choose a reason",
    )
    wake_up_on = DayField(required=False, label="Comes back on")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["status"].queryset = LeadStatus.objects.choosable()
        self.fields["reason"].queryset = Reason.objects.for_kind(ReasonKind.DISQUALIFY)

    def clean(self):
        status = self.cleaned_data.get("status")
        if not status:
            return
        if status.kind == StatusKind.DISQUALIFIED and not self.cleaned_data.get("reason"):
            self.add_error("reason", "Say why the lead is disqualified.")
        if status.kind == StatusKind.NURTURING and not self.cleaned_data.get("wake_up_on"):
            self.add_error("wake_up_on", "Say on which day the lead comes back.")


class NextStepForm(forms.Form):
    """What happens next with a lead, and when."""

    next_step = forms.CharField(max_length=250, label="Next step")
    next_step_on = DayField(required=False, label="On")


class AnswerForm(forms.Form):
    """What is known of one criterion. What it does not ask for stays as it is."""

    state = forms.ChoiceField(choices=AnswerState, widget=forms.RadioSelect, required=False)
    value = forms.CharField(max_length=500, required=False, label="Answer")

    def clean_state(self) -> str:
        return self.cleaned_data["state"] or AnswerState.UNKNOWN

    def clean(self):
        self.cleaned_data |= {k: v for k, v in self.initial.items() if k not in self.fields}
        # Somebody who only types an answer has learned something; confirming it is a choice.
        written = self.cleaned_data.get("value") or self.cleaned_data.get("evidence")
        if written and self.cleaned_data.get("state") == AnswerState.UNKNOWN:
            self.cleaned_data["state"] = AnswerState.ASSUMED


class ProvenAnswerForm(AnswerForm):
    """The same, and how we know. `said` are the activities that it may have been said in."""

    evidence = forms.CharField(
        required=False,
        label="How we know",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    evidence_activity = forms.ChoiceField(required=False, label="Said in")

    def __init__(self, *args, said: Iterable[Activity], **kwargs):
        super().__init__(*args, **kwargs)
        self.offered = {str(activity.pk): activity for activity in said}
        self.fields["evidence_activity"].choices = [
            ("", "No call, mail or meeting"),
            *((pk, described(activity)) for pk, activity in self.offered.items()),
        ]

    def clean_evidence_activity(self) -> Activity | None:
        return self.offered.get(self.cleaned_data["evidence_activity"])


def described(activity: Activity) -> str:
    """An activity as one line of a list of choices."""
    return f"{activity.get_kind_display()}, {day(timezone.localdate(activity.at))}: {activity}"


class Plan:
    """What the work queue offers as the next step."""

    NEXT_DAY = "next_day"
    THREE_DAYS = "three_days"
    WEEK = "week"
    DATE = "date"
    NURTURE = "nurture"
    DISQUALIFY = "disqualify"


def working_day(day: dt.date) -> dt.date:
    """The day itself, or the Monday after it."""
    return day + dt.timedelta(days=7 - day.weekday() if day.weekday() > 4 else 0)


class WorkForm(forms.Form):
    """One lead worked: how it went, and what happens next."""

    outcome = forms.ChoiceField(
        choices=CallOutcome, widget=forms.RadioSelect, required=False, label="How did it go?"
    )
    note = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 3}))
    next_step = forms.CharField(max_length=250, required=False, label="What")
    plan = forms.ChoiceField(widget=forms.RadioSelect, label="Next step")
    on = DayField(required=False, label="On")
    reason = forms.ModelChoiceField(
        queryset=Reason.objects.none(),
        required=False,
        label="Why it is disqualified",
        empty_label="Choose a reason",
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        today = timezone.localdate()
        self.days = {
            Plan.NEXT_DAY: working_day(today + dt.timedelta(days=1)),
            Plan.THREE_DAYS: working_day(today + dt.timedelta(days=3)),
            Plan.WEEK: working_day(today + dt.timedelta(days=7)),
        }
        self.fields["reason"].queryset = Reason.objects.for_kind(ReasonKind.DISQUALIFY)
        self.fields["plan"].choices = [
            (Plan.NEXT_DAY, "Next working day"),
            (Plan.THREE_DAYS, "In three days"),
            (Plan.WEEK, "In a week"),
            (Plan.DATE, "On a day…"),
            (Plan.NURTURE, "Nurture until…"),
            (Plan.DISQUALIFY, "Disqualify…"),
        ]

    def clean(self):
        plan, on = self.cleaned_data.get("plan"), self.cleaned_data.get("on")
        if plan in (Plan.DATE, Plan.NURTURE) and not on and "on" not in self.errors:
            self.add_error("on", "Choose a day.")
        if plan == Plan.DISQUALIFY and not self.cleaned_data.get("reason"):
            self.add_error("reason", "Say why the lead is disqualified.")

    @property
    def outcome_given(self) -> dict[str, Any]:
        """The arguments of `work_lead`."""
        read = self.cleaned_data
        plan = read["plan"]
        planned = {"outcome": read["outcome"], "note": read["note"]}
        match plan:
            case Plan.DISQUALIFY:
                return planned | {"status_kind": StatusKind.DISQUALIFIED, "reason": read["reason"]}
            case Plan.NURTURE:
                return planned | {"status_kind": StatusKind.NURTURING, "wake_up_on": read["on"]}
            case _:
                day = read["on"] if plan == Plan.DATE else self.days[plan]
                return planned | {"next_step": read["next_step"], "next_step_on": day}


HAS_EVIDENCE = " (replaces what is there)"


class EvidenceForm(forms.Form):
    """What an activity says of one criterion."""

    criterion = forms.ChoiceField(label="For", widget=forms.RadioSelect)
    evidence = forms.CharField(
        label="What was said",
        help_text="Keep the words that count.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args, checklist: Sequence[ChecklistItem], **kwargs):
        super().__init__(*args, **kwargs)
        self.items = {str(item.criterion.pk): item for item in checklist}
        self.fields["criterion"].choices = [
            (pk, f"{item.criterion.label}{HAS_EVIDENCE if item.has_evidence else ''}")
            for pk, item in self.items.items()
        ]

    @property
    def item(self) -> ChecklistItem:
        return self.items[self.cleaned_data["criterion"]]

    @property
    def state(self) -> str:
        """What was not known is assumed from now on; confirming it is a choice."""
        unknown = self.item.state == AnswerState.UNKNOWN
        return AnswerState.ASSUMED if unknown else self.item.state
