"""Statuses, playbooks, queues and score rules, as an admin keeps them."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from activities.models import ActivityKind
from crm.configuration import Catalog, Column, Link
from leads.models import (
    Criterion,
    LeadStatus,
    Path,
    PathCriterion,
    Playbook,
    Queue,
    QueueMember,
    ScoreKind,
    ScoreOperator,
    ScoreRule,
)
from people.models import User

# What a rule for fit may look at.
SCORED_FIELDS = {
    "company": "Company",
    "domain_key": "Company domain",
    "email": "Email",
    "phone": "Phone",
    "mobile": "Mobile",
    "title": "Title",
    "industry": "Industry",
    "employees": "Employees",
    "annual_revenue": "Annual revenue",
    "country": "Country",
    "region": "Region",
    "source": "Source",
    "campaign": "Campaign",
    "rating": "Rating",
    "products": "Product interests",
}
SCORED_ACTIVITIES = {
    kind.value: kind.label
    for kind in (ActivityKind.CALL, ActivityKind.MEETING, ActivityKind.EMAIL, ActivityKind.TASK)
}


class LeadStatusForm(forms.ModelForm):
    class Meta:
        model = LeadStatus
        fields = ("name", "kind", "is_default")
        labels = {"is_default": "The usual status of its kind"}
        help_texts = {
            "kind": "What it means. Only a conversion can set a status of the kind Converted.",
            "is_default": "",
        }


class PlaybookForm(forms.ModelForm):
    class Meta:
        model = Playbook
        fields = ("name", "subject", "description", "team", "is_default")
        labels = {"subject": "For", "is_default": "The usual playbook"}


class CriterionForm(forms.ModelForm):
    class Meta:
        model = Criterion
        fields = ("label", "question")


class PathForm(forms.ModelForm):
    """A path with its criteria, which are chosen from those of its playbook."""

    required_criteria = forms.ModelMultipleChoiceField(
        label="Must be confirmed",
        queryset=Criterion.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    optional_criteria = forms.ModelMultipleChoiceField(
        label="Good to know",
        queryset=Criterion.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    class Meta:
        model = Path
        fields = ("name", "description", "approval", "approver_rule", "allows_self_approval")
        labels = {
            "approval": "Approval",
            "approver_rule": "Who approves",
            "allows_self_approval": "People may approve their own requests",
        }

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        of_playbook = Criterion.objects.filter(playbook=self.instance.playbook_id)
        for name in ("required_criteria", "optional_criteria"):
            self.fields[name].queryset = of_playbook.order_by("position", "pk")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        required = cleaned.get("required_criteria") or []
        if twice := [one for one in cleaned.get("optional_criteria") or [] if one in required]:
            names = ", ".join(map(str, twice))
            raise ValidationError({"optional_criteria": f"{names}: choose one of the two lists."})
        return cleaned


class QueueForm(forms.ModelForm):
    members = forms.ModelMultipleChoiceField(
        queryset=User.objects.active().order_by("full_name", "pk"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="They see its leads and take them one at a time.",
    )

    class Meta:
        model = Queue
        fields = ("name", "team", "is_default")
        labels = {"is_default": "Takes the leads for which no owner is known"}
        help_texts = {"is_default": ""}


class ScoreRuleForm(forms.ModelForm):
    field = forms.ChoiceField(
        label="Looks at",
        choices=[
            ("Fit: a field of the lead", list(SCORED_FIELDS.items())),
            ("Behavior: an activity", list(SCORED_ACTIVITIES.items())),
        ],
    )

    class Meta:
        model = ScoreRule
        fields = ("label", "kind", "field", "operator", "value", "points", "half_life_days")
        labels = {"label": "What people read", "half_life_days": "Halves after days"}
        help_texts = {"value": "Several are separated by |: chief|head|owner."}


def check_score_rule(rule: ScoreRule) -> None:
    """Raise ValidationError for a rule that could never count."""
    errors = {}
    known = SCORED_FIELDS if rule.kind == ScoreKind.FIT else SCORED_ACTIVITIES
    if rule.field not in known:
        errors["field"] = f"A rule for {rule.get_kind_display().lower()} cannot look at this."
    if rule.operator != ScoreOperator.FILLED and not rule.value:
        errors["value"] = "Say with what to compare."
    if rule.operator == ScoreOperator.AT_LEAST and not rule.value.replace(".", "", 1).isdecimal():
        errors["value"] = "Give a number."
    if rule.kind == ScoreKind.FIT and rule.half_life_days:
        errors["half_life_days"] = "Only what happened fades, not what a lead is."
    if errors:
        raise ValidationError(errors)


def who_goes_by(playbook: Playbook) -> str:
    """Whose records are asked by a playbook without naming it: their team's, or the usual one."""
    if not playbook.is_active:
        return ""
    if playbook.is_default:
        return "Everybody without one of their own"
    return f"{playbook.team} and all below" if playbook.team else ""


