"""What a requester says besides the plan."""

from typing import Any

from django import forms

from leads.models import Path
from leads.services import PathStatus
from people.models import User
from people.queries import approvers


class ResubmitForm(forms.Form):
    """The message that goes with a plan, and the meeting that is agreed."""

    message = forms.CharField(
        label="Message to the approver",
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3, "data-draft": "", "hx-morph-skip": ""}),
        help_text="What they should know before they read the evidence.",
    )
    next_meeting_at = forms.DateTimeField(
        label="Next meeting",
        required=False,
        widget=forms.DateTimeInput(
            attrs={"type": "datetime-local", "hx-morph-skip": ""}, format="%Y-%m-%dT%H:%M"
        ),
        help_text="If one is agreed; in your time zone.",
    )


class HandoffForm(ResubmitForm):
    """Which way the lead qualifies, and who should decide."""

    fields: dict[str, Any]

    path = forms.ModelChoiceField(Path.objects.none(), widget=forms.RadioSelect, empty_label=None)
    approver = forms.ModelChoiceField(
        User.objects.none(), required=False, empty_label="As the path says"
    )

    field_order = ("path", "approver", "message", "next_meeting_at")

    def __init__(
        self, statuses: list[PathStatus], requester: User, data: Any = None, **options: Any
    ):
        super().__init__(data, **options)
        self.statuses = statuses
        self.fields["path"].queryset = Path.objects.filter(
            pk__in=[status.path.pk for status in statuses]
        )
        people = approvers()
        if not any(status.path.allows_self_approval for status in statuses):
            people = people.exclude(pk=requester.pk)
        self.fields["approver"].queryset = people
