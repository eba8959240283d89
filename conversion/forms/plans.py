"""
The three cards of a conversion as one form: a plan fills it, and a plan is read from it.

The form is always bound, to what was posted or to the plan it starts from, so that a plan
survives the way through the form unchanged. Only the shape is looked at here; whether the
plan can be carried out is said by `conversion.resolution`, and shown at the same fields.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.dateparse import parse_date

from conversion.errors import PlanProblem
from conversion.mapping import FIELD_MAP, NEVER_TAKEN, TIGHTENING
from conversion.models import ConversionRequest
from conversion.plans import CREATE, EXISTING, NONE, ConversionPlan, read_plan
from conversion.resolution import values_of_new
from crm.forms import AmountField, DayField
from crm.records import as_json
from leads.models import Lead, LeadStatus, StatusKind
from opportunities.models import ExchangeRate, OpportunityRole, Stage, StageKind
from people.models import User, Workspace

# The values that people may change on the screen; the others come from the lead, or stay
# as a request's plan has them.
SHOWN = {
    "account": ("name", "website", "industry", "employees", "phone"),
    "contact": ("first_name", "last_name", "title", "email", "phone", "mobile"),
    "opportunity": ("name", "amount", "currency", "close_date", "stage"),
}
# These are not text to the plan, so that an emptied field is null.
NOT_TEXT = frozenset({"employees", "amount", "close_date", "stage"})
TAKEN = {
    target: tuple(
        mapped.target_field
        for mapped in FIELD_MAP
        if mapped.target == target
        and mapped.target_field not in NEVER_TAKEN
        and mapped.target_field not in TIGHTENING
    )
    for target in ("account", "contact")
}
CENT = Decimal("0.01")
POINTER = re.compile(r"/(?P<target>account|contact|opportunity)/(?P<part>\w+)(/(?P<field>\w+))?")


class PlanForm(forms.Form):
    """The choices and values of one conversion."""

    fields: dict[str, Any]

    account_action = forms.ChoiceField(
        label="Account", choices=[(CREATE, "Create new"), (EXISTING, "Use existing")]
    )
    account_id = forms.IntegerField(required=False, min_value=1)
    account_q = forms.CharField(label="Search all accounts", required=False, max_length=200)
    account_name = forms.CharField(label="Name", required=False)
    account_website = forms.CharField(label="Website", required=False)
    account_industry = forms.CharField(label="Industry", required=False)
    account_employees = forms.CharField(
        label="Employees",
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "num"}),
    )
    account_phone = forms.CharField(label="Phone", required=False)

    contact_action = forms.ChoiceField(
        label="Contact", choices=[(CREATE, "Create new"), (EXISTING, "Use existing")]
    )
    contact_id = forms.IntegerField(required=False, min_value=1)
    contact_q = forms.CharField(label="Search all contacts", required=False, max_length=200)
    contact_first_name = forms.CharField(label="First name", required=False)
    contact_last_name = forms.CharField(label="Last name", required=False)
    contact_title = forms.CharField(label="Title", required=False)
    contact_email = forms.CharField(
        label="Email", required=False, widget=forms.TextInput(attrs={"inputmode": "email"})
    )
    contact_phone = forms.CharField(label="Phone", required=False)
    contact_mobile = forms.CharField(label="Mobile", required=False)
    contact_role = forms.ChoiceField(
        label="Buying role",
        choices=OpportunityRole.choices,
        help_text="The part this person plays in the deal.",
    )

    opportunity_action = forms.ChoiceField(
        label="Opportunity",
        choices=[(CREATE, "Create new"), (EXISTING, "Existing"), (NONE, "Don\u2019t create")],
    )
    opportunity_id = forms.IntegerField(required=False, min_value=1)
    opportunity_q = forms.CharField(
        label="Search all open opportunities", required=False, max_length=200
    )
    opportunity_name = forms.CharField(label="Name", required=False)
    opportunity_amount = AmountField(label="Amount", required=False, min_value=0)
    opportunity_currency = forms.ChoiceField(label="Currency")
    opportunity_close_date = DayField(label="Close date", required=False)
    opportunity_stage = forms.TypedChoiceField(label="Stage", coerce=int)

    owner = forms.TypedChoiceField(
        label="Owner",
        coerce=int,
        empty_value=None,
        required=False,
        help_text="Owns what is created, and gets the open tasks.",
    )
    status = forms.TypedChoiceField(
        label="Status of the lead", coerce=int, empty_value=None, required=False
    )
    hand_over_tasks = forms.BooleanField(label="Hand open tasks to the owner", required=False)
    duplicate_reason = forms.CharField(
        label="Why something new despite the match",
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs={"placeholder": "Different company, same holding"}),
        help_text="Kept on the receipt.",
    )

    def __init__(
        self,
        lead: Lead,
        actor: User,
        *,
        plan: ConversionPlan,
        data: Mapping[str, Any] | None = None,
        asked: ConversionRequest | None = None,
        for_execution: bool = True,
    ):
        """`plan` is what the form starts from; `data`, if given, what was posted since."""
        self.start = plan
        self.default_owner = asked.approver if asked else actor
        self.needs_owner = for_execution and self.default_owner.pk != actor.pk
        self.for_execution = for_execution
        self.defaults = values_of_new(lead, actor)
        workspace = Workspace.load()
        super().__init__(self.data_of(plan) if data is None else data, auto_id="f-%s")
        self.offer(actor, workspace)
        for field in self.fields.values():
            # What is being typed must outlive an answer that arrives meanwhile.
            if isinstance(field.widget, forms.TextInput | forms.DateInput):
                field.widget.attrs["hx-morph-skip"] = ""

    def offer(self, actor: User, workspace: Workspace) -> None:
        """The choices there are now; one query for each list."""
        currencies = ExchangeRate.objects.order_by("currency").values_list("currency", flat=True)
        codes = dict.fromkeys([workspace.currency, *currencies.distinct()])
        stages = Stage.objects.in_order().filter(kind=StageKind.OPEN)
        statuses = LeadStatus.objects.filter(kind=StatusKind.CONVERTED, is_active=True)
        people = User.objects.active().visible_to(actor).order_by("full_name", "pk")
        nobody = [] if self.for_execution else [("", "Whoever approves the request")]
        self.fields["opportunity_currency"].choices = [(code, code) for code in codes]
        self.fields["opportunity_stage"].choices = list(stages.values_list("pk", "name"))
        self.fields["owner"].choices = [*nobody, *people.values_list("pk", "full_name")]
        self.fields["status"].choices = list(
            statuses.order_by("-is_default", "position", "pk").values_list("pk", "name")
        )

    # --- plan -> form ---

    def data_of(self, plan: ConversionPlan) -> dict[str, Any]:
        """The fields of the form as a plan fills them."""
        data: dict[str, Any] = {
            "contact_role": plan.contact_role,
            "owner": plan.owner or (self.default_owner.pk if self.for_execution else ""),
            "status": plan.status,
            "hand_over_tasks": plan.hand_over_tasks,
            "duplicate_reason": plan.duplicate_reason,
        }
        for target, names in SHOWN.items():
            part = plan.target(target)
            data[f"{target}_action"] = part.action
            data[f"{target}_id"] = part.id or ""
            for name in names:
                value = part.fields[name] if name in part.fields else self.default(target, name)
                data[f"{target}_{name}"] = typed(name, value)
            for name in part.take_from_lead:
                data[f"take_{target}_{name}"] = "lead"
        return data

    def default(self, target: str, name: str) -> Any:
        value = self.defaults[target].get(name)
        return value.pk if isinstance(value, Stage) else value

    # --- form -> plan ---

    def plan(self) -> ConversionPlan:
        """The plan that a valid form describes. Raises PlanInvalid."""
        body: dict[str, Any] = {
            target: self.part(target) for target in ("account", "contact", "opportunity")
        }
        body["contact_role"] = self.cleaned_data["contact_role"]
        body["hand_over_tasks"] = self.cleaned_data["hand_over_tasks"]
        owner, status = self.cleaned_data["owner"], self.cleaned_data["status"]
        is_usual = self.for_execution and not self.needs_owner and owner == self.default_owner.pk
        if owner and not is_usual:
            body["owner"] = owner
        usual_status = next((pk for pk, _ in self.fields["status"].choices), None)
        if status and (self.start.status or status != usual_status):
            body["status"] = status
        if reason := self.cleaned_data["duplicate_reason"]:
            body["duplicate_override"] = {"reason": reason}
        return read_plan(body)

    def part(self, target: str) -> dict[str, Any]:
        action = self.cleaned_data[f"{target}_action"]
        if action == NONE:
            return {"action": NONE}
        if action == CREATE:
            fields = self.changed_fields(target)
            return {"action": CREATE} | ({"fields": fields} if fields else {})
        part: dict[str, Any] = {"action": EXISTING, "id": self.cleaned_data[f"{target}_id"]}
        taken = [
            name
            for name in TAKEN.get(target, ())
            if self.data.get(f"take_{target}_{name}") == "lead"
        ]
        return part | ({"take_from_lead": taken} if taken else {})

    def changed_fields(self, target: str) -> dict[str, Any]:
        """The values that differ from what the lead gives, and those the screen does not show."""
        fields = {
            name: value
            for name, value in self.start.target(target).fields.items()
            if name not in SHOWN[target]
        }
        for name in SHOWN[target]:
            value = self.cleaned_data[f"{target}_{name}"]
            default = self.default(target, name)
            given = value.quantize(CENT) if isinstance(value, Decimal) else value
            if str("" if given is None else given) == str("" if default is None else default):
                continue
            # A deal always gets a close date: an emptied one is the usual one.
            if name == "close_date" and given is None:
                continue
            fields[name] = None if name in NOT_TEXT and given in ("", None) else as_json(given)
        return fields

    # --- what the plan cannot do, at the fields ---

    def show_problems(self, problems: Iterable[PlanProblem]) -> None:
        """Put each problem of a plan at the field it is about."""
        for problem in problems:
            name = self.field_at(problem["pointer"])
            if name is None:
                self.add_error(None, problem["detail"])
            elif problem["detail"] not in self.errors.get(name, []):
                self.add_error(name, problem["detail"])

    def field_at(self, pointer: str) -> str | None:
        found = POINTER.match(pointer)
        if found:
            name = f"{found['target']}_{found['field'] or found['part']}"
            return name if name in self.fields else f"{found['target']}_action"
        name = pointer.split("/")[1] if "/" in pointer else ""
        if name == "duplicate_override":
            return "duplicate_reason"
        return name if name in self.fields else None


def typed(name: str, value: Any) -> Any:
    """A value of a plan as its form field takes it."""
    if value is None:
        return ""
    if name == "amount" and not isinstance(value, Decimal):
        return decimal_of(value)
    if name == "close_date" and not isinstance(value, date):
        return read_date(value) or value
    return value


def read_date(value: Any) -> date | None:
    try:
        return parse_date(str(value))
    except ValueError:
        return None


def decimal_of(value: Any) -> Any:
    """A plan's amount as a number, or as it stands where it is none."""
    try:
        return Decimal(str(value))
    except ArithmeticError:
        return value
