"""The shape of what people, teams and roles are told about themselves."""

import zoneinfo
from typing import Any

from allauth.account.forms import LoginForm
from django import forms
from django.forms import BoundField

from crm.model_forms import leave_rules_to_service
from people import matrix
from people.models import Role, Team, User, Workspace, monday_to_friday
from people.queries import approvers
from people.reach import Action, ReachLevel, RecordType
from people.services.teams import DETAILS as TEAM_DETAILS

WEEKDAYS = [
    (1, "Monday"),
    (2, "Tuesday"),
    (3, "Wednesday"),
    (4, "Thursday"),
    (5, "Friday"),
    (6, "Saturday"),
    (7, "Sunday"),
]
MONTHS = [
    (1, "January"),
    (2, "February"),
    (3, "March"),
    (4, "April"),
    (5, "May"),
    (6, "June"),
    (7, "July"),
    (8, "August"),
    (9, "September"),
    (10, "October"),
    (11, "November"),
    (12, "December"),
]
LOCALES = [
    ("en", "English (United States)"),
    ("en-GB", "English (United Kingdom)"),
    ("de", "German"),
    ("fr", "French"),
    ("es", "Spanish"),
    ("it", "Italian"),
    ("nl", "Dutch"),
    ("pl", "Polish"),
    ("pt-BR", "Portuguese (Brazil)"),
    ("sv", "Swedish"),
    ("ja", "Japanese"),
]


def time_zones() -> list[tuple[str, str]]:
    return [(name, name.replace("_", " ")) for name in sorted(zoneinfo.available_timezones())]


class SignInForm(LoginForm):
    """Address and password; the focus is on the one to type next."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            # It would only repeat the label.
            field.widget.attrs.pop("placeholder", None)
        next_name = "password" if self.data.get("login") else "login"
        self.fields[next_name].widget.attrs["autofocus"] = True


class PersonalForm(forms.ModelForm):
    """What a person's own form and an administrator's have in common."""

    time_zone = forms.ChoiceField(choices=time_zones)
    locale = forms.ChoiceField(label="Numbers and dates", choices=LOCALES)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        leave_rules_to_service(self)
        if self.instance.locale not in dict(LOCALES):
            known = (self.instance.locale, self.instance.locale)
            self.fields["locale"].choices = [known, *LOCALES]


class UserForm(PersonalForm):
    """Somebody, as an administrator sees them."""

    class Meta:
        model = User
        fields = ("email", "full_name", "role", "team", "time_zone", "locale")
        labels = {"full_name": "Name"}
        help_texts = {
            "role": "What they may do, and to whose records.",
            "locale": "",
        }

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["role"].queryset = Role.objects.order_by("pk")
        self.fields["role"].required = True
        self.fields["team"].queryset = Team.objects.order_by("name", "pk")


class ProfileForm(PersonalForm):
    """Oneself."""

    class Meta:
        model = User
        fields = (
            "full_name",
            "time_zone",
            "locale",
            "theme",
            "density",
            "keyboard_shortcuts",
        )
        labels = {
            "full_name": "Name",
            "keyboard_shortcuts": "Single letters are shortcuts",
        }
        help_texts = {"keyboard_shortcuts": "Press ? on any page to see them."}


class DeactivationForm(forms.Form):
    """Who takes over."""

    to = forms.ModelChoiceField(
        label="Records and open tasks go to", queryset=User.objects.none(), required=False
    )
    approver = forms.ModelChoiceField(
        label="Requests to decide go to",
        queryset=User.objects.none(),
        required=False,
    )

    def __init__(self, *args: Any, leaver: User, asks_for: set[str], **kwargs: Any):
        super().__init__(*args, **kwargs)
        others = User.objects.active().exclude(pk=leaver.pk).order_by("full_name", "pk")
        self.fields["to"].queryset = others
        self.fields["approver"].queryset = approvers().exclude(pk=leaver.pk)
        for name in set(self.fields) - asks_for:
            del self.fields[name]
        # Whoever takes the records may decide the requests too, if nobody else is named.
        needed = self.fields["to" if "to" in asks_for else "approver"] if asks_for else None
        if needed:
            needed.required = True
            needed.error_messages["required"] = "Say who takes over."
        if "approver" in asks_for and "to" in asks_for:
            self.fields["approver"].help_text = "Empty: the same person as above."


class DelegationForm(forms.Form):
    """Who decides while one is away."""

    delegate = forms.ModelChoiceField(queryset=User.objects.none())
    starts_on = forms.DateField(
        label="First day", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    ends_on = forms.DateField(
        label="Last day", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["delegate"].queryset = approvers().exclude(pk=user.pk)


class TeamForm(forms.ModelForm):
    """A team and its working week."""

    workdays = forms.TypedMultipleChoiceField(
        choices=WEEKDAYS,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        initial=monday_to_friday,
    )
    time_zone = forms.ChoiceField(choices=time_zones)

    class Meta:
        model = Team
        fields = (
            "name",
            "parent",
            "time_zone",
            "workdays",
            "workday_start",
            "workday_end",
            "request_sla_hours",
        )
        labels = {
            "parent": "Below",
            "workday_start": "The working day starts at",
            "workday_end": "and ends at",
            "request_sla_hours": "Business hours to decide a request",
        }
        help_texts = {
            "parent": "Managers of the teams above see and work everything of this one.",
            "request_sla_hours": "For new requests; due times that are set stay.",
        }
        widgets = {
            "workday_start": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            "workday_end": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        }

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        leave_rules_to_service(self)
        self.fields["parent"].queryset = Team.objects.exclude(pk=self.instance.pk).order_by(
            "name", "pk"
        )
        self.fields["parent"].empty_label = "None: a team at the top"

    @property
    def details(self) -> dict[str, Any]:
        """The team's own fields, without its place in the tree."""
        return {name: self.cleaned_data[name] for name in TEAM_DETAILS}