def require_required(path: Path) -> None:
    """Raise ValidationError for a path that asks for nothing, and so could never be met."""
    if not required_of_paths().filter(path=path).exists():
        raise ValidationError(
            {
                "required_criteria": "Choose at least one criterion that is in use: "
                "a path that requires nothing is never met."
            }
        )


def paths_resting_on(criterion: Criterion) -> str:
    """Which paths would ask for nothing any more without this criterion; empty if none would."""
    required = required_of_paths().filter(path__is_active=True)
    paths = required.filter(criterion=criterion).exclude(
        path__in=required.exclude(criterion=criterion).values("path")
    )
    names = ", ".join(paths.order_by("path__position", "pk").values_list("path__name", flat=True))
    if not names:
        return ""
    return f"{criterion} is all that is required by: {names}. Let that require another one first."


def required_of_paths() -> QuerySet[PathCriterion]:
    """What paths require, without what nobody is asked any more."""
    return PathCriterion.objects.filter(is_required=True, criterion__is_active=True)


def what_is_scored(rule: ScoreRule) -> str:
    looks_at = (SCORED_FIELDS | SCORED_ACTIVITIES).get(rule.field, rule.field)
    return f"{looks_at} {rule.get_operator_display()} {rule.value}".strip()


LEAD_STATUSES = Catalog(
    key="lead_statuses",
    model=LeadStatus,
    title="Lead statuses",
    noun="lead status",
    description="What people call the steps of a lead. The kind says what a status means.",
    icon="list-ordered",
    form=LeadStatusForm,
    columns=(Column("Kind", LeadStatus.get_kind_display),),
    sort=("kind",),
    keeps_one=True,
    frozen=("kind",),
    keywords="new working nurturing qualified disqualified converted states",
)

CRITERIA = Catalog(
    key="criteria",
    model=Criterion,
    title="Criteria",
    noun="criterion",
    description="What to find out, in this order.",
    icon="list-checks",
    form=CriterionForm,
    columns=(Column("Question", lambda criterion: criterion.question),),
    order_within=("playbook",),
    slug=("key", "label"),
    parent="playbook",
    parent_key="playbooks",
    needed_for=paths_resting_on,
)

PATHS = Catalog(
    key="paths",
    model=Path,
    title="Paths",
    noun="path",
    description="The accepted ways to qualify. A path is met when its required criteria are "
    "confirmed.",
    icon="route",
    form=PathForm,
    columns=(
        Column("Approval", Path.get_approval_display),
        Column("Who approves", Path.get_approver_rule_display),
    ),
    links={
        "required_criteria": Link(PathCriterion, "path", "criterion", also={"is_required": True}),
        "optional_criteria": Link(PathCriterion, "path", "criterion", also={"is_required": False}),
    },
    order_within=("playbook",),
    sort=("playbook",),
    slug=("key", "name"),
    parts=(PathCriterion,),
    check=require_required,
    parent="playbook",
    parent_key="playbooks",
)

PLAYBOOKS = Catalog(
    key="playbooks",
    model=Playbook,
    title="Playbooks",
    noun="playbook",
    description="What a team has to know before a lead may be converted: criteria, the paths "
    "that accept them, and who has to agree.",
    icon="book-open-check",
    form=PlaybookForm,
    columns=(
        Column("For", Playbook.get_subject_display),
        Column("Team", lambda playbook: playbook.team or "Everybody"),
    ),
    order_within=("subject",),
    sort=("subject",),
    frozen=("subject",),
    parts=(Criterion, Path),
    used_by=who_goes_by,
    children=(CRITERIA, PATHS),
    keywords="qualification criteria BANT MEDDIC path approval approver self",
)

QUEUES = Catalog(
    key="queues",
    model=Queue,
    title="Queues",
    noun="queue",
    description="Where leads without an owner wait until a member takes them.",
    icon="inbox",
    form=QueueForm,
    columns=(Column("Team", lambda queue: queue.team),),
    links={"members": Link(QueueMember, "queue", "user")},
    parts=(QueueMember,),
    keywords="members take next assignment",
)

SCORE_RULES = Catalog(
    key="score_rules",
    model=ScoreRule,
    title="Score rules",
    noun="score rule",
    description="Points for what a lead is and for what happened with it; together 0 to 100. "
    "Scores follow when a lead changes next.",
    icon="gauge",
    form=ScoreRuleForm,
    columns=(
        Column("Kind", ScoreRule.get_kind_display),
        Column("Counts when", what_is_scored),
        Column("Points", lambda rule: rule.points, is_number=True),
    ),
    order_within=("kind",),
    check=check_score_rule,
    keywords="points fit behavior decay half-life",
)
