"""What people type to take a deal to another stage, and back into the game."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django import forms

from activities.models import Reason, ReasonKind
from opportunities.forms.deals import OpportunityForm
from opportunities.forms.parts import ContactRoleForm, LineItemForm
from opportunities.models import ExitRequirement, Opportunity, Product, Stage, StageKind
from opportunities.requirements import FIELDS
from people.models import User

REASON_KINDS = {StageKind.WON: ReasonKind.WON, StageKind.LOST: ReasonKind.LOST}

# As the service calls them when it reports errors.
CONTACT, ROLE = "contact_roles.0.contact", "contact_roles.0.role"
PRODUCT, QUANTITY = "line_items.0.product", "line_items.0.quantity"
PRODUCT_LINE = (PRODUCT, QUANTITY, "line_items.0.unit_price")


class MoveForm(forms.Form):
    """
    What a move to a stage needs besides the stage.

    `wanted` names fields of the deal that are asked for on the way, `answers` requirements
    whose criteria are; of `rows`, the contact roles and the products, the first is. Empty
    ones are refused unless they `may_be_blank`, or there is a reason to overrule the
    requirements.
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
        rows: Collection[str] = (),
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
        if "contact_roles" in rows:
            self.ask_for_a_person(opportunity, user, is_needed=is_needed)
        if "line_items" in rows:
            self.ask_for_a_product(is_needed=is_needed)
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

    def ask_for_a_person(self, opportunity: Opportunity, user: User, *, is_needed: bool) -> None:
        """A contact, and the part they play in the deal."""
        chosen = self.data.get(CONTACT) or self.initial.get(CONTACT)
        offered = ContactRoleForm(user=user, opportunity=opportunity, chosen=chosen).fields
        offered["contact"].required = is_needed
        offered["contact"].label, offered["role"].label = "Contact", "Their part"
        self.fields |= {CONTACT: offered["contact"], ROLE: offered["role"]}

    def ask_for_a_product(self, *, is_needed: bool) -> None:
        """A product, how many of it, and for how much each."""
        offered = LineItemForm(products=list(Product.objects.active())).fields
        offered["product"].required = is_needed
        offered["product"].label, offered["quantity"].label = "Product", "Quantity"
        self.fields |= {name: offered[name.rpartition(".")[2]] for name in PRODUCT_LINE}
        self.initial.setdefault(QUANTITY, 1)

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
        return given | {
            "changes": filled,
            "answers": self.answers,
            "contact_roles": self.contact_roles,
            "line_items": self.line_items,
        }

    @property
    def contact_roles(self) -> list[dict[str, Any]]:
        """Who is to take part, if somebody is chosen."""
        contact = self.cleaned_data.get(CONTACT)
        return [{"contact": contact, "role": self.cleaned_data[ROLE]}] if contact else []

    @property
    def line_items(self) -> list[dict[str, Any]]:
        """What is to be sold, if a product is chosen."""
        read = {
            name.rpartition(".")[2]: self.cleaned_data[name]
            for name in PRODUCT_LINE
            if self.cleaned_data.get(name) is not None
        }
        return [read] if "product" in read else []


def rows_asked_for(posted: Mapping[str, Any]) -> list[str]:
    """Of contact roles and products, what a form that was sent had asked for."""
    first = {"contact_roles": CONTACT, "line_items": PRODUCT}
    return [name for name, field in first.items() if field in posted]


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
