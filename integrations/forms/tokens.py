"""The shape of what people type about other programs."""

import datetime as dt
from uuid import uuid4

from django import forms
from django.utils import timezone

from crm.permissions import SCOPES
from integrations.models import ApiToken


class TokenForm(forms.Form):
    """A new token of one's own."""

    name = forms.CharField(
        max_length=ApiToken._meta.get_field("name").max_length,
        help_text="What uses it, such as Website form.",
    )
    scopes = forms.MultipleChoiceField(
        label="It may",
        choices=list(SCOPES.items()),
        widget=forms.CheckboxSelectMultiple,
        initial=["read"],
    )
    expires_at = forms.DateField(
        label="Works until",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="That day included; empty: until you revoke it.",
    )

    # One for each time the form is drawn.
    form_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def clean_expires_at(self) -> dt.datetime | None:
        """The end of that day on the clock of whoever types it."""
        day = self.cleaned_data["expires_at"]
        if day is None:
            return None
        return timezone.make_aware(dt.datetime.combine(day, dt.time.max))