class RoleForm(forms.ModelForm):
    """A role's name, and one choice for every action of every record type."""

    class Meta:
        model = Role
        fields = ("name", "description")

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        leave_rules_to_service(self)
        levels = self.instance.levels() if self.instance.pk else {}
        for record_type, actions in matrix.MATRIX.items():
            for action in actions:
                key = f"{record_type}:{action}"
                self.initial[key] = levels.get(key, ReachLevel.NONE.value)
                self.fields[key] = forms.ChoiceField(
                    label=f"{RecordType(record_type).label}: {Action(action).label}",
                    choices=[(level.value, level.label) for level in matrix.choices(record_type)],
                )

    @property
    def levels(self) -> dict[str, str]:
        """What the table says: {"lead:view": "team"}."""
        return {name: self.cleaned_data[name] for name in self.fields if ":" in name}

    @property
    def details(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self._meta.fields}

    def rows(self) -> list[tuple[str, list[tuple[str, BoundField]]]]:
        """The table: (record type, [(action, its choice)])."""
        return [
            (
                RecordType(record_type).label,
                [(Action(action).label, self[f"{record_type}:{action}"]) for action in actions],
            )
            for record_type, actions in matrix.MATRIX.items()
        ]


class WorkspaceForm(forms.ModelForm):
    """The company."""

    fiscal_year_start_month = forms.TypedChoiceField(
        label="The fiscal year starts in", choices=MONTHS, coerce=int
    )

    class Meta:
        model = Workspace
        fields = (
            "name",
            "currency",
            "region",
            "fiscal_year_start_month",
            "extra_free_mail_domains",
            "credit_window_days",
        )
        labels = {
            "region": "Country",
            "extra_free_mail_domains": "More free-mail domains",
            "credit_window_days": "Credit window in days",
        }
        help_texts = {
            "currency": "Three letters, such as EUR. Sums are shown in it.",
            "region": "Two letters, such as US: assumed for phone numbers without a prefix.",
            "extra_free_mail_domains": "Separated by commas. They say nothing about a company.",
        }
