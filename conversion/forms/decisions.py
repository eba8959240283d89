"""What an approver, a requester and a manager say about a request, and a later deal's form."""

from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet

from activities.models import Reason, ReasonKind
from conversion.models import ConversionRequest, LeadOutcome, RequestState
from conversion.services.decisions import NOTE_NEEDED
from crm.forms import AmountField, DayField
from people.models import User
from people.queries import approvers, deciding_roles

APPROVE, APPROVE_ONLY, SEND_BACK, REJECT = "approve", "approve_only", "send_back", "reject"


def around(request: ConversionRequest) -> QuerySet:
    """
    Who may get the lead of a request: its requester's team, and whoever decides requests.

    Each says in `decides` whether their role decides.
    """
    deciding = Exists(deciding_roles().filter(role=OuterRef("role")))
    return (
        User.objects.active()
        .annotate(decides=deciding)
        .filter(Q(team=request.requester.team_id) | Q(pk=request.requester_id) | Q(decides=True))
        .order_by("full_name", "pk")
    )


def deciders(people: list[Any], request: ConversionRequest) -> list[Any]:
    """Those of `people` who could decide a request instead of its approver."""
    return [each for each in people if each.decides and each.pk not in parties(request)]


def parties(request: ConversionRequest) -> list[int]:
    """Who cannot be the next approver."""
    own = [] if request.may_approve_own else [request.requester_id]
    return [request.approver_id, *own]


class DecisionForm(forms.Form):
    """One decision about a request, with what belongs to it; doubts are read by criterion."""

    fields: dict[str, Any]

    decision = forms.ChoiceField(
        choices=[
            (APPROVE, "Approve and convert"),
            (APPROVE_ONLY, "Approve only"),
            (SEND_BACK, "Send back"),
            (REJECT, "Reject"),
        ],
        widget=forms.RadioSelect,
        initial=APPROVE,
    )
    # What the approver has read; nobody decides what was sent again meanwhile.
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    reason = forms.ModelChoiceField(
        Reason.objects.none(), required=False, empty_label="Choose a reason"
    )
    outcome = forms.ChoiceField(
        label="What happens to the lead",
        choices=LeadOutcome.choices,
        required=False,
        initial=LeadOutcome.KEEP_WORKING,
    )
    recycle_on = DayField(label="Comes back on", required=False)
    reassign_to = forms.ModelChoiceField(
        User.objects.none(), label="New owner", required=False, empty_label="Choose a person"
    )
    message = forms.CharField(
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3, "data-draft": ""}),
    )

    def __init__(self, request: ConversionRequest, data: Any = None):
        super().__init__(data, auto_id="decision-%s", initial={"version": request.version})
        self.request = request
        if request.state == RequestState.APPROVED:
            self.fields["decision"].choices = [(APPROVE, "Convert"), (REJECT, "Reject")]
        self.fields["reason"].queryset = Reason.objects.for_kind(ReasonKind.REJECT)
        self.fields["reassign_to"].queryset = around(request)

    @property
    def doubted(self) -> list[int]:
        """The criteria whose evidence is not convincing."""
        return [
            answer["criterion"]
            for answer in self.request.answers
            if self.data.get(f"check-{answer['criterion']}") == "doubt"
        ]

    @property
    def agreed(self) -> list[int]:
        return [
            answer["criterion"]
            for answer in self.request.answers
            if self.data.get(f"check-{answer['criterion']}") == "agree"
        ]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        decision = cleaned.get("decision")
        if decision == REJECT:
            if not cleaned.get("reason") and "reason" not in self.errors:
                self.add_error("reason", "Say why the request is rejected.")
            if not cleaned.get("outcome") and "outcome" not in self.errors:
                self.add_error("outcome", "Say what happens to the lead.")
            if not cleaned.get("message") and "message" not in self.errors:
                self.add_error("message", NOTE_NEEDED)
        if decision == SEND_BACK and not cleaned.get("message") and not self.doubted:
            self.add_error("message", "Say what is missing, or doubt a row.")
        return cleaned


class ReassignForm(forms.Form):
    """Who decides a request instead."""

    fields: dict[str, Any]

    to = forms.ModelChoiceField(User.objects.none(), label="Approver", empty_label="Choose")
    note = forms.CharField(label="Why", required=False, max_length=1000)

    def __init__(self, request: ConversionRequest, data: Any = None):
        super().__init__(data, auto_id="reassign-%s")
        self.fields["to"].queryset = approvers().exclude(pk__in=parties(request))


class RecallForm(forms.Form):
    """Why a requester takes a request back."""

    note = forms.CharField(label="Why", required=False, max_length=1000)


class DisputeForm(forms.Form):
    """Why a rejection is wrong."""

    statement = forms.CharField(
        label="Why the rejection is wrong",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4, "data-draft": ""}),
        help_text="A manager above the approver reads it and decides, once.",
    )


class JudgeForm(forms.Form):
    """What a manager decides about a disputed rejection."""

    fields: dict[str, Any]

    verdict = forms.ChoiceField(
        choices=[("overturn", "Overturn the rejection"), ("uphold", "Uphold the rejection")],
        widget=forms.RadioSelect,
    )
    approver = forms.ModelChoiceField(
        User.objects.none(), label="Who decides anew", required=False, empty_label="Me"
    )
    statement = forms.CharField(
        label="Your reason", max_length=4000, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, request: ConversionRequest, data: Any = None):
        super().__init__(data, auto_id="judge-%s")
        self.fields["approver"].queryset = approvers().exclude(
            pk__in=[request.approver_id, request.requester_id]
        )


class CreditedOpportunityForm(forms.Form):
    """The opportunity that a conversion did not make."""

    name = forms.CharField(max_length=250)
    amount = AmountField(required=False, min_value=0)
    close_date = DayField(
        required=False,
        help_text="Empty: the last day of the fiscal quarter.",
    )

    def fields_to_set(self) -> dict[str, Any]:
        """What was filled in, as the service takes it."""
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}
