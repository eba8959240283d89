"""What a report can be asked for, on its page and in the API alike."""

import contextlib
import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from crm.forms import DayInput
from people.models import Team, User, Workspace
from reporting.funnel import Counting
from reporting.periods import (
    Period,
    current_quarter,
    period_between,
    read_period,
    usual_periods,
)

ANY_DAYS = "days"


class TeamForm(forms.Form):
    """Which team, with those below it. All teams where none is named."""

    team = forms.ModelChoiceField(
        queryset=Team.objects.none(), required=False, empty_label="All teams"
    )

    def __init__(self, data: Any, *, user: User):
        super().__init__(data)
        self.fields["team"].queryset = Team.objects.visible_to(user).order_by("name", "pk")


class PeriodForm(TeamForm):
    """Also which time: the present quarter where none is named."""

    period = forms.CharField(
        required=False,
        widget=forms.Select,
        help_text="A quarter (2026Q4) or year (2026) of the fiscal year, or a month (2026-11).",
    )
    after = forms.DateField(
        required=False, label="From", widget=DayInput, help_text="With `before`: any days."
    )
    before = forms.DateField(
        required=False, label="To", widget=DayInput, help_text="The last day, which counts too."
    )

    def __init__(self, data: Any, *, user: User):
        super().__init__(data, user=user)
        self.workspace = Workspace.load()
        self.fiscal_start = self.workspace.fiscal_year_start_month
        self.today = timezone.localdate()
        self.fields["period"].widget.choices = self.periods_offered()

    def periods_offered(self) -> list[tuple[str, str]]:
        """The usual periods, the one in the address among them, and other days."""
        periods = {each.key: each.label for each in usual_periods(self.today, self.fiscal_start)}
        asked = self.data.get("period", "")
        with contextlib.suppress(ValueError):
            periods.setdefault(asked, read_period(asked, self.fiscal_start).label)
        return [*periods.items(), (ANY_DAYS, "Other days")]

    def clean(self) -> dict[str, Any]:
        """With `period` as a Period. Days count where no other period is named."""
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        key, after, before = cleaned["period"], cleaned["after"], cleaned["before"]
        if key == ANY_DAYS or (not key and (after or before)):
            cleaned["period"] = self.read_days(after, before)
        elif key:
            cleaned["period"] = self.read_key(key)
        else:
            cleaned["period"] = current_quarter(self.today, self.fiscal_start)
        return cleaned

    def read_days(self, after: dt.date | None, before: dt.date | None) -> Period | None:
        if after is None or before is None:
            missing = "before" if after else "after"
            self.add_error(missing, ValidationError("Give both days.", code="required"))
            return None
        try:
            return period_between(after, before)
        except ValueError as error:
            self.add_error("before", ValidationError(str(error), code="invalid"))
            return None

    def read_key(self, key: str) -> Period | None:
        try:
            return read_period(key, self.fiscal_start)
        except ValueError:
            wrong = "Use a period such as 2026Q4, 2026-11 or 2026."
            self.add_error("period", ValidationError(wrong, code="invalid"))
            return None


class FunnelForm(PeriodForm):
    """Also what the steps of the funnel count: by default what became of the period's leads."""

    funnel = forms.ChoiceField(choices=Counting.choices, required=False, label="Funnel of")

    def clean_funnel(self) -> str:
        return self.cleaned_data["funnel"] or Counting.COHORT
