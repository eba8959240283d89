"""Pipelines and their stages, as an admin keeps them."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from crm.configuration import Catalog, Column
from opportunities.models import ExitRequirement, Pipeline, Stage, StageKind
from opportunities.requirements import FIELDS

CERTAIN: dict[str, int] = {StageKind.WON: 100, StageKind.LOST: 0}


class PipelineForm(forms.ModelForm):
    class Meta:
        model = Pipeline
        fields = ("name", "is_default")
        labels = {"is_default": "The usual pipeline of new opportunities"}


class StageForm(forms.ModelForm):
    class Meta:
        model = Stage
        fields = ("name", "kind", "probability", "forecast_category", "rotting_days")
        labels = {"probability": "Probability in percent", "rotting_days": "Stuck after days"}
        help_texts = {
            "kind": "Whether deals in it are open, won or lost.",
            "probability": "Deals that come into the stage take it over; those in it keep theirs.",
        }


class ExitRequirementForm(forms.ModelForm):
    field = forms.ChoiceField(
        label="A field that must be filled",
        choices=[("", "None: an answer"), *FIELDS.items()],
        required=False,
    )

    class Meta:
        model = ExitRequirement
        fields = ("label", "field", "criterion")
        labels = {
            "label": "What people read",
            "criterion": "Or an answer that must be confirmed",
        }

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        # What is asked of leads cannot be answered for a deal.
        criteria = self.fields["criterion"].queryset
        self.fields["criterion"].queryset = criteria.filter(
            playbook__subject="opportunity", is_active=True
        ).order_by("playbook", "position", "pk")


def check_pipeline(pipeline: Pipeline) -> None:
    """New opportunities start in the first open stage of the usual pipeline."""
    open_stages = Stage.objects.filter(pipeline=pipeline.pk, kind=StageKind.OPEN, is_active=True)
    if pipeline.is_default and not open_stages.exists():
        raise ValidationError({"is_default": "Give it an open stage first: new deals start there."})


def check_stage(stage: Stage) -> None:
    """What is won is certain, and what is lost too."""
    if stage.kind in CERTAIN and stage.probability != CERTAIN[stage.kind]:
        raise ValidationError(
            {
                "probability": f"A {stage.get_kind_display().lower()} deal counts with "
                f"{CERTAIN[stage.kind]} percent."
            }
        )


def percent(stage: Stage) -> str:
    return f"{stage.probability} %"


def what_is_needed(requirement: ExitRequirement) -> str:
    if requirement.criterion:
        return f"Answer confirmed: {requirement.criterion}"
    return f"Field filled: {FIELDS.get(requirement.field, requirement.field)}"


EXIT_REQUIREMENTS = Catalog(
    key="exit_requirements",
    model=ExitRequirement,
    title="Exit requirements",
    noun="exit requirement",
    description="What must be there before a deal may leave this stage for the next.",
    icon="list-checks",
    form=ExitRequirementForm,
    columns=(Column("Needs", what_is_needed),),
    order_within=("stage",),
    parent="stage",
    parent_key="stages",
)

STAGES = Catalog(
    key="stages",
    model=Stage,
    title="Stages",
    noun="stage",
    description="The steps a deal goes through, in this order.",
    icon="git-commit-horizontal",
    form=StageForm,
    columns=(
        Column("Kind", Stage.get_kind_display),
        Column("Probability", percent, is_number=True),
        Column("Forecast", Stage.get_forecast_category_display),
        Column("Stuck after", lambda stage: stage.rotting_days, is_number=True),
    ),
    order_within=("pipeline",),
    sort=("pipeline", "kind"),
    keeps_one=True,
    frozen=("kind",),
    parts=(ExitRequirement,),
    parent="pipeline",
    parent_key="pipelines",
    children=(EXIT_REQUIREMENTS,),
    check=check_stage,
)

PIPELINES = Catalog(
    key="pipelines",
    model=Pipeline,
    title="Pipelines and stages",
    noun="pipeline",
    description="The stages deals go through, with their probabilities and what each one asks "
    "for before it lets a deal go on.",
    icon="kanban",
    form=PipelineForm,
    keeps_one=True,
    children=(STAGES,),
    check=check_pipeline,
    keywords="stage probability forecast category rotting exit requirements",
)
